"""Curves: quantities of a course or a scan as lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from transport_model.columns import units_of
from transport_model.errors import InputError
from transport_model.key_facts import cell_facts

from .panels import (
    Panels,
    checked_columns,
    id_text,
    label_of,
    panels,
)
from .scales import TimeScale, scale, scale_values, shown_time, time_scale
from .style import COLOURS, PAGE, plain, styled

#: Curves of a panel, panels of a figure, and curves told apart by a quantity's values.
MOST_CURVES, MOST_PANELS, MOST_VALUES = 16, 12, 7
#: Curves from which on a legend stands beside its panel.
CROWD = 5
#: Letters of a name in a legend; a longer one gives way to the id.
MOST_LETTERS = 28
#: Points of a curve up to which each is marked.
MARKED = 100
_HEIGHT = 2.7


@styled
def plot_curves(
    table: pd.DataFrame,
    quantities: Sequence[str] | None = None,
    *,
    x: str | None = None,
    by: str | None = None,
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw quantities of a course or a scan as curves.

    Quantities of one unit share a panel. With `by`, each has its own, and a curve for every value
    of `by`. A point without a result leaves a gap.

    Parameters
    ----------
    table
        As :func:`transport_model.simulate` or :func:`transport_model.scan` returns it, with units
        in ``attrs["units"]``.
    quantities
        Columns to draw; by default a cell's main ones, or all of another model.
    x
        Column of the horizontal axis; by default the index, the time of a course.
    by
        Column that tells curves apart; of more than seven values, seven evenly spread are drawn.
    labels
        What stands beside the axes, by column; by default the id with its unit.
    ax
        Axes to draw into, where there is one panel; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one a panel.

    Raises
    ------
    UnknownIdError
        A column is not in the table.
    InputError
        The table is empty, has a single point, or a column without numbers; or there are more
        curves or panels than can be told apart.
    """
    plan = plan_of(table, quantities, x, by)
    beside = by is not None or len(plan.panels[0]) > CROWD  # a legend, which takes its room
    axes = panels(ax, len(plan.panels), _HEIGHT, width=PAGE if beside else None)
    title = plan.time.label if plan.time else label_of(plan.along, table, labels)
    for axis, members in zip(axes, plan.panels, strict=True):
        for number, (name, value, across, rows) in enumerate(plan.curves(members)):
            axis.plot(
                across, rows[name], color=COLOURS[number % len(COLOURS)],
                ls="-" if number < len(COLOURS) else "--",
                marker="." if x is not None and len(rows) <= MARKED else "",
                ms=4, label=_called(name, table, labels) if by is None else plain(value),
            )  # fmt: skip
        if x is not None:
            scale(axis, table[x])
        elif plan.time:
            axis.set_xlim(float(table.index.min()) * plan.time.factor, plan.time.last)
        scale_values(axis, [np.asarray(line.get_ydata(), dtype=float) for line in axis.lines])
        axis.set(xlabel=title, ylabel=_label(members, table, labels))
        if by is None and len(members) > 1:
            _legend(axis, len(members))
    if by is not None:
        _legend(axes[-1], len(plan.groups), label_of(by, table, labels), outside=True)
    return axes


@dataclass(frozen=True)
class Plan:
    """Which curves a figure has.

    Attributes
    ----------
    panels
        The columns of each panel.
    groups
        The rows that make a curve each, by the value of what tells them apart.
    along
        What the horizontal axis is, and whether it is the index, not a column.
    time
        How its times are drawn, if it is the time of a course.
    """

    panels: list[list[str]]
    groups: list[tuple[str, pd.DataFrame]]
    along: str
    in_index: bool
    time: TimeScale | None

    def curves(self, members: Sequence[str]) -> Iterator[tuple[str, str, np.ndarray, pd.DataFrame]]:
        """Yield quantity, value, places across and rows of each curve of a panel."""
        for name in members:
            for value, rows in self.groups:
                if self.in_index:
                    across = rows.index.to_numpy()
                    yield name, value, across * self.time.factor if self.time else across, rows
                else:
                    ordered = rows.sort_values(self.along)
                    yield name, value, ordered[self.along].to_numpy(), ordered


def plan_of(
    table: pd.DataFrame, quantities: Sequence[str] | None, x: str | None, by: str | None
) -> Plan:
    """Return which curves a figure of a table has; see :func:`plot_curves`."""
    names = list(dict.fromkeys(_columns(table, quantities)))
    checked_columns(table, [*names, *([x] if x else [])], [by] if by else [])
    if (table.index if x is None else table[x]).nunique() < 2:
        raise InputError("a curve needs two points or more; this table has one")
    told = _panels(table, names, apart=by is not None)
    if len(told) > MOST_PANELS or max(map(len, told)) > MOST_CURVES:
        raise InputError(
            f"{len(names)} quantities are too many for one figure, which has up to {MOST_PANELS}"
            f" panels of {MOST_CURVES} curves; name those to draw"
        )
    groups = [("", table)] if by is None else groups_of(table, by, MOST_VALUES)
    along = str(table.index.name or "row") if x is None else x
    time = None
    if x is None and along == "time":
        end = float(table.index.max())
        drawn = [[(rows.index.to_numpy(), rows[name].to_numpy(float)) for _, rows in groups]
                 for name in names]  # fmt: skip
        time = time_scale(end, shown_time(drawn), units_of(table).get("time", ""))
    return Plan(told, groups, along, x is None, time)


def _columns(table: pd.DataFrame, quantities: Sequence[str] | None) -> list[str]:
    """Return the columns to draw: those that are wanted, or the main ones."""
    if quantities is None:
        checked_columns(table, [])
        numbers = [str(name) for name in table.select_dtypes("number")]
        return cell_facts(numbers) or numbers
    if isinstance(quantities, str) or not quantities:
        raise InputError(f"quantities is a list of columns' names, not {quantities!r:.40}")
    return list(quantities)


def _panels(table: pd.DataFrame, names: Sequence[str], *, apart: bool) -> list[list[str]]:
    """Return the columns of each panel: one each, or those of a unit together."""
    if apart:
        return [[name] for name in names]
    units = units_of(table)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(units.get(name, ""), []).append(name)
    return list(found.values())


def groups_of(table: pd.DataFrame, by: str, most: int) -> list[tuple[str, pd.DataFrame]]:
    """Return the rows of each value of a column, with its name; of many values, some."""
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


def _label(members: Sequence[str], table: pd.DataFrame, labels: Mapping[str, str] | None) -> str:
    if len(members) == 1:
        return label_of(members[0], table, labels)
    unit = units_of(table).get(members[0], "")
    return f"[{plain(unit)}]" if unit not in {"", "1"} else "value"


def _called(name: str, table: pd.DataFrame, labels: Mapping[str, str] | None) -> str:
    """Return what a legend calls a column: its label without the unit, if that is short."""
    unit = units_of(table).get(name, "")
    words = (labels or {}).get(name, "").removesuffix(f" [{plain(unit)}]")
    return words if 0 < len(words) <= MOST_LETTERS else id_text(name)


def _legend(axis: Axes, curves: int, title: str = "", *, outside: bool = False) -> None:
    if outside or curves > CROWD:
        axis.legend(title=title, loc="upper left",
                    bbox_to_anchor=(1.0, 1.0), handlelength=1.4)  # fmt: skip
    else:
        axis.legend(handlelength=1.4)
