"""The balances of a family in one parameter, as a curve whose points are certified."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from transport_model.certificate import Status
from transport_model.errors import InputError
from transport_model.mathematics.certification import Examiner

from .family import Family
from .sizes import Sizes
from .special_points import Special, special_points
from .stepping import Judged, Spot, corrected, tangent_at
from .walking import Point

#: Statuses of a balance that is certified as steady, stable or not.
STEADY = (Status.OK, Status.UNSTABLE, Status.NEUTRAL)


class Balances:
    """The balances of a family in one parameter.

    Parameters
    ----------
    family
        The equations.
    first
        A balance.
    """

    def __init__(self, family: Family, first: np.ndarray) -> None:
        self.family = family
        self.known = Sizes(family, first)
        self.has_kinks = family.equations.has_branches

    def equations(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates of the independent states, and their slopes."""
        return self.family.rates(z)

    def sizes(self, z: np.ndarray) -> np.ndarray:
        """Return what a change of each coordinate is relative to."""
        return self.known.at(z)

    def examined(self, spot: Spot, length: float) -> Point:
        """Return the point at a spot, with its certificate or the reason why it has none."""
        spot = replace(spot, z=self.known.without_dust(spot.z))
        try:
            examiner = Examiner(self.family.at(spot.z))
        except InputError as error:  # a start that the model computes is impossible
            return Point(spot, length, why=str(error))
        states = self.family.states(spot.z)
        found = examiner.examine(states)
        unstable = int((found.eigenvalues.real > 0).sum())
        row = {
            **examiner.values(states),
            "stable": found.stable,
            "unstable_eigenvalues": unstable,
            "arclength": length,
            "residual": found.residual,
            "error": found.error,
        }
        why = "" if found.status in STEADY else found.status.meaning
        # Where an eigenvalue is zero for all that rounding tells, its sign tells nothing
        told = found.eigenvalues.size == self.family.count and found.status != Status.NEUTRAL
        return Point(spot, length, unstable if told else -1, found.error, row, why)

    def special_between(self, one: Point, other: Point) -> list[Special]:
        """Return the special points between two points."""
        ends = [_judged(point) for point in (one, other)]
        if ends[0] is None or ends[1] is None:
            return []
        return special_points(self.family, self, ends[0], ends[1],
                              lambda spot: _judged(self.examined(spot, 0.0)))  # fmt: skip


def _judged(point: Point) -> Judged | None:
    return None if point.unstable < 0 else Judged(point.spot, point.unstable)


def first_of(curve: Balances, origin: np.ndarray) -> Point | None:
    """Return a balance as a branch's first point, heading for larger values; None if it is none."""
    unit = np.append(np.zeros(len(origin) - 1), 1.0)
    # The state as its solver left it, brought to the last digit
    found = corrected(curve, origin, unit, curve.sizes(origin))
    z = np.append((origin if found is None else found[0])[:-1], origin[-1])
    direction = tangent_at(curve, z, unit)
    if direction is None:
        return None
    point = curve.examined(Spot(z, direction, curve.sizes(z)), 0.0)
    return None if point.why else point
