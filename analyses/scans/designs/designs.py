"""Designs: tables of points at which a study is run, one column per quantity, one row per point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.catalogue import provenance
from transport_model.errors import InputError, UnknownIdError

from ...tables import read_table
from .axes import (
    MAX_POINTS,
    Range,
    check_points,
    checked_axes,
    checked_ranges,
    latin_hypercube_shares,
    linear,
    logarithmic,
    random_shares,
    sobol_engine,
    sobol_shares,
    spread,
    values_of,
)


def grid(**axes: Iterable[float]) -> pd.DataFrame:
    """Return every combination of the values on the axes, the last axis varying fastest.

    Parameters
    ----------
    **axes
        Values by quantity id, in model units.

    Returns
    -------
    pandas.DataFrame
        A column per axis, as many rows as the axes' lengths multiply to.

    Raises
    ------
    InputError
        No axis, an axis that is empty, not finite or holds a value twice, or more than
        :data:`MAX_POINTS` points.
    """
    values = checked_axes(axes)
    _check_size(math.prod(axis.size for axis in values.values()), "a grid")
    columns = np.meshgrid(*values.values(), indexing="ij")
    return pd.DataFrame({name: c.ravel() for name, c in zip(values, columns, strict=True)})


def latin_hypercube(
    points: int, *, seed: int | np.random.Generator, log: Sequence[str] = (), **ranges: Range
) -> pd.DataFrame:
    """Return a Latin hypercube: every quantity's range is cut in `points`, each cut used once.

    Parameters
    ----------
    points
        Number of rows.
    seed
        An integer, or a generator.
    log
        Ids whose range is cut evenly in the logarithm.
    **ranges
        (low, high) by quantity id, in model units.

    Returns
    -------
    pandas.DataFrame
        A column per range, `points` rows.

    Raises
    ------
    InputError
        A range is empty, upside down, or has no logarithm where one is asked for.
    """
    bounds = checked_ranges(ranges, log)
    check_points(points, "a Latin hypercube")
    shares = latin_hypercube_shares(seed, points, len(bounds))
    return pd.DataFrame(spread(shares, bounds, log))


def sobol(
    points: int, *, seed: int | np.random.Generator, log: Sequence[str] = (), **ranges: Range
) -> pd.DataFrame:
    """Return the first points of a scrambled Sobol' sequence.

    They fill the ranges more evenly than random ones, most evenly where `points` is a power of
    two. More points of the same seed continue the sequence.

    Parameters, result and errors are those of :func:`latin_hypercube`.
    """
    bounds = checked_ranges(ranges, log)
    check_points(points, "a Sobol' design")
    return pd.DataFrame(spread(sobol_shares(sobol_engine(seed, len(bounds)), points), bounds, log))


def random(points: int, *, seed: int, log: Sequence[str] = (), **ranges: Range) -> pd.DataFrame:
    """Return independent, uniformly distributed points.

    More points of the same seed begin with the same ones.

    Parameters and errors are those of :func:`latin_hypercube`; the seed is an integer.
    """
    bounds = checked_ranges(ranges, log)
    check_points(points, "a random design")
    return pd.DataFrame(spread(random_shares(seed, 0, points, len(bounds)), bounds, log))


def one_at_a_time(
    model: Model,
    ranges: Mapping[str, Range] | Iterable[str] | None = None,
    *,
    points: int = 11,
    log: Sequence[str] = (),
) -> pd.DataFrame:
    """Return a design in which every quantity runs over its range while all others rest.

    Parameters
    ----------
    model
        Its values are those at which quantities rest.
    ranges
        (low, high) by quantity id, in model units; or ids, whose ranges are those of the
        provenance table; or nothing, for all that have one there.
    points
        Values of each quantity, both ends included.
    log
        Ids whose values are evenly spaced in the logarithm.

    Returns
    -------
    pandas.DataFrame
        A column per quantity and `points` rows each, in their order.

    Raises
    ------
    UnknownIdError, InputError
        As :func:`latin_hypercube`, or the model has no value of a quantity.
    """
    axes = axes_one_at_a_time(model, ranges, points=points, log=log)
    return pd.DataFrame(alone(values_of(model, axes), axes, np.arange(points * len(axes))))


def product(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return every row of one design with every row of another, the second varying fastest.

    Raises
    ------
    InputError
        A design is empty, or both have a column of the same name, or the result is too large.
    """
    first, second = checked_table(first, "the first design"), checked_table(second, "the second")
    check_disjoint(first.columns, second.columns)
    _check_size(len(first) * len(second), "a product")
    left = {name: np.repeat(first[name].to_numpy(), len(second)) for name in first}
    right = {name: np.tile(second[name].to_numpy(), len(first)) for name in second}
    return pd.DataFrame(left | right)


def union(first: pd.DataFrame, second: pd.DataFrame, model: Model | None = None) -> pd.DataFrame:
    """Return the rows of one design, then those of another; none is left out.

    Parameters
    ----------
    model
        Gives the values of columns that only one of the designs has.

    Raises
    ------
    UnknownIdError, InputError
        A design is empty, or the columns differ and there is no model, or it lacks a value.
    """
    first, second = checked_table(first, "the first design"), checked_table(second, "the second")
    filling = union_filling([first.columns, second.columns], model)
    columns = list(dict.fromkeys([*first.columns, *second.columns]))
    parts = [table.reindex(columns=columns).fillna(filling) for table in (first, second)]
    return pd.concat(parts, ignore_index=True)


def from_file(path: str | Path) -> pd.DataFrame:
    """Read a design from CSV or Parquet.

    Raises
    ------
    InputError
        The file is missing, empty, or holds something else than a column of finite numbers for
        each quantity.
    """
    table = read_table(Path(path))
    for name in map(str, table.columns):  # how pandas reads a name that a CSV has twice
        stem, _, number = name.rpartition(".")
        if number.isdigit() and stem in table.columns:
            raise InputError(f"column '{stem}' occurs more than once in '{path}'")
    return checked_table(table, f"'{path}'")


def provenance_ranges(
    model: Model, ids: Iterable[str] | None = None
) -> dict[str, tuple[float, float]]:
    """Return the ranges that the provenance table gives for a shipped model's parameters.

    Parameters
    ----------
    model
        A shipped model; ranges of what it does not have are left out.
    ids
        The parameters; by default all that have a range.

    Returns
    -------
    dict
        (low, high) by id, in model units.

    Raises
    ------
    UnknownIdError
        An id is not in the model, or has no range.
    """
    table = provenance().dropna(subset=["low", "high"])
    known = [n for n in table.index if n in model.quantities and model.quantities[n].settable]
    wanted = known if ids is None else list(ids)
    for name in wanted:
        if name not in known:
            raise UnknownIdError.of(name, known, "the ranges of parameters.csv")
    return {name: (float(table["low"][name]), float(table["high"][name])) for name in wanted}


def axes_one_at_a_time(
    model: Model, ranges: Mapping[str, Range] | Iterable[str] | None, *, points: int,
    log: Sequence[str],
) -> dict[str, np.ndarray]:  # fmt: skip
    """Return the values that each quantity takes in a one-at-a-time design."""
    if not isinstance(ranges, Mapping):
        ranges = provenance_ranges(model, [ranges] if isinstance(ranges, str) else ranges)
    bounds = checked_ranges(ranges, log)
    check_points(points, "a quantity's values one at a time")
    _check_size(points * len(bounds), "a one-at-a-time design")
    return {
        name: (logarithmic if name in log else linear)(low, high, points)
        for name, (low, high) in bounds.items()
    }


def alone(
    base: Mapping[str, float], axes: Mapping[str, np.ndarray], rows: np.ndarray
) -> dict[str, np.ndarray]:
    """Return some rows of a one-at-a-time design by column, with `base` where axes rest."""
    columns, start = {}, 0
    for name, axis in axes.items():
        columns[name] = np.full(rows.size, base[name])
        own = (rows >= start) & (rows < start + axis.size)
        columns[name][own] = axis[rows[own] - start]
        start += axis.size
    return columns


def checked_table(table: pd.DataFrame, what: str, *, first: int = 0) -> pd.DataFrame:
    """Return a table with names and floats alone; InputError unless it is a design.

    `what` it is and how many rows come `first` stand in the error's message.
    """
    names = table.columns.map(str)
    if table.empty:
        raise InputError(f"{what} has no points")
    if names.has_duplicates:
        raise InputError(f"column '{names[names.duplicated()][0]}' occurs more than once in {what}")
    columns = {}
    for name, (_, given) in zip(names, table.items(), strict=True):
        column = pd.to_numeric(given, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        if not np.isfinite(column).all():
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            raise InputError(
                f"row {first + row + 1} of {what}: '{name}' must be a finite number,"
                f" not {given.iloc[row]}"
            )
        columns[name] = column
    return pd.DataFrame(columns, index=table.index)


def check_disjoint(first: Iterable[str], second: Iterable[str]) -> None:
    """Raise InputError where two designs that are to be multiplied share a column."""
    for name in first:
        if name in set(second):
            raise InputError(f"both designs of a product have a column '{name}'")


def union_filling(columns: Iterable[Iterable[str]], model: Model | None) -> dict[str, float]:
    """Return the model's values of the columns that some designs have and others have not."""
    sets = [set(names) for names in columns]
    partial = sorted(set.union(*sets) - set.intersection(*sets))
    if partial and model is None:
        raise InputError(
            f"only some designs of the union have a column '{partial[0]}'; give the model whose"
            " value the others take"
        )
    return values_of(model, partial) if model is not None else {}


def _check_size(points: int, what: str) -> None:
    if points > MAX_POINTS:
        raise InputError(f"{what} of {points:,} points is too large (limit {MAX_POINTS:,})")
