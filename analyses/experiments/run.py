"""Run an experiment: a course for every arm, the measures, and the verdict on its claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model, Step, evaluate, notebook, simulate, steady_state
from transport_model.columns import with_units
from transport_model.errors import ComputationError, InputError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.formulas import TIME, Formula
from transport_model.notebook import Cell

from ..reductions import SAME, Bracket
from ..studies.energetics import energetics
from ..verdict import Verdict
from .arms import Arm
from .checks import COLUMNS
from .protocols import Measure, Protocol, Start, protocol_path, read_protocol

#: Times that close in on every change, each half as far from it as the one before.
CLOSING_IN = 12
#: Times by which the interval of a crossing is split, and how often.
SPLIT, ROUNDS = 16, 2


@dataclass(frozen=True)
class Experiment:
    """What an experiment found.

    Attributes
    ----------
    protocol
        What was done.
    courses
        Columns ``arm``, ``time``, what is watched and what measures are made of. A time at which
        something is changed occurs twice: before and after. NaN where an arm lacks a quantity.
    units
        Of the columns of `courses`.
    measures
        Columns ``name``, ``arm``, ``value``, ``unit``, ``what``.
    checks
        Columns ``that``, ``meaning``, ``why``, ``values`` (the measures with their numbers),
        ``effect``, ``low``, ``high`` and their ``unit`` (NaN for a condition), ``holds``. A check
        of a measure without a value does not hold.
    verdict
        Holds if every check does.
    """

    protocol: Protocol
    courses: pd.DataFrame
    units: Mapping[str, str]
    measures: pd.DataFrame
    checks: pd.DataFrame
    verdict: Verdict

    def _repr_html_(self) -> str:
        checks = [(Cell(notebook.badge("yes" if check.holds else "no", bool(check.holds))),
                   check.meaning or check.that, check.that, check.values)
                  for check in self.checks.itertuples()]  # fmt: skip
        return "".join([
            notebook.heading(self.protocol.title, "experiment"),
            notebook.line(notebook.badge(str(self.verdict), self.verdict.good)),
            notebook.note(self.protocol.claim) if self.protocol.claim else "",
            notebook.table(["holds", "check", "formula", "with"], checks) if checks else "",
            notebook.table([str(name) for name in self.measures],
                           self.measures.itertuples(index=False)),
        ])  # fmt: skip


def run_experiment(
    protocol: Protocol | str | Path, *, progress: Callable[[str], object] | None = None
) -> Experiment:
    """Run every arm of an experiment, measure, and judge its claim.

    Beside the points that the protocol asks for, a course has every time that a measure names and
    times that close in on each change. Crossings are looked for again within the interval they fall
    in, until it is 256 times shorter. Means and integrals follow the trapezoidal rule.

    Parameters
    ----------
    protocol
        As :func:`read_protocol` returns it; or the name of a shipped experiment, or the path of a
        protocol.
    progress
        Called with the name of each arm before it is run.

    Returns
    -------
    Experiment
        The course of every arm, the measures, the checks and the verdict.

    Raises
    ------
    ComputationError
        An arm has no certified steady state, or could not be simulated.
    InputError
        There is no such experiment, its file is not of the form of a protocol, an arm's values
        contradict one another, or its model has no steady state to start from.
    """
    if not isinstance(protocol, Protocol):
        protocol = read_protocol(protocol_path(protocol))
    runs: dict[str, _Run] = {}
    rested: dict[Model, Model] = {}
    values: dict[str, float] = {}
    for arm in protocol.arms:
        if progress is not None:
            progress(arm.name)
        measures = [measure for measure in protocol.measures if measure.arm == arm.name]
        try:
            if protocol.start is Start.REST and arm.resting not in rested:
                read_equations(arm.resting.sbml).require_standing_rates(
                    f"model '{arm.resting.name}' cannot start from rest, which would set its"
                    " clock back (start: given)"
                )
                state = steady_state(arm.resting)
                rested[arm.resting] = arm.resting.starting_from(state.values)
            started = arm.clamped(rested.get(arm.resting, arm.resting))
            runs[arm.name], found = _run(protocol, arm, started, measures)
        except (ComputationError, InputError) as error:
            kind = InputError if isinstance(error, InputError) else ComputationError
            where = f"experiment '{protocol.name}', arm '{arm.name}'"
            raise kind(f"{where}: {error}") from None
        values |= found
    measured = {measure.name: measure.unit for measure in protocol.measures}
    checks = pd.DataFrame(
        [check.judged(values, measured) for check in protocol.checks], columns=list(COLUMNS)
    )
    verdict = Verdict.HOLDS if bool(checks["holds"].all()) else Verdict.REFUTED
    courses, units = _courses(protocol, runs)
    return Experiment(
        protocol=protocol,
        courses=courses,
        units=units,
        measures=pd.DataFrame(
            [(m.name, m.arm, values[m.name], m.unit, m.what) for m in protocol.measures],
            columns=["name", "arm", "value", "unit", "what"],
        ),
        checks=checks,
        verdict=verdict if len(checks) else Verdict.NO_CLAIM,
    )


@dataclass(frozen=True)
class _Run:
    """An arm's course, and what formulas find in it."""

    arm: Arm
    course: pd.DataFrame
    energies: pd.DataFrame | None

    @property
    def times(self) -> np.ndarray:
        return self.course.index.to_numpy(dtype=float)

    def values(self, name: str) -> Any:
        if name == TIME:
            return self.times
        if name in self.course.columns:
            return self.course[name].to_numpy(dtype=float)
        if name in self.arm.names:
            return self.arm.subject.quantities[name].value
        assert self.energies is not None  # names are checked when a protocol is read
        return self.energies[name].to_numpy(dtype=float)

    def of(self, formula: Formula) -> np.ndarray:
        result = formula({name: self.values(name) for name in formula.names})
        return np.broadcast_to(result, self.times.shape).astype(float)


def _run(
    protocol: Protocol, arm: Arm, started: Model, measures: Sequence[Measure]
) -> tuple[_Run, dict[str, float]]:
    """Run an arm and measure; crossings once more, ever closer."""
    stops = {time for measure in measures for time in measure.reduction.times}
    stops |= closing_in(protocol, arm)
    formulas = [*(w.formula for w in protocol.watched), *(m.formula for m in measures)]
    needs_energies = any(name not in arm.names for formula in formulas for name in formula.names)

    def run() -> tuple[_Run, dict[str, tuple[float, Bracket | None]]]:
        course = _course(protocol, arm, started, stops)
        done = _Run(arm, course, energetics(started, course) if needs_energies else None)
        return done, {
            m.name: m.reduction.bracketed(done.times, done.of(m.formula)) for m in measures
        }

    done, found = run()
    for _ in range(ROUNDS):
        brackets = [bracket for _, bracket in found.values() if bracket is not None]
        if not brackets:
            break
        for low, high in brackets:
            stops |= set(np.linspace(low, high, SPLIT + 1).tolist())
        done, found = run()
    return done, {name: value for name, (value, _) in found.items()}


def closing_in(protocol: Protocol, arm: Arm) -> set[float]:
    """Return times at which what a change sets off can be seen, however fast it is."""
    spacing = protocol.duration / (protocol.points - 1)
    changed = {time for change in arm.changes for time in (change.start, change.end)}
    if arm.hold or protocol.start is Start.GIVEN:
        changed.add(0.0)
    after = {time + spacing / 2**k for time in changed for k in range(1, CLOSING_IN + 1)}
    return {time for time in after if time < protocol.duration}


def _course(protocol: Protocol, arm: Arm, started: Model, stops: set[float]) -> pd.DataFrame:
    """Simulate an arm so that its course has every time of `stops`."""
    changes = [(c.start, c.end) for c in arm.changes]
    breaks = {time for span in changes for time in span}
    inner: list[Step] = []
    taken = {0.0, protocol.duration, *breaks}
    for time in sorted(stops):
        if all(abs(time - other) > SAME * protocol.duration for other in taken):
            inner.append(Step(time, {}))
            taken.add(time)
    course = simulate(started, protocol.duration, protocol.points, inputs=[*arm.inputs, *inner])
    index = course.index.to_numpy(dtype=float)
    twice = np.append(index[1:] == index[:-1], False)
    course = course[~twice | np.isin(index, list(breaks))]
    if 0.0 in breaks and not twice[0]:
        before = evaluate(started, pd.DataFrame(index=pd.Index([0.0], name="time")))
        still = {name: started.quantities[name].value for name in course.columns
                 if name not in before.columns}  # fmt: skip
        course = pd.concat([before.assign(**still)[course.columns], course])
    return course


def _courses(protocol: Protocol, runs: Mapping[str, _Run]) -> tuple[pd.DataFrame, dict[str, str]]:
    tables = []
    units = {TIME: protocol.time_unit}
    for name, run in runs.items():
        columns: dict[str, np.ndarray] = {}
        for watched in protocol.watched:
            columns[watched.column] = run.of(watched.formula)
            units[watched.column] = watched.unit
        for used in _used(protocol, run.arm):
            columns[used] = np.broadcast_to(run.values(used), run.times.shape)
            units[used] = run.arm.unit(used)
        tables.append(pd.DataFrame({"arm": name, "time": run.times, **columns}))
    return with_units(pd.concat(tables, ignore_index=True), units), units


def _used(protocol: Protocol, arm: Arm) -> Iterator[str]:
    """Yield the ids that measures are made of and `arm` has."""
    names = dict.fromkeys(n for m in protocol.measures for n in m.formula.names if n != TIME)
    for name in names:
        if name in arm.names or name in arm.energy_columns:
            yield name
