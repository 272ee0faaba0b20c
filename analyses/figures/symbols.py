"""What stands in a membrane: symbols of transporters, lipids, arrows. Lengths are in mm."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.textpath import TextPath

from .style import GREY, ION, LABEL, SKY, plain

#: mm of an inch, and of a point.
INCH, POINT = 25.4, 25.4 / 72
#: Distance of the two leaflets of a membrane, and how round a cell is.
BILAYER, CORNER = 2.2, 5.0
#: Half the width of a symbol across the membrane.
REACH = 4.2
#: Distance of arrows of one symbol.
APART = 3.4
_FACE = {"pump": "#E9D8E6", "symporter": "#F6DCC8", "antiporter": "#DDE7C9", "carrier": "#F1E4C3",
         "channel": "#CFE3F1", "water": "#DDF1FB"}  # fmt: skip
_COLOUR = {LABEL[ion]: colour for ion, colour in ION.items()} | {"water": SKY}
_HEADS, _TAILS, _EDGE = "#C9B78E", "#EFE7D2", "#5A5A5A"


def colour_of(substance: str) -> str:
    """Return the colour of a substance's arrows."""
    return _COLOUR.get(substance, "black")


@lru_cache(maxsize=512)
def width_of(text: str, size: float, weight: str = "normal") -> float:
    """Return how wide a line of text is."""
    if not text.strip():
        return 0.0
    path = TextPath((0, 0), plain(text), size=size, prop=FontProperties(weight=weight))
    return float(path.get_extents().width) * POINT


def wrapped(text: str, size: float, widest: float, weight: str = "normal") -> list[str]:
    """Return a text in lines no wider than `widest`, broken between words, or else anywhere."""
    lines: list[str] = []
    for word in text.split(" ") if text else ():
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(joined, size, weight) <= widest:
            lines[-1] = joined
            continue
        while width_of(word, size, weight) > widest and len(word) > 1:
            cut = next(n for n in range(len(word) - 1, 0, -1)
                       if n == 1 or width_of(word[:n], size, weight) <= widest)  # fmt: skip
            lines.append(word[:cut])
            word = word[cut:]
        lines.append(word)
    return lines


def cell_body(ax: Axes, left: float, bottom: float, right: float, top: float, tint: str) -> None:
    """Draw a cell: what it is filled with, and its membrane of two leaflets."""

    def line(inset: float, colour: str, width: float, zorder: float, **more: Any) -> None:
        style = {"facecolor": "none", "edgecolor": colour, "lw": width, "zorder": zorder} | more
        ax.add_patch(_box(left + inset, bottom + inset, right - left - 2 * inset,
                          top - bottom - 2 * inset, CORNER - inset, style))  # fmt: skip

    line(0, _TAILS, BILAYER / POINT + 2.2, 1.0, facecolor=tint)
    line(0, "white", BILAYER / POINT - 1.6, 1.1)
    for inset in (-BILAYER / 2, BILAYER / 2):
        line(inset, _HEADS, 2.6, 1.2, linestyle=(0, (0.01, 1.25)), capstyle="round")


def transporter(ax: Axes, kind: str, x: float, y: float, arrows: int) -> None:
    """Draw the symbol of a transporter with room for so many arrows."""
    half = (arrows - 1) * APART / 2
    style = {"facecolor": _FACE[kind], "edgecolor": _EDGE, "lw": 0.8, "zorder": 2}
    if kind in {"channel", "water"}:
        for side in (1, -1):
            bottom = y + 1.0 if side > 0 else y - 3.2
            ax.add_patch(_box(x - 2.9, bottom, 5.8, 2.2, 1.05, style))
    elif kind in {"pump", "symporter", "antiporter"}:
        ax.add_patch(Circle((x, y), max(REACH - 0.4, half + 2.0), **style))
    else:
        ax.add_patch(_box(x - 3.4, y - half - 2.0, 6.8, 2 * half + 4.0, 1.9, style))


def _box(
    x: float, y: float, width: float, height: float, radius: float, style: dict[str, Any]
) -> FancyBboxPatch:
    return FancyBboxPatch((x, y), width, height, **style,
                          boxstyle=f"round,pad=0,rounding_size={radius}")  # fmt: skip


def arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, *, idle: bool,
    bend: float = 0.0,
) -> None:  # fmt: skip
    """Draw an arrow; dashed if nothing flows."""
    ax.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>,head_length=3.2,head_width=1.7", mutation_scale=1,
            color=colour, lw=1.3, shrinkA=0, shrinkB=0, zorder=3, alpha=0.75 if idle else 1,
            linestyle=(0, (2.2, 1.6)) if idle else "-",
        )
    )  # fmt: skip


def thread(ax: Axes, start: tuple[float, float], end: tuple[float, float], bend: float) -> None:
    """Draw a bent line without a head."""
    ax.add_patch(FancyArrowPatch(start, end, arrowstyle="-", color=GREY, lw=0.9, shrinkA=0,
                                 shrinkB=0, zorder=1.9,
                                 connectionstyle=f"arc3,rad={bend}"))  # fmt: skip


def junction(ax: Axes, x: float, top: float, bottom: float) -> None:
    """Draw the strands that join two cells."""
    for offset in (-0.9, 0.9):
        ax.plot([x + offset] * 2, [bottom, top], color=GREY, lw=1.1, ls=(0, (1.0, 0.8)), zorder=1.5,
                solid_capstyle="butt")  # fmt: skip
