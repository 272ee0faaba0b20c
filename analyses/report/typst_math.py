"""Presentation MathML, as the page has it, in Typst's language of formulas."""

from __future__ import annotations

import json
from xml.etree.ElementTree import Element

#: What separates arguments or has another meaning, and what stands for it.
_SIGNS = {",": "comma", "(": "paren.l", ")": "paren.r", "[": "bracket.l", "]": "bracket.r",
          "{": "brace.l", "}": "brace.r", "|": "bar.v", "<": "lt", ">": "gt", "≤": "lt.eq",
          "≥": "gt.eq", "≠": "eq.not", "=": "eq", "+": "plus", "−": "minus", "-": "minus",
          "/": "slash", "&": "amp", "!": "excl", "∧": "and", "∨": "or"}  # fmt: skip


def typst_math(element: Element) -> str:
    """Return a ``math`` element, or a part of one, in Typst."""
    name = element.tag.rpartition("}")[2]
    children = list(element)
    if name in {"mi", "mn", "mo", "mtext"}:
        return _token(name, (element.text or "").strip())
    if name == "mspace":
        return " thin "
    if name == "mfrac":
        return f"frac({typst_math(children[0])}, {typst_math(children[1])})"
    if name == "msqrt":
        return f"sqrt({_row(children)})"
    if name == "mroot":
        return f"root({typst_math(children[1])}, {typst_math(children[0])})"
    if name in {"msub", "msup", "msubsup"}:
        places = {"msub": "b", "msup": "t", "msubsup": "bt"}[name]
        parts = [f"{place}: {typst_math(part)}" for place, part in
                 zip(places, children[1:], strict=True)]  # fmt: skip
        return f"attach({typst_math(children[0])}, {', '.join(parts)})"
    if name == "mfenced":
        return f"lr(paren.l {_row(children)} paren.r)"
    if name == "mtable":
        rows = [" & ".join(_row(cell) for cell in row) for row in children]
        return f"vec(delim: #none, align: #left, {', '.join(rows).replace(' & ', ' quad ')})"
    return _row(element)


def _row(children: Element | list[Element]) -> str:
    inner = [typst_math(child) for child in children]
    signs = [child.text for child in children]
    # A pair of brackets grows with what is in it
    if len(inner) > 2 and signs[0] in {"(", "[", "|"} and signs[-1] in {")", "]", "|"}:
        return f"lr({' '.join(inner)})"
    if signs and signs[0] == "{":
        return f"lr(brace.l {' '.join(inner[1:])})"
    return " ".join(inner)


def _token(name: str, text: str) -> str:
    if name == "mo":
        return _SIGNS.get(text, json.dumps(text, ensure_ascii=False))
    if name == "mi" and len(text) == 1 and text.isalpha() and text.isascii():
        return text
    return json.dumps(text, ensure_ascii=False)
