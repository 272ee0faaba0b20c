"""Figures of scans: lines, maps, small multiples, and where points failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, new_figure, styled

_COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, GREY)
#: Lines and panels that one figure can hold.
MOST_LINES, MOST_PANELS = 7, 12
#: Marks that stay lines in a figure; more become a picture within it.
MOST_MARKS = 2000


@styled
def line_figure(
    table: pd.DataFrame, x: str, values: Sequence[str], by: str | None, labels: Mapping[str, str]
) -> Figure:
    """Draw one panel a quantity against `x`, one line a value of `by`.

    Parameters
    ----------
    table
        A scan's rows; those without a result leave a gap.
    x, values, by
        Columns.
    labels
        Axis labels by column, units included.
    """
    figure, axes = new_figure(min(3.6 * len(values), 7.2), 2.9, len(values))
    groups = line_groups(table, by)
    for number, (axis, value) in enumerate(zip(axes, values, strict=True)):
        for colour, (name, rows) in zip(_COLOURS, groups, strict=False):
            rows = rows.sort_values(x)
            axis.plot(rows[x], rows[value], color=colour, label=name, marker=".", ms=3)
        _scaled(axis, table[x])
        axis.set(xlabel=labels.get(x, x), ylabel=labels.get(value, value),
                 title=f"{'abcdefghijkl'[number]}  {value}")  # fmt: skip
    if by is not None:
        axes[-1].legend(title=labels.get(by, by), title_fontsize=8, fontsize=7.5,
                        loc="upper left", bbox_to_anchor=(1.0, 1.0))  # fmt: skip
    return figure


@styled
def heat_figure(
    table: pd.DataFrame, x: str, y: str, values: Sequence[str], labels: Mapping[str, str],
    *, contours: bool = False,
) -> Figure:  # fmt: skip
    """Draw one map a quantity over two axes of a grid; points without a result stay grey."""
    figure, axes = new_figure(min(3.6 * len(values), 7.2), 3.0, len(values))
    for number, (axis, value) in enumerate(zip(axes, values, strict=True)):
        _map(figure, axis, table, x, y, value, labels, contours=contours)
        axis.set_title(f"{'abcdefghijkl'[number]}  {value}")
    return figure


@styled
def multiples_figure(
    table: pd.DataFrame, x: str, y: str, value: str, by: str, labels: Mapping[str, str]
) -> Figure:
    """Draw one map a value of `by`, all in the same colours."""
    groups = _groups(table, by, MOST_PANELS)
    columns = min(3, len(groups))
    rows = -(-len(groups) // columns)
    figure, axes = new_figure(7.2, 2.5 * rows, columns, rows)
    limits = (table[value].min(), table[value].max())
    for axis, (name, part) in zip(axes, groups, strict=False):
        _map(figure, axis, part, x, y, value, labels, limits=limits)
        axis.set_title(f"{by} = {name}")
    for axis in axes[len(groups):]:  # fmt: skip
        axis.set_visible(False)
    return figure


@styled
def failure_figure(table: pd.DataFrame, x: str, y: str, labels: Mapping[str, str]) -> Figure:
    """Draw where in a plane points have a result, and what the others' status is."""
    figure, (axis,) = new_figure(5.4, 3.4)
    many = len(table) > MOST_MARKS
    good = table[table["converged"]]
    axis.scatter(good[x], good[y], s=6, color="0.8", label=f"ok ({len(good):,})", lw=0,
                 rasterized=many)  # fmt: skip
    failed = table[~table["converged"]]
    for colour, (status, rows) in zip(_COLOURS[1:], failed.groupby("status"), strict=False):
        axis.scatter(rows[x], rows[y], s=14, color=colour, marker="x", lw=1.2,
                     label=f"{status} ({len(rows):,})", rasterized=many)  # fmt: skip
    _scaled(axis, table[x])
    _scaled(axis, table[y], vertical=True)
    axis.set(xlabel=labels.get(x, x), ylabel=labels.get(y, y))
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=7.5, markerscale=1.5)
    return figure


def _map(
    figure: Figure, axis: Axes, table: pd.DataFrame, x: str, y: str, value: str,
    labels: Mapping[str, str], *, contours: bool = False,
    limits: tuple[float, float] | None = None,
) -> None:  # fmt: skip
    field = table.pivot_table(index=y, columns=x, values=value, dropna=False, aggfunc="mean")
    axis.set_facecolor("0.85")
    low, high = limits or (None, None)
    if contours:
        shades = axis.contourf(field.columns, field.index, field, levels=12, cmap="viridis",
                               vmin=low, vmax=high)  # fmt: skip
    else:
        shades = axis.pcolormesh(field.columns, field.index, field, shading="nearest",
                                 cmap="viridis", vmin=low, vmax=high, rasterized=True)  # fmt: skip
    _scaled(axis, field.columns.to_series())
    _scaled(axis, field.index.to_series(), vertical=True)
    axis.set(xlabel=labels.get(x, x), ylabel=labels.get(y, y))
    figure.colorbar(shades, ax=axis, label=labels.get(value, value), pad=0.02)


def line_groups(table: pd.DataFrame, by: str | None) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each line that is drawn, with its name."""
    return [("", table)] if by is None else _groups(table, by, MOST_LINES)


def _groups(table: pd.DataFrame, by: str, most: int) -> list[tuple[str, pd.DataFrame]]:
    values = sorted(table[by].dropna().unique())
    if len(values) > most:
        # As many as can be told apart, evenly over all
        chosen = np.unique(np.linspace(0, len(values) - 1, most).round().astype(int))
        values = [values[index] for index in chosen]
    return [(_named(value), table[table[by] == value]) for value in values]


def _named(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:g}"


def _scaled(axis: Axes, values: pd.Series, *, vertical: bool = False) -> None:
    """Give an axis a logarithmic scale where its values are spread evenly on one."""
    levels = np.unique(values.dropna().to_numpy(dtype=float))
    if len(levels) < 3 or levels[0] <= 0 or levels[-1] / levels[0] < 20:
        return
    (axis.set_yscale if vertical else axis.set_xscale)("log")
