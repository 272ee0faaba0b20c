"""A course followed to wherever it goes: to rest, round and round, or on for ever."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from transport_model.errors import SimulationError
from transport_model.mathematics.equations import Equations
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.zeros import staying_zero
from transport_model.model import Model
from transport_model.quantities import ids_set_by_event
from transport_model.simulation.causes import cause
from transport_model.simulation.event_watch import EventWatch
from transport_model.simulation.inputs import with_nothing_moved
from transport_model.simulation.integration import Integration
from transport_model.simulation.restart import refuse_negative_start
from transport_model.simulation.rhythm import Oscillation, oscillation
from transport_model.simulation.runner import runner_for
from transport_model.simulation.stops import Stops
from transport_model.simulation.tolerances import FINER, NO_STEP, absolute_tolerances

#: Relative tolerance of a course that is only followed to its end, and where its sums drift.
TOLERANCE, FINE = 1e-8, 1e-11
#: Most steps that CVODE takes at a stretch: an oscillation of a million periods is given up.
MAX_STEPS = 20_000
#: And most changes of a comparison, at each of which it starts to count anew.
MAX_CHANGES = 20_000
#: Periods and points of the stretch in which an oscillation is looked for.
PERIODS, POINTS = 40, 8001
#: How often it is looked at from nearer, and at how many turns where it seemed regular.
NEARER, FEWER = 5, 10
#: Looks at a course on its way, evenly in the logarithm of time from this share of it on.
LOOKS, SHORTEST = 60, 1e-4
#: Looks lie beside round numbers, which are where models switch.
BESIDE = 1.0137
#: An event that has been triggered this often goes on for ever, as far as anyone will see.
OFTEN = 2000
#: And switches by the time before which a course must have come to rest.
MOST_STOPS = 10_000


class Following:
    """One course of a model, from its own start, as far as it is asked to go.

    Parameters
    ----------
    model
        The model with its values.
    equations
        Its own.

    Attributes
    ----------
    times, looks
        The times of all looks at the course so far, the start among them, and the states then.
    switches
        Whether events or the time change how the model moves.
    stops
        How often it has switched by the time.
    stuck
        What the course could not get past, or nothing.

    Raises
    ------
    InputError
        A computed starting value is negative.
    """

    def __init__(self, model: Model, equations: Equations) -> None:
        self.switches = equations.has_events or equations.depends_on_time
        self._counts: dict[str, str] = {}
        self._due: dict[str, str] = {}
        self._twins: frozenset[str] = frozenset()
        self._set: dict[str, str] = {}
        self._model = model
        if equations.has_events:
            from transport_model.simulation.happenings import counted

            happenings = counted(model.sbml)
            self._model = replace(model, sbml=happenings.sbml)
            self._counts, self._due = happenings.counts, happenings.due
            self._twins = happenings.twins
            changed = ids_set_by_event(model.sbml)
            self._set = {name: _selection(model, name) for name in equations.constants
                         if species_of(name) in changed}  # fmt: skip
        self._runner = runner_for(self._model.sbml)
        self._states = equations.states
        self._selections = [_selection(model, state) for state in equations.states]
        self._read = ["time", *self._selections]
        self.stops = 0
        self._endless = self.stuck = ""
        self._watch = EventWatch({}, self._runner.changes, self._runner.moving, OFTEN, MAX_CHANGES)
        self._gave_up: float | None = None
        self._nudge: np.ndarray | float = 0.0
        self._share = 1.0
        self._tolerance = TOLERANCE
        self.times: list[float] = []
        self.looks: list[np.ndarray] = []
        self.restart()
        refuse_negative_start(self._model, self._runner)

    def restart(self, nudge: np.ndarray | float = 0.0) -> None:
        """Go back to the start, moved by `nudge`, a vector of states."""
        engine = self._runner.engine
        self._runner.restart(self._model)
        for name, value in zip(self._selections, self.states() + nudge, strict=True):
            if np.any(nudge):
                engine[name] = value
        self._nudge = nudge
        usual = absolute_tolerances(self._runner, self._tolerance)
        absolute = {name: self._share * value for name, value in usual.items()}
        self._runner.set_tolerances(self._tolerance, absolute)
        self.times, self.looks = [0.0], [self.states()]

    @property
    def time(self) -> float:
        """Where the course stands."""
        return self.times[-1]

    @property
    def last(self) -> np.ndarray:
        """The states where the course stands."""
        return self.looks[-1]

    @property
    def largest(self) -> float:
        """The largest size of any state at all looks so far."""
        return float(np.abs(self.looks).max(initial=0.0))

    @property
    def happened(self) -> dict[str, int]:
        """How often each event has been triggered so far."""
        engine = self._runner.engine
        return {event: round(engine[name]) for event, name in self._counts.items()}

    @property
    def due(self) -> dict[str, float]:
        """When each event with a delay has been, or will be, executed for the last time."""
        engine = self._runner.engine
        return {event: float(engine[name]) for event, name in self._due.items()}

    @property
    def often(self) -> str:
        """An event that happens for ever, or nothing."""
        return self._endless or next(
            (event for event, times in self.happened.items() if times >= OFTEN), ""
        )

    def values(self) -> dict[str, float]:
        """Return the states, and the constants that events set, where the course stands."""
        engine = self._runner.engine
        states = dict(zip(self._states, map(float, self.last), strict=True))
        return {**states, **{name: float(engine[text]) for name, text in self._set.items()}}

    def to(self, time: float) -> bool:
        """Go on to a time, looking on the way; tell whether the integrator came there.

        Where it gives up, the course stands where it was before, or at its start. Where an event
        keeps happening, it stops on the way.
        """
        before = self.time
        target = time * (BESIDE if self.switches else 1.0)
        try:
            self._advance_somehow(target)
        except (RuntimeError, SimulationError):
            self._gave_up = float(self._runner.engine.model.getTime())
            self.restart()  # a solver that failed leaves the engine anywhere
            if before > 0.0:
                try:
                    self._advance(before)
                except (RuntimeError, SimulationError):  # by other steps than before
                    self.restart()
            return False
        return self.time >= time

    def _advance_somehow(self, time: float) -> None:
        """Go on to a time; where that fails, from the start by what else may lead there."""
        try:
            self._advance(time)
            return
        except RuntimeError as error:
            holds = self._hold_zeros()
            if not holds and (self._share == FINER or NO_STEP not in str(error)):
                raise
            self._share = 1.0 if holds else FINER
        self.restart(self._nudge)
        try:
            self._advance(time)
        except RuntimeError:
            self._share = 1.0
            raise

    def _hold_zeros(self) -> bool:
        """Hold what is zero at the start, and only rounding moves; whether that is anything new."""
        zeros = {species_of(name) for name, value in zip(self._states, self.looks[0], strict=True)
                 if value == 0}.difference(ids_set_by_event(self._model.sbml))  # fmt: skip
        still = staying_zero(self._model.sbml, frozenset(zeros))
        places = [place for place, name in enumerate(self._states) if species_of(name) in still]
        if not np.any(np.array(self.looks)[:, places]):
            return False
        text, _ = with_nothing_moved(self._model.sbml, still)
        self._model = replace(self._model, sbml=text)
        self._runner = runner_for(text)
        self._watch = EventWatch({}, self._runner.changes, self._runner.moving, OFTEN, MAX_CHANGES)
        return True

    def finer(self, time: float) -> bool:
        """Follow the course anew by a finer tolerance; tell whether that is new and comes there."""
        if self._tolerance == FINE:
            return False
        self._tolerance = FINE
        self.restart()
        return self.to(time)

    def to_where_it_gave_up(self, share: float = 0.9) -> None:
        """Go from the start to this share of the time at which the integrator gave up, if ever."""
        for _ in range(NEARER):  # again and again, at ever earlier times
            if not self._gave_up:
                return
            self.restart()
            if self.to(share * self._gave_up):
                return

    def cause(self) -> str:
        """Return what the rates do where the integrator gave up last, or nothing; go there."""
        until = self._gave_up

        def follow(time: float) -> None:
            self.restart()
            if time > 0.0:
                self._advance(time)

        try:
            return "" if until is None else cause(self._runner, 0.0, until, follow)
        except (RuntimeError, SimulationError):
            return ""

    def _advance(self, time: float) -> None:
        looks = np.geomspace(time * SHORTEST, time, LOOKS)
        times = [self.time, *looks[looks > self.time * (1 + SHORTEST)]]
        engine = self._runner.engine
        if not self.switches:
            table = self._table(times)
            self.times.extend(table[1:, 0])
            self.looks.extend(table[1:, 1:])
            return
        engine.timeCourseSelections = self._read
        for ends in itertools.pairwise(map(float, times)):
            stops = Stops(
                self._runner, self._model, ends, 0.0, False, OFTEN, MAX_CHANGES, self._twins,
                MAX_STEPS,
            )  # fmt: skip
            stops.begin()
            self.stops += stops.ahead()
            if self.stops > MOST_STOPS:
                return
            try:
                pieces = stops.follow(list(ends))
            finally:
                self._endless = stops.endless
                self.stuck = stops.stuck
            self.times.append(ends[1])
            self.looks.append(pieces[-1][-1, 1:])
            if self.often:
                return

    def _table(self, times: Sequence[float]) -> np.ndarray:
        """Go on without stops; return times and states on the way, (points, 1 + states)."""
        engine = self._runner.engine
        engine.timeCourseSelections = self._read
        length = times[-1] - times[0]
        self._watch.begin(engine.model, length)
        integration = Integration(
            self._runner, self._model.name, length, MAX_STEPS, self._watch.signals_put_off
        )
        try:
            return integration.over(list(times))
        except RuntimeError:
            self._watch.given_up(engine.model)
            self.stuck = self._watch.reason if self._watch.is_stuck else ""
            raise

    def states(self) -> np.ndarray:
        """Return the states where the course stands."""
        return np.array([self._runner.engine[name] for name in self._selections])

    def stretch(self, length: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Go on for a length of time; return times and states (points, states) on the way."""
        try:
            table = self._table(np.linspace(self.time, self.time + length, POINTS).tolist())
        except RuntimeError:
            return None
        self.times.append(table[-1, 0])
        self.looks.append(table[-1, 1:])
        return table[:, 0], table[:, 1:]

    def oscillation(self, period: float) -> Oscillation | None:
        """Go on for some periods of about this length; return the oscillation, if there is one."""
        cycle = self._cycle(PERIODS * period)
        for _ in range(NEARER):
            if cycle is None:
                return None
            # Fast turns that are sampled too sparsely look slow, or irregular
            nearer = self._cycle((PERIODS if cycle.period is None else FEWER) * cycle.turn)
            faster = nearer is not None and nearer.turn < cycle.turn / 2
            clearer = nearer is not None and nearer.period is not None and cycle.period is None
            if not (faster or clearer):
                return cycle
            cycle = nearer
        return cycle

    def _cycle(self, length: float) -> Oscillation | None:
        """Go on for a length of time; return the oscillation that is seen over its later half."""
        found = self.stretch(length)
        return None if found is None else oscillation(*found)


def _selection(model: Model, state: str) -> str:
    """Return libRoadRunner's name for a state: bare for amounts, bracketed for concentrations."""
    quantity = model.quantities.get(species_of(state))
    if quantity is None:  # a stoichiometry
        return state
    is_species = quantity.kind in ("floating", "boundary")
    concentration = state == quantity.id and is_species and not quantity.is_amount
    return f"[{quantity.id}]" if concentration else quantity.id
