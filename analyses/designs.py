"""Designs: tables of points at which a study is run, one column a quantity, one row a point."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.catalogue import provenance
from transport_model.errors import InputError, UnknownIdError

#: Refused above: such a table would not fit the memory of a laptop.
MAX_POINTS = 50_000_000


def grid(**axes: Iterable[float]) -> pd.DataFrame:
    """Return every combination of the values on the axes, the last axis varying fastest.

    Parameters
    ----------
    **axes
        Values by quantity id, in model units.

    Raises
    ------
    InputError
        No axis, an empty axis, or more than :data:`MAX_POINTS` points.
    """
    values = {name: np.atleast_1d(np.asarray(axis, dtype=float)) for name, axis in axes.items()}
    if not values:
        raise InputError("a grid needs at least one axis, such as Glc_o=[0.1, 1, 10]")
    for name, axis in values.items():
        if axis.ndim != 1 or not axis.size:
            raise InputError(f"the axis '{name}' of a grid needs a list of at least one value")
    count = math.prod(axis.size for axis in values.values())
    if count > MAX_POINTS:
        raise InputError(f"a grid of {count:,} points is too large (limit {MAX_POINTS:,})")
    columns = np.meshgrid(*values.values(), indexing="ij")
    return pd.DataFrame({name: c.ravel() for name, c in zip(values, columns, strict=True)})


def latin_hypercube(
    points: int,
    *,
    seed: int | np.random.Generator,
    log: Sequence[str] = (),
    **ranges: tuple[float, float],
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

    Raises
    ------
    InputError
        A range is empty, upside down, or has no logarithm where one is asked for.
    """
    from scipy.stats import qmc  # 0.5 s, and only needed here

    if not 1 <= points <= MAX_POINTS:
        raise InputError(f"a Latin hypercube needs 1 to {MAX_POINTS:,} points, not {points:,}")
    if isinstance(seed, int) and seed < 0:
        raise InputError(f"a seed must be zero or more, not {seed}")
    if not ranges:
        raise InputError("a Latin hypercube needs at least one range, such as P_Na=(1e-3, 3e-3)")
    for name in log:
        if name not in ranges:
            raise UnknownIdError.of(name, ranges, "this design")
    for name, (low, high) in ranges.items():
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise InputError(
                f"the range of '{name}' must rise from low to high, not {low} to {high}"
            )
        if name in log and low <= 0:
            raise InputError(f"the range of '{name}' starts at {low}, which has no logarithm")
    unit = qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(seed)).random(points)
    columns = {}
    for (name, (low, high)), share in zip(ranges.items(), unit.T, strict=True):
        if name in log:
            columns[name] = np.exp(np.log(low) + share * (np.log(high) - np.log(low)))
        else:
            columns[name] = low + share * (high - low)
    return pd.DataFrame(columns)


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
