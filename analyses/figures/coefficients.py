"""Coefficients: who moves whom, as a matrix in colour."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from transport_model.errors import InputError

from .panels import Panels, checked_columns, panels, row_height, with_unit, words_text
from .style import BLUE, COLUMN, ORANGE, PAGE, SMALL, styled

#: Most rows and columns of a figure, and most columns whose cells hold their numbers.
MOST_ROWS, MOST_COLUMNS, NUMBERED = 60, 40, 16
#: Colours stand for coefficients up to this size, where these have no unit.
FULL = 1.0
#: Share of full blue from which on a number is white.
_DARK = 0.75


@styled
def plot_coefficients(
    table: pd.DataFrame,
    title: str = "",
    *,
    unit: str = "1",
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw a matrix of coefficients in colour: orange is negative, white zero, blue positive.

    Parameters
    ----------
    table
        A row per result and a column per cause, as :func:`transport_model.response_coefficients`
        returns it, or a table of :class:`transport_model.ControlAnalysis`. A coefficient that is
        not defined stays grey.
    title
        What stands above it.
    unit
        Unit of the coefficients. Colours are full at 1 if they have none, and at the largest
        otherwise.
    labels
        What results and causes are in words; by default their ids.
    ax
        Axes to draw into; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        The table is empty, has a column without numbers, or has too many rows or columns to be
        read.
    """
    checked_columns(table, [str(name) for name in table.columns])
    if len(table) > MOST_ROWS or len(table.columns) > MOST_COLUMNS:
        raise InputError(
            f"a figure of coefficients has at most {MOST_ROWS} rows and {MOST_COLUMNS} columns, not"
            f" {len(table)} and {len(table.columns)}; choose some, as in table.loc[rows, columns]"
        )
    values = np.ma.masked_invalid(table.to_numpy(dtype=float))
    rows, columns = range(len(table)), range(len(table.columns))
    width = min(PAGE, max(COLUMN, 1.6 + 0.44 * len(table.columns)))
    high = 1.7 + row_height(table.index, labels, 0.2) * len(table)
    axes = panels(ax, 1, high, width=width)
    (axis,) = axes
    full = FULL if unit in {"", "1"} else float(np.abs(values).max() or 1.0)
    # Few enough colours for the bar to be drawn as lines, not as an image
    colours = LinearSegmentedColormap.from_list("signed", [ORANGE, "white", BLUE], N=41)
    axis.set_facecolor("#e4e4e4")  # where there is no coefficient
    edges = [np.arange(count + 1) - 0.5 for count in reversed(values.shape)]
    image = axis.pcolormesh(*edges, values, cmap=colours, vmin=-full, vmax=full)
    if len(table.columns) <= NUMBERED:
        for (row, column), value in np.ndenumerate(values.filled(np.nan)):
            if np.isfinite(value):
                axis.text(column, row, number_text(value), ha="center", va="center", fontsize=SMALL,
                          color="white" if value > _DARK * full else "black")  # fmt: skip
    axis.invert_yaxis()
    axis.tick_params(length=0)
    axis.set_yticks(rows, [words_text(name, labels) for name in table.index])
    axis.set_xticks(columns, [words_text(name, labels) for name in table.columns],
                    rotation=45, ha="right", rotation_mode="anchor")  # fmt: skip
    axis.set_title(title)
    axes.figure.colorbar(image, ax=axis, location="bottom", shrink=0.6, aspect=40, extend="both",
                         label=with_unit("coefficient", unit))  # fmt: skip
    return axes


def number_text(value: float) -> str:
    """Return a coefficient as a figure shows it."""
    text = f"{value:.2f}" if abs(value) < 10 else f"{value:.3g}"
    return "0" if float(text) == 0 else text.replace("-", "−")
