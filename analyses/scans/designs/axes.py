"""Axes and ranges: the values that quantities take in a design."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.catalogue import provenance
from transport_model.errors import InputError, UnknownIdError
from transport_model.model import check_model
from transport_model.units import conversion

#: Refused above: such a table would not fit the memory of a laptop.
MAX_POINTS = 50_000_000

Range = tuple[float, float] | Sequence[float] | np.ndarray


def linear(low: float, high: float, count: int) -> np.ndarray:
    """Return `count` evenly spaced values from `low` to `high`, both included.

    Raises
    ------
    InputError
        The ends are upside down or not finite, or they are two and `count` is not.
    """
    return _axis(low, high, count, log=False)


def logarithmic(low: float, high: float, count: int) -> np.ndarray:
    """Return `count` values from `low` to `high`, both included, evenly spaced in the logarithm.

    Raises
    ------
    InputError
        As :func:`linear`, or `low` has no logarithm.
    """
    return _axis(low, high, count, log=True)


def relative(
    model: Model, name: str, low: float, high: float, count: int, *, log: bool = False
) -> np.ndarray:
    """Return the model's value of a quantity times `count` factors from `low` to `high`.

    Parameters
    ----------
    log
        Space the factors evenly in the logarithm.

    Returns
    -------
    numpy.ndarray
        In the model's unit of the quantity.

    Raises
    ------
    UnknownIdError, InputError
        As :func:`linear`, or the model has no such quantity, or its value is zero.
    """
    return scaled(model, name, _axis(low, high, count, log=log))


def scaled(model: Model, name: str, factors: Iterable[float]) -> np.ndarray:
    """Return the model's value of a quantity times factors.

    Raises
    ------
    UnknownIdError, InputError
        The model has no such quantity, or its value is zero.
    """
    check_model(model)
    value = values_of(model, [name])[name]
    if value == 0.0:
        raise InputError(f"'{name}' is 0 in model '{model.name}': there is nothing to multiply")
    return value * np.asarray(list(factors), dtype=float)


def in_unit(model: Model, name: str, values: Iterable[float], unit: str) -> np.ndarray:
    """Return values that are written in `unit` in the model's unit of a quantity.

    It serves axes and ranges alike: ``grid(Na_o=in_unit(cell, "Na_o", [0.1, 0.15], "mol/L"))``.

    Raises
    ------
    UnknownIdError, InputError
        The model has no such quantity, or the unit does not convert to the quantity's.
    """
    check_model(model)
    model.validated_value(name, 1.0)
    needed = model.unit(name)
    if not needed:
        raise InputError(f"'{name}' has no unit in model '{model.name}'; write it without '{unit}'")
    factor, offset = (1.0, 0.0) if unit == needed else conversion(unit, needed)
    return factor * np.asarray(list(values), dtype=float) + offset


def values_of(model: Model, ids: Iterable[str]) -> dict[str, float]:
    """Return the model's own values of quantities that a design may set.

    Raises
    ------
    UnknownIdError, InputError
        The model has no such quantity, or computes it, or has no value of it.
    """
    check_model(model)
    values = {}
    for name in ids:
        model.validated_value(name, 1.0)
        values[name] = float(model.quantities[name].value)
        if not math.isfinite(values[name]):
            raise InputError(f"'{name}' has no value of its own in model '{model.name}'")
    return values


def checked_axes(axes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the axes of a grid as arrays; InputError as :func:`grid`, but for its size."""
    if not axes:
        raise InputError("a grid needs at least one axis, such as Glc_o=[0.1, 1, 10]")
    values = {}
    for name, axis in axes.items():
        plain = axis if np.ndim(axis) or not isinstance(axis, Iterable) else list(axis)
        try:
            values[name] = np.atleast_1d(np.asarray(plain, dtype=float))
        except (TypeError, ValueError):
            raise InputError(f"the axis '{name}' of a grid needs numbers, not {axis!r}") from None
        if values[name].ndim != 1 or not values[name].size:
            raise InputError(f"the axis '{name}' of a grid needs a list of at least one value")
        if not np.isfinite(values[name]).all():
            raise InputError(f"the axis '{name}' of a grid holds a value that is not finite")
        unique, counts = np.unique(values[name], return_counts=True)
        if unique.size < values[name].size:
            raise InputError(f"the axis '{name}' of a grid holds {unique[counts > 1][0]:g} twice")
    return values


def checked_ranges(ranges: Mapping[str, Range], log: Iterable[str]) -> dict[str, Range]:
    """Return ranges as pairs of floats; InputError as :func:`latin_hypercube`."""
    if not ranges:
        raise InputError("a design needs at least one range, such as P_Na=(1e-3, 3e-3)")
    for name in log:
        if name not in ranges:
            raise UnknownIdError.of(name, ranges, "this design")
    bounds: dict[str, Range] = {}
    for name, ends in ranges.items():
        try:
            low, high = map(float, ends)
        except (TypeError, ValueError):
            raise InputError(f"the range of '{name}' must be (low, high), not {ends!r}") from None
        if not (low < high and math.isfinite(high - low)):
            raise InputError(
                f"the range of '{name}' must rise from low to high, not {low} to {high}"
            )
        if name in log and low <= 0:
            raise InputError(f"the range of '{name}' starts at {low}, which has no logarithm")
        bounds[name] = (low, high)
    return bounds


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
    check_model(model)
    table = provenance(model.name).dropna(subset=["low", "high"])
    known = [n for n in table.index if n in model.quantities and model.quantities[n].settable]
    wanted = known if ids is None else list(ids)
    for name in wanted:
        if name not in known:
            raise UnknownIdError.of(name, known, "the ranges of parameters.csv")
    return {name: (float(table["low"][name]), float(table["high"][name])) for name in wanted}


def _axis(low: float, high: float, count: int, *, log: bool) -> np.ndarray:
    if not (low <= high and math.isfinite(float(high) - float(low))):
        raise InputError(f"an axis must rise from low to high, not {low} to {high}")
    if log and low <= 0:
        raise InputError(f"an axis that starts at {low} has no logarithm there")
    check_points(count, "an axis")
    if (count == 1) != (low == high):
        raise InputError(f"an axis from {low:g} to {high:g} cannot have {count} different values")
    return (np.geomspace if log else np.linspace)(low, high, count)


def check_points(points: int, what: str) -> None:
    """Raise InputError unless a table can have so many points."""
    if not isinstance(points, int | np.integer) or not 1 <= points <= MAX_POINTS:
        raise InputError(f"{what} needs 1 to {MAX_POINTS:,} points, not {points}")
