"""Figures of large scans: small multiples of maps, and where points failed."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from .curves import MOST_PANELS, groups_of
from .maps import draw_map
from .panels import label_of
from .scales import scale
from .style import COLOURS, COLUMN, PAGE, new_figure, styled

#: Marks that stay lines in a figure; more become a picture within it.
MOST_MARKS = 2000


@styled
def multiples_figure(
    table: pd.DataFrame, x: str, y: str, value: str, by: str, labels: Mapping[str, str]
) -> Figure:
    """Draw one map a value of `by`, all in the same colours."""
    groups = groups_of(table, by, MOST_PANELS)
    columns = min(3, len(groups))
    rows = -(-len(groups) // columns)
    figure, axes = new_figure(PAGE, 2.5 * rows, columns, rows)
    limits = (table[value].min(), table[value].max())
    for axis, (name, part) in zip(axes, groups, strict=False):
        draw_map(axis, part, x, y, value, labels, limits=limits)
        axis.set_title(f"{by} = {name}")
    for axis in axes[len(groups):]:  # fmt: skip
        axis.set_visible(False)
    return figure


@styled
def failure_figure(table: pd.DataFrame, x: str, y: str, labels: Mapping[str, str]) -> Figure:
    """Draw where in a plane points have a result, and what the others' status is."""
    figure, (axis,) = new_figure(1.4 * COLUMN, 3.4)
    many = len(table) > MOST_MARKS
    good = table[table["converged"]]
    axis.scatter(good[x], good[y], s=6, color="0.8", label=f"ok ({len(good):,})", lw=0,
                 rasterized=many)  # fmt: skip
    failed = table[~table["converged"]]
    for colour, (status, rows) in zip(COLOURS[1:], failed.groupby("status"), strict=False):
        axis.scatter(rows[x], rows[y], s=14, color=colour, marker="x", lw=1.2,
                     label=f"{status} ({len(rows):,})", rasterized=many)  # fmt: skip
    scale(axis, table[x])
    scale(axis, table[y], vertical=True)
    axis.set(xlabel=label_of(x, table, labels), ylabel=label_of(y, table, labels))
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=1.5)
    return figure
