"""Designs as whole tables: a column per quantity, a row per point, as :func:`scan` takes them.

Each function returns all rows of a design of another module, which may be larger than memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import InputError
from transport_model.model import check_model

from ...tables import read_table
from .axes import Range, provenance_ranges
from .base import check_design, whole
from .combinations import Product, Union
from .files import TableDesign
from .grids import Grid, OneAtATime
from .samples import LatinHypercube, RandomSample, Sobol

__all__ = [
    "from_file",
    "grid",
    "latin_hypercube",
    "one_at_a_time",
    "product",
    "provenance_ranges",
    "random",
    "sobol",
    "union",
]


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
    return whole(Grid(axes))


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
    UnknownIdError, InputError
        A range is empty, upside down, or has no logarithm where one is asked for, or there are
        more than :data:`MAX_POINTS` points.
    """
    return LatinHypercube.table(points, seed, ranges, log)


def sobol(
    points: int, *, seed: int | np.random.Generator, log: Sequence[str] = (), **ranges: Range
) -> pd.DataFrame:
    """Return the first points of a scrambled Sobol' sequence.

    They fill the ranges more evenly than random ones, most evenly where `points` is a power of
    two. More points of the same seed continue the sequence.

    Parameters, result and errors are those of :func:`latin_hypercube`.
    """
    return Sobol.table(points, seed, ranges, log)


def random(
    points: int, *, seed: int | np.random.Generator, log: Sequence[str] = (), **ranges: Range
) -> pd.DataFrame:
    """Return independent, uniformly distributed points.

    More points of the same seed begin with the same ones.

    Parameters, result and errors are those of :func:`latin_hypercube`.
    """
    return RandomSample.table(points, seed, ranges, log)


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
    check_model(model)
    return whole(OneAtATime(model, ranges, points=points, log=log))


def product(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return every row of one design with every row of another, the second varying fastest.

    Raises
    ------
    InputError
        A design is empty, or both have a column of the same name, or the result is too large.
    """
    of = TableDesign(first, "the first design"), TableDesign(second, "the second design")
    return whole(Product(*of))


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
    of = TableDesign(first, "the first design"), TableDesign(second, "the second design")
    return whole(Union(*of, model=model))


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
    return check_design(table, f"'{path}'")
