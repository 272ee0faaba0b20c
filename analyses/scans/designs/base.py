"""What every design is: a table of points for a study, made when its rows are asked for.

One column per quantity, one row per point. A row depends on the design and its number alone, never
on which rows are asked for together, so that a design may be larger than memory.
"""

from __future__ import annotations

import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import InputError

from .axes import MAX_POINTS

#: Rows that a design can have at most: more than can ever be solved.
MAX_ROWS = 10**15

Columns = dict[str, np.ndarray]


class Design(ABC):
    """A design whose rows are made when they are asked for.

    Attributes
    ----------
    columns
        Quantity ids, in order.
    """

    def __init__(self, columns: Iterable[str], size: int) -> None:
        self.columns = tuple(map(str, columns))
        if not 1 <= size <= MAX_ROWS:
            raise InputError(f"a design has 1 to {MAX_ROWS:,} points, not {size:,}")
        self._size = size
        self._kept: Any = None  # speeds up the next rows; not part of the value

    def __len__(self) -> int:
        return self._size

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_kept": None}

    def rows(self, start: int, stop: int) -> pd.DataFrame:
        """Return the rows from number `start` up to, not including, `stop`.

        Returns
        -------
        pandas.DataFrame
            Indexed by the rows' numbers; a column of floats per quantity, in model units.

        Raises
        ------
        InputError
            There are no such rows.
        """
        start, stop = operator.index(start), operator.index(stop)
        if not 0 <= start <= stop <= self._size:
            raise InputError(f"a design of {self._size:,} points has no rows {start} to {stop}")
        made = self._made(start, stop) if start < stop else {}
        index = pd.RangeIndex(start, stop)
        return pd.DataFrame(made, index=index, columns=list(self.columns), dtype=float)

    @abstractmethod
    def _made(self, start: int, stop: int) -> Columns:
        """Return at least one row, by column."""

    @abstractmethod
    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return values by column that no row falls below or rises above."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Return what the rows depend on, fit for JSON: equal descriptions mean equal rows."""


def parts(design: Design, size: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of the parts of `size` rows that make up a design, in order."""
    if size < 1:
        raise InputError(f"a part of a design needs at least one row, not {size}")
    for start in range(0, len(design), size):
        yield start, min(start + size, len(design))


def check_design(
    design: pd.DataFrame,
    what: str = "the design",
    *,
    model: Model | None = None,
    first: int = 0,
) -> pd.DataFrame:
    """Return a design with names and floats alone, after a look at every value.

    Parameters
    ----------
    design
        One row per point, one column per quantity.
    what
        What an error calls it.
    model
        Must have every quantity, with every value in its domain; by default any name will do.
    first
        Rows that come before it where it is a part of something.

    Returns
    -------
    pandas.DataFrame
        The same rows, index and columns.

    Raises
    ------
    UnknownIdError, InputError
        It has no points, a column twice, a value that is no finite number, or one that cannot be
        set on the model.
    """
    names = design.columns.map(str)
    if design.empty:
        raise InputError(f"{what} has no points")
    if names.has_duplicates:
        raise InputError(f"column '{names[names.duplicated()][0]}' occurs more than once in {what}")
    columns = {}
    for name, (_, given) in zip(names, design.items(), strict=True):
        column = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        if not np.isfinite(column).all():
            if model is not None:
                model.validated_value(name, 1.0)  # an unknown column first, then what stands in it
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            raise InputError(
                f"row {first + row + 1} of {what}: '{name}' must be a finite number,"
                f" not {given.iloc[row]}"
            )
        if model is not None:
            for extreme in (column.argmin(), column.argmax()):
                model.validated_value(name, column[extreme])
        columns[name] = column
    return pd.DataFrame(columns, index=design.index)


def check_bounds(model: Model, design: Design) -> None:
    """Raise unless every value of a design can be set on the model; no row is made.

    Raises
    ------
    UnknownIdError, InputError
        A column names nothing in the model, or its values leave the quantity's domain.
    """
    for name, ends in design.bounds().items():
        for end in ends:
            model.validated_value(name, end)


def whole(design: Design) -> pd.DataFrame:
    """Return all rows of a design as a table.

    Raises
    ------
    InputError
        There are more than :data:`MAX_POINTS`.
    """
    if len(design) > MAX_POINTS:
        raise InputError(
            f"a design of {len(design):,} points is too large for one table (limit {MAX_POINTS:,})"
        )
    return design.rows(0, len(design))


def extremes(columns: Mapping[str, np.ndarray]) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest value of each column."""
    return {name: (float(c.min()), float(c.max())) for name, c in columns.items()}


def joined(pieces: Sequence[pd.DataFrame], columns: Iterable[str]) -> Columns:
    """Return the rows of several tables, one below the other, by column."""
    return {name: np.concatenate([piece[name].to_numpy() for piece in pieces]) for name in columns}
