"""Numbers and texts as they are printed: one style for a whole page."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

#: A space at which no line ends.
NO_BREAK = "\u00a0"
#: Below this a number from one on has no power of ten, however few of its digits count.
PLAIN = 1000.0
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: Units that stay with their number.
_UNITS = ("mg/min", "mmol/min", "mmol/L", "mol/L", "fmol/s", "nL/min", "kJ/mol", "mM", "µM", "nM",
          "mV", "kJ", "pW", "fmol", "pL", "pA", "pC", "pF", "mL", "mm", "µm", "nm", "cm", "min",
          "ms", "kPa", "°C", "K", "s", "h", "d", "V", "J", "fold")  # fmt: skip
_UNIT = "|".join(map(re.escape, _UNITS))
_WITH_UNIT = re.compile(rf"(?<=[0-9⁰-⁹¹²³]) (?=(?:{_UNIT})(?![\w/])|%|± ?[0-9])")
_AROUND_TIMES = re.compile(r"(?<=[0-9]) × (?=10)")
_EXPONENT = re.compile(r"(?<![\w.])(-?\d+(?:\.\d+)?)[eE]([+-]?\d+)(?![\w.])")
_HYPHEN = re.compile(r"(?<![\w.)\]⁰-⁹])-(?=[\d.])")
#: A tag; or an element within which nothing is text of the page.
_TAG = re.compile(r"<(svg|math|code|style|script|pre)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.DOTALL)


def number(value: float | None, digits: int = 4) -> str:
    """Return a number for people: `digits` significant ones, a true minus, no bare exponents."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    if "e" in text and 1 <= abs(float(text)) < PLAIN:
        text = f"{float(text):g}"  # 100, not 10²
    return in_print(text)


def in_print(text: str) -> str:
    """Return a text with its numbers as in print: −1.5 × 10⁻⁷ mM for -1.5e-07 mM.

    A minus, not a hyphen, stands before what is negative; powers of ten are raised; what belongs to
    a number stays on its line.
    """
    text = _EXPONENT.sub(_power, text)
    text = _HYPHEN.sub("−", text)
    text = _AROUND_TIMES.sub(f"{NO_BREAK}×{NO_BREAK}", text)
    return _WITH_UNIT.sub(NO_BREAK, text)


def page_in_print(html: str) -> str:
    """Return a page of which every text is :func:`in_print`; code and drawings stay as they are."""
    return _outside_tags(html, in_print)


def in_words(count: float) -> str:
    """Return a small whole number in words, and any other as :func:`number` does."""
    words = ("none", "one", "two", "three", "four", "five", "six")
    return words[int(count)] if count in range(len(words)) else number(count)


def _power(found: re.Match[str]) -> str:
    mantissa, exponent = found.group(1), str(int(found.group(2))).translate(_RAISED)
    if mantissa in {"1", "-1"}:
        return f"{mantissa}0{exponent}"
    return f"{mantissa} × 10{exponent}"


def _outside_tags(html: str, change: Callable[[str], str]) -> str:
    pieces, place = [], 0
    for tag in _TAG.finditer(html):
        pieces += [change(html[place : tag.start()]), tag.group()]
        place = tag.end()
    return "".join([*pieces, change(html[place:])])
