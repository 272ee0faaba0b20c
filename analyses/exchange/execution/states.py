"""Where a model stands between two simulations of a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import libsbml
import numpy as np
import pandas as pd

from transport_model import Model, evaluate, simulate, steady_state
from transport_model.certificate import Status
from transport_model.errors import SteadyStateError, UnsupportedModelError
from transport_model.simulation.inputs import MAX_POINTS

from .algorithms import relative_tolerance
from .document import Course, OneStep, Rest, Simulation

#: A share of a step by which a time may miss the grid: rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class State:
    """A model where it stands.

    Attributes
    ----------
    model
        Its values are those of this moment.
    time
        In the model's unit.
    """

    model: Model
    time: float = 0.0

    def values(self) -> Mapping[str, float]:
        """Return everything that has a value, at this moment."""
        frame = pd.DataFrame(index=pd.Index([self.time], name="time"))
        computed = evaluate(self.model, frame).iloc[0]
        held = {name: quantity.value for name, quantity in self.model.quantities.items()}
        return {**held, **{str(name): float(value) for name, value in computed.items()}}

    def with_value(self, name: str, value: float) -> State:
        """Return the state with a quantity set; what follows from it at the start follows.

        Raises
        ------
        InputError
            The quantity cannot take the value.
        """
        return replace(self, model=self.model.with_values(**{name: value}))

    def after(
        self, simulation: Simulation, remark: Callable[[str], object]
    ) -> tuple[dict[str, np.ndarray], Callable[[], State]]:
        """Return what a simulation gives, an array a column and ``time``, and what comes after.

        That is a function that returns the state: it raises UnsupportedModelError if the model
        cannot go on from there, which matters only where it is to. `remark` is called with what
        is to be known of the result.

        Raises
        ------
        ComputationError
            The integrator gives up, or there is no certified steady state.
        UnsupportedModelError
            The model has no steady state that can be looked for.
        """
        if isinstance(simulation, Rest):
            return self._at_rest(remark)
        if isinstance(simulation, OneStep):
            table = self._course(self.time, self.time + simulation.step, 2, simulation)
        else:
            table = self._uniform(simulation)
        return self._given(table), partial(self._at, table)

    def _uniform(self, course: Course) -> pd.DataFrame:
        if course.initial == course.start:
            return self._course(course.start, course.end, course.steps + 1, course)
        step = (course.end - course.start) / course.steps
        before = (course.start - course.initial) / step
        if abs(before - round(before)) < _ROUNDING and before + course.steps < MAX_POINTS:
            points = round(before) + course.steps + 1
            return self._course(course.initial, course.end, points, course).iloc[round(before) :]
        start = self._at(self._course(course.initial, course.start, 2, course))
        return start._course(course.start, course.end, course.steps + 1, course)

    def _course(
        self, start: float, end: float, points: int, simulation: Course | OneStep
    ) -> pd.DataFrame:
        tolerance = relative_tolerance(simulation.algorithm)
        return simulate(self.model, end, points, start=start, relative_tolerance=tolerance)

    def _given(self, table: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return all columns, and what does not move."""
        held = {
            name: np.full(len(table), quantity.value)
            for name, quantity in self.model.quantities.items()
        }
        columns = {str(name): table[name].to_numpy() for name in table.columns}
        return {**held, **columns, "time": table.index.to_numpy()}

    def _at_rest(
        self, remark: Callable[[str], object]
    ) -> tuple[dict[str, np.ndarray], Callable[[], State]]:
        try:
            found = steady_state(self.model)
        except SteadyStateError as error:
            # SED-ML asks for a balance, not for where the start leads; only one can be meant
            if error.status != Status.UNSTABLE or len(error.states) != 1:
                raise
            (found,) = error.states
            remark("a steady state that is unstable: no course comes to it")
        held = {name: quantity.value for name, quantity in self.model.quantities.items()}
        values = {**held, **{str(name): float(v) for name, v in found.values.items()}}
        given = {name: np.array([value]) for name, value in values.items()}
        return {**given, "time": np.array([np.inf])}, partial(self._from, values, 0.0)

    def _at(self, table: pd.DataFrame) -> State:
        last = {str(name): float(value) for name, value in table.iloc[-1].items()}
        return self._from(last, float(table.index[-1]))

    def _from(self, values: Mapping[str, float], time: float) -> State:
        return State(going_on(self.model, values), time)


def going_on(model: Model, values: Mapping[str, float]) -> Model:
    """Return a model that goes on from values which a simulation has come to.

    Nothing is computed for its start any more, and events whose conditions hold have happened.

    Raises
    ------
    UnsupportedModelError
        Events with delays may still be due.
    """
    text = _without_starts(model.sbml, model.name)
    bare = Model(model.name, text)
    known = {name: quantity.value for name, quantity in model.quantities.items()}
    known |= {name: value for name, value in values.items() if name in known}
    settable = {n: known[n] for n, quantity in bare.quantities.items() if quantity.settable}
    # As they were computed: an integrator may leave what is positive a rounding below zero
    return Model(model.name, text, {n: v for n, v in settable.items() if np.isfinite(v)})


@lru_cache(maxsize=16)
def _without_starts(sbml: str, name: str) -> str:
    document = libsbml.readSBMLFromString(sbml)
    definition = document.getModel()
    for event in definition.getListOfEvents():
        if event.isSetDelay():
            raise UnsupportedModelError(
                f"model '{name}': event '{event.getId()}' has a delay and may still be due when"
                " another simulation goes on from here; reset the model before it"
            )
        if event.isSetTrigger():
            event.getTrigger().setInitialValue(True)
    while definition.getNumInitialAssignments():
        definition.removeInitialAssignment(0)
    return libsbml.writeSBMLToString(document)
