"""How a course moves with where it starts and with what is held: the variational equation.

A small change of the start and of the constants changes a course x(t) by s(t), where

    ds/dt = (∂f/∂x) s + (∂f/∂p) dp,     s(0) = dx(0),

a linear equation along the course. Its coefficients are exact derivatives; the course is
libRoadRunner's. Collocation at the points of Radau IIA with three stages (order 5, stiffly
accurate; Hairer & Wanner 1996) turns each interval of a mesh into a linear map. An interval is
halved, and divided where the halves say something else, until none does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from transport_model.errors import InputError, SimulationError, UnsupportedModelError
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import start_values
from transport_model.mathematics.jumps import jumping_along
from transport_model.mathematics.linearization import derivatives_along, net_rate
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.time_breaks import switches_of
from transport_model.model import Model
from transport_model.simulation.courses import Courses
from transport_model.simulation.inputs import Input, Step, break_times, changed_ids
from transport_model.simulation.tolerances import RELATIVE_TOLERANCE

#: Error of one interval that is allowed, relative to the largest that the slope becomes.
TOLERANCE = 1e-8
#: Slopes this far below the largest of their direction, and below one percent per percent, are
#: as exact as these.
SMALL, NOTHING = 1e-3, 1e-6
#: Rounds of division, parts of one division, and intervals of a mesh, at most.
ROUNDS, PARTS, INTERVALS = 16, 8, 50_000
_ROOT = 6**0.5
_NODES = np.array([(4 - _ROOT) / 10, (4 + _ROOT) / 10, 1.0])
_WEIGHTS = np.array([
    [(88 - 7 * _ROOT) / 360, (296 - 169 * _ROOT) / 1800, (-2 + 3 * _ROOT) / 225],
    [(296 + 169 * _ROOT) / 1800, (88 + 7 * _ROOT) / 360, (-2 - 3 * _ROOT) / 225],
    [(16 - _ROOT) / 36, (16 + _ROOT) / 36, 1 / 9],
])  # fmt: skip


@dataclass(frozen=True)
class Directions:
    """Directions in which a course is moved.

    Attributes
    ----------
    states, constants
        What a step of one does to the starting states and to the constants of
        :class:`Equations`, a column per direction.
    sizes
        What counts as one whole step in each direction: a parameter's own size.
    """

    states: np.ndarray
    constants: np.ndarray
    sizes: np.ndarray


@dataclass(frozen=True)
class Moved:
    """A course, and how it moves.

    Attributes
    ----------
    times
        Of shape (rows,); a time at which an input jumps or bends occurs twice.
    states
        Of shape (rows, states).
    constants
        Of shape (rows, constants).
    slopes
        Of shape (rows, states, directions).
    """

    times: np.ndarray
    states: np.ndarray
    constants: np.ndarray
    slopes: np.ndarray


def moved_course(
    model: Model,
    times: np.ndarray,
    directions: Directions,
    *,
    inputs: Sequence[Input] = (),
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> Moved:
    """Follow a course and how it moves.

    Parameters
    ----------
    model
        What to run.
    times
        Rising; the first is the start.
    directions
        Where to.
    inputs
        Steps and ramps of constants.
    relative_tolerance
        CVODE's, of the course.

    Raises
    ------
    UnsupportedModelError
        The model has events, or a rate jumps at a place or a time that the directions move.
    InputError
        An input sets what the directions move, or a state.
    SimulationError
        The course or its slopes could not be followed.
    """
    return _Follower(model, times, directions, tuple(inputs), relative_tolerance).moved()


def state_columns(model: Model, equations: Equations) -> list[str]:
    """Return the column of a course in which each state stands."""
    amounts = {species: column for column, species in model.amount_columns.items()}
    found = []
    for state in equations.states:
        name = species_of(state)
        if name == state or model.quantities[name].is_amount:
            found.append(name)
        elif name in amounts:
            found.append(amounts[name])
        else:
            raise UnsupportedModelError(f"model '{model.name}' has an id 'n_{name}' of its own")
    return found


class _Follower:
    def __init__(
        self, model: Model, times: np.ndarray, directions: Directions,
        inputs: tuple[Input, ...], tolerance: float,
    ) -> None:  # fmt: skip
        self._model, self._times, self._inputs, self._tolerance = model, times, inputs, tolerance
        equations = self._equations = read_equations(model.sbml)
        moved = [name for name, row in zip(equations.constants, directions.constants, strict=True)
                 if row.any()]  # fmt: skip
        equations.require_no_events(f"model '{model.name}' has no sensitivities along a course")
        set_by_input = changed_ids(inputs)
        for name in set_by_input:
            if name in moved:
                raise InputError(f"'{name}' is set by an input: no course moves with its value")
            if name not in equations.constants:
                raise InputError(f"an input sets '{name}', which is no constant of the model")
        self._moved_rows = [equations.constants.index(name) for name in moved]
        self._moved = frozenset(moved)
        self._variables = (*equations.states, *moved)
        self._targets = tuple(net_rate(state) for state in equations.states)
        # An input's ramp makes a constant a column of its own
        self._set_rows = [equations.constants.index(name) for name in set_by_input]
        self._columns = [*state_columns(model, equations), *set_by_input]
        values = start_values(model)
        self._constants = np.array([values[name] for name in equations.constants], dtype=float)
        self._sizes = directions.sizes
        self._states = directions.states * directions.sizes
        self._seeds = directions.constants[self._moved_rows] * directions.sizes
        start, end = float(times[0]), float(times[-1])
        self._ends = start, end
        self._breaks = break_times(inputs, start, end)
        self._switches = [
            time
            for time in (*switches_of(model.sbml).times(values, start, end),
                         *switches_of(model.sbml).bend_times(values, start, end))
            if start < time < end
        ]  # fmt: skip

    def moved(self) -> Moved:
        mesh = [self._first_mesh(*piece) for piece in zip(self._breaks, self._breaks[1:],
                                                          strict=False)]  # fmt: skip
        for _ in range(ROUNDS):
            if sum(map(len, mesh)) > INTERVALS:
                break
            follow = [_nodes(knots) for knots in mesh]
            rows = self._course([np.unique(np.concatenate([k, n.ravel(), m.ravel()]))
                                 for k, (n, m) in zip(mesh, follow, strict=True)])  # fmt: skip
            found = [self._followed(piece, nodes, course)
                     for piece, nodes, course in zip(mesh, follow, rows, strict=True)]  # fmt: skip
            slopes, errors = _joined(found, self._states / self._state_sizes[:, None])
            if not np.isfinite(slopes[-1]).all():
                raise SimulationError(
                    f"model '{self._model.name}': the sensitivities left the finite numbers"
                )
            divided = [_divided(knots, error) for knots, error in zip(mesh, errors, strict=True)]
            if all(len(new) == len(old) for new, old in zip(divided, mesh, strict=True)):
                self._refuse_jumps(rows)
                return self._wanted(mesh, rows, slopes)
            mesh = divided
        raise SimulationError(
            f"model '{self._model.name}': the sensitivities could not be followed to {TOLERANCE:g}"
        )

    def _first_mesh(self, start: float, end: float) -> np.ndarray:
        early = start + (end - start) * np.geomspace(1e-6, 1.0, 19)
        own = [time for time in (*self._times, *self._switches) if start < time < end]
        knots = np.unique(np.concatenate([[start], early[:-1], own, [end]]))
        apart = 1e-12 * max(abs(self._ends[0]), abs(self._ends[1]))
        kept = np.concatenate([[True], np.diff(knots) > apart])
        kept[-1] = True
        return knots[kept]

    def _course(self, pieces: list[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return times and values of the course, a block of rows per piece between two inputs."""
        start, end = self._ends
        times = np.unique(np.concatenate(pieces))
        courses = Courses(
            self._model, end, 2, start=start, inputs=self._inputs, outputs=self._columns,
            times=times, relative_tolerance=self._tolerance,
        )  # fmt: skip
        courses.restart(self._model.changes)
        result = courses.follow()
        if courses.not_finite(result):
            raise SimulationError(f"model '{self._model.name}': the course left the finite numbers")
        jumps = {item.time for item in self._inputs if isinstance(item, Step)}
        result = result[int(start in jumps) : len(result) - int(end in jumps)]
        order = [courses.columns.index(name) + 1 for name in self._columns]
        ends = np.cumsum([len(piece) for piece in pieces])[:-1]
        values = np.split(result[:, order], ends)
        count = len(self._equations.states)
        sizes = np.abs(result[:, order[:count]]).max(axis=0, initial=0.0)
        self._state_sizes = np.where(sizes > 0, sizes, 1.0)
        return list(zip(pieces, values, strict=True))

    def _followed(
        self, knots: np.ndarray, nodes: tuple[np.ndarray, np.ndarray],
        course: tuple[np.ndarray, np.ndarray],
    ) -> tuple[_Maps, _Maps]:  # fmt: skip
        """Return the maps over each interval: in one step, and in two."""
        coarse, fine = nodes
        whole = self._maps(np.diff(knots), coarse, course)
        halves = self._maps(np.repeat(np.diff(knots) / 2, 2), fine, course)
        return whole, halves

    def _maps(
        self, widths: np.ndarray, nodes: np.ndarray, course: tuple[np.ndarray, np.ndarray]
    ) -> _Maps:
        times, values = course
        at = np.searchsorted(times, nodes.ravel())
        states, constants = self._split(values[at])
        # The end of an interval belongs to it: what switches there has not yet switched
        moments = nodes - np.array([0.0, 0.0, 1e-10]) * widths[:, None]
        _, slopes = derivatives_along(
            self._model.sbml, self._targets, self._variables, states.T, constants.T,
            moments.ravel(),
        )  # fmt: skip
        count, sizes = len(self._equations.states), self._state_sizes
        shape = (*nodes.shape, count)
        jacobians = slopes[:, :, :count] * sizes / sizes[:, None]
        pushes = (slopes[:, :, count:] @ self._seeds) / sizes[:, None]
        return _collocated(widths, jacobians.reshape(*shape, count), pushes.reshape(*shape, -1))

    def _split(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        count = len(self._equations.states)
        constants = np.tile(self._constants, (len(values), 1))
        constants[:, self._set_rows] = values[:, count:]
        return values[:, :count], constants

    def _refuse_jumps(self, rows: list[tuple[np.ndarray, np.ndarray]]) -> None:
        """Raise UnsupportedModelError if a rate jumps on the way where a state decides."""
        for times, values in rows:
            states, constants = self._split(values)
            name = jumping_along(self._model.sbml, self._moved, states.T, constants.T, times)
            if name:
                raise UnsupportedModelError(
                    f"model '{self._model.name}' has no sensitivities along this course: '{name}'"
                    " jumps on the way, where a state or a parameter decides"
                )

    def _wanted(
        self, mesh: list[np.ndarray], rows: list[tuple[np.ndarray, np.ndarray]],
        slopes: list[np.ndarray],
    ) -> Moved:  # fmt: skip
        """Return the rows that were asked for, and those at breaks."""
        wanted = np.union1d(self._times, self._breaks)
        times, values, moved = [], [], []
        for knots, (all_times, all_values), slope in zip(mesh, rows, slopes, strict=True):
            kept = np.isin(knots, wanted)
            times.append(knots[kept])
            values.append(all_values[np.searchsorted(all_times, knots[kept])])
            moved.append(slope[kept])
        states, constants = self._split(np.concatenate(values))
        unscaled = np.concatenate(moved) * self._state_sizes[:, None] / self._sizes
        return Moved(np.concatenate(times), states, constants, unscaled)


#: Linear maps s -> A s + B, one per interval: A of shape (intervals, states, states).
_Maps = tuple[np.ndarray, np.ndarray]


def _nodes(knots: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the times of collocation in each interval, and in each of its halves."""
    halved = np.sort(np.concatenate([knots, (knots[1:] + knots[:-1]) / 2]))
    found = []
    for ends in (knots, halved):
        nodes = ends[:-1, None] + np.diff(ends)[:, None] * _NODES
        nodes[:, -1] = ends[1:]
        found.append(nodes)
    return found[0], found[1]


def _collocated(widths: np.ndarray, jacobians: np.ndarray, pushes: np.ndarray) -> _Maps:
    """Return the map of each interval from Jacobians (intervals, 3, n, n) and pushes."""
    intervals, stages, count, directions = pushes.shape
    weights = widths[:, None, None] * _WEIGHTS
    system = -np.einsum("kij,kjab->kiajb", weights, jacobians)
    system = system.reshape(intervals, stages * count, stages * count)
    system += np.eye(stages * count)
    known = np.empty((intervals, stages, count, count + directions))
    known[..., :count] = np.eye(count)
    known[..., count:] = np.einsum("kij,kjad->kiad", weights, pushes)
    solved = np.linalg.solve(system, known.reshape(intervals, stages * count, -1))
    last = solved[:, -count:] if count else solved
    return last[..., :count], last[..., count:]


def _joined(
    found: list[tuple[_Maps, _Maps]], start: np.ndarray
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return slopes at the knots of every piece, and the error of each interval by its halves."""
    slopes, differences = [], []
    now = start
    for (maps, pushes), (halves, pushed) in found:
        knots = [now]
        both = halves[1::2] @ halves[::2]
        push = halves[1::2] @ pushed[::2] + pushed[1::2]
        for linear, constant in zip(both, push, strict=True):
            now = linear @ now + constant
            knots.append(now)
        reached = np.array(knots)
        slopes.append(reached)
        differences.append(np.abs((maps - both) @ reached[:-1] + (pushes - push)))
    tops = np.max([np.abs(each).max(axis=0) for each in slopes], axis=0)
    scale = tops + SMALL * tops.max(axis=0, initial=0.0) + NOTHING
    errors = [(each / scale).max(axis=(1, 2), initial=0.0) for each in differences]
    return slopes, errors


def _divided(knots: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return a mesh with more knots where intervals were too long."""
    with np.errstate(invalid="ignore"):
        parts = np.where(errors > TOLERANCE, np.ceil((errors / TOLERANCE) ** 0.2), 1.0)
    parts = np.clip(np.nan_to_num(parts, nan=PARTS), 1, PARTS).astype(int)
    pieces = [
        start + (end - start) * np.arange(part) / part
        for start, end, part in zip(knots, knots[1:], parts, strict=False)
    ]
    return np.concatenate([*pieces, knots[-1:]])
