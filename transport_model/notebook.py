"""What a notebook shows of values: small pieces of HTML that need nothing from elsewhere.

Every text is escaped. Styles stand in the elements, so that nothing leaks into the page, and only
what is judged has a colour of its own: the rest follows the notebook's theme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

#: Backgrounds of words of judgement, from Okabe & Ito's palette; the words themselves tell as well.
GOOD, BAD, OPEN = "#00795A", "#B34A00", "#6B6B6B"
#: Blue and orange behind coefficients, as red, green and blue.
_POSITIVE, _NEGATIVE = (0, 114, 178), (230, 159, 0)
_CELL = "text-align:{};padding:1px 10px 1px 0;vertical-align:top;background:none"


def number(value: float) -> str:
    """Return a number as it is shown: five digits, a true minus, a dash where there is none."""
    if value != value:
        return "–"
    text = f"{value:.5g}"
    return ("0" if float(text) == 0 else text).replace("-", "−")


def badge(word: str, good: bool | None) -> str:
    """Return a word of judgement on its colour; None is neither good nor bad."""
    colour = OPEN if good is None else GOOD if good else BAD
    return (f'<span style="background:{colour};color:#fff;border-radius:3px;padding:0 6px">'
            f"{escape(word)}</span>")  # fmt: skip


def line(*parts: str) -> str:
    """Return a line of pieces of HTML."""
    return f'<div style="margin:2px 0">{" ".join(parts)}</div>'


def heading(name: str, what: str) -> str:
    """Return what a value is called, and what it is."""
    return line(f"<strong>{escape(name)}</strong>", escape(what))


def note(text: str) -> str:
    """Return a remark in smaller print."""
    return f'<div style="margin:2px 0;font-size:85%;opacity:0.75">{escape(text)}</div>'


@dataclass(frozen=True)
class Cell:
    """A cell that is HTML from here, and how it stands out."""

    html: str
    side: str = "left"
    style: str = ""

    def written(self) -> str:
        """Return the cell as an element of a row."""
        style = f"{_CELL.format(self.side)}{';' if self.style else ''}{self.style}"
        return f'<td style="{style}">{self.html}</td>'


def tinted(value: float) -> Cell:
    """Return a coefficient: blue behind what is positive, orange behind what is negative."""
    if value != value:
        return Cell("–", "right")
    text = f"{value:.2f}"
    if float(text) == 0:
        return Cell("0", "right")
    colour = ",".join(map(str, _POSITIVE if value > 0 else _NEGATIVE))
    return Cell(text.replace("-", "−"), "right",
                f"background:rgba({colour},{min(abs(value), 1.0) * 0.6:.2f})")  # fmt: skip


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table: columns of numbers to the right, texts escaped."""
    lines = [[_cell(value) for value in row] for row in rows]
    sides = ["right" if any(row[place].side == "right" for row in lines) else "left"
             for place in range(len(heads))]  # fmt: skip
    head = "".join(f'<th style="{_CELL.format(side)}">{escape(name)}</th>'
                   for name, side in zip(heads, sides, strict=True))  # fmt: skip
    body = "".join(f"<tr>{''.join(cell.written() for cell in row)}</tr>" for row in lines)
    return (f'<table style="border-collapse:collapse;margin:4px 0"><thead><tr>{head}</tr></thead>'
            f"<tbody>{body}</tbody></table>")  # fmt: skip


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, bool):
        return Cell("yes" if value else "no")
    if isinstance(value, float | int):
        return Cell(number(value), "right")
    return Cell(escape(str(value)))
