"""What the command line hands over: tables to files, pipes and terminals, and remarks beside."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .talk import note

if TYPE_CHECKING:
    import pandas as pd

    from .shown_tables import View

#: What stands for standard output in place of a file: a table goes there as CSV.
STDOUT = Path("-")


def deliver(table: pd.DataFrame, out: Path | None, view: View | None = None) -> None:
    """Write a table to its file, or to the terminal, or as CSV into a pipe.

    Parameters
    ----------
    table
        With the units of its columns in ``attrs["units"]``.
    out
        A file, or :data:`STDOUT`; None for standard output as it suits who reads it.
    view
        How a terminal shows it.

    Raises
    ------
    InputError
        Standard output is closed.
    """
    from transport_model.columns import units_of

    units = units_of(table)
    if out is not None and out != STDOUT:
        from ..tables import write_table, write_units_beside

        write_table(table, out, units)
        write_units_beside(table, out, units)
        note(f"wrote {out}: {len(table)} rows, {table.shape[1]} columns")
    elif sys.stdout is None:
        from transport_model.errors import InputError

        raise InputError("standard output is closed; name a file with --out")
    elif out is None and sys.stdout.isatty():
        from .shown_tables import show

        left_out = show(table, units, view)
        if left_out:
            note(f"shown: {left_out}; --out FILE writes everything")
    else:
        try:
            from ..tables import for_spreadsheets

            for_spreadsheets(table).to_csv(sys.stdout, lineterminator="\n")
            sys.stdout.flush()
        except BrokenPipeError:  # the reader has had enough, as in `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def is_terminal() -> bool:
    """Whether a person sees standard output; it may be closed."""
    return sys.stdout is not None and sys.stdout.isatty()
