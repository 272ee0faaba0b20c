"""The lowest point of a misfit, and its profiles: one search for calibrations and estimations.

A misfit is a sum over rows: of squares, of twice the size where the noise is Laplace's, or of twice
a level, as the logarithm of a noise is (so that minus the logarithm of a likelihood is half of it).
SciPy's trust-region search within bounds (``least_squares``) goes down. Of a row that is no square
it is told value and slope as they are, and for the curvature that of a weighted square, or of a
level one, which with the squares makes Fisher's. To a point without a finite misfit it does not go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import least_squares

from transport_model.errors import ComputationError

#: A profile is followed until its misfit has risen by this times the rise that ends an interval.
BEYOND = 3.0
#: Steps of a search; below this a row that counts by size counts by its square.
STEPS, ROUND = 200, 1e-9
#: Kinds of rows.
SQUARE, SIZE, LEVEL = range(3)


@dataclass(frozen=True)
class Rows:
    """What a misfit is the sum of, at one point.

    Attributes
    ----------
    values
        Of shape (rows,).
    slopes
        Of shape (rows, coordinates), or None where only differences tell them.
    kinds
        Whether each row counts by its square, its size, or as a level, which is positive; None if
        all are squares.
    """

    values: np.ndarray
    slopes: np.ndarray | None = None
    kinds: np.ndarray | None = None

    @property
    def misfit(self) -> float:
        """The sum."""
        if self.kinds is None:
            return float((self.values**2).sum())
        sizes = np.abs(self.values)
        return float(np.where(self.kinds == SQUARE, sizes**2, 2 * sizes).sum())


@dataclass(frozen=True)
class Lowest:
    """Where a search ended."""

    at: np.ndarray
    misfit: float
    evaluations: int


#: A point and its misfit.
Sample = tuple[np.ndarray, float]


@dataclass(frozen=True)
class Profile:
    """The misfit along one coordinate, the others refitted.

    Attributes
    ----------
    points
        Of shape (samples, coordinates), in order of the one that is followed.
    misfits
        Of shape (samples,).
    low, high
        Where it has risen, NaN where it does not.
    """

    points: np.ndarray
    misfits: np.ndarray
    low: float
    high: float


@dataclass(frozen=True)
class Landscape:
    """A misfit over coordinates.

    Attributes
    ----------
    rows
        Returns the rows at a point; NaN where it has none.
    low, high
        Bounds of the coordinates.
    tolerance
        Relative fall of the misfit below which a search has ended.
    """

    rows: Callable[[np.ndarray], Rows]
    low: np.ndarray
    high: np.ndarray
    tolerance: float = 1e-10

    def lowest(self, start: np.ndarray, free: np.ndarray) -> Lowest:
        """Go down from a point along the coordinates that are free; the others stay.

        Parameters
        ----------
        start
            All coordinates.
        free
            Whether each may move.

        Raises
        ------
        ComputationError
            The misfit has no finite value at the start, or the search did not end.
        """
        seen: dict[bytes, Rows] = {}

        def rows(moved: np.ndarray) -> Rows:
            key = moved.tobytes()
            if key not in seen:
                seen.clear()
                at = start.copy()
                at[free] = moved
                seen[key] = _without_value_unless_smooth(self.rows(at))
            return seen[key]

        first = rows(start[free])
        if not np.isfinite(first.misfit):
            raise ComputationError(
                "no fit was found: the misfit, or its slope, has no value at the start"
            )
        if not free.any():
            return Lowest(start, first.misfit, 1)
        loss: Any = "linear" if first.kinds is None else partial(_loss, first.kinds)
        exact = first.slopes is not None
        low, high = self.low[free], self.high[free]
        found = least_squares(
            lambda moved: rows(moved).values, np.clip(start[free], low, high),
            jac=(lambda moved: _slopes(rows(moved), free)) if exact else "2-point",
            bounds=(low, high), loss=loss, xtol=1e-9, ftol=self.tolerance, gtol=1e-9,
            max_nfev=STEPS, x_scale="jac" if exact else 1.0,
        )  # fmt: skip
        if found.status < 0:
            raise ComputationError(f"no fit was found: {found.message}")
        at = start.copy()
        at[free] = found.x
        return Lowest(at, rows(found.x).misfit, int(found.nfev))

    def profile(
        self, best: np.ndarray, free: np.ndarray, coordinate: int, offsets: Sequence[np.ndarray],
        rise: float, refined: bool = False,
    ) -> Profile:  # fmt: skip
        """Follow the misfit along one coordinate, the others refitted at each step.

        Parameters
        ----------
        best
            The lowest point.
        free
            Whether each other coordinate may move.
        coordinate
            The one that is followed.
        offsets
            Steps away from the best, growing, downwards and upwards.
        rise
            Of the misfit, that ends an interval.
        refined
            Whether the misfit is computed once more at each end.

        Returns
        -------
        Profile
            Its samples, and where they have risen.
        """
        others = free.copy()
        others[coordinate] = False
        least = self.rows(best).misfit
        samples, ends = [(best, least)], []
        for direction, steps in zip((-1, 1), offsets, strict=True):
            side = [(best, least)]
            for step in steps:
                to = best[coordinate] + direction * step
                try:
                    found = self.lowest(self._onward(side, coordinate, to), others)
                except ComputationError:  # the model has no answer there
                    break
                side.append((found.at, found.misfit))
                if found.misfit > least + BEYOND * rise:
                    break
            self._back(side, coordinate, others)
            end = _crossing(side, coordinate, least, rise)
            if refined and np.isfinite(end):
                near = min((at for at, _ in side), key=lambda at: abs(at[coordinate] - end)).copy()
                near[coordinate] = end
                found = self.lowest(near, others)
                side.append((found.at, found.misfit))
                side.sort(key=lambda sample: direction * sample[0][coordinate])
                end = _crossing(side, coordinate, least, rise)
            samples += side[1:]
            ends.append(end)
        samples.sort(key=lambda sample: sample[0][coordinate])
        points, misfits = zip(*samples, strict=True)
        return Profile(np.array(points), np.array(misfits), ends[0], ends[1])

    def _back(self, side: list[Sample], coordinate: int, others: np.ndarray) -> None:
        """Search anew from the outer neighbour where it lies lower: the way out missed a valley."""
        for row in range(len(side) - 2, 0, -1):
            (at, misfit), (outer, lower) = side[row], side[row + 1]
            if lower < misfit:
                start = outer.copy()
                start[coordinate] = at[coordinate]
                found = self.lowest(start, others)
                if found.misfit < misfit:
                    side[row] = found.at, found.misfit

    def _onward(self, side: list[Sample], coordinate: int, to: float) -> np.ndarray:
        """Return where the way of a profile leads on to, straight ahead within the bounds."""
        start = side[-1][0].copy()
        if len(side) > 1:
            last = start - side[-2][0]
            start += last * (to - start[coordinate]) / last[coordinate]
            start = np.clip(start, self.low, self.high)
        start[coordinate] = to
        return start


def _without_value_unless_smooth(rows: Rows) -> Rows:
    """Return rows without a value where their slopes have none: no search can go on from there."""
    if rows.slopes is None or np.isfinite(rows.slopes).all():
        return rows
    return replace(rows, values=np.full_like(rows.values, np.nan))


def _loss(kinds: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return SciPy's three rows: a loss, and its derivatives by the square."""
    sizes = np.sqrt(squares + np.where(kinds == SIZE, ROUND**2, 0.0))
    with np.errstate(all="ignore"):
        value = np.where(kinds == SQUARE, squares, 2 * sizes)
        first = np.where(kinds == SQUARE, 1.0, 1 / sizes)
        # SciPy's curvature is first + 2 second squares: one for a level
        second = np.where(kinds == LEVEL, (1 - first) / (2 * squares), 0.0)
    return np.array([value, first, second])


def _slopes(rows: Rows, free: np.ndarray) -> np.ndarray:
    assert rows.slopes is not None
    return rows.slopes[:, free]


def _crossing(side: list[Sample], coordinate: int, least: float, rise: float) -> float:
    """Return where a profile has risen, between its samples; NaN if it does not."""
    above = [row for row, (_, misfit) in enumerate(side) if misfit > least + rise and row]
    if not above:
        return float("nan")
    (x0, y0), (x1, y1) = ((at[coordinate], misfit) for at, misfit in side[above[0] - 1 :][:2])
    # A misfit is nearly parabolic: its root is interpolated
    a, b, c = (np.sqrt(max(y - least, 0.0)) for y in (y0, y1, least + rise))
    return float(x0 + (x1 - x0) * (c - a) / (b - a))
