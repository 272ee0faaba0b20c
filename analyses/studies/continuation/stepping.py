"""Pseudo-arclength continuation of a curve g(z) = 0, one equation less than unknowns.

Keller 1977, in Rabinowitz (ed.), Applications of Bifurcation Theory, p. 359. From a point a step is
taken along the tangent, and Newton's method comes back to the curve across it. Lengths are
relative: a state's change to its size, a parameter's to its range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: First, smallest and largest step along a curve.
FIRST, SMALLEST, LARGEST = 1e-2, 1e-7, 5e-2
#: Newton steps of a correction, and the size of one that is as good as none.
NEWTON_STEPS, SETTLED = 10, 1e-12
#: Size of a Newton step that rounding alone may leave; the certificate judges what it means.
ROUGH = 1e-7
#: Least cosine between tangents of neighbouring points; from the second on, the step grows.
TURN, STRAIGHT = 0.97, 0.995
#: Share of a step by which its correction may move it.
AWAY = 0.3
#: Length of a step that may lead across a kink, where the curve turns at once but not back.
KINK = 1e-4


class Curve(Protocol):
    """A curve in the space of points ``z``."""

    def equations(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return g(z), and its derivatives of shape (equations, equations + 1)."""
        ...

    def sizes(self, z: np.ndarray) -> np.ndarray:
        """Return what a change of each coordinate is relative to."""
        ...

    @property
    def has_kinks(self) -> bool:
        """Whether its direction may change at once."""
        ...


@dataclass(frozen=True)
class Spot:
    """A point of a curve, its direction there, and what changes are relative to."""

    z: np.ndarray
    tangent: np.ndarray
    sizes: np.ndarray

    def length_to(self, other: np.ndarray) -> float:
        """Return the relative distance to another point."""
        return float(np.linalg.norm((other - self.z) / self.sizes))


@dataclass(frozen=True)
class Judged:
    """A point of a branch, and how many of its eigenvalues have a positive real part."""

    spot: Spot
    unstable: int

    @property
    def rising(self) -> bool:
        """Whether the parameter grows along the branch here."""
        return bool(self.spot.tangent[-1] > 0)


def even(matrix: np.ndarray) -> np.ndarray:
    """Return factors that make the rows of a matrix alike, so that fast rates hide no slow ones."""
    largest = np.abs(matrix).max(axis=1, initial=0.0)
    return 1.0 / np.where(largest > 0, largest, 1.0)


def tangent_at(curve: Curve, z: np.ndarray, along: np.ndarray) -> np.ndarray | None:
    """Return the unit direction of a curve at a point, on the side of `along`; None at a crossing.

    The direction is that of z itself, its length one relative to the sizes.
    """
    sizes = curve.sizes(z)
    with np.errstate(all="ignore"):
        slopes = curve.equations(z)[1] * sizes
        if not np.isfinite(slopes).all():
            return None
        guide = along / sizes
        guide = guide / np.linalg.norm(guide)
        bordered = np.vstack([slopes * even(slopes)[:, None], guide])
        try:
            found = np.linalg.solve(bordered, np.append(np.zeros(len(slopes)), 1.0))
        except np.linalg.LinAlgError:
            return None
        length = np.linalg.norm(found)
    return None if not np.isfinite(length) else found / length * sizes


def newton_step(
    curve: Curve, z: np.ndarray, across: np.ndarray, sizes: np.ndarray
) -> np.ndarray | None:
    """Return Newton's step to a curve across a direction, relative to the sizes; None without."""
    normal = across / sizes
    normal = normal / np.linalg.norm(normal)
    with np.errstate(all="ignore"):
        rates, slopes = curve.equations(z)
        slopes = slopes * sizes
        factors = even(slopes)
        bordered = np.vstack([slopes * factors[:, None], normal])
        if not (np.isfinite(bordered).all() and np.isfinite(rates).all()):
            return None
        try:
            return np.linalg.solve(bordered, -np.append(rates * factors, 0.0))
        except np.linalg.LinAlgError:
            return None


def corrected(
    curve: Curve, near: np.ndarray, across: np.ndarray, sizes: np.ndarray
) -> tuple[np.ndarray, int] | None:
    """Return the point of a curve on the plane through `near` across a direction.

    Returns
    -------
    tuple of numpy.ndarray and int, or None
        The point and the number of Newton's steps; None if they lead nowhere.
    """
    z, before = near, np.inf
    for count in range(1, NEWTON_STEPS + 1):
        step = newton_step(curve, z, across, sizes)
        if step is None:
            return None
        z = z + step * sizes
        size = float(np.abs(step).max())
        if size <= SETTLED or (size <= ROUGH and size > before / 4):
            return z, count
        before = size
    return None


def step_from(
    curve: Curve, spot: Spot, length: float, accept: Callable[[np.ndarray], bool]
) -> tuple[Spot, float] | None:
    """Take a step along a curve, as long as it can be told from a jump to another curve.

    Parameters
    ----------
    curve
        What is followed.
    spot
        Where from, in the direction of its tangent.
    length
        How far, at most.
    accept
        Whether a point lies where the curve is looked for: one that does not is tried nearer by.

    Returns
    -------
    tuple of Spot and float, or None
        The next spot and the length to try from there; None if no step is small enough.
    """
    while length >= SMALLEST:
        guess = spot.z + length * spot.tangent
        found = corrected(curve, guess, spot.tangent, spot.sizes) if accept(guess) else None
        if found is not None and accept(found[0]):
            z, count = found
            there = turned_to(curve, spot, z, length)
            if there is not None:
                easy = count <= 4 and cosine(spot, there) >= STRAIGHT
                return there, min(LARGEST, 1.6 * length) if easy else length
        length /= 2
    return None


def turned_to(curve: Curve, spot: Spot, z: np.ndarray, length: float) -> Spot | None:
    """Return the spot at a point to which a step led; None if it may lie on another curve."""
    moved = float(np.linalg.norm((z - spot.z - length * spot.tangent) / spot.sizes))
    direction = tangent_at(curve, z, spot.tangent)
    kinked = curve.has_kinks and length <= KINK
    if direction is None or moved > (1.0 if kinked else AWAY) * length:
        return None
    there = Spot(z, direction, curve.sizes(z))
    return there if cosine(spot, there) >= (0.0 if kinked else TURN) else None


def cosine(one: Spot, other: Spot) -> float:
    """Return the cosine between the directions of two spots."""
    before, after = one.tangent / other.sizes, other.tangent / other.sizes
    return float(after @ before / np.linalg.norm(before))


def between(curve: Curve, one: Spot, other: Spot, share: float = 0.5) -> Spot | None:
    """Return the point of a curve between two of its points; None if there is none to be found."""
    chord = other.z - one.z
    found = corrected(curve, one.z + share * chord, chord, other.sizes)
    if found is None:
        return None
    direction = tangent_at(curve, found[0], chord)
    return None if direction is None else Spot(found[0], direction, curve.sizes(found[0]))
