"""Tornado: what moves one result, the strongest above."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from transport_model.errors import InputError, UnknownIdError

from .coefficients import number_text
from .panels import Panels, checked_columns, panels, row_height, with_unit, words_text
from .style import BLUE, COLUMN, ORANGE, SMALL, styled

#: Bars of a figure.
MOST_BARS = 40
#: Share of the bars' span that is left beside them for their numbers.
_ROOM = 0.3


@styled
def plot_tornado(
    table: pd.DataFrame,
    result: str,
    title: str = "",
    *,
    most: int = 20,
    unit: str = "1",
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw the coefficients of one result as bars: blue to the right, orange to the left.

    Parameters
    ----------
    table
        A row per result and a column per cause, as :func:`transport_model.response_coefficients`
        returns it, or a table of :class:`transport_model.ControlAnalysis`.
    result
        The row to draw.
    title
        What stands above it.
    most
        Bars, at most; a cause without a coefficient, or with one of zero, has none.
    unit
        Unit of the coefficients.
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
    UnknownIdError
        The result is not in the table.
    InputError
        The table is empty or has a column without numbers, more bars are wanted than can be read,
        or nothing moves the result.
    """
    checked_columns(table, [str(name) for name in table.columns])
    if result not in table.index:
        raise UnknownIdError.of(str(result), map(str, table.index), "the table")
    if not isinstance(most, int) or not 1 <= most <= MOST_BARS:
        raise InputError(f"a tornado has 1 to {MOST_BARS} bars, not {most!r:.40}")
    values = pd.Series(table.loc[[result]].to_numpy(dtype=float)[0], table.columns)
    values = values[values.notna() & (values != 0)]
    if values.empty:
        raise InputError(f"there is nothing to draw: nothing in the table moves '{result}'")
    order = values.abs().sort_values(ascending=False, kind="stable").index[:most]
    bars = values[order]
    high = 1.2 + row_height(bars.index, labels, 0.22) * len(bars)
    axes = panels(ax, 1, high, width=COLUMN)
    (axis,) = axes
    places = np.arange(len(bars))
    axis.barh(places, bars, color=[BLUE if value > 0 else ORANGE for value in bars], height=0.7)
    for place, value in zip(places, bars, strict=True):
        axis.annotate(number_text(value), (value, place), fontsize=SMALL, va="center",
                      xytext=(3 if value > 0 else -3, 0), textcoords="offset points",
                      ha="left" if value > 0 else "right")  # fmt: skip
    axis.axvline(0, color="black", lw=0.8)
    low, high = min(float(bars.min()), 0.0), max(float(bars.max()), 0.0)
    room = _ROOM * (high - low)
    axis.set(xlim=(low - room * (low < 0), high + room * (high > 0)), title=title,
             xlabel=with_unit(f"coefficient of {words_text(result, labels)}", unit))  # fmt: skip
    axis.set_yticks(places, [words_text(name, labels) for name in bars.index])
    axis.tick_params(axis="y", length=0)
    axis.locator_params(axis="x", nbins=5, prune="both")
    axis.spines["left"].set_visible(False)
    axis.invert_yaxis()
    return axes
