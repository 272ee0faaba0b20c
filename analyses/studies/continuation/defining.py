"""Equations that hold at special points, and Newton's method on them.

Lengths are relative to a point's sizes and rows of the Jacobian are made alike, so that a slow
state beside fast ones counts as much. First derivatives of the rates are exact; those of the
conditions, which would take second ones, are central differences: they decide how fast Newton's
method comes to the point, not where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from .family import Family
from .stepping import even

#: Relative distance of points whose difference stands for a derivative.
APART = 1e-5
#: Newton steps, the size of one that is as good as none, and the largest that may be left.
STEPS, SETTLED, EXACT = 15, 1e-13, 1e-8
#: Smallest part of a pair of eigenvalues that is imaginary, for it to be a pair at all.
PAIRED = 1e-6


@dataclass(frozen=True)
class Located:
    """A point at which defining equations hold.

    Attributes
    ----------
    z
        The point.
    error
        Newton's step that is left, relative to the sizes; the largest.
    """

    z: np.ndarray
    error: float


def solved(
    condition: Callable[[np.ndarray], np.ndarray],
    near: np.ndarray,
    slopes_of: Callable[[np.ndarray], np.ndarray] | None = None,
) -> tuple[np.ndarray, float] | None:
    """Return where as many equations as unknowns hold, and the step left; None if nowhere near."""
    u, before = near, np.inf
    with np.errstate(all="ignore"):
        for _ in range(STEPS):
            rest = condition(u)
            slopes = differences(condition, u) if slopes_of is None else slopes_of(u)
            if not (np.isfinite(rest).all() and np.isfinite(slopes).all()):
                return None
            factors = even(slopes)
            try:
                step = -np.linalg.solve(slopes * factors[:, None], rest * factors)
            except np.linalg.LinAlgError:
                return None
            size = float(np.abs(step).max())
            if size > before / 2 and before <= EXACT:
                return u, before
            u, before = u + step, size
            if size <= SETTLED:
                return u, size
    return (u, before) if before <= EXACT else None


def differences(
    function: Callable[[np.ndarray], np.ndarray], u: np.ndarray, apart: float = APART
) -> np.ndarray:
    """Return central differences of a function by each unknown, of shape (values, unknowns)."""
    columns = []
    for place in range(len(u)):
        aside = np.zeros(len(u))
        aside[place] = apart
        columns.append((function(u + aside) - function(u - aside)) / (2 * apart))
    return np.array(columns).T


class Relative:
    """A family's equations near a point, relative to the sizes there.

    Parameters
    ----------
    family
        What moves.
    z, sizes
        The point, and what a change of each coordinate is relative to.
    ends
        Points at which rows are made alike, by default the point itself. Between two ends a row may
        vanish altogether: that of a species that is gone, where it could come back.
    like
        Equations near a neighbouring point, whose null vectors have the same directions.

    Attributes
    ----------
    left, right
        Vectors of the smallest singular value of the states' slopes at the point.
    """

    def __init__(
        self,
        family: Family,
        z: np.ndarray,
        sizes: np.ndarray,
        ends: Sequence[np.ndarray] = (),
        like: Relative | None = None,
    ) -> None:
        self.family, self.z, self.sizes = family, z, sizes
        self.count = family.count
        self._known: tuple[bytes, tuple[np.ndarray, np.ndarray]] = (b"", (z, z))
        with np.errstate(all="ignore"):
            # At a fold a state's own slopes may vanish, but not those by the parameters as well
            rows = [family.rates(end)[1] * sizes for end in (ends or (z,))]
            self.factors = even(np.hstack(rows))
            own = self.slopes(self.start)[:, : self.count]
        if np.isfinite(own).all():
            left, _, right = np.linalg.svd(own)
            self.left, self.right = left[:, -1], right[-1]
        else:
            self.left = self.right = np.full(self.count, np.nan)
        if like is not None:
            self.left = self.left * np.copysign(1.0, self.left @ like.left)
            self.right = self.right * np.copysign(1.0, self.right @ like.right)

    def rates(self, u: np.ndarray) -> np.ndarray:
        """Return the rates with their rows made alike, at a point of relative coordinates."""
        return self._at(u)[0] * self.factors

    def slopes(self, u: np.ndarray) -> np.ndarray:
        """Return their derivatives by the relative coordinates."""
        return self._at(u)[1] * self.sizes * self.factors[:, None]

    def _at(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self._known[0] != u.tobytes():
            self._known = (u.tobytes(), self.family.rates(u * self.sizes))
        return self._known[1]

    def jacobian(self, u: np.ndarray) -> np.ndarray:
        """Return the Jacobian of the states relative to their sizes [1/time]: its eigenvalues."""
        own = self.sizes[: self.count]
        return self._at(u)[1][:, : self.count] * own / own[:, None]

    @property
    def start(self) -> np.ndarray:
        """The point in relative coordinates."""
        return self.z / self.sizes

    def bordered(self, u: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Return a number that is zero where the Jacobian is singular, and its null vectors.

        ``[[A, b], [c, 0]] [v, g] = [0, 1]`` and likewise w of the transpose: g, w and v (Griewank
        & Reddien 1984, SIAM J Numer Anal 21:176).
        """
        b, c = self.left, self.right
        matrix = self.slopes(u)[:, : self.count]
        with np.errstate(all="ignore"):
            border = np.block([[matrix, b[:, None]], [c[None, :], np.zeros((1, 1))]])
            unit = np.append(np.zeros(self.count), 1.0)
            if not np.isfinite(border).all():
                return float("nan"), b, c
            factors = scipy.linalg.lu_factor(border, check_finite=False)
            right = scipy.linalg.lu_solve(factors, unit)
            left = scipy.linalg.lu_solve(factors, unit, trans=1)
        return float(right[-1]), left[:-1], right[:-1]

    def second(self, u: np.ndarray, along: np.ndarray, of: np.ndarray) -> np.ndarray:
        """Return the second derivative of the rates by the states along two directions."""
        aside = np.zeros(len(u))
        aside[: self.count] = APART * along
        ahead, behind = self.slopes(u + aside), self.slopes(u - aside)
        return (ahead - behind)[:, : self.count] @ of / (2 * APART)

    def bend(self, u: np.ndarray) -> float:
        """Return the second derivative of the rates along and across the null vectors."""
        _, left, right = self.bordered(u)
        left, right = left / np.linalg.norm(left), right / np.linalg.norm(right)
        return float(left @ self.second(u, right, right))

    def overlap(self, u: np.ndarray) -> float:
        """Return the product of the Jacobian's own null vectors, zero where two eigenvalues are."""
        _, left, right = self.bordered(u)
        # Rows were multiplied by `factors`; those of the Jacobian itself are divided by the sizes
        left = left * self.factors * self.sizes[: self.count]
        return float(left @ right / np.linalg.norm(left) / np.linalg.norm(right))


def fold(near: Relative) -> Located | None:
    """Locate a fold: the rates vanish, and their Jacobian is singular."""
    return _located(near, lambda u: np.append(near.rates(u), near.bordered(u)[0]))


def is_fold(near: Relative) -> bool:
    """Whether the curve of balances turns at a singular point as the square of the distance."""
    across = near.left @ near.slopes(near.start)[:, near.count]
    return bool(abs(across) > EXACT and abs(near.bend(near.start)) > EXACT)


def hopf(near: Relative) -> Located | None:
    """Locate a Hopf point: the rates vanish, and a pair of eigenvalues is imaginary."""

    def real_part(u: np.ndarray) -> np.ndarray:
        return np.append(near.rates(u), pair(near, u).real)

    found = _located(near, real_part)
    return None if found is None or np.isnan(pair(near, found.z / near.sizes)) else found


def pair(near: Relative, u: np.ndarray) -> complex:
    """Return the upper one of the pair of eigenvalues nearest the imaginary axis, or NaN."""
    jacobian = near.jacobian(u)
    if not np.isfinite(jacobian).all():
        return complex(np.nan, np.nan)
    values = np.linalg.eigvals(jacobian)
    pairs = values[values.imag > PAIRED * np.abs(values)]
    if not pairs.size:
        return complex(np.nan, np.nan)
    return complex(pairs[np.abs(pairs.real / np.abs(pairs)).argmin()])


def branch_point(near: Relative) -> Located | None:
    """Locate a branch point: ``f + βw = 0``, ``w'A = 0``, ``w'∂f/∂p = 0`` and ``w'w = 1``.

    β is zero at a branch point; with it the equations are regular there.
    """
    count, size = near.count, near.count + 1

    def condition(u: np.ndarray) -> np.ndarray:
        point, beta, left = u[:size], u[size], u[size + 1 :]
        return np.concatenate([near.rates(point) + beta * left, left @ near.slopes(point),
                               [left @ left - 1.0]])  # fmt: skip

    def slopes(u: np.ndarray) -> np.ndarray:
        point, beta, left = u[:size], u[size], u[size + 1 :]
        matrix = np.zeros((len(u), len(u)))
        matrix[:count, :size] = near.slopes(point)
        matrix[count:-1, :size] = differences(lambda at: left @ near.slopes(at), point)
        matrix[:count, size] = left
        matrix[:count, size + 1 :] = beta * np.eye(count)
        matrix[count:-1, size + 1 :] = near.slopes(point).T
        matrix[-1, size + 1 :] = 2 * left
        return matrix

    found = solved(condition, np.concatenate([near.start, [0.0], near.left]), slopes)
    if found is None or found[1] > EXACT or abs(found[0][size]) > EXACT:
        return None
    return Located(found[0][:size] * near.sizes, found[1])


def cusp(near: Relative) -> Located | None:
    """Locate a cusp on a curve of folds: the fold's second derivative vanishes too."""
    return _located(near, lambda u: np.append(near.rates(u), [near.bordered(u)[0], near.bend(u)]))


def double_zero(near: Relative) -> Located | None:
    """Locate a Bogdanov–Takens point on a curve of folds: two eigenvalues are zero."""
    return _located(
        near, lambda u: np.append(near.rates(u), [near.bordered(u)[0], near.overlap(u)])
    )


def _located(near: Relative, condition: Callable[[np.ndarray], np.ndarray]) -> Located | None:
    found = solved(condition, near.start)
    if found is None or found[1] > EXACT:
        return None
    return Located(found[0] * near.sizes, found[1])
