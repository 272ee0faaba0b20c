"""Figures in words, for those who cannot see them: what is drawn against what, from the numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

#: Longest description, in letters.
LONGEST = 600
#: Below this a number is what rounding left of zero.
_ROUNDING = 1e-12
#: Bars and curves of a panel that are told one by one.
_MOST = 8


def describe(figure: Figure) -> str:
    """Return a figure's alternative text: its panels, their axes with units, and what they hold.

    Of a curve its first and last value are said, and its largest or smallest where that lies
    between; of bars their values; of a map its range. A figure that has a label, as drawings of
    models do, says that first. A figure that holds more than
    :data:`LONGEST` letters tell is described in less detail.
    """
    said = str(figure.get_label())
    drawn = [axis for axis in figure.axes if axis.get_visible() and not _is_bar_of_colours(axis)]
    names = _names_beside(figure)
    for detail in (3, 2, 1, 0):
        told = [_panel(axis, detail, names) for axis in drawn]
        text = " ".join([*([said] if said else []), *filter(None, told)]) or "A drawing."
        if len(text) <= LONGEST:
            return text
    return text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"


def _panel(axis: Axes, detail: int, names: dict[str, str]) -> str:
    title = _line(axis.get_title("left") or axis.get_title("center"))
    across, up = _line(axis.get_xlabel()), _line(axis.get_ylabel())
    against = f"{up} against {across}" if up and across else up or across
    if detail == 1 and axis.lines:
        against += ", at the end"
    held = list(_held(axis, detail, names)) if detail else []
    head = ", ".join(part for part in (title, against) if part)
    if not axis.axison:
        head = title
        held = [_line(text.get_text()) for text in axis.texts if text.get_text()][: 40 * detail]
    if not (head or held):
        return ""
    return f"{head}: {'; '.join(held)}." if head and held else f"{head}{'; '.join(held)}."


def _held(axis: Axes, detail: int, names: dict[str, str]) -> Iterator[str]:
    """Yield what a panel holds: its bars, curves and clouds of points, and its map."""
    for held in axis.containers:
        if isinstance(held, BarContainer):
            yield from _bars(axis, held, detail)
    curves = [line for line in axis.lines if _is_data(axis, line)]
    shown = curves if detail == 3 else curves[:_MOST]
    for line in shown:
        name, told = names.get(_look(line), _name(line)), _curve(line, detail)
        yield f"{name} {told}" if name else told
    if len(curves) > len(shown):
        yield f"{len(curves) - len(shown)} more"
    for cloud in axis.collections:
        if isinstance(cloud, QuadMesh) or (isinstance(cloud, ContourSet) and cloud.filled):
            yield _map(cloud)
        elif isinstance(cloud, PathCollection):
            yield from _cloud(axis, cloud)


def _cloud(axis: Axes, cloud: PathCollection) -> Iterator[str]:
    points = np.asarray(cloud.get_offsets(), dtype=float)
    rows = _ticks(axis, flat=True)
    if len(points) and len(points) <= _MOST and all(_place(y) in rows for y in points[:, 1]):
        told = ", ".join(f"{rows[_place(y)]} {number(x)}" for x, y in points)
        yield f"{_name(cloud)}: {told}" if _name(cloud) else told
    elif len(points):
        yield f"{_name(cloud)} {len(points)} points".strip()


def _ticks(axis: Axes, *, flat: bool) -> dict[float, str]:
    """Return the words at the ticks of an axis by their place."""
    labels = axis.get_yticklabels() if flat else axis.get_xticklabels()
    ticks = axis.get_yticks() if flat else axis.get_xticks()
    return {_place(tick): label.get_text() for tick, label in zip(ticks, labels, strict=True)}


def _bars(axis: Axes, bars: BarContainer, detail: int) -> Iterator[str]:
    flat = bars.orientation == "horizontal"
    at = _ticks(axis, flat=flat)
    values = np.asarray(bars.datavalues, dtype=float)
    if len(values) > 40:
        yield f"a histogram of {len(values)} bars"
        return
    told = []
    for patch, value in zip(bars.patches, values, strict=True):
        box = patch.get_bbox()
        middle = (box.y0 + box.y1) / 2 if flat else (box.x0 + box.x1) / 2
        told.append(f"{at.get(_place(middle), '')} {number(value)}".strip())
    name = _name(bars)
    most = len(told) if detail == 3 else _MOST if detail == 2 else 3
    more = f" and {len(told) - most} more" if len(told) > most else ""
    yield (f"{name}: " if name else "") + ", ".join(told[:most]) + more


def _place(middle: float) -> float:
    return round(float(middle), 6)


def _curve(line: Line2D, detail: int) -> str:
    values = np.asarray(line.get_ydata(), dtype=float)
    values = values[np.isfinite(values)]
    if not len(values):
        return "no value"
    low, high, first, last = (number(v) for v in (values.min(), values.max(), *values[[0, -1]]))
    if line.get_linestyle() == "None":
        return f"{len(values)} points from {low} to {high}"
    if detail == 1:
        return last
    if low == high:
        return f"steady at {low}"
    text = f"from {first} to {last}"
    margin = 0.05 * np.ptp(values)
    if detail == 3 and high not in (first, last) and values.max() > max(values[[0, -1]]) + margin:
        text += f", at most {high}"
    if detail == 3 and low not in (first, last) and values.min() < min(values[[0, -1]]) - margin:
        text += f", at least {low}"
    return text


def _map(drawn: QuadMesh | ContourSet) -> str:
    values = drawn.get_array() if isinstance(drawn, QuadMesh) else drawn.levels
    finite = np.ma.masked_invalid(np.ma.asarray(values, dtype=float)).compressed()
    return f"in colour from {number(finite.min())} to {number(finite.max())}" if len(finite) else ""


def _is_bar_of_colours(axis: Axes) -> bool:
    return axis.get_label() == "<colorbar>"


def _is_data(axis: Axes, line: Line2D) -> bool:
    """Whether a line is a curve, not a rule across the panel or an entry of a legend."""
    return line.get_transform() == axis.transData and len(np.asarray(line.get_xdata())) > 0


def _names_beside(figure: Figure) -> dict[str, str]:
    """Return what legends of the whole figure and of one panel for all call a look of lines."""
    names: dict[str, str] = {}
    axes = [axis for axis in figure.axes if axis.get_visible()]
    legends = [*figure.legends, *(axis.get_legend() for axis in axes if axis.get_legend())]
    if len(axes) > 1 and len(legends) == 1:
        for handle, text in zip(legends[0].legend_handles, legends[0].get_texts(), strict=True):
            if isinstance(handle, Line2D):
                names[_look(handle)] = _line(text.get_text())
    return names


def _look(line: Line2D) -> str:
    return f"{line.get_color()} {line.get_linestyle()} {line.get_marker()}"


def _name(drawn: Artist | BarContainer) -> str:
    label = str(drawn.get_label())
    return "" if label.startswith("_") else _line(label)


def _line(text: str) -> str:
    return " ".join(text.split()).replace(r"\$", "$")


def number(value: float) -> str:
    """Return a number as it is said: three digits, a true minus, and none smaller than rounding."""
    return "0" if abs(value) < _ROUNDING else f"{value:.3g}".replace("-", "−")
