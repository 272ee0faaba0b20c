"""Time courses with libRoadRunner's CVODE: one, or many from values of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from transport_model.columns import column_units, with_units
from transport_model.errors import InputError, SimulationError, UnknownIdError
from transport_model.mathematics.zeros import may_hold_traces, staying_zero
from transport_model.model import Model, check_model
from transport_model.quantities import ids_set_by_event, rule_kinds
from transport_model.simulation.causes import cause, passed_pole
from transport_model.simulation.columns import first_not_finite, selections_of
from transport_model.simulation.inputs import (
    Input,
    Ramp,
    Step,
    changed_ids,
    check_inputs,
    checked_tolerance,
    course_pieces,
    course_times,
    set_inputs,
    with_looks,
    with_nothing_moved,
    with_slopes,
)
from transport_model.simulation.restart import Restart, refuse_negative_start
from transport_model.simulation.runner import failure, runner_for
from transport_model.simulation.stops import MAX_ROUNDS, Stops
from transport_model.simulation.tolerances import (
    FINER,
    LOOKS,
    MAX_LOOKS,
    RELATIVE_TOLERANCE,
    Tolerances,
    tolerances_after,
)


def simulate(
    model: Model,
    end: float,
    points: int,
    *,
    start: float = 0.0,
    inputs: Sequence[Input] = (),
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> pd.DataFrame:
    """Integrate a model from its starting values.

    Parameters
    ----------
    model
        What to run; nothing of it changes.
    end
        Last time point, in the model's unit of time (s).
    points
        Number of equally spaced points, the first and the last included.
    start
        First time point.
    inputs
        Steps and ramps. The integrator stops and starts anew at each, so that no step of its own
        runs over one.
    relative_tolerance
        CVODE's relative tolerance. The absolute tolerance of each state is that times a
        thousandth of its starting amount, because a cell's charge and its water differ by six
        decades. A state that starts at zero has the tolerance of the others, and where it stays
        far smaller, or falls to a trace and grows again, one of its own size. Where no step is
        short enough for them, the absolute ones are far smaller; where the integrator's iterations
        do not converge, the course is followed at 1e-8.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``time``; a column per species (a concentration, or an amount where the model
        says so), amount ``n_<id>``, rule and reaction, and per quantity that an event, an initial
        assignment or an input sets. A time at which an input jumps or bends occurs twice: before
        and after. Where a rule or a reaction has no finite value with the model's own numbers
        either, NaN or infinity. Units of all columns and of ``time`` in ``attrs["units"]``.

    Raises
    ------
    InputError
        `end`, `points` or a computed starting value makes no sense.
    SimulationError
        The integrator gave up, an event happens without end, or the course left the finite
        numbers, or a rule or a reaction did that has finite numbers with the values of the file.
    """
    courses = Courses(
        model, end, points, start=start, inputs=inputs, relative_tolerance=relative_tolerance
    )
    courses.restart(model.changes)
    result = courses.follow()
    broken = courses.not_finite(result)
    if broken:
        raise SimulationError(f"model '{model.name}': {', '.join(broken)} left the finite numbers")
    lost = courses.lost(result)
    if lost:
        first = min(lost, key=lost.__getitem__)
        others = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        raise SimulationError(
            f"model '{model.name}': '{first}'{others} has no finite value at time {lost[first]:g}"
            " and the values set; with those of the model's own file it has one"
        )
    index = pd.Index(result[:, 0], name="time")
    course = pd.DataFrame(result[:, 1:], index=index, columns=courses.columns)
    return with_units(course, column_units(model, ["time", *courses.columns]))


class Courses:
    """Many courses of one model over the same times, each from values of its own.

    A course depends on its own values alone, to the last bit, whatever the process has computed
    before; it is the one that :func:`simulate` returns for them.

    Parameters
    ----------
    model, end, points, start, inputs, relative_tolerance
        As for :func:`simulate`; of `model`, only what is no value set on it.
    outputs
        Columns to compute, among those that :func:`simulate` returns; all by default.
    own_breaks
        Whether the times at which the model itself switches get rows of their own: a pulse peaks
        at its end, whatever the grid.
    times
        Rising times from `start` to `end` at which rows are wanted, in place of `points` equally
        spaced ones.

    Attributes
    ----------
    columns
        What a course holds besides the time: `outputs`, and behind them the other states, by
        which a course is seen to have left the finite numbers.

    Raises
    ------
    UnknownIdError
        An output or an input names nothing in the model.
    InputError
        `end`, `points`, an input or the tolerance makes no sense.
    """

    def __init__(
        self,
        model: Model,
        end: float,
        points: int,
        *,
        start: float = 0.0,
        inputs: Sequence[Input] = (),
        outputs: Sequence[str] | None = None,
        own_breaks: bool = False,
        times: np.ndarray | None = None,
        relative_tolerance: float = RELATIVE_TOLERANCE,
    ) -> None:
        check_model(model)
        start, end, points = course_times(start, end, points)
        relative_tolerance = checked_tolerance(relative_tolerance)
        self._of_the_file = partial(
            Courses, replace(model, changes={}), end, points, start=start,
            own_breaks=own_breaks, relative_tolerance=relative_tolerance,
        )  # fmt: skip
        inputs = self._inputs = check_inputs(model, inputs, start, end)
        self._relative = relative_tolerance
        self._selections = selections_of(model)
        for name in changed_ids(inputs):
            quantity = model.quantities[name]
            bare = quantity.kind == "parameter" or quantity.is_amount
            self._selections.setdefault(name, name if bare else f"[{name}]")
        floating = [name for name, q in model.quantities.items() if q.kind == "floating"]
        wanted = list(self._selections) if outputs is None else list(outputs)
        for name in wanted:
            if name not in self._selections:
                raise UnknownIdError.of(name, self._selections, f"the results of '{model.name}'")
        self._rated = [name for name, kind in rule_kinds(model.sbml).items() if kind == "rate"]
        moving = dict.fromkeys([*floating, *self._rated])
        self.columns = list(dict.fromkeys([*wanted, *moving]))
        self._watched = [(self.columns.index(name) + 1, name) for name in moving]
        self._read = ["time", *(self._selections[name] for name in self.columns)]
        grid = np.linspace(start, end, points) if times is None else times
        close = 1e-9 * float(np.diff(grid).min())
        apart = (end - start) / LOOKS if may_hold_traces(model.sbml) else np.inf
        self._pieces, self._looks = with_looks(course_pieces(inputs, grid), apart)
        self._start, self._end = start, end
        ramped = self._ramped = sorted({item.id for item in inputs if isinstance(item, Ramp)})
        self._slopes: dict[str, str] = {}
        if ramped:
            text, self._slopes = with_slopes(model.sbml, ramped)
            model = replace(model, sbml=text)
        self._close, self._own_breaks = close, own_breaks
        self._changes: Mapping[str, float] = {}
        self._share = 1.0
        self._lost_anyway: Mapping[str, float] | None = None
        stepped = (name for item in self._inputs if isinstance(item, Step) for name in item.values)
        self._set_on_the_way = {*ids_set_by_event(model.sbml), *stepped}
        self._use(model)

    def _use(self, model: Model) -> None:
        """Follow the courses of a model with the same quantities."""
        self._model = model
        self._runner = runner_for(model.sbml)
        ends = self._start, self._end
        self._stops = Stops(self._runner, model, ends, self._close, self._own_breaks)
        self._tolerances = Tolerances(self._runner, self._ramped)
        self._places: Restart | None = None

    def restart(self, changes: Mapping[str, float]) -> None:
        """Put every quantity in place, with `changes` on the SBML's values, and go to the start.

        Parameters
        ----------
        changes
            Values by id, in model units: numbers that :meth:`Model.validated_value` lets pass.

        Raises
        ------
        InputError
            A start that the model computes lies outside its domain.
        UnsupportedModelError
            The model cannot be restarted with these ids changed; see :meth:`Runner.restart`.
        """
        if self._places is None or self._places.changed != changes.keys():
            self._places = Restart(self._runner, self._model, changes.keys())
        self._places.put(changes)
        self._changes = changes
        refuse_negative_start(self._model, self._runner)

    def follow(self) -> np.ndarray:
        """Integrate from where :meth:`restart` has gone to.

        Returns
        -------
        numpy.ndarray
            A row per time point; the time, then a column per item of `columns`.

        Raises
        ------
        SimulationError
            The integrator gave up, or an event happens without end.
        """
        still = self._staying_zero()
        try:
            result = self._past_no_pole(self._at_some_tolerance())
        except RuntimeError as error:
            if not still:
                raise self._failure(error) from None
        else:
            columns = [place for place, name in enumerate(self.columns, 1) if name in still]
            if not result[:, columns].any():
                return result
        # Only rounding has moved them
        usual, read = self._model, self._read
        text, rates = with_nothing_moved(usual.sbml, still)
        try:
            self._use(replace(usual, sbml=text))
            self._read = [*read, *rates.values()]
            self.restart(self._changes)
            result = self._at_some_tolerance()
        except RuntimeError as error:
            raise self._failure(error) from None
        finally:
            self._use(usual)
            self._read = read
        lost = first_not_finite(result[:, [0, *range(len(read), result.shape[1])]], list(rates))
        for name, time in lost.items():
            raise SimulationError(
                f"model '{usual.name}': the rate of '{name}' has no finite value at time {time:g}"
            )
        return result[:, : len(read)]

    def _failure(self, error: RuntimeError) -> SimulationError:
        """Return an error as one of ours, with its cause."""

        def follow(time: float) -> None:
            self.restart(self._changes)
            self._stops.begin()
            if time > self._start:
                self._stops.follow([self._start, time])

        doing = f"integration to {self._end:g}"
        if isinstance(error, SimulationError) or self._inputs:
            return failure(error, self._model, doing)
        until = self._runner.engine.model.getTime()
        return failure(error, self._model, doing, cause(self._runner, self._start, until, follow))

    def _past_no_pole(self, course: np.ndarray) -> np.ndarray:
        """Return a course that is determined, by finer absolute tolerances if it takes them."""

        def again(relative: float) -> np.ndarray:
            self.restart(self._changes)
            return self._at_own_sizes(relative)

        while passed := passed_pole(course, self._watched, lambda: again(self._relative / 10)):
            if self._share == FINER or not may_hold_traces(self._model.sbml):
                raise SimulationError(
                    f"model '{self._model.name}': {passed} before time {self._end:g}; what comes"
                    " after it is not determined"
                )
            self._share = FINER  # it may be a trace that grew out of rounding
            course = again(self._relative)
        return course

    def _staying_zero(self) -> frozenset[str]:
        """Return the states that are zero at the start, and that no equation moves from there."""
        engine = self._runner.engine
        sizes = engine.model.getFloatingSpeciesAmounts()
        names = zip(engine.model.getFloatingSpeciesIds(), sizes, strict=True)
        zeros = {name for name, size in names if size == 0}
        zeros |= {name for name in self._rated if engine[name] == 0}
        return staying_zero(self._model.sbml, frozenset(zeros - self._set_on_the_way))

    def _at_some_tolerance(self) -> np.ndarray:
        self._share = 1.0
        try:
            return self._at_own_sizes(self._relative)
        except RuntimeError as error:
            tolerance, self._share = tolerances_after(error, self._relative)
        self.restart(self._changes)
        return self._at_own_sizes(tolerance)

    def _at_own_sizes(self, tolerance: float) -> np.ndarray:
        """Follow a course, and again if a state was smaller than it was taken for."""
        zeros = {name for _, name in self._watched if self._runner.engine[name] == 0}
        self._tolerances.begin()
        course = self._with_every_stop(tolerance)
        for _ in range(MAX_LOOKS):
            # From concentrations, with the sizes of the end, which is near enough
            sizes = {name: course[:, at] * self._volume(name) for at, name in self._watched}
            if not self._tolerances.learn(sizes, zeros):
                break
            self.restart(self._changes)
            try:
                course = self._with_every_stop(tolerance)
            except RuntimeError:
                break  # rounding is all that there is of it
        return course[~np.isin(course[:, 0], self._looks)] if self._looks else course

    def _volume(self, name: str) -> float:
        """Return what turns a state's column into an amount."""
        quantity = self._model.quantities.get(name)
        if quantity is None or quantity.kind not in {"floating", "boundary"} or quantity.is_amount:
            return 1.0
        return float(self._runner.engine[quantity.compartment])

    def _with_every_stop(self, tolerance: float) -> np.ndarray:
        """Follow a course, and again if events on its way set times that it then ran over."""
        stops: set[float] = set()
        for _ in range(MAX_ROUNDS):
            self._stops.begin(stops)
            course = self._followed(tolerance)
            if self._stops.missed <= stops:
                return course
            stops |= self._stops.missed
            self.restart(self._changes)
        raise SimulationError(
            f"model '{self._model.name}': events set the times of its switches more than"
            f" {MAX_ROUNDS} times in this course; simulate less at a time"
        )

    def _followed(self, tolerance: float) -> np.ndarray:
        engine = self._runner.engine
        # Other courses use the same engine: read what it holds, which is cheaper than to set it
        if engine.timeCourseSelections != self._read:
            engine.timeCourseSelections = self._read
        self._tolerances.set(tolerance, self._share)
        steps = {item.time for item in self._inputs if isinstance(item, Step)}
        pieces = [self._now(self._start)] if self._start in steps else []
        for times in self._pieces:
            set_inputs(engine, self._inputs, times[0], self._selections, self._slopes)
            pieces += self._stops.follow(times)
        if self._end in steps:
            set_inputs(engine, self._inputs, self._end, self._selections, self._slopes)
            pieces.append(self._now(self._end))
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)

    def _now(self, time: float) -> np.ndarray:
        return np.array([[time, *(self._runner.engine[name] for name in self._read[1:])]])

    def not_finite(self, course: np.ndarray) -> list[str]:
        """Return the states that left the finite numbers in a course."""
        return [name for at, name in self._watched if not np.isfinite(course[:, at]).all()]

    def lost(self, course: np.ndarray) -> dict[str, float]:
        """Return the first time without a finite number, of columns that the file gives numbers."""
        found = first_not_finite(course, self.columns)
        if found and self._lost_anyway is None:
            own = self._of_the_file()
            try:
                own.restart({})
                self._lost_anyway = first_not_finite(own.follow(), own.columns)
            except (InputError, SimulationError):  # there are no own numbers to compare with
                self._lost_anyway = found
        return {n: time for n, time in found.items() if n not in (self._lost_anyway or ())}
