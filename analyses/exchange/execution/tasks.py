"""Tasks of a SED-ML document, run: single ones, and repeated ones within each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np

from transport_model.errors import (
    ComputationError,
    InputError,
    ModelFileError,
    UnsupportedModelError,
)

from .algorithms import check_algorithm, relative_tolerance
from .document import (
    Computation,
    Course,
    Document,
    Range,
    RepeatedTask,
    Rest,
    SetValue,
    Simulation,
    SubTask,
    Task,
    Variable,
)
from .formulas import Formula
from .model_files import ModelFiles
from .states import State

T = TypeVar("T")
#: Most simulations of one task, most values that they give, and most tasks within each other.
MAX_RUNS, MAX_NUMBERS, MAX_NESTED = 100_000, 50_000_000, 16


@dataclass(frozen=True, eq=False)
class Result:
    """What one simulation gave: the model's id, and arrays by column."""

    model: str
    arrays: Mapping[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Repeated:
    """What a repeated task gave: results by iteration, then by subtask."""

    iterations: tuple[tuple[Result | Repeated, ...], ...]
    concatenate: bool


@dataclass(frozen=True)
class _Setting:
    """A quantity of a model and the value that a repeated task has set it to."""

    model: str
    name: str
    value: float


@dataclass(frozen=True)
class _Size:
    """How many simulations a task runs, how many points these have, how deep it is nested."""

    runs: int
    points: int
    depth: int


class Tasks:
    """Runs tasks of one document.

    Parameters
    ----------
    document
        The SED-ML.
    files
        Its models.
    substitutes
        Whether CVODE may stand for other deterministic algorithms.
    """

    def __init__(self, document: Document, files: ModelFiles, *, substitutes: bool = True) -> None:
        self._document = document
        self._files = files
        self._substitutes = substitutes
        self._formulas: dict[tuple[int, tuple[str, ...]], Formula] = {}
        self._sizes: dict[tuple[str, tuple[str, ...]], _Size] = {}
        self._states: dict[str, Callable[[], State]] = {}
        self._wanted: Mapping[str, Iterable[str]] = {}
        #: What is to be known of results of the task that was run last, and how often it was so.
        self.remarks: dict[str, int] = {}

    def task(self, key: str) -> Task | RepeatedTask:
        """Return a task by its id; InputError if there is none or it is not supported."""
        return self._entry(self._document.tasks, key, "task")

    def models(self, key: str) -> list[str]:
        """Return the ids of the models that a task runs, each once."""
        task = self.task(key)
        if isinstance(task, Task):
            return [task.model]
        return list(dict.fromkeys(m for sub in task.subtasks for m in self.models(sub.task)))

    def simulations(self, key: str) -> list[Simulation]:
        """Return the simulations that a task runs, each once."""
        task = self.task(key)
        if isinstance(task, Task):
            return [self._entry(self._document.simulations, task.simulation, "simulation")]
        found = [item for sub in task.subtasks for item in self.simulations(sub.task)]
        return list({item.id: item for item in found}.values())

    def check(self, key: str, columns: int) -> None:
        """Raise if a task cannot be run: what it refers to is missing, or not supported.

        Parameters
        ----------
        key
            The task.
        columns
            How many columns are kept of each simulation.

        Raises
        ------
        InputError
            The message names the element, its id, and what is wrong with it.
        """
        size = self._size(key, (), ())
        numbers = size.points * max(columns, 1)
        if size.runs > MAX_RUNS or numbers > MAX_NUMBERS:
            raise InputError(
                f"{self._document.where}: task '{key}' is {size.runs:,} simulations of {numbers:,}"
                f" numbers; at most {MAX_RUNS:,} and {MAX_NUMBERS:,} are computed: take fewer"
                " points"
            )

    def _size(self, key: str, chain: tuple[str, ...], names: tuple[str, ...]) -> _Size:
        """Return how large a task is, after a look at it.

        `chain` are the tasks around it, `names` the ranges that they run over.
        """
        if key in chain:
            raise ModelFileError(f"{self._document.where}: task '{key}' is a part of itself")
        if len(chain) < MAX_NESTED and (key, names) not in self._sizes:
            self._sizes[key, names] = self._looked_at(key, chain, names)
        size = self._sizes.get((key, names))
        if size is None or len(chain) + size.depth > MAX_NESTED:
            raise ModelFileError(
                f"{self._document.where}: tasks are nested more than {MAX_NESTED} deep"
            )
        return size

    def _looked_at(self, key: str, chain: tuple[str, ...], names: tuple[str, ...]) -> _Size:
        task = self.task(key)
        if isinstance(task, Task):
            return _Size(1, self._points(task), 1)
        main = next(part for part in task.ranges if part.id == task.range)
        names = self._check_ranges(task, main, names)
        for change in (*task.changes, *(c for sub in task.subtasks for c in sub.changes)):
            self._check_setting(change, names)
        parts = [self._size(sub.task, (*chain, key), names) for sub in task.subtasks]
        times = len(main.values)
        return _Size(
            times * sum(part.runs for part in parts),
            times * sum(part.points for part in parts),
            1 + max(part.depth for part in parts),
        )

    def _points(self, task: Task) -> int:
        simulation = self._entry(self._document.simulations, task.simulation, "simulation")
        try:
            check_algorithm(simulation, substitutes=self._substitutes)
            relative_tolerance(simulation.algorithm)
        except InputError as error:
            raise type(error)(f"{self._document.where}: {error}") from None
        self._files[task.model]
        if isinstance(simulation, Course):
            return simulation.steps + 1
        return 1 if isinstance(simulation, Rest) else 2

    def _check_ranges(
        self, task: RepeatedTask, main: Range, names: tuple[str, ...]
    ) -> tuple[str, ...]:
        """Return the names of all ranges, in the order in which :meth:`_ranges` has them."""
        where = self._document.where
        if main.computation is not None:
            raise UnsupportedModelError(
                f"{where}: task '{task.id}' runs over {main.told}, a formula; a uniformRange or a"
                " vectorRange says how often"
            )
        for part in task.ranges:
            if part.computation is None and len(part.values) < len(main.values):
                raise ModelFileError(
                    f"{where}: {part.told} of task '{task.id}' has {len(part.values)} values, its"
                    f" range '{main.id}' {len(main.values)}"
                )

        held = tuple(part.id for part in task.ranges if part.computation is None)
        names = tuple(dict.fromkeys((*names, *held)))
        for part in task.ranges:
            if part.computation is not None:
                self._formula(part.computation, names)
                for variable in part.computation.variables:
                    self._check_variable(variable, "", part.told)
                names = tuple(dict.fromkeys((*names, part.id)))
        return names

    def _check_setting(self, change: SetValue, names: tuple[str, ...]) -> None:
        told = f"{self._document.where}: {change.told}"
        model = self._files[change.model]
        name = model.quantity(change.target, told)
        quantity = model.model.quantities.get(name)
        if quantity is None:
            raise UnsupportedModelError(f"{told}: the rate of reaction '{name}' cannot be set")
        if quantity.computed == "rule":
            raise ModelFileError(f"{told}: '{name}' follows a rule of the model and cannot be set")
        self._formula(change.computation, names)
        for variable in change.computation.variables:
            self._check_variable(variable, change.model, change.told)

    def _check_variable(self, variable: Variable, model: str, owner: str) -> None:
        told = f"{self._document.where}: variable '{variable.id}' of {owner}"
        if not (variable.model or model):
            raise ModelFileError(f"{told} has no modelReference")
        home = self._files[variable.model or model]
        if not variable.is_time:
            home.column(variable, told)

    def _formula(self, computation: Computation, names: tuple[str, ...]) -> Formula:
        """Return a formula that may use the values of ranges."""
        key = id(computation), names
        if key not in self._formulas:
            try:
                self._formulas[key] = Formula(computation, names)
            except InputError as error:
                raise type(error)(f"{self._document.where}: {error}") from None
        return self._formulas[key]

    def run(self, key: str, wanted: Mapping[str, Iterable[str]]) -> Result | Repeated:
        """Run a task from the models as they are at the start.

        Parameters
        ----------
        key
            A task that :meth:`check` let pass.
        wanted
            Columns to keep, by model.

        Raises
        ------
        ComputationError, InputError
            A simulation could not be computed; the message names the task.
        """
        self._states, self._wanted, self.remarks = {}, wanted, {}
        return self._run(key, (), {})

    def _run(
        self, key: str, outer: tuple[_Setting, ...], ranges: Mapping[str, float]
    ) -> Result | Repeated:
        task = self.task(key)
        if isinstance(task, RepeatedTask):
            return Repeated(tuple(self._repeat(task, outer, ranges)), task.concatenate)
        simulation = self._entry(self._document.simulations, task.simulation, "simulation")
        try:
            state = self._state(task.model)
            arrays, self._states[task.model] = state.after(simulation, self._remark)
        except InputError as error:
            raise type(error)(f"task '{key}' of {self._document.where}: {error}") from None
        except ComputationError as error:
            raise ComputationError(f"task '{key}' of {self._document.where}: {error}") from None
        kept = {name: arrays[name] for name in self._wanted.get(task.model, ())}
        return Result(task.model, kept)

    def _remark(self, text: str) -> None:
        self.remarks[text] = self.remarks.get(text, 0) + 1

    def _repeat(
        self, task: RepeatedTask, outer: tuple[_Setting, ...], ranges: Mapping[str, float]
    ) -> Iterator[tuple[Result | Repeated, ...]]:
        times = len(next(part for part in task.ranges if part.id == task.range).values)
        for place in range(times):
            if task.reset:
                for model in self.models(task.id):
                    self._states.pop(model, None)
                for setting in outer:  # or a scan within a scan would undo the outer one
                    self._set(setting)
            values = {**ranges, **self._ranges(task, place, ranges)}
            settings = list(outer)
            for change in task.changes:
                settings.append(self._changed(change, values))
            yield tuple(self._subtask(sub, tuple(settings), values) for sub in task.subtasks)

    def _subtask(
        self, sub: SubTask, outer: tuple[_Setting, ...], ranges: Mapping[str, float]
    ) -> Result | Repeated:
        settings = tuple(self._changed(change, ranges) for change in sub.changes)
        return self._run(sub.task, (*outer, *settings), ranges)

    def _ranges(
        self, task: RepeatedTask, place: int, outer: Mapping[str, float]
    ) -> Mapping[str, float]:
        values = {p.id: p.values[place] for p in task.ranges if p.computation is None}
        for part in task.ranges:
            if part.computation is not None:
                values[part.id] = self._number(part.computation, {**outer, **values}, "")
        return values

    def _changed(self, change: SetValue, ranges: Mapping[str, float]) -> _Setting:
        told = f"{self._document.where}: {change.told}"
        name = self._files[change.model].quantity(change.target, told)
        value = self._number(change.computation, ranges, change.model)
        setting = _Setting(change.model, name, value)
        try:
            self._set(setting)
        except InputError as error:
            raise InputError(f"{told}: {error}") from None
        return setting

    def _set(self, setting: _Setting) -> None:
        state = self._state(setting.model).with_value(setting.name, setting.value)
        self._states[setting.model] = partial(_same, state)

    def _number(self, computation: Computation, ranges: Mapping[str, float], model: str) -> float:
        """Return what a formula comes to where the models stand."""
        told = f"{self._document.where}: {computation.told}"
        known = self._formula(computation, tuple(ranges))
        values: dict[str, float] = dict(ranges)
        for variable in computation.variables:
            home = variable.model or model
            state = self._state(home)
            if variable.is_time:
                values[variable.id] = state.time
            else:
                name = self._files[home].column(variable, told)
                values[variable.id] = state.values()[name]
        return float(known(values))

    def _state(self, model: str) -> State:
        if model not in self._states:
            self._states[model] = partial(_same, State(self._files[model].model))
        state = self._states[model]()
        self._states[model] = partial(_same, state)
        return state

    def _entry(self, entries: Mapping[str, T], key: str, kind: str) -> T:
        where = self._document.where
        if key in self._document.refused:
            raise UnsupportedModelError(f"{where}: {self._document.refused[key]}")
        if key not in entries:
            raise ModelFileError(f"{where} has no {kind} '{key[:80]}'")
        return entries[key]


def _same(state: State) -> State:
    return state
