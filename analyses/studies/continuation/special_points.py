"""Special points between two neighbouring points of a branch: found, classified and located."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from . import defining
from .crossing import kind_of_crossing
from .defining import Located, Relative
from .family import Family
from .normal_forms import lyapunov
from .stepping import Curve, Judged, Spot, between


class Kind(StrEnum):
    """What a special point is."""

    FOLD = "fold"
    HOPF = "Hopf"
    BRANCH_POINT = "branch point"
    CUSP = "cusp"
    DOUBLE_ZERO = "Bogdanov–Takens"
    END = "end"
    #: Stability changes and no eigenvalue passes through zero: a kink of a rate law.
    UNCLASSIFIED = "unclassified"


#: Halvings of a stretch in search of one special point alone, and the length that counts as none.
HALVINGS, SHORT = 50, 1e-10
#: Length below which a turn without a change of stability is a branch point that it passes through.
CLOSE = 1e-3
#: Lengths of a stretch by which a point located from within it may lie beyond it.
BEYOND = 0.1


@dataclass(frozen=True)
class Special:
    """A special point of a branch.

    Attributes
    ----------
    kind
        What it is.
    z
        Where it lies.
    error
        Relative error of its location.
    frequency
        Imaginary part of the pair of eigenvalues at a Hopf point [1/time]; NaN elsewhere.
    lyapunov
        First Lyapunov coefficient there; NaN where it is not known.
    why
        What there is to say of it.
    """

    kind: Kind
    z: np.ndarray
    error: float
    frequency: float = float("nan")
    lyapunov: float = float("nan")
    why: str = ""


def special_points(
    family: Family,
    curve: Curve,
    one: Judged,
    other: Judged,
    judge: Callable[[Spot], Judged | None],
    halvings: int = HALVINGS,
) -> list[Special]:
    """Return the special points of a stretch of a branch, in order.

    A stretch along which several things happen is halved until one does.

    Parameters
    ----------
    family, curve
        The equations, and the branch as a curve.
    one, other
        The ends of the stretch.
    judge
        Counts the unstable eigenvalues of a point between; None where it cannot be told.
    halvings
        How often it may be halved yet.
    """
    change, turned = abs(other.unstable - one.unstable), one.rising != other.rising
    if change == 0 and not turned:
        return []
    length = one.spot.length_to(other.spot.z)
    found = _alone(family, one, other, change, turned, length)
    if found is not None and found.kind == Kind.BRANCH_POINT:
        there = Relative(family, found.z, other.spot.sizes, (one.spot.z, other.spot.z))
        return [replace(found, why=kind_of_crossing(curve, there, one, other, judge))]
    if found is not None:
        return [found]
    middle = None
    if halvings and length > SHORT:
        for share in (0.5, 0.38, 0.61):
            spot = between(curve, one.spot, other.spot, share)
            middle = None if spot is None else judge(spot)
            if middle is not None:
                break
    if middle is None:
        why = "stability changes where no eigenvalue passes through zero: a kink of a rate law"
        return [Special(Kind.UNCLASSIFIED, (one.spot.z + other.spot.z) / 2, length, why=why)]
    return [
        *special_points(family, curve, one, middle, judge, halvings - 1),
        *special_points(family, curve, middle, other, judge, halvings - 1),
    ]


def _alone(
    family: Family, one: Judged, other: Judged, change: int, turned: bool, length: float
) -> Special | None:
    """Return the special point of a stretch that has one alone, if it is where it should be."""
    spot = other.spot
    ends = (one.spot.z, spot.z)
    near = Relative(family, (one.spot.z + spot.z) / 2, spot.sizes, ends)
    if change == 1 and turned:
        found = within(defining.fold(near), one.spot, other.spot)
        if found is not None and defining.is_fold(Relative(family, found.z, spot.sizes, ends)):
            return Special(Kind.FOLD, found.z, found.error)
    elif (change == 1 and not turned) or (change == 0 and turned and length < CLOSE):
        found = within(defining.branch_point(near), one.spot, other.spot)
        if found is not None:
            return Special(Kind.BRANCH_POINT, found.z, found.error)
    elif change == 2 and not turned:
        found = within(defining.hopf(near), one.spot, other.spot)
        if found is not None:
            there = Relative(family, found.z, spot.sizes, ends)
            frequency, coefficient = defining.pair(there, there.start).imag, lyapunov(there)
            return Special(Kind.HOPF, found.z, found.error, frequency, coefficient,
                           _criticality(coefficient))  # fmt: skip
    return None


def _criticality(coefficient: float) -> str:
    if np.isnan(coefficient):
        return ""
    return "supercritical" if coefficient < 0 else "subcritical"


def within(found: Located | None, one: Spot, other: Spot) -> Located | None:
    """Return what was located, if it lies on the stretch from one spot to the other."""
    if found is None:
        return None
    chord = (other.z - one.z) / other.sizes
    way = (found.z - one.z) / other.sizes
    length = float(np.linalg.norm(chord))
    along = float(way @ chord) / length
    aside = float(np.linalg.norm(way - along * chord / length))
    inside = -BEYOND * length <= along <= (1 + BEYOND) * length
    return found if inside and aside <= length else None
