"""What is settled when a figure's size is known: lines of labels, legends, hidden curves."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

#: Times that labels are fitted: more lines of one leave the axes less room.
_ROUNDS = 4
#: Where a legend may stand within its axes, the best first; else it stands beside them.
_PLACES = ("upper right", "upper left", "lower right", "lower left", "center right", "center left",
           "upper center", "lower center")  # fmt: skip
#: Figures that are settled, with the state that they were left in.
_SETTLED: WeakKeyDictionary[Figure, object] = WeakKeyDictionary()
#: Places at which curves are compared, and the share of them at which one is upon another.
_SAMPLES, _SHARE = 200, 0.75
#: Length of a dash where curves coincide, in widths of the line.
_DASH = 3.0


def fit(figure: Figure) -> None:
    """Settle what hangs on the size of a finished figure.

    Titles and labels of axes are broken into lines no longer than their axes, as they are drawn;
    what was broken before is broken anew. A legend within its axes goes where no data are, or
    beside them. Curves that lie upon one another are dashed in turn, so that each can be seen.
    A figure that has not changed since is left alone: it is written in several formats. So is one
    whose layout is settled for good.
    """
    settled = isinstance(figure.get_layout_engine(), PlaceHolderLayoutEngine)
    if settled or _SETTLED.get(figure) == _state(figure):
        return
    for _ in range(_ROUNDS):
        figure.draw_without_rendering()  # gives every axis its place
        changed = False
        for axis in figure.axes:
            if axis.get_visible() and axis.axison:
                for text, room in _labels(axis):
                    changed |= _fitted(text, room)
                changed |= _cleared(axis)
        if not changed:
            break
    for axis in figure.axes:
        _set_apart(axis)
    _SETTLED[figure] = _state(figure)


def _state(figure: Figure) -> object:
    """Return what a figure's labels, legends and curves hang on."""
    axes = [axis for axis in figure.axes if axis.get_visible()]
    return (tuple(figure.get_size_inches()),
            [text.get_text() for axis in axes for text, _ in _labels(axis)],
            [len(axis.get_children()) for axis in axes])  # fmt: skip


def _labels(axis: Axes) -> Iterator[tuple[Text, float]]:
    """Yield the labels of an axes, each with the length it may have [pixel]."""
    box = axis.get_window_extent()
    yield axis.xaxis.label, box.width
    yield axis.yaxis.label, box.height
    titles = {axis.get_title("left"), axis.get_title("center")} - {""}
    for child in axis.get_children():
        if isinstance(child, Text) and child.get_text() in titles:
            yield child, box.width


def _fitted(text: Text, room: float) -> bool:
    """Break a text so that it fits; return whether that changed it."""
    before = text.get_text()
    if not before or ("\n" not in before and _length(text) <= room):
        return False
    lines = [""]
    for word in before.replace("\n", " ").split(" "):  # two spaces part a letter from its title
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


def _cleared(axis: Axes) -> bool:
    """Put a legend that lies on data elsewhere; return whether there was one."""
    legend = axis.get_legend()
    if legend is None or not covers_data(axis, legend):
        return False
    for place in _PLACES:
        legend.set_loc(place)
        if not covers_data(axis, legend):
            return True
    legend.set_loc("upper left")
    legend.set_bbox_to_anchor((1.0, 1.0))
    return True


def covers_data(axis: Axes, legend: Legend) -> bool:
    """Whether a legend lies on curves, points or bars of its axes."""
    box = legend.get_window_extent()
    if not box.overlaps(axis.get_window_extent()):
        return False
    for line in axis.lines:
        if not line.get_visible() or line.get_transform() != axis.transData:
            continue
        path = line.get_path().transformed(axis.transData)
        marked = line.get_marker() not in ("", "None", None)
        if marked and _holds(box, np.asarray(path.vertices)):
            return True
        if line.get_linestyle() != "None" and path.intersects_bbox(box, filled=False):
            return True
    for points in axis.collections:
        if isinstance(points, PolyCollection):
            bands = (path.transformed(axis.transData) for path in points.get_paths())
            if any(band.intersects_bbox(box, filled=True) for band in bands):
                return True
            continue
        offsets = np.ma.filled(np.ma.asarray(points.get_offsets(), dtype=float), np.nan)
        if points.get_offset_transform() == axis.transData and _holds(
            box, axis.transData.transform(offsets.reshape(-1, 2))
        ):
            return True
    return any(patch.get_window_extent().overlaps(box) for patch in axis.patches)


def _holds(box: Bbox, points: np.ndarray) -> bool:
    (x0, y0), (x1, y1) = box.min, box.max
    x, y = np.asarray(points, dtype=float).T
    return bool(((x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)).any())


def _set_apart(axis: Axes) -> None:
    """Dash curves of one breadth that lie upon one another in turn."""
    curves = [line for line in axis.lines if line.get_visible() and line.get_linestyle() == "-"
              and line.get_transform() == axis.transData and len(line.get_path()) > 1]  # fmt: skip
    box = axis.get_window_extent()
    places = np.linspace(box.x0, box.x1, _SAMPLES)
    heights = [_heights(axis, line, places) for line in curves]
    told: list[list[int]] = []
    for number, here in enumerate(heights):
        breadth = curves[number].get_linewidth()
        near = breadth * axis.figure.dpi / 72 / 2
        for group in told:
            first = group[0]
            with np.errstate(invalid="ignore"):
                together = np.mean(np.abs(here - heights[first]) < near)
            if together > _SHARE and curves[first].get_linewidth() == breadth:
                group.append(number)
                break
        else:
            told.append([number])
    for group in told:
        for turn, number in enumerate(group):
            if len(group) > 1:
                pattern = (turn * _DASH, (_DASH, (len(group) - 1) * _DASH))
                curves[number].set_linestyle(pattern)
                curves[number].set_dash_capstyle("butt")


def _heights(axis: Axes, line: Line2D, places: np.ndarray) -> np.ndarray:
    """Return the heights of a curve at places across the figure [pixel], where it has any."""
    points = line.get_path().transformed(axis.transData).vertices
    x, y = np.asarray(points, dtype=float).T
    if (np.diff(x) < 0).any():
        return np.full(len(places), np.nan)  # no function of what is across
    return np.interp(places, x, y, left=np.nan, right=np.nan)
