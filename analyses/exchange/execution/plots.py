"""Plots of SED-ML in two dimensions, drawn in the style of this package's figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transport_model.errors import InputError

from ...figures.style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PAGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    new_figure,
    plain,
    styled,
)
from .data import Data
from .document import Curve, Document, Plot

_COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY)
#: Most lines of one plot; more would be a blot.
MAX_LINES = 500


@styled
def draw_plot(plot: Plot, document: Document, data: Data) -> Figure:
    """Return a plot as a figure.

    A curve of a repeated task is a line for every iteration; of single points, one line of all.

    Raises
    ------
    InputError
        The two sides of a curve have shapes that do not fit, or there are too many lines.
    """
    figure, (axes,) = new_figure(PAGE * 2 / 3, 3.2)
    right = axes.twinx() if any(curve.right for curve in plot.curves) else None
    drawn = 0
    for number, curve in enumerate(plot.curves):
        side = right if curve.right and right is not None else axes
        said = curve.name or _said(document, curve.y)
        for place, (x, y) in enumerate(_lines(curve, data)):
            drawn += 1
            if drawn > MAX_LINES:
                raise InputError(f"plot '{plot.id}' has more than {MAX_LINES} lines")
            marker = "o" if len(x) == 1 else ""
            side.plot(x, y, color=_COLOURS[number % len(_COLOURS)], marker=marker,
                      label=plain(said) if place == 0 else "_")  # fmt: skip
        if curve.log_x:
            side.set_xscale("log")
        if curve.log_y:
            side.set_yscale("log")
    _label(plot, document, axes, right)
    return figure


def _lines(curve: Curve, data: Data) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    x, y = np.atleast_1d(data[curve.x]), np.atleast_1d(data[curve.y])
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        raise InputError(f"curve '{curve.id}': its x has the shape {x.shape}, its y {y.shape}"
                         ) from None  # fmt: skip
    if x.shape[-1] == 1:  # points, one an iteration
        yield x.ravel(), y.ravel()
        return
    yield from zip(x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1]), strict=True)


def _said(document: Document, key: str) -> str:
    return document.generators[key].name or key


def _label(plot: Plot, document: Document, axes: Axes, right: Axes | None) -> None:
    first = plot.curves[0]
    axes.set_title(plain(plot.name or plot.id))
    axes.set_xlabel(plain(plot.labels.get("x") or _said(document, first.x)))
    alone = _said(document, first.y) if len(plot.curves) == 1 else ""
    axes.set_ylabel(plain(plot.labels.get("y") or alone))
    if right is not None:
        right.set_ylabel(plain(plot.labels.get("right", "")))
    if len(plot.curves) > 1:
        handles = [h for side in (axes, right) if side is not None
                   for h in side.get_legend_handles_labels()[0]]  # fmt: skip
        axes.legend(handles=handles)
