"""When a course kernel stops, and what it sets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from transport_model.kernels.calling import SET_SLOPE

__all__ = ["SET_SLOPE", "Operation", "Schedule", "Stop", "Targets", "schedule_of"]

#: What can be set by id: the kind of operation, its target, and the compartment (or -1).
Targets = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class Operation:
    """Something that is set.

    Attributes
    ----------
    what
        As in :data:`Targets`; of a slope the input that holds it, and the state that it moves.
    value
        A number in model units; of a slope, where the state is to come to.
    duration
        Of a slope: in which time.
    """

    what: tuple[int, int, int]
    value: float
    duration: float = 1.0


@dataclass(frozen=True)
class Stop:
    """A time at which values are wanted.

    Attributes
    ----------
    time
        When; at the same time as another one, after it.
    end
        Up to when nothing is set from outside.
    operations
        What is set before the values are taken.
    """

    time: float
    end: float
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Schedule:
    """Stops of a course as arrays.

    Attributes
    ----------
    times, ends
        Of shape (stops,).
    first
        First operation of each stop, and behind them the number of all; shape (stops + 1,).
    whats
        Of each operation, of shape (operations, 3).
    values
        Number and duration of each operation, of shape (operations, 2).
    """

    times: np.ndarray
    ends: np.ndarray
    first: np.ndarray
    whats: np.ndarray
    values: np.ndarray


def schedule_of(stops: Sequence[Stop]) -> Schedule:
    """Return stops as arrays."""
    operations = [each for stop in stops for each in stop.operations]
    counts = [len(stop.operations) for stop in stops]
    return Schedule(
        np.array([stop.time for stop in stops]),
        np.array([stop.end for stop in stops]),
        np.cumsum([0, *counts], dtype=np.int64),
        np.array([each.what for each in operations], dtype=np.int64).reshape(-1, 3),
        np.array([(each.value, each.duration) for each in operations]).reshape(-1, 2),
    )
