"""Folds followed in two parameters, through cusps and Bogdanov–Takens points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model, notebook
from transport_model.certificate import Status
from transport_model.errors import InputError
from transport_model.mathematics.certification import Examiner

from . import defining
from .branch import MOST, Branch, check_most, special_point
from .defining import EXACT, Located, Relative, differences
from .family import Axis, Family, axis_of
from .sizes import Sizes
from .special_points import Kind, Special, within
from .stepping import Spot, between, corrected, newton_step, tangent_at
from .tables import column_of, point_table, special_table
from .walking import Point, both_ways

#: Halvings of a stretch in search of a cusp or a double zero.
HALVINGS = 20


@dataclass(frozen=True)
class FoldCurve:
    """The folds of a model in two parameters.

    Attributes
    ----------
    model
        The model at the branch's start.
    parameters
        Ids of the two parameters.
    table
        A row per fold, in the order of the curve: both parameters, everything that a steady state
        holds there, ``unstable_eigenvalues`` (how many others have a positive real part),
        ``arclength`` (relative distance along the curve, zero at its start), and ``error``, the
        relative error of the fold. Units in ``attrs["units"]``.
    points
        A row per special point: ``kind`` (``cusp``, ``Bogdanov–Takens`` or ``end``), ``detail``
        (why it ends), both parameters, everything that a steady state holds there, ``arclength``
        and ``error``.
    """

    model: Model
    parameters: tuple[str, str]
    table: pd.DataFrame
    points: pd.DataFrame

    @property
    def columns(self) -> tuple[str, str]:
        """The parameters' columns: their ids, or ``start_of_<id>`` for the start of a species."""
        first, second = self.parameters
        return column_of(self.model, first), column_of(self.model, second)

    def _repr_html_(self) -> str:
        columns = self.columns
        rows = self.points[["kind", *columns, "detail"]]
        return "".join([
            notebook.heading(self.model.name, f"folds in {' and '.join(self.parameters)}"),
            notebook.note(f"{len(self.table)} folds"),
            notebook.table(["special point", *columns, ""],
                           rows.itertuples(index=False, name=None)),
            notebook.note("tables: .table, .points"),
        ])  # fmt: skip


def fold_curve(
    branch: Branch,
    parameter: str,
    low: float,
    high: float,
    *,
    point: int | None = None,
    scale: str = "linear",
    most: int = MOST,
    progress: Callable[[str], object] | None = None,
) -> FoldCurve:
    """Follow a fold of a branch in a second parameter, in both directions.

    Between the two folds that meet at a cusp a model has three steady states. Along the curve the
    rates and a bordered determinant of their Jacobian vanish; the branch's own parameter stays in
    its range.

    Parameters
    ----------
    branch
        A branch with a fold, of :func:`transport_model.continue_steady_state`.
    parameter
        The second parameter.
    low, high
        The range in which it is followed, in its unit; the model's own value lies within.
    point
        Label of the fold in ``branch.points``; by default the first one.
    scale
        ``linear`` or ``log``, of the second parameter.
    most
        Folds to either side of the first, at most.
    progress
        Called with what is being done, at every fold.

    Returns
    -------
    FoldCurve
        Its points, and its special points, of which the first and the last are its ends.

    Raises
    ------
    UnknownIdError, InputError
        There is no such parameter, or it is not free or that of the branch; the range leaves out
        the model's own value; or the branch has no such fold.
    """
    check_most(most)
    row = special_point(branch, Kind.FOLD, point)
    model = branch.model
    second = axis_of(model, parameter, low, high, scale)
    if parameter == branch.parameter:
        raise InputError(f"the second parameter is the branch's own, '{parameter}'")
    value = model.quantities[parameter].value
    if not second.low <= value <= second.high:
        raise InputError(f"the branch has {parameter} = {value:g}, outside of {low:g} to {high:g}")
    first = Axis(branch.parameter, branch.low, branch.high, branch.log)
    family = Family(model, [first, second])
    values = {first.name: float(row[branch.column]), second.name: value}
    there = Examiner(model.with_values(**values))
    origin = family.point(there.states_of(row), values)
    curve = _Folds(family, origin)
    start = curve.start(origin)
    if start is None:
        raise InputError(f"the fold at {first.name} = {values[first.name]:g} cannot be followed:"
                         " it is none to eight digits")  # fmt: skip
    points, marks = both_ways(curve, start, most, progress)
    return FoldCurve(model, (first.name, second.name), point_table(family, points),
                     special_table(family, marks))  # fmt: skip


class _Folds:
    """The folds of a family in two parameters, as a curve."""

    def __init__(self, family: Family, first: np.ndarray) -> None:
        self.family = family
        self.known = Sizes(family, first)
        self.has_kinks = family.equations.has_branches
        self._near = Relative(family, first, self.sizes(first))

    def sizes(self, z: np.ndarray) -> np.ndarray:
        """Return what a change of each coordinate is relative to."""
        return self.known.at(z)

    def equations(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the rates and the bordered determinant, and their slopes."""
        near, u = self._near, z / self._near.sizes

        def determinant(at: np.ndarray) -> np.ndarray:
            return np.array([near.bordered(at)[0]])

        slopes = np.vstack([near.slopes(u), differences(determinant, u)]) / near.sizes
        return np.append(near.rates(u), determinant(u)), slopes

    def start(self, z: np.ndarray) -> Point | None:
        """Return the first fold, heading for larger values of the second parameter, or None."""
        unit = np.append(np.zeros(len(z) - 1), 1.0)
        found = corrected(self, z, unit, self.sizes(z))
        direction = None if found is None else tangent_at(self, found[0], unit)
        if found is None or direction is None:
            return None
        point = self.examined(Spot(found[0], direction, self.sizes(found[0])), 0.0)
        return None if point.why else point

    def examined(self, spot: Spot, length: float) -> Point:
        """Return the fold at a spot: how exact it is, and what tells cusps and double zeros."""
        self._near = near = Relative(self.family, spot.z, spot.sizes, like=self._near)
        step = newton_step(self, spot.z, spot.tangent, spot.sizes)
        if step is None:
            return Point(spot, length, why="the rates or their slopes are not finite")
        error = float(np.abs(step).max())
        states = self.family.states(spot.z)
        why = "" if error <= EXACT else "no fold was found to eight digits"
        if self.known.is_negative(states):
            why = Status.NEGATIVE.meaning
        try:
            values = Examiner(self.family.at(spot.z)).values(states)
        except InputError as impossible:
            return Point(spot, length, why=str(impossible))
        u = near.start
        eigenvalues = np.linalg.eigvals(near.jacobian(u))
        others = np.delete(eigenvalues, np.abs(eigenvalues).argmin())
        unstable = int((others.real > 0).sum())
        row = {**values, "unstable_eigenvalues": unstable, "arclength": length, "error": error}
        return Point(spot, length, unstable, error, row, why, (near.bend(u), near.overlap(u)))

    def special_between(self, one: Point, other: Point) -> list[Special]:
        """Return the cusps and double zeros between two folds."""
        found = []
        kinds = {Kind.CUSP: defining.cusp, Kind.DOUBLE_ZERO: defining.double_zero}
        for number, (kind, locate) in enumerate(kinds.items()):
            if one.tests[number] * other.tests[number] < 0:
                found += self._between(one, other, number, kind, locate)
        return sorted(found, key=lambda special: one.spot.length_to(special.z))

    def _between(
        self,
        one: Point,
        other: Point,
        number: int,
        kind: Kind,
        locate: Callable[[Relative], Located | None],
        halvings: int = HALVINGS,
    ) -> list[Special]:
        """Return the point between two at which a test changes its sign, halving the stretch."""
        middle = (one.spot.z + other.spot.z) / 2
        near = Relative(self.family, middle, other.spot.sizes, like=self._near)
        located = within(locate(near), one.spot, other.spot)
        if located is not None:
            return [Special(kind, located.z, located.error)]
        spot = between(self, one.spot, other.spot) if halvings else None
        half = None if spot is None else self.examined(spot, one.length)
        if half is None or not half.tests:
            why = "a condition changes its sign where it does not vanish"
            length = one.spot.length_to(other.spot.z)
            return [Special(Kind.UNCLASSIFIED, middle, length, why=why)]
        first = one.tests[number] * half.tests[number] < 0
        ends = (one, half) if first else (half, other)
        return self._between(*ends, number, kind, locate, halvings - 1)
