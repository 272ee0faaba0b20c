"""The type that figures are set in, for pages in which their text is text."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable
from html import unescape

from fontTools import subset
from matplotlib.font_manager import FontProperties, findfont, get_font

#: The family of ``journal.mplstyle``; Matplotlib brings it along.
FAMILY = "DejaVu Sans"
#: Weights that figures use, and what of a text's attributes tells of each.
_WEIGHTS = {"normal": 400, "bold": 700}


def can_be_set(text: str) -> bool:
    """Whether the typeface has all letters of a text, none of which turns the line about."""
    font = get_font(findfont(FontProperties(family=FAMILY)))
    return text.isprintable() and all(font.get_char_index(ord(letter)) for letter in text)


def embedded_font(svgs: Iterable[str]) -> str:
    """Return the figures' typeface as CSS, with the letters that they use and no others.

    The same figures give the same text.

    Parameters
    ----------
    svgs
        Figures as :func:`.to_svg` returns them.

    Returns
    -------
    str
        A rule ``@font-face`` for each weight, its font in it as WOFF; nothing if there is no text.
    """
    used: dict[str, set[str]] = {weight: set() for weight in _WEIGHTS}
    for svg in svgs:
        for attributes, content in re.findall(r"<text\b([^>]*)>(.*?)</text>", svg, re.DOTALL):
            weight = "bold" if re.search(r"font-weight:\s*(bold|[6-9]00)", attributes) else "normal"
            used[weight] |= set(unescape(re.sub(r"<[^>]*>", "", content)))
    return "\n".join(_face(weight, letters) for weight, letters in used.items() if letters)


def _face(weight: str, letters: set[str]) -> str:
    path = findfont(FontProperties(family=FAMILY, weight=weight), fallback_to_default=False)
    # No hinting, whose tables are most of a small font, and nothing of when it was made
    options = subset.Options(hinting=False, notdef_outline=True, recalc_timestamp=False)
    options.drop_tables += ["FFTM"]
    with subset.load_font(path, options) as font:
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=[ord(letter) for letter in letters])
        subsetter.subset(font)
        font.flavor = "woff"
        file = io.BytesIO()
        font.save(file, reorderTables=False)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return (f'@font-face {{ font-family: "{FAMILY}"; font-weight: {_WEIGHTS[weight]};'
            f' src: url("data:font/woff;base64,{data}") format("woff"); }}')  # fmt: skip
