"""The command that draws large scans, and refuses figures that would mislead or never end."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import bad_input
from .progress import busy
from .shown_tables import listed
from .talk import note

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..scans.large.reading import ScanData

#: What each kind of figure takes besides --x.
_NEEDS = {
    "line": ("value",),
    "heat": ("y", "value"),
    "contour": ("y", "value"),
    "multiples": ("y", "by", "value"),
    "failures": ("y",),
}
_MAY = {"line": ("by",)}
#: Points that lines are drawn through, cells of a map, and rows that are read for one figure.
MOST_POINTS, MOST_CELLS, MOST_ROWS = 20_000, 4_000_000, 20_000_000
#: Letters of an axis label that stand in one line.
LABEL_WIDTH = 34


@dataclass(frozen=True)
class _Wish:
    """What is to be drawn: the options, by their names."""

    kind: str
    x: str
    y: str | None
    values: tuple[str, ...]
    by: str | None

    @property
    def axes(self) -> list[str]:
        """Columns that tell points apart."""
        return [self.x, *filter(None, (self.y, self.by))]


def scan_figure(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a large scan.")],
    kind: Annotated[
        str,
        typer.Option(
            help="line, heat, contour, multiples or failures.", autocompletion=lambda: list(_NEEDS)
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="FILE", help="Where to draw it: .svg, .png or .pdf.")
    ],
    x: Annotated[str, typer.Option(metavar="ID", help="Horizontal axis.")],
    y: Annotated[str | None, typer.Option(metavar="ID", help="Vertical axis of a map.")] = None,
    value: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="What is drawn. Repeatable.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A line, or a small map, for each of its values."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="CONDITION",
            help="Draw only points that meet this, such as \"Na_i > 10 mM and status == 'ok'\":"
            " comparisons, in, and, or, not, parentheses.",
        ),
    ] = None,
) -> None:
    """Draw a large scan: lines, heat maps, contours, small multiples, or where points failed."""
    from transport_model.columns import with_units

    from ..figures.panels import check_figure_target, write_figure
    from ..scans.large.reading import open_scan

    check_figure_target(out)
    wish = _Wish(kind, x, y, tuple(dict.fromkeys(value or [])), by)
    _check_wish(wish)
    data = open_scan(folder)
    _check_columns(wish, data)
    count = data.count(where)
    if not count:
        raise bad_input(f"no point of the scan in '{folder}' meets --where \"{where}\"")
    inputs = data.design_columns
    _check_count(wish, count, [name for name in inputs if name not in wish.axes])
    columns = dict.fromkeys([*wish.axes, *wish.values, *inputs, "converged", "status"])
    with busy("reading and drawing"):
        table = data.to_pandas(list(columns), where).reset_index()
        with_units(table, {name: data.unit(name) for name in columns})
        _check_table(wish, table, inputs)
        figure = _drawn(wish, table, {name: _label(data, name) for name in columns})
        write_figure(figure, out)
    note(f"drew {out}: {len(table):,} points{_left_out(wish, table)}")


def _check_wish(wish: _Wish) -> None:
    """Refuse options that do not go together."""
    if wish.kind not in _NEEDS:
        raise bad_input(f"no kind of figure '{wish.kind}' (there are: {', '.join(_NEEDS)})")
    given = {"y": bool(wish.y), "by": bool(wish.by), "value": bool(wish.values)}
    needs = _NEEDS[wish.kind]
    lacking = [f"--{name}" for name in needs if not given[name]]
    if lacking:
        raise bad_input(f"a figure of kind '{wish.kind}' needs {' and '.join(lacking)}")
    surplus = [name for name in given
               if given[name] and name not in (*needs, *_MAY.get(wish.kind, ()))]  # fmt: skip
    if surplus:
        takes = ", ".join(f"--{name}" for name in (*needs, *_MAY.get(wish.kind, ())))
        raise bad_input(f"a figure of kind '{wish.kind}' takes --x, {takes}, not --{surplus[0]}")
    if wish.kind == "multiples" and len(wish.values) > 1:
        raise bad_input("a figure of kind 'multiples' draws one --value")
    from ..figures.curves import MOST_PANELS

    if len(wish.values) > MOST_PANELS:
        raise bad_input(f"a figure has no more than {MOST_PANELS} panels, not {len(wish.values)};"
                        " name fewer --value")  # fmt: skip
    names = [*wish.axes, *wish.values]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise bad_input(f"'{twice}' cannot stand for two things of one figure")


def _check_columns(wish: _Wish, data: ScanData) -> None:
    """Refuse columns that are not there, or that are not numbers where an axis is wanted."""
    import pyarrow as pa

    from transport_model.errors import UnknownIdError

    for name in (*wish.axes, *wish.values):
        if name not in data.columns:
            raise UnknownIdError.of(name, data.columns, f"the scan in '{data.folder}'")
        kind = data.dataset.schema.field(name).type
        if name != wish.by and not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
            raise bad_input(
                f"'{name}' holds {'yes or no' if pa.types.is_boolean(kind) else 'text'}, no numbers"
                f" to be drawn; choose points with --where, tell lines apart with --by {name}, or"
                " draw --kind failures"
            )


def _check_count(wish: _Wish, count: int, others: Sequence[str]) -> None:
    """Refuse what is too much to be drawn, before it is read."""
    if wish.kind == "line" and wish.by is None and count > MOST_POINTS:
        raise bad_input(_too_many(wish, count, others))
    if count > MOST_ROWS:
        raise bad_input(f"{count:,} points are too many for one figure ({MOST_ROWS:,} at most);"
                        " choose some with --where")  # fmt: skip


def _too_many(wish: _Wish, count: int, others: Sequence[str]) -> str:
    instead = "choose some with --where"
    if others:
        by = f"draw a line for some values with --by {others[0]}, " if wish.by is None else ""
        instead = f"{by}a map with --kind heat --y {others[0]}, or {instead}"
    return f"lines are drawn through {MOST_POINTS:,} points at most, not {count:,}; {instead}"


def _check_table(wish: _Wish, table: pd.DataFrame, inputs: Sequence[str]) -> None:
    """Refuse a figure in which points that are not alike would fall into one place."""
    import numpy as np

    others = [name for name in inputs
              if name not in wish.axes and table[name].nunique(dropna=False) > 1]  # fmt: skip
    for name in wish.values:
        if not np.isfinite(table[name].to_numpy(dtype=float)).any():
            raise bad_input(f"'{name}' has no value at any of {len(table):,} points; draw --kind"
                            " failures to see why")  # fmt: skip
    if wish.kind == "line":
        # A result as the horizontal axis is followed along one quantity that the design varies
        if len(others) > (wish.x not in inputs):
            raise bad_input(_ambiguous(wish, others, table, "a line", "heat --y"))
    elif wish.kind != "failures":
        _check_map(wish, table, others)
    if wish.kind == "line":
        from ..figures.curves import MOST_VALUES, groups_of

        groups = [("", table)] if wish.by is None else groups_of(table, wish.by, MOST_VALUES)
        drawn = sum(len(rows) for _, rows in groups)
        if drawn > MOST_POINTS:
            raise bad_input(_too_many(wish, drawn, others))


def _check_map(wish: _Wish, table: pd.DataFrame, others: Sequence[str]) -> None:
    wide, high = table[wish.x].nunique(), table[str(wish.y)].nunique()
    if min(wide, high) < 2:
        raise bad_input(f"a map needs two values or more along each axis; '{wish.x}' has {wide},"
                        f" '{wish.y}' has {high}")  # fmt: skip
    if min(wide, high) > len(table) / 2:
        raise bad_input(f"{len(table):,} points with {wide:,} values of '{wish.x}' and {high:,} of"
                        f" '{wish.y}' are no grid; a map needs one")  # fmt: skip
    if wide * high > MOST_CELLS:
        raise bad_input(f"a map of {wide:,} × {high:,} cells is too large ({MOST_CELLS:,} at most);"
                        " choose some with --where")  # fmt: skip
    if table.duplicated(wish.axes).any():
        raise bad_input(_ambiguous(wish, others, table, "a cell", "multiples --by"))


def _ambiguous(
    wish: _Wish, others: Sequence[str], table: pd.DataFrame, what: str, instead: str
) -> str:
    """Say what else varies, and how to tell its values apart."""
    if not others:
        return f"several points have the same {' and '.join(wish.axes)}; choose with --where"
    other = others[0]
    value = float(table[other].iloc[len(table) // 2])
    ways = [f'--where "{other} == {value!r}"']
    if wish.kind == "line" and wish.by is None:
        ways = [f"--kind {instead} {other}", *ways]
    if wish.by is None and len(others) == 1:
        way = f"--by {other}" if wish.kind == "line" else f"--kind {instead} {other}"
        ways = [way, *ways]
    return (f"{what} would join points that differ in {listed(others, 3)}; give"
            f" {', '.join(ways[:-1])}{' or ' if ways[:-1] else ''}{ways[-1]}")  # fmt: skip


def _drawn(wish: _Wish, table: pd.DataFrame, labels: dict[str, str]) -> Figure:
    from ..figures.curves import plot_curves
    from ..figures.maps import plot_map
    from ..figures.scans import failure_figure, multiples_figure

    x, y, values = wish.x, str(wish.y), wish.values
    if wish.kind == "line":
        return plot_curves(table, values, x=x, by=wish.by, labels=labels).figure
    if wish.kind == "failures":
        return failure_figure(table, x, y, labels)
    if wish.kind == "multiples":
        return multiples_figure(table, x, y, values[0], str(wish.by), labels)
    contours = wish.kind == "contour"
    return plot_map(table, x, y, values, contours=contours, labels=labels).figure


def _label(data: ScanData, name: str) -> str:
    """Return what stands beside an axis: the quantity in words, its id and its unit."""
    from ..figures.panels import column_words
    from ..figures.style import plain

    unit, words = data.unit(name), column_words(data.model, [name]).get(name, name)
    text = f"{words} {name}" if words != name else name
    lines = textwrap.wrap(text, LABEL_WIDTH, max_lines=3, placeholder="…")
    if unit and unit != "1":
        lines[-1] += f" [{unit}]"
    return plain("\n".join(lines))


def _left_out(wish: _Wish, table: pd.DataFrame) -> str:
    """Say which values of --by are not drawn."""
    from ..figures import curves

    if wish.by is None:
        return ""
    most = curves.MOST_VALUES if wish.kind == "line" else curves.MOST_PANELS
    there = table[wish.by].nunique()
    return f", {most} of {there:,} values of {wish.by}" if there > most else ""
