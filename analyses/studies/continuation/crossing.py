"""Two branches that cross at a simple branch point: their directions, and what kind it is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .defining import APART, Relative
from .stepping import Curve, Judged, Spot, corrected, tangent_at

#: Steps along a branch from where it is crossed, and the share of a step by which it may bend away
#: from its direction there. Of a state that is zero along the other branch no size is known: the
#: first step counts that moves the parameter by more than rounding does.
STEPS, BENT, MOVED = 10.0 ** np.arange(-3, 5), 0.3, 1e-8
#: Share of a quadratic form's size by which it must have two signs, for the point to be simple.
SIMPLE = 1e-4


def directions(near: Relative) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the directions of the two branches that cross at a point, or None if it is not simple.

    All slopes have two null vectors there, and the second derivative along a branch, seen by the
    left null vector, vanishes: a quadratic form of two signs on the plane of the two (Keller 1977,
    in Rabinowitz (ed.), Applications of Bifurcation Theory, p. 359).

    Parameters
    ----------
    near
        The equations at the point itself.

    Returns
    -------
    tuple of numpy.ndarray, or None
        Relative to the sizes, their lengths one.
    """
    u = near.start
    left, _, right = np.linalg.svd(near.slopes(u))
    across, plane = left[:, -1], right[-2:]
    with np.errstate(all="ignore"):
        bends = [(near.slopes(u + APART * n) - near.slopes(u - APART * n)) / (2 * APART)
                 for n in plane]  # fmt: skip
    form = np.array([[across @ bend @ n for n in plane] for bend in bends])
    if not np.isfinite(form).all():
        return None
    (low, high), vectors = np.linalg.eigh((form + form.T) / 2)
    if min(-low, high) <= SIMPLE * max(-low, high):
        return None
    one, other = np.sqrt(high) * vectors[:, 0], np.sqrt(-low) * vectors[:, 1]
    found = [(one + sign * other) @ plane / np.sqrt(high - low) for sign in (1, -1)]
    return found[0], found[1]


def own_first(
    pair: tuple[np.ndarray, np.ndarray], chord: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return two directions, that which is more along a relative chord first."""
    one, other = pair
    return (one, other) if abs(one @ chord) >= abs(other @ chord) else (other, one)


def beside(curve: Curve, z: np.ndarray, along: np.ndarray, sizes: np.ndarray) -> Spot | None:
    """Return a point of a branch next to one where it is crossed, in a direction; None if none.

    The direction is relative to the sizes.
    """
    for step in STEPS:
        guess = z + step * along * sizes
        found = corrected(curve, guess, along * sizes, sizes)
        if found is None or np.linalg.norm((found[0] - guess) / sizes) > BENT * step:
            continue
        tangent = tangent_at(curve, found[0], along * sizes)
        if tangent is not None and abs(found[0][-1] - z[-1]) > MOVED:
            return Spot(found[0], tangent, sizes)
    return None


def kind_of_crossing(
    curve: Curve, near: Relative, one: Judged, other: Judged,
    judge: Callable[[Spot], Judged | None],
) -> str:  # fmt: skip
    """Return what a branch point is, between two points of one of its branches.

    Parameters
    ----------
    curve, near
        The branch as a curve, and the equations at the branch point itself.
    one, other
        Points to either side.
    judge
        Counts the unstable eigenvalues of a point.

    Returns
    -------
    str
        ``transcritical``; ``pitchfork``, of which one branch turns at the point, and whether it is
        ``supercritical``: its arms are as stable as the more stable side of the other branch; or
        nothing, if the point is not simple.
    """
    pair = directions(near)
    if pair is None:
        return ""
    _, along = own_first(pair, (other.spot.z - one.spot.z) / near.sizes)
    spots = [beside(curve, near.z, way * along, near.sizes) for way in (1, -1)]
    if None in spots:
        return ""
    sides = [spot.z[-1] - near.z[-1] for spot in spots if spot is not None]
    turns, turned = sides[0] * sides[1] > 0, one.rising != other.rising
    if turns == turned:
        return "" if turns else "transcritical"
    crossing = [None if spot is None else judge(spot) for spot in spots]
    arms, trunk = ((one, other), crossing) if turned else (crossing, (one, other))
    counts = [[-1 if point is None else point.unstable for point in points]
              for points in (arms, trunk)]  # fmt: skip
    if min(map(min, counts)) < 0 or counts[0][0] != counts[0][1]:
        return "pitchfork"
    return f"pitchfork, {'super' if counts[0][0] == min(counts[1]) else 'sub'}critical"
