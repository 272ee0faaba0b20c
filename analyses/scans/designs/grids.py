"""Designs on axes: every combination of their values, or one quantity moved at a time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from transport_model import Model
from transport_model.errors import InputError

from .axes import (
    MAX_POINTS,
    Range,
    check_points,
    checked_axes,
    checked_ranges,
    linear,
    logarithmic,
    provenance_ranges,
    values_of,
)
from .base import Columns, Design, extremes

#: Axes up to this length stand in a description as they are, longer ones as a checksum.
MAX_WRITTEN = 100


class Grid(Design):
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


class OneAtATime(Design):
    """Every quantity alone over its range, as :func:`one_at_a_time`."""

    def __init__(
        self,
        model: Model,
        ranges: Mapping[str, Range] | Iterable[str] | None = None,
        *,
        points: int = 11,
        log: Sequence[str] = (),
    ) -> None:
        if not isinstance(ranges, Mapping):
            ranges = provenance_ranges(model, [ranges] if isinstance(ranges, str) else ranges)
        bounds = checked_ranges(ranges, log)
        check_points(points, "a quantity's values one at a time")
        if points * len(bounds) > MAX_POINTS:  # before there are axes to fill memory
            raise InputError(
                f"a one-at-a-time design of {points * len(bounds):,} points is too large"
                f" (limit {MAX_POINTS:,})"
            )
        self._axes = {
            name: (logarithmic if name in log else linear)(low, high, points)
            for name, (low, high) in bounds.items()
        }
        self._base = values_of(model, self._axes)
        super().__init__(self._axes, points * len(self._axes))

    def _made(self, start: int, stop: int) -> Columns:
        rows = np.arange(start, stop, dtype=np.int64)
        columns, first = {}, 0
        for name, axis in self._axes.items():
            columns[name] = np.full(rows.size, self._base[name])
            own = (rows >= first) & (rows < first + axis.size)
            columns[name][own] = axis[rows[own] - first]
            first += axis.size
        return columns

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the lowest and highest value of each quantity."""
        return extremes({n: np.append(axis, self._base[n]) for n, axis in self._axes.items()})

    def description(self) -> dict[str, Any]:
        """Return the axes, in order, and where quantities rest."""
        return {"design": "one at a time", "axes": _written(self._axes), "rest": self._base}


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
