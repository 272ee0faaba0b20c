"""What a model does under a condition: quantities at times, and how they move.

A condition sets quantities of the model to numbers or to parameters. The course may start at the
steady state of another condition; the time may be infinite, which is the steady state that the
start leads to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import libsbml
import numpy as np

from transport_model import Model, steady_state
from transport_model.errors import SimulationError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import start_derivatives, start_values
from transport_model.mathematics.linearization import values_and_derivatives
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.time_breaks import FOREVER
from transport_model.simulation.courses import Courses
from transport_model.simulation.variations import Directions, Moved, moved_course, state_columns

from ..course_sensitivities import inner_names, moved_quantities
from ..moved_balance import moved_balance

#: What a condition sets: numbers, and ids of parameters.
Setting = Mapping[str, float | str]


@dataclass(frozen=True)
class Course:
    """What is asked of a model: one course.

    Attributes
    ----------
    setting
        Quantities and what they are set to.
    overridden
        Quantities that the condition itself sets: after a steady state, what else moves goes on.
    before
        The setting at whose steady state the course starts, or None.
    times
        At which something is measured, rising; infinity among them.
    """

    setting: Setting
    overridden: frozenset[str]
    before: Setting | None
    times: np.ndarray


@dataclass(frozen=True)
class _Start:
    """States and constants from which a course starts, and how they move."""

    states: np.ndarray
    constants: np.ndarray
    state_slopes: np.ndarray
    constant_slopes: np.ndarray


class Runs:
    """Follows courses of one model with parameters of its own.

    Parameters
    ----------
    model
        Of the problem.
    columns
        Quantities that are wanted, columns of results.
    """

    def __init__(self, model: Model, columns: tuple[str, ...]) -> None:
        self._model = model
        self._equations: Equations = read_equations(model.sbml)
        self._inner = inner_names(model, self._equations, columns)
        self._plain = without_computed_starts(model)
        self._columns = state_columns(model, self._equations)
        self._compartments = dict.fromkeys(
            quantity.compartment for quantity in model.quantities.values() if quantity.compartment
        )

    def values(
        self, course: Course, parameters: Mapping[str, float], moving: tuple[str, ...] = ()
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the wanted quantities at the times of a course, and their slopes.

        Parameters
        ----------
        course
            What is asked.
        parameters
            All parameters of the problem.
        moving
            Those by which slopes are wanted.

        Returns
        -------
        tuple of numpy.ndarray
            Of shape (times, columns) and (times, columns, moving).

        Raises
        ------
        TransportModelError
            The model has no such course, or no steady state where one is asked for.
        """
        start = self._start(course.setting, parameters, moving)
        if course.before is not None:
            before = self._balanced(self._start(course.before, parameters, moving))
            start = self._going_on(before, start, course.overridden)
        finite = course.times[np.isfinite(course.times)]
        sizes = np.array([abs(parameters[name]) or 1.0 for name in moving])
        pieces = []
        if len(finite):
            pieces.append(self._followed(start, finite, sizes))
        if len(finite) < len(course.times):
            rest = self._balanced(start)
            pieces.append(Moved(np.array([FOREVER]), rest.states[None], rest.constants[None],
                                rest.state_slopes[None]))  # fmt: skip
        found = [moved_quantities(self._model.sbml, self._inner, piece, start.constant_slopes)
                 for piece in pieces]  # fmt: skip
        values, slopes = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return values, slopes

    def _start(
        self, setting: Setting, parameters: Mapping[str, float], moving: tuple[str, ...]
    ) -> _Start:
        changes = {
            name: parameters[value] if isinstance(value, str) else value
            for name, value in setting.items()
        }
        model = replace(self._model, changes={**self._model.changes, **changes})
        values = start_values(model)
        ids = tuple(name for name, value in setting.items() if value in moving)
        which = np.zeros((len(ids), len(moving)))
        for row, name in enumerate(ids):
            which[row, moving.index(str(setting[name]))] = 1.0
        states, constants = start_derivatives(model, ids)
        equations = self._equations
        return _Start(np.array([values[name] for name in equations.states], dtype=float),
                      np.array([values[name] for name in equations.constants], dtype=float),
                      states @ which, constants @ which)  # fmt: skip

    def _balanced(self, start: _Start) -> _Start:
        """Return the steady state that a start leads to, and how it moves."""
        found = steady_state(self._standing(start))
        examiner = Examiner(found.model)
        states = examiner.states_of(found.values)
        slopes, _ = moved_balance(examiner, states, start.state_slopes, start.constant_slopes)
        return replace(start, states=states, state_slopes=slopes)

    def _going_on(self, before: _Start, start: _Start, overridden: frozenset[str]) -> _Start:
        """Return a start in which all that moves is as it was, but for what a condition sets."""
        states, slopes = before.states.copy(), before.state_slopes.copy()
        for row, name in enumerate(self._equations.states):
            if species_of(name) in overridden:
                states[row], slopes[row] = start.states[row], start.state_slopes[row]
        return replace(start, states=states, state_slopes=slopes)

    def _followed(self, start: _Start, times: np.ndarray, sizes: np.ndarray) -> Moved:
        if times[-1] <= 0:
            return Moved(np.zeros(1), start.states[None], start.constants[None],
                         start.state_slopes[None])  # fmt: skip
        model = self._standing(start)
        asked = times if times[0] == 0 else np.concatenate([[0.0], times])
        if len(sizes):
            directions = Directions(start.state_slopes, start.constant_slopes, sizes)
            whole = moved_course(model, asked, directions)
        else:
            whole = self._course(model, asked, start)
        kept = np.searchsorted(whole.times, times)
        return Moved(*(part[kept] for part in (whole.times, whole.states, whole.constants,
                                               whole.slopes)))  # fmt: skip

    def _course(self, model: Model, times: np.ndarray, start: _Start) -> Moved:
        courses = Courses(model, float(times[-1]), 2, outputs=self._columns, times=times)
        courses.restart(model.changes)
        result = courses.follow()
        if courses.not_finite(result):
            raise SimulationError(f"model '{model.name}': the course left the finite numbers")
        order = [courses.columns.index(name) + 1 for name in self._columns]
        held = np.tile(start.constants, (len(times), 1))
        return Moved(times, result[:, order], held, np.zeros((len(times), len(order), 0)))

    def _standing(self, start: _Start) -> Model:
        """Return the model with every quantity at a number."""
        equations = self._equations
        names = (*equations.states, *equations.constants)
        values = dict(zip(names, (*start.states, *start.constants), strict=True))
        ruled = tuple(name for name in self._compartments if name not in values)
        volumes, _ = values_and_derivatives(self._model.sbml, ruled, (), start.states,
                                            start.constants, 0.0)  # fmt: skip
        sizes = {**values, **dict(zip(ruled, volumes, strict=True))}
        changes = {}
        for name, value in values.items():
            quantity = self._plain.quantities.get(species_of(name))
            if quantity is None or not quantity.settable:
                continue
            bare = species_of(name) == name or quantity.is_amount
            changes[quantity.id] = float(value if bare else value / sizes[quantity.compartment])
        return replace(self._plain, changes=changes)


def without_computed_starts(model: Model) -> Model:
    """Return a model in which a start that was computed is a number like others."""
    document = libsbml.readSBMLFromString(model.sbml)
    read = document.getModel()
    for name in [item.getSymbol() for item in read.getListOfInitialAssignments()]:
        if name in model.quantities:
            read.removeInitialAssignment(name)
            target = read.getParameter(name)
            if target is not None:
                target.setValue(0.0)
            elif (
                read.getSpecies(name) is not None and not read.getSpecies(name).isSetInitialAmount()
            ):
                read.getSpecies(name).setInitialConcentration(0.0)
    return Model(model.name, libsbml.writeSBMLToString(document), {})
