"""The arms of an experiment: a model, what is set on it, and what changes while it runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path

import pandas as pd

from transport_model import Model, Ramp, Step, held, load_model
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.formulas import TIME
from transport_model.simulation.inputs import check_inputs
from transport_model.units import converted, split_quantity

from ..studies.energetics import energetics
from .strict_yaml import Node

_NUMBER = r"[+−-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+−-]?\d+)?"
_MULTIPLE = re.compile(rf"^[x×]\s*({_NUMBER})$")


class ChangeKind(StrEnum):
    """How a change goes on: at once, evenly, or at once and back."""

    SET = "set"
    RAMP = "ramp"
    PULSE = "pulse"


@dataclass(frozen=True)
class TimedChange:
    """Quantities that are changed during a run, in the model's units.

    `start` and `end` [time of the model] are the same where values are set once and for all.
    """

    kind: ChangeKind
    start: float
    end: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Arm:
    """One run of an experiment.

    Attributes
    ----------
    name
        What the protocol calls it.
    source
        The shipped name or the path of its model.
    model
        The model as loaded.
    settings
        Values set before it comes to rest.
    hold
        Computed quantities that are clamped from the start of the run on.
    changes
        In the order of the file.
    """

    name: str
    source: str
    model: Model
    settings: Mapping[str, float]
    hold: Mapping[str, float]
    changes: tuple[TimedChange, ...]

    @cached_property
    def resting(self) -> Model:
        """The model that comes to rest: with its settings, not yet clamped."""
        return self.model.with_values(**self.settings)

    def clamped(self, model: Model) -> Model:
        """Return `model`, one of this arm's, with what the arm clamps."""
        return held(model, **self.hold) if self.hold else model

    @cached_property
    def subject(self) -> Model:
        """The model that is run."""
        return self.clamped(self.resting)

    @cached_property
    def inputs(self) -> tuple[Step | Ramp, ...]:
        """The changes as inputs of a simulation, in order of time."""
        inputs: list[Step | Ramp] = []
        levels: dict[str, float] = {}
        for change in sorted(self.changes, key=lambda change: (change.start, change.end)):
            for name, value in change.values.items():
                before = levels.get(name, self.subject.quantities[name].value)
                if change.kind is ChangeKind.RAMP:
                    inputs.append(Ramp(name, change.start, change.end, value))
                else:
                    inputs.append(Step(change.start, {name: value}))
                if change.kind is ChangeKind.PULSE:
                    inputs.append(Step(change.end, {name: before}))
                else:
                    levels[name] = value
        return tuple(inputs)

    @cached_property
    def names(self) -> frozenset[str]:
        """Ids of all that a formula may use, columns of energetics apart."""
        model = self.subject
        return frozenset({*model.quantities, *model.rules.index, *model.reaction_ids,
                          *model.amount_columns, TIME})  # fmt: skip

    @property
    def energy_columns(self) -> frozenset[str]:
        """Columns of energetics; none where the model lacks what that needs."""
        return _energy_columns(self.subject)

    def unit(self, name: str) -> str:
        """Return the unit of what a formula may use, or an empty string."""
        if name == TIME:
            return self.model.units["time"]
        if name in self.names:
            return self.subject.unit(name)
        if name.startswith(("dG_", "affinity_")):
            return "kJ/mol"
        if name.startswith(("power_", "dissipation")) or name == "closure":
            return "pW"
        return "pJ" if name == "stored_energy" else ""


@lru_cache(maxsize=64)
def _energy_columns(model: Model) -> frozenset[str]:
    try:
        return frozenset(map(str, energetics(model, pd.DataFrame(index=[0.0])).columns))
    except InputError:
        return frozenset()


@dataclass(frozen=True)
class Duration:
    """The time that an experiment takes, which all its times lie within."""

    end: float
    unit: str
    text: str

    @classmethod
    def of(cls, node: Node, unit: str) -> Duration:
        """Read a duration."""
        end = read_quantity(node, unit, "the duration")
        if end <= 0:
            raise node.error(f"the duration must be positive, not {node.content}")
        return cls(end, unit, node.text("a duration"))

    def time(self, node: Node, what: str) -> float:
        """Read a time within the duration."""
        time = read_quantity(node, self.unit, f"'{what}'")
        if not 0 <= time <= self.end:
            raise node.error(f"'{what}' must lie within the experiment, 0 to {self.text};"
                             f" not {node.content}")  # fmt: skip
        return time

    def window(self, entries: Mapping[str, Node]) -> tuple[float, float]:
        """Read ``from`` and ``to``, by default the whole duration."""
        start = self.time(entries["from"], "from") if "from" in entries else 0.0
        end = self.time(entries["to"], "to") if "to" in entries else self.end
        if start >= end:
            node = entries.get("to", entries.get("from"))
            assert node is not None  # without either, the duration is not empty
            raise node.error("'from' must be earlier than 'to'")
        return start, end


def read_quantity(node: Node, unit: str, what: str) -> float:
    """Return a number with its unit as one in `unit`."""
    text = node.text(f"{what} is a number with its unit, such as '5 {unit or 1}'")
    try:
        number, own = split_quantity(text)
    except InputError:
        raise node.error(
            f"{what}: '{text}' is not a number with its unit, such as '5 {unit or 1}'"
        ) from None
    if not own and unit not in {"", "1"}:
        raise node.error(f"{what}: the unit of '{text}' is missing (needed is one that converts to"
                         f" '{unit}')")  # fmt: skip
    try:
        number = converted(number, own, unit)
    except InputError as error:
        raise node.error(f"{what}: {error}") from None
    if not math.isfinite(number):
        raise node.error(f"{what}: '{text}' is not a finite number")
    return number


def _float(text: str) -> float:
    return float(text.replace("−", "-"))


def read_model_node(node: Node, text: str) -> Model:
    """Load a shipped model, or a file beside the protocol."""
    path = Path(text) if text in shipped_models() else node.path.parent / text
    try:
        return load_model(text if text in shipped_models() or not path.exists() else path)
    except InputError as error:
        raise node.error(str(error)) from None


def read_arm(name: str, node: Node, source: str, base: Model, duration: Duration) -> Arm:
    """Read one arm; `base` is the experiment's model, from `source`."""
    if node.content is None:
        return Arm(name, source, base, {}, {}, ())
    entries = node.keyed(
        f"the arm '{name}' holds its changes", ("model", "with", "hold", "changes")
    )
    model = base
    if "model" in entries:
        source = entries["model"].text("the name or the path of a model")
        model = read_model_node(entries["model"], source)
        if model.units["time"] != duration.unit:
            raise entries["model"].error(f"its time is in '{model.units['time']}', that of the"
                                         f" experiment in '{duration.unit}'")  # fmt: skip
    settings = dict(_settings(entries["with"], model)) if "with" in entries else {}
    hold: dict[str, float] = {}
    if "hold" in entries:
        for key, value in entries["hold"].entries("'hold' names what is clamped").items():
            if key not in model.rules.index:
                raise value.error(str(_not_held(key, model)))
            hold[key] = read_quantity(value, model.unit(key), f"'{key}'")
            try:
                held(model, **{key: hold[key]})
            except InputError as error:
                raise value.error(str(error)) from None
    arm = Arm(name, source, model, settings, hold, ())
    if "changes" not in entries:
        return arm
    return Arm(name, source, model, settings, hold, _changes(entries["changes"], arm, duration))


def _not_held(name: str, model: Model) -> InputError:
    if name in model.quantities:
        return InputError(f"'{name}' is not computed by a rule; put it under 'with' instead")
    return UnknownIdError.of(name, model.rules.index, f"model '{model.name}'")


def _settings(node: Node, model: Model) -> Iterator[tuple[str, float]]:
    for name, entry in node.entries("'with' names what is set").items():
        value = _value(entry, name, model)
        try:
            yield name, model.validated_value(name, value)
        except InputError as error:
            raise entry.error(str(error)) from None


def _value(node: Node, name: str, model: Model) -> float:
    """Read the value of a quantity, or how many times that of the model it is."""
    quantity = model.quantities.get(name)
    if quantity is None or not quantity.settable:
        try:
            model.validated_value(name, 0.0)
        except InputError as error:
            raise node.error(str(error)) from None
    text = node.text(f"'{name}' needs a number with its unit, or x10")
    multiple = _MULTIPLE.match(text)
    if quantity is None or not multiple:
        return read_quantity(node, model.unit(name), f"'{name}'")
    if not math.isfinite(quantity.value):
        raise node.error(f"'{name}' has no value in the model that could be multiplied")
    return _float(multiple[1]) * quantity.value


def _changes(node: Node, arm: Arm, duration: Duration) -> tuple[TimedChange, ...]:
    changes = []
    taken: dict[str, list[tuple[TimedChange, int]]] = {}
    for item in node.items("'changes' holds what is changed during the run"):
        change = _change(item, arm, duration)
        for name in change.values:
            for other, line in taken.get(name, []):
                if _collide(change, other):
                    raise item.error(f"'{name}' is changed at the same time by line {line}; let one"
                                     " end before the other begins")  # fmt: skip
            taken.setdefault(name, []).append((change, item.line))
        changes.append(change)
    return tuple(changes)


def _jumps(change: TimedChange) -> set[float]:
    return set() if change.kind is ChangeKind.RAMP else {change.start, change.end}


def _collide(one: TimedChange, other: TimedChange) -> bool:
    overlap = one.start < other.end and other.start < one.end
    same = (one.start, one.end) == (other.start, other.end)
    return overlap or same or bool(_jumps(one) & _jumps(other))


def _change(node: Node, arm: Arm, duration: Duration) -> TimedChange:
    what = "a change is such as {at: 0 s, set: {ouabain: 1 mM}}"
    entries = node.keyed(what, ("at", "from", "to", *ChangeKind))
    kinds = [kind for kind in ChangeKind if kind in entries]
    if len(kinds) != 1:
        raise node.error(f"a change has one of {', '.join(ChangeKind)}; this has {len(kinds)}")
    (kind,) = kinds
    needed = ("at",) if kind is ChangeKind.SET else ("from", "to")
    node.keyed(f"'{kind}'", (kind, *needed), needed)
    if kind is ChangeKind.SET:
        start = end = duration.time(entries["at"], "at")
    else:
        start, end = duration.window(entries)
    values = {}
    for name, entry in entries[kind].entries(f"'{kind}' names what is changed").items():
        value = values[name] = _value(entry, name, arm.subject)
        ramp = kind is ChangeKind.RAMP
        item = Ramp(name, start, end, value) if ramp else Step(start, {name: value})
        try:
            check_inputs(arm.subject, [item], 0.0, duration.end)
        except InputError as error:
            raise entry.error(str(error)) from None
        if kind is ChangeKind.PULSE and arm.subject.quantities[name].kind == "floating":
            raise entry.error(f"'{name}' moves by itself: there is nothing to come back to; use"
                              " 'set'")  # fmt: skip
    return TimedChange(kind, start, end, values)
