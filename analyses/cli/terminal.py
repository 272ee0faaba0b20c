"""What the command line shows: tables, progress, remarks. Nothing here computes."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

#: Rows of a course or a scan that a terminal shows.
MOST_ROWS = 40

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from transport_model import Model

    from ..scans.large.run import Tally


def deliver(
    table: pd.DataFrame, out: Path | None, units: Mapping[str, str], dynamic: Model | None = None
) -> None:
    """Write a table to its file, or to the terminal, or as CSV into a pipe."""
    if out is not None:
        from ..tables import write_table

        write_table(table, out, units)
        note(f"wrote {out}: {len(table)} rows, {table.shape[1]} columns")
    elif sys.stdout is None:
        from transport_model.errors import InputError

        raise InputError("standard output is closed; name a file with --out")
    elif sys.stdout.isatty():
        _show(table, units, dynamic)
    else:
        try:
            from ..tables import for_spreadsheets

            for_spreadsheets(table).to_csv(sys.stdout, lineterminator="\n")
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has had enough, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show(table: pd.DataFrame, units: Mapping[str, str], dynamic: Model | None) -> None:
    """Print as many rows and columns as fit a terminal, the telling ones first."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    telling = table if dynamic is None else table[_telling(table, dynamic)]
    # A course or a scan is thinned out; of any other table every row counts
    step = 1 if dynamic is None else max(1, -(-len(telling) // MOST_ROWS))
    rows = telling.iloc[::step]
    columns = [(str(rows.index.name or ""), "", [_cell(value) for value in rows.index])]
    room = console.width - _width(columns[0])
    for name in rows.columns:
        column = (str(name), units.get(str(name), ""), [_cell(value) for value in rows[name]])
        room -= _width(column)
        if room < 0:
            break
        columns.append(column)
    if len(columns) - 1 < table.shape[1] or step > 1:
        note(
            f"showing {len(rows)} of {len(table)} rows, {len(columns) - 1} of {table.shape[1]}"
            " columns; --out FILE writes everything"
        )
    view = Table(box=None, header_style="bold", pad_edge=False)
    for index, (name, unit, _) in enumerate(columns):
        justify = "right" if index else "left"
        view.add_column(f"{name}\n{unit}" if unit else name, justify=justify, no_wrap=True)
    for cells in zip(*(cells for _, _, cells in columns), strict=True):
        view.add_row(*cells)
    console.print(view)


def _width(column: tuple[str, str, list[str]]) -> int:
    name, unit, cells = column
    return max(map(len, (name, unit, *cells))) + 2


def _cell(value: object) -> str:
    return f"{value:.5g}" if isinstance(value, float) else str(value)


def _telling(table: pd.DataFrame, model: Model) -> list[str]:
    """Return what a person looks for: inputs that vary, verdict, potential, species, fluxes."""
    quantities = model.quantities

    def rank(name: str) -> int:
        quantity = quantities.get(name)
        if quantity is not None and quantity.settable and quantity.kind != "floating":
            return 0 if table[name].nunique() > 1 else 9
        if name == "status":
            return 1
        if name == "V_m":
            return 2
        if quantity is not None and quantity.kind == "floating":
            return 3
        return 4 if name.startswith("J_") else 9

    ranked = sorted((rank(str(name)), index) for index, name in enumerate(table.columns))
    chosen = [str(table.columns[index]) for place, index in ranked if place < 9]
    return chosen or [str(name) for name in table.columns]


def _is_watched() -> bool:
    """Whether a person sees standard error; it may be closed."""
    return sys.stderr is not None and sys.stderr.isatty()


def note(text: str) -> None:
    """Say something beside the result, on standard error."""
    typer.echo(text, err=True)


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Show that something is going on, where a person is looking."""
    if not _is_watched():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def counting(total: int, text: str) -> Iterator[Callable[[int], object] | None]:
    """Show how many of `total` are done; yields what to call with each batch, or None."""
    if not _is_watched():
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
    if not _is_watched():
        yield None
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(step)


@contextmanager
def tallying() -> Iterator[Callable[[Tally], object]]:
    """Show how far a large scan is: a bar for a person, a line of JSON a second for a program.

    Yields what to call with the tally after each part.
    """
    started = time.monotonic()

    def seconds_left(tally: Tally) -> float | None:
        new = tally.done - tally.resumed
        return (time.monotonic() - started) / new * (tally.rows - tally.done) if new else None

    def rate(tally: Tally) -> float:
        return (tally.done - tally.resumed) / max(time.monotonic() - started, 1e-9)

    if not _is_watched():
        said = -math.inf

        def line(tally: Tally) -> None:
            nonlocal said
            now = time.monotonic()
            if now - said < 1.0 and tally.done < tally.rows:
                return
            said = now
            left = seconds_left(tally)
            note(
                json.dumps(
                    {
                        "done": tally.done,
                        "of": tally.rows,
                        "failed": tally.failed,
                        "points_per_second": round(rate(tally), 1),
                        "seconds_left": None if left is None else round(left, 1),
                    }
                )
            )

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("starting", total=None)

        def show(tally: Tally) -> None:
            left = seconds_left(tally)
            words = f"{tally.failed:,} failed, {rate(tally):,.0f}/s"
            if left is not None:
                words += f", {_duration(left)} left"
            progress.update(bar, total=tally.rows, completed=tally.done, description=words)

        yield show


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d}"
