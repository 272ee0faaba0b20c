"""Labels of a finished figure in lines as long as their axes have room for."""

from __future__ import annotations

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

#: Times that labels are fitted: more lines of one leave the axes less room.
_ROUNDS = 3


def fit(figure: Figure) -> None:
    """Break titles and labels of axes into lines, each no longer than its axis.

    Lengths are measured as they are drawn. What fits is left as it stands, and what was broken
    before is broken anew.
    """
    for _ in range(_ROUNDS):
        figure.draw_without_rendering()  # gives every axis its place
        changed = False
        for axis in figure.axes:
            for text, room in _labels(axis) if axis.get_visible() else ():
                changed |= _fitted(text, room)
        if not changed:
            return


def _labels(axis: Axes) -> Iterator[tuple[Text, float]]:
    """Yield the labels of an axes, each with the length it may have [pixel]."""
    if not axis.axison:
        return
    box = axis.get_window_extent()
    yield axis.xaxis.label, box.width
    yield axis.yaxis.label, box.height
    legend = axis.get_legend()
    right = box.x1 if legend is None else max(box.x1, legend.get_window_extent().x1)
    titles = {axis.get_title("left"), axis.get_title("center")} - {""}
    for child in axis.get_children():
        if isinstance(child, Text) and child.get_text() in titles:
            yield child, right - box.x0


def _fitted(text: Text, room: float) -> bool:
    """Break a text so that it fits; return whether that changed it."""
    before = text.get_text()
    words = before.split()
    # Spaces that part a panel's letter from its title stay
    whole = before.replace("\n", " ")
    if not words or ("\n" not in before and _length(text) <= room):
        return False
    lines = [""]
    for word in whole.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        text.set_text(longer)
        if lines[-1] and _length(text) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    text.set_text("\n".join(lines))
    return text.get_text() != before


def _length(text: Text) -> float:
    box = text.get_window_extent()
    return box.height if text.get_rotation() in (90.0, 270.0) else box.width
