"""Steady states followed in one parameter, through folds, stable or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, notebook, steady_state
from transport_model.certificate import Status
from transport_model.errors import InputError, SteadyStateError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.equations import read_equations
from transport_model.model import check_model

from .balances import Balances, first_of
from .crossing import beside, directions, own_first
from .defining import Relative
from .family import Axis, Family, axis_of
from .special_points import Kind
from .tables import column_of, point_table, special_table
from .walking import Point, both_ways

#: Points to either side of a curve's start.
MOST = 2000


@dataclass(frozen=True)
class Branch:
    """A branch of steady states in one parameter.

    Attributes
    ----------
    model
        The model at the branch's start.
    parameter
        Id of the parameter that was followed.
    table
        A row per point, in the order of the branch: the parameter, everything that a steady state
        holds, ``stable``, ``unstable_eigenvalues`` (how many have a positive real part),
        ``arclength`` (relative distance along the branch, zero at its start), and ``residual`` and
        ``error`` of the point's certificate. Units in ``attrs["units"]``.
    points
        A row per special point: ``kind`` (``fold``, ``Hopf``, ``branch point``, ``end`` or, at a
        kink of a rate law, ``unclassified``), ``detail`` (``supercritical`` or ``subcritical``;
        ``transcritical`` or ``pitchfork``; why the branch ends), the parameter, everything that a
        steady state holds, ``frequency`` of a Hopf point's oscillation [rad/time], its first
        ``lyapunov`` coefficient, ``arclength``, and ``error``, the relative error of the location.
    low, high, log
        The range in which the parameter was followed, and whether on a logarithmic scale.
    """

    model: Model
    parameter: str
    table: pd.DataFrame
    points: pd.DataFrame
    low: float
    high: float
    log: bool

    @property
    def column(self) -> str:
        """The parameter's column: its id, or ``start_of_<id>`` for the start of a species."""
        return column_of(self.model, self.parameter)

    def _repr_html_(self) -> str:
        unit = self.model.unit(self.parameter)
        head = f"{self.column} [{unit}]" if unit not in {"", "1"} else self.column
        rows = self.points[["kind", self.column, "detail"]]
        stable = int(self.table["stable"].sum())
        return "".join([
            notebook.heading(self.model.name, f"steady states followed in {self.parameter}"),
            notebook.note(f"{len(self.table)} certified points, {stable} of them stable"),
            notebook.table(["special point", head, ""], rows.itertuples(index=False, name=None)),
            notebook.note("tables: .table, .points; plot_branch draws them"),
        ])  # fmt: skip


def continue_steady_state(
    model: Model,
    parameter: str,
    low: float,
    high: float,
    *,
    scale: str = "linear",
    start: SteadyState | None = None,
    most: int = MOST,
    progress: Callable[[str], object] | None = None,
) -> Branch:
    """Follow a steady state in one parameter, in both directions from its start.

    The balances of the independent states are followed by pseudo-arclength, with exact derivatives,
    so that a branch is followed through its folds. Every point has the certificate of a steady
    state, but for its stability, which is told. Conserved sums are those of the model's starts at
    each value of the parameter. Where an eigenvalue passes through zero between two points, or a
    pair of them through the imaginary axis, the place is found by Newton's method.

    Parameters
    ----------
    model
        The branch begins at the steady state that its start leads to. If its course comes to none,
        and a single one was found that is unstable, it begins there.
    parameter
        A parameter, compartment or boundary species; or a species in a conserved sum, whose start
        is then varied.
    low, high
        The range in which it is followed, in its unit. If the model's own value lies outside, the
        branch begins at the nearer end.
    scale
        ``linear``, or ``log`` where equal steps are to be equal ratios.
    start
        A steady state to begin at instead: one that
        :func:`transport_model.distinct_steady_states` led to, or one of the ``states`` of a
        SteadyStateError.
    most
        Points to either side of the start, at most.
    progress
        Called with what is being done, at every point.

    Returns
    -------
    Branch
        Its points, and its special points, of which the first and the last are its ends.

    Raises
    ------
    UnknownIdError, InputError
        There is no such quantity, or it is no free parameter; the range does not rise, or reaches
        zero on a logarithmic scale; or the start is no state of this model.
    SteadyStateError
        There is no steady state to begin at.
    UnsupportedModelError
        The model has events, or a rate names the time.
    """
    check_model(model)
    what = f"steady states of model '{model.name}' cannot be followed"
    read_equations(model.sbml).require_standing_rates(what)
    axis = axis_of(model, parameter, low, high, scale)
    check_most(most)
    origin = _origin(model, axis, start)
    family = Family(origin.model, [axis])
    if not family.count:
        raise InputError(f"nothing moves in model '{model.name}': there is no state to follow")
    value = origin.model.quantities[axis.name].value
    states = Examiner(origin.model).states_of(origin.values)
    begin = family.point(states, {axis.name: value})
    curve = Balances(family, begin)
    first = first_of(curve, begin)
    if first is None:
        raise SteadyStateError(f"the steady state at {axis.name} = {value:g} cannot be followed:"
                               " a direction has no restoring force", Status.NEUTRAL)  # fmt: skip
    return _followed(curve, first, most, progress)


def crossing_branch(
    branch: Branch,
    point: int | None = None,
    *,
    most: int = MOST,
    progress: Callable[[str], object] | None = None,
) -> Branch:
    """Follow the branch that crosses another at a simple branch point, in both directions.

    Parameters
    ----------
    branch
        A branch with a branch point, of :func:`transport_model.continue_steady_state`.
    point
        Label of the branch point in ``branch.points``; by default the first one.
    most
        Points to either side of the branch point, at most.
    progress
        Called with what is being done, at every point.

    Returns
    -------
    Branch
        In the same parameter and range; the branch point is among its special points.

    Raises
    ------
    InputError
        The branch has no such branch point.
    SteadyStateError
        No single branch crosses there, or none of certified steady states.
    """
    check_most(most)
    chosen = special_point(branch, Kind.BRANCH_POINT, point)
    axis = Axis(branch.parameter, branch.low, branch.high, branch.log)
    family = Family(branch.model, [axis])
    z = _point_of(family, branch, chosen)
    near = (branch.table["arclength"] - chosen["arclength"]).abs().sort_values().index[:2]
    one, other = (_point_of(family, branch, branch.table.loc[row]) for row in near)
    # Sizes are those next to it: at the point itself a state may be zero but for rounding
    curve = Balances(family, one)
    curve.known.pass_by(other)
    sizes = np.maximum(curve.sizes(one), curve.sizes(other))
    pair = directions(Relative(family, z, sizes, (one, other)))
    where = f"the branch point at {branch.column} = {chosen[branch.column]:g}"
    if pair is None:
        raise SteadyStateError(f"{where} is not simple: more than two branches meet there",
                               Status.NEUTRAL)  # fmt: skip
    _, along = own_first(pair, (other - one) / sizes)
    for way in (1, -1):
        spot = beside(curve, z, way * along, sizes)
        first = None if spot is None else curve.examined(spot, 0.0)
        if first is not None and not first.why:
            return _followed(curve, first, most, progress)
    raise SteadyStateError(f"what crosses at {where} is no branch of steady states",
                           Status.NEGATIVE)  # fmt: skip


def _point_of(family: Family, branch: Branch, row: pd.Series) -> np.ndarray:
    values = {branch.parameter: float(row[branch.column])}
    there = Examiner(branch.model.with_values(**values))
    return family.point(there.states_of(row), values)


def special_point(branch: Branch, kind: Kind, point: int | None) -> pd.Series:
    """Return a special point of a branch by its label, the first of its kind by default.

    Raises
    ------
    InputError
        What was handed in is no branch, or it has no such point.
    """
    if not isinstance(branch, Branch):
        raise InputError(f"needs a branch, as continue_steady_state returns it, not"
                         f" {type(branch).__name__}")  # fmt: skip
    found = branch.points[branch.points["kind"] == kind]
    if found.empty:
        raise InputError(f"the branch in '{branch.parameter}' has no {kind}")
    label = found.index[0] if point is None else point
    if label not in found.index:
        raise InputError(f"point {label!r:.20} of the branch is no {kind}; its {kind}s are"
                         f" {', '.join(map(str, found.index))}")  # fmt: skip
    return found.loc[[label]].iloc[0]


def _followed(
    curve: Balances, first: Point, most: int, progress: Callable[[str], object] | None
) -> Branch:
    family, (axis,) = curve.family, curve.family.axes
    points, marks = both_ways(curve, first, most, progress)
    return Branch(family.model, axis.name, point_table(family, points),
                  special_table(family, marks), axis.low, axis.high, axis.log)  # fmt: skip


def check_most(most: int) -> None:
    """Raise InputError unless a number of points is one."""
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise InputError(f"most is a number of points, 1 or more, not {most!r:.40}")


def _origin(model: Model, axis: Axis, start: SteadyState | None) -> SteadyState:
    """Return the steady state at which a branch begins."""
    if start is not None:
        if not isinstance(start, SteadyState) or start.model.sbml != model.sbml:
            raise InputError(f"start is a steady state of model '{model.name}', as steady_state or"
                             " an error's states hold it")  # fmt: skip
        value = start.model.quantities[axis.name].value
        if not axis.low <= value <= axis.high:
            raise InputError(f"the start has {axis.name} = {value:g}, outside of {axis.low:g} to"
                             f" {axis.high:g}")  # fmt: skip
        return start
    value = min(max(model.quantities[axis.name].value, axis.low), axis.high)
    try:
        return steady_state(model.with_values(**{axis.name: value}))
    except SteadyStateError as error:
        if [state.status for state in error.states] != [Status.UNSTABLE]:
            raise
        return error.states[0]
