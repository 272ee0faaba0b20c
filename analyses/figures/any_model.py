"""Figures for a model that nobody here wrote. Names in them are text, never mathematics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from .style import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    RED,
    SKY,
    YELLOW,
    new_figure,
    plain,
    styled,
)  # fmt: skip

_COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, GREY)
#: Longest id that a legend shows in full.
_LONGEST = 28


def _label(text: str) -> str:
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f" {plain(short)}"  # a legend leaves out what begins with an underscore


@styled
def courses_figure(panels: Sequence[tuple[str, pd.DataFrame]], time: str) -> Figure:
    """Courses, a panel per unit: its label and a table by time, a column per curve."""
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = new_figure(7.2, 2.8 * rows, columns, rows)
    for axis, (label, table) in zip(axes, panels, strict=False):
        for number, name in enumerate(table):
            style = "-" if number < len(_COLOURS) else "--"
            axis.plot(
                table.index, table[name].to_numpy(), style, label=_label(str(name)),
                color=_COLOURS[number % len(_COLOURS)],
            )  # fmt: skip
        axis.set(xlabel=plain(time), ylabel=plain(label))
        axis.legend(fontsize=7, ncols=1 + (len(table.columns) > 5))
    for axis in axes[len(panels) :]:
        axis.set_visible(False)
    return figure


@styled
def coefficients_figure(table: pd.DataFrame, title: str) -> Figure:
    """Matrix of coefficients in colour, from -1 (orange) through 0 (white) to 1 (blue)."""
    figure, (axis,) = new_figure(7.2, 1.2 + 0.24 * len(table))
    # Few enough colours for the bar to be drawn as lines, not as an image
    colours = LinearSegmentedColormap.from_list("signed", [ORANGE, "white", BLUE], N=41)
    values = np.ma.masked_invalid(table.to_numpy(dtype=float))
    rows, columns = range(len(table)), range(len(table.columns))
    axis.set_facecolor("#e4e4e4")  # where there is no coefficient
    image = axis.pcolormesh(columns, rows, values, cmap=colours, vmin=-1, vmax=1,
                            shading="nearest")  # fmt: skip
    axis.invert_yaxis()
    axis.set_yticks(rows, [_label(str(name)) for name in table.index])
    axis.set_xticks(columns, [_label(str(name)) for name in table.columns],
                    rotation=45, ha="right")  # fmt: skip
    axis.set_title(title)
    figure.colorbar(image, ax=axis, shrink=0.8, extend="both")
    return figure
