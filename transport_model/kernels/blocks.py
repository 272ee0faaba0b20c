"""Calls a kernel's machine code on blocks of points, and settles what it leaves open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from transport_model.certificate import ZERO_IN_KERNELS, Status
from transport_model.kernels.calling import COURSE, NEWTON, TRANSIENT, UNDECIDED, UNFINISHED
from transport_model.kernels.calling import OUTCOMES as STATUS
from transport_model.kernels.vectors import aligned, in_vectors, places_of, repeated

#: Points handed to a thread at a time, and numbers that their Jacobians may hold.
CHUNK, MOST_SLOPES = 4096, 2_000_000

_OK, _UNSTABLE, _NEUTRAL, _NOT_FINITE = (
    STATUS.index(each) for each in (Status.OK, Status.UNSTABLE, Status.NEUTRAL, Status.NOT_FINITE)
)


class Method(IntEnum):
    """How balanced states are searched."""

    NEWTON = NEWTON  #: Newton's method from the start, and continuation where it fails
    TRANSIENT = TRANSIENT  #: pseudo-transient continuation
    COURSE = COURSE  #: the course from the start to where it rests


@dataclass(frozen=True)
class Solved:
    """What is known of some points.

    Attributes
    ----------
    status
        Index into :data:`STATUS`, by point.
    residuals, errors
        Relative imbalance, and error of the state, by point.
    results
        Of shape (points, outputs); of use where the status is ok.
    """

    status: np.ndarray
    residuals: np.ndarray
    errors: np.ndarray
    results: np.ndarray


@dataclass(frozen=True)
class Blocks:
    """A kernel's machine code.

    Attributes
    ----------
    function
        As :mod:`transport_model.kernels.calling` describes it.
    width
        Points a vector.
    inputs, outputs, independent
        How many of each the model has.
    """

    function: Callable[..., None]
    width: int
    inputs: int
    outputs: int
    independent: int

    @property
    def chunk(self) -> int:
        """How many points to solve at a time."""
        return max(self.width, min(CHUNK, MOST_SLOPES // self.independent**2))

    def solve(
        self,
        points: np.ndarray,
        columns: np.ndarray,
        base: np.ndarray,
        starts: np.ndarray,
        picked: Sequence[int],
        method: Method,
    ) -> Solved:
        """Solve points in one way, and again where Newton's method comes to no end.

        Parameters
        ----------
        points, columns
            Values that differ from point to point, of shape (points, columns), and which inputs
            they are.
        base
            All inputs.
        starts
            Independent states to search from, of shape (points, independent), or empty.
        picked
            Outputs to compute.
        method
            How to search.
        """
        solved = self._solve(points, columns, base, starts, picked, method)
        again = np.flatnonzero(solved.status == UNFINISHED)
        if len(again):
            begun = starts[again] if starts.size else starts
            rest = self._solve(points[again], columns, base, begun, picked, Method.TRANSIENT)
            for name in ("status", "residuals", "errors", "results"):
                getattr(solved, name)[again] = getattr(rest, name)
        return solved

    def _solve(
        self,
        points: np.ndarray,
        columns: np.ndarray,
        base: np.ndarray,
        starts: np.ndarray,
        picked: Sequence[int],
        method: Method,
    ) -> Solved:
        count, n = len(points), self.independent
        width, blocks = self.width, -(-count // self.width)
        padded = blocks * width
        results, slopes = aligned(len(picked) * padded), aligned(n * n * padded)
        told = [aligned(padded) for _ in range(3)]
        arrays = (
            in_vectors(points.T, width),
            np.ascontiguousarray(columns, dtype=np.int64),
            repeated(base, width),
            in_vectors(starts.T, width),
            places_of(picked, self.outputs),
            results,
            *told,
            slopes,
        )
        self.function(*(array.ctypes.data for array in arrays), blocks, len(columns),
                      int(starts.size > 0), int(method))  # fmt: skip
        status, residuals, errors = (array[:count] for array in told)
        outcomes = status.astype(np.int64)
        open_ = np.flatnonzero(outcomes == UNDECIDED)
        if len(open_):
            matrices = slopes.reshape(n, n, padded)[:, :, open_].transpose(2, 0, 1)
            outcomes[open_] = _rests(matrices)
        return Solved(outcomes, residuals, errors, results.reshape(-1, padded)[:, :count].T)


def _rests(matrices: np.ndarray) -> np.ndarray:
    """Return how states rest by their scaled Jacobians, of shape (points, states, states)."""
    outcomes = np.full(len(matrices), _NOT_FINITE)
    finite = np.isfinite(matrices).all(axis=(1, 2))
    leading = np.linalg.eigvals(matrices[finite]).real.max(axis=1)
    zero = ZERO_IN_KERNELS * np.abs(matrices[finite]).sum(axis=2).max(axis=1)
    outcomes[finite] = np.where(leading < -zero, _OK, np.where(leading > zero, _UNSTABLE, _NEUTRAL))
    return outcomes
