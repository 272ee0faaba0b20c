"""Lazy designs: designs larger than memory, whose rows are made when they are asked for.

A row depends on the design and its number alone, never on which rows are asked for together. Small
designs have the rows of their namesakes in :mod:`designs`.
"""

from __future__ import annotations

import copy
import hashlib
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import InputError

from .axes import (
    BLOCK,
    MAX_POINTS,
    SOBOL_BITS,
    Range,
    check_points,
    check_seed,
    checked_axes,
    checked_ranges,
    latin_hypercube_shares,
    random_shares,
    sobol_engine,
    sobol_shares,
    spread,
    values_of,
)
from .designs import alone, axes_one_at_a_time

#: Rows that a lazy design can have at most: more than can ever be solved.
MAX_ROWS = 10**15
#: Numbers that a Latin hypercube, which is made as a whole, can have at most (0.8 GB).
MAX_NUMBERS = 100_000_000
#: Axes up to this length stand in a description as they are, longer ones as a checksum.
MAX_WRITTEN = 100

Columns = dict[str, np.ndarray]


class LazyDesign(ABC):
    """A design whose rows are made when they are asked for.

    Attributes
    ----------
    columns
        Quantity ids, in order.
    """

    def __init__(self, columns: Iterable[str], size: int) -> None:
        self.columns = tuple(columns)
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


class LazyGrid(LazyDesign):
    """Every combination of the values on the axes, as :func:`grid`.

    Raises
    ------
    InputError
        As :func:`grid`, with :data:`MAX_ROWS` points.
    """

    def __init__(self, axes: Mapping[str, Iterable[float]]) -> None:
        self._axes = checked_axes(axes)
        super().__init__(self._axes, math.prod(axis.size for axis in self._axes.values()))

    def _made(self, start: int, stop: int) -> Columns:
        left = np.arange(start, stop, dtype=np.int64)
        columns = {}
        for name, axis in reversed(self._axes.items()):
            left, place = np.divmod(left, axis.size)
            columns[name] = axis[place]
        return columns

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of each axis."""
        return extremes(self._axes)

    def description(self) -> dict[str, Any]:
        """Return the axes, in order."""
        return {"design": "grid", "axes": _written(self._axes)}


class LazyOneAtATime(LazyDesign):
    """Every quantity alone over its range, as :func:`one_at_a_time`."""

    def __init__(
        self,
        model: Model,
        ranges: Mapping[str, Range] | Iterable[str] | None = None,
        *,
        points: int = 11,
        log: Sequence[str] = (),
    ) -> None:
        self._axes = axes_one_at_a_time(model, ranges, points=points, log=log)
        self._base = values_of(model, self._axes)
        super().__init__(self._axes, sum(axis.size for axis in self._axes.values()))

    def _made(self, start: int, stop: int) -> Columns:
        return alone(self._base, self._axes, np.arange(start, stop, dtype=np.int64))

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of each quantity."""
        return extremes({n: np.append(axis, self._base[n]) for n, axis in self._axes.items()})

    def description(self) -> dict[str, Any]:
        """Return the axes, in order, and where quantities rest."""
        return {"design": "one at a time", "axes": _written(self._axes), "rest": self._base}


class _Spread(LazyDesign):
    """Points spread over ranges."""

    kind: str

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        self._ranges = checked_ranges(ranges, log)
        self._log = frozenset(log)
        if isinstance(seed, np.random.Generator):
            raise InputError("a lazy design needs an integer as its seed, not a generator")
        check_seed(seed)
        self._seed = int(seed)
        super().__init__(self._ranges, operator.index(points))

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ranges."""
        return {name: (float(low), float(high)) for name, (low, high) in self._ranges.items()}

    def description(self) -> dict[str, Any]:
        """Return the ranges, in order, the number of points and the seed."""
        ranges = [
            {"id": name, "low": low, "high": high, "log": name in self._log}
            for name, (low, high) in self._ranges.items()
        ]
        return {"design": self.kind, "points": len(self), "seed": self._seed, "ranges": ranges}


class LazySample(_Spread):
    """Independent, uniformly distributed points, as :func:`random`.

    Parameters
    ----------
    points
        Number of rows.
    seed
        An integer.
    ranges
        (low, high) by quantity id, in model units.
    log
        Ids whose range is covered evenly in the logarithm.

    Raises
    ------
    UnknownIdError, InputError
        As :func:`random`, with :data:`MAX_ROWS` points.
    """

    kind = "random"

    def _made(self, start: int, stop: int) -> Columns:
        shares = random_shares(self._seed, start, stop, len(self._ranges))
        return spread(shares, self._ranges, self._log)

    def description(self) -> dict[str, Any]:
        """Return the ranges, in order, the number of points, the seed and how it is used."""
        return {**super().description(), "block": BLOCK}


class LazySobol(_Spread):
    """A scrambled Sobol' sequence, as :func:`sobol`.

    Rows that follow those asked for before are the quickest to make; far ones take about two
    nanoseconds for every number that is passed over. Parameters and errors are those of
    :class:`LazySample`, with at most 2³² points.
    """

    kind = "sobol"

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        super().__init__(points, seed, ranges, log)
        if points > 2**SOBOL_BITS:
            raise InputError(f"a Sobol' design has at most {2**SOBOL_BITS:,} points")

    def _made(self, start: int, stop: int) -> Columns:
        kept = self._kept
        if kept is None or kept.num_generated > start:
            kept = sobol_engine(self._seed, len(self._ranges))
        engine = copy.deepcopy(kept)  # whoever else asks meanwhile finds the kept one unchanged
        if start > engine.num_generated:
            engine.fast_forward(start - engine.num_generated)
        shares = sobol_shares(engine, stop - start)
        self._kept = engine
        return spread(shares, self._ranges, self._log)


class LazyLatinHypercube(_Spread):
    """A Latin hypercube, as :func:`latin_hypercube`.

    Every row depends on all others, so that it is made as a whole when rows are first asked for,
    and held. Parameters and errors are those of :class:`LazySample`, with at most
    :data:`MAX_NUMBERS` numbers.
    """

    kind = "latin hypercube"

    def __init__(
        self, points: int, seed: int, ranges: Mapping[str, Range], log: Sequence[str] = ()
    ) -> None:
        super().__init__(points, seed, ranges, log)
        check_points(points, "a Latin hypercube")
        if len(self) * len(self.columns) > MAX_NUMBERS:
            raise InputError(
                f"a Latin hypercube of {len(self):,} points and {len(self.columns)} quantities is"
                " too large to be made as a whole; a Sobol' design is not"
            )

    def _made(self, start: int, stop: int) -> Columns:
        if self._kept is None:
            shares = latin_hypercube_shares(self._seed, len(self), len(self.columns))
            self._kept = spread(shares, self._ranges, self._log)
        return {name: column[start:stop] for name, column in self._kept.items()}


def parts(design: LazyDesign, size: int) -> Iterator[tuple[int, int]]:
    """Yield start and stop of the parts of `size` rows that make up a design, in order."""
    if size < 1:
        raise InputError(f"a part of a design needs at least one row, not {size}")
    for start in range(0, len(design), size):
        yield start, min(start + size, len(design))


def check_bounds(model: Model, design: LazyDesign) -> None:
    """Raise unless every value of a lazy design can be set on the model; no row is made.

    Raises
    ------
    UnknownIdError, InputError
        A column names nothing in the model, or its values leave the quantity's domain.
    """
    for name, ends in design.bounds().items():
        for end in ends:
            model.validated_value(name, end)


def whole(design: LazyDesign) -> pd.DataFrame:
    """Return all rows of a lazy design as a table.

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


def _written(axes: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Return axes in a form fit for JSON, which keeps no order of names."""
    written = []
    for name, axis in axes.items():
        item: dict[str, Any] = {"id": name, "count": axis.size}
        if axis.size <= MAX_WRITTEN:
            item["values"] = axis.tolist()
        else:
            sha256 = hashlib.sha256(axis.astype("<f8").tobytes()).hexdigest()
            item |= {"first": float(axis[0]), "last": float(axis[-1]), "sha256": sha256}
        written.append(item)
    return written
