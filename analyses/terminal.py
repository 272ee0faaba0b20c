"""What the command line shows: tables, progress, remarks. Nothing here computes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from transport_model import Model


def deliver(
    table: pd.DataFrame, out: Path | None, units: Mapping[str, str], dynamic: Model | None = None
) -> None:
    """Write a table to its file, or to the terminal, or as CSV into a pipe."""
    if out is not None:
        from analyses.tables import write_table

        write_table(table, out, units)
        note(f"wrote {out}: {len(table)} rows, {table.shape[1]} columns")
    elif sys.stdout.isatty():
        _show(table, units, dynamic)
    else:
        table.to_csv(sys.stdout, lineterminator="\n")


def _show(table: pd.DataFrame, units: Mapping[str, str], dynamic: Model | None) -> None:
    from rich.console import Console
    from rich.table import Table

    if dynamic is not None:  # a terminal is for looking: inputs, what moves, the potential, fluxes
        q = dynamic.quantities
        shown = [c for c in table.columns if c not in dynamic.reaction_ids
                 and not c.startswith("n_") and (c == "V_m" or c.startswith("J_") or c in
                 {"converged", "status"} or (c in q and q[c].kind == "floating")
                 or (c in q and q[c].settable and table[c].nunique() > 1))]  # fmt: skip
        hidden = table.shape[1] - len(shown)
        table = table[shown]
        step = max(1, -(-len(table) // 40))
        rows = table.iloc[::step]
        if hidden or step > 1:
            note(f"showing {len(rows)} of {len(table)} rows, {len(shown)} of"
                  f" {len(shown) + hidden} columns; --out FILE writes everything")  # fmt: skip
        table = rows
    view = Table(box=None, header_style="bold", pad_edge=False)
    view.add_column(str(table.index.name or ""), justify="left", no_wrap=True)
    for column in table.columns:
        unit = units.get(str(column), "")
        view.add_column(f"{column}\n{unit}" if unit else str(column), justify="right")
    for index, row in zip(table.index, table.itertuples(index=False, name=None), strict=True):
        cells = (f"{v:.5g}" if isinstance(v, float) else str(v) for v in (index, *row))
        view.add_row(*cells)
    Console().print(view)


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    typer.echo(text, err=True)


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Show that something is going on, where a person is looking."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def counting(total: int, text: str) -> Iterator[Callable[[int], object] | None]:
    """Show how many of `total` are done; yields what to call with each batch, or None."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def steps() -> Iterator[Callable[[str], object] | None]:
    """Show which step is being done; yields what to call with its name, or None."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(step)
