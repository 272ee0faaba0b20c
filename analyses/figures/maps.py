"""Maps: quantities of a scan in colour over the two axes of a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from transport_model.errors import InputError

from .curves import MOST_PANELS
from .panels import Panels, checked_columns, label_of, panels
from .scales import is_logarithmic, scale
from .style import styled

_HEIGHT = 2.7


@styled
def plot_map(
    table: pd.DataFrame,
    x: str,
    y: str,
    quantities: Sequence[str],
    *,
    contours: bool = False,
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw quantities of a scan in colour over two columns of its design, a panel each.

    Parameters
    ----------
    table
        As :func:`transport_model.scan` returns it for a grid, with units in ``attrs["units"]``. A
        point without a result stays grey.
    x, y
        Columns of the axes.
    quantities
        Columns to draw.
    contours
        Draw filled contours instead of a cell per point.
    labels
        What stands beside the axes, by column; by default the id with its unit.
    ax
        Axes to draw into, where there is one panel; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one a panel; each has a colour bar beside it.

    Raises
    ------
    UnknownIdError
        A column is not in the table.
    InputError
        The table is empty or no grid of these two columns, or there are too many panels.
    """
    if isinstance(quantities, str) or not quantities:
        raise InputError(f"quantities is a list of columns' names, not {quantities!r:.40}")
    checked_columns(table, [x, y, *quantities])
    if len(quantities) > MOST_PANELS:
        raise InputError(f"a figure has no more than {MOST_PANELS} panels, not {len(quantities)}")
    if min(table[x].nunique(), table[y].nunique()) < 2:
        raise InputError(f"a map needs two values or more of both '{x}' and '{y}'")
    if table.duplicated([x, y]).any():
        raise InputError(f"several points have the same '{x}' and '{y}'; draw some of them")
    axes = panels(ax, len(quantities), _HEIGHT)
    for axis, value in zip(axes, quantities, strict=True):
        draw_map(axis, table, x, y, value, labels, contours=contours)
    return axes


def draw_map(
    axis: Axes, table: pd.DataFrame, x: str, y: str, value: str,
    labels: Mapping[str, str] | None = None, *, contours: bool = False,
    limits: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    """Draw one map, with its colour bar; between `limits`, if they are given."""
    field = table.pivot(index=y, columns=x, values=value)
    axis.set_facecolor("0.85")
    low, high = limits or (None, None)
    if contours and np.isfinite(field.to_numpy(dtype=float)).any():
        shades = axis.contourf(field.columns, field.index, field, levels=12, cmap="viridis",
                               vmin=low, vmax=high)  # fmt: skip
    else:
        edges = [_edges(levels.to_series()) for levels in (field.columns, field.index)]
        shades = axis.pcolormesh(*edges, field, cmap="viridis", vmin=low, vmax=high,
                                 rasterized=True)  # fmt: skip
    scale(axis, field.columns.to_series())
    scale(axis, field.index.to_series(), vertical=True)
    axis.set(xlabel=label_of(x, table, labels), ylabel=label_of(y, table, labels))
    figure = axis.get_figure(root=True)
    assert figure is not None
    figure.colorbar(shades, ax=axis, label=label_of(value, table, labels), pad=0.02)


def _edges(levels: pd.Series) -> np.ndarray:
    """Return where the cells about levels end: half-way, on the scale on which they are drawn."""
    logarithmic = is_logarithmic(levels)
    places = levels.to_numpy(dtype=float)
    places = np.log(places) if logarithmic else places
    middles = (places[:-1] + places[1:]) / 2
    edges = np.concatenate([[2 * places[0] - middles[0]], middles, [2 * places[-1] - middles[-1]]])
    return np.exp(edges) if logarithmic else edges
