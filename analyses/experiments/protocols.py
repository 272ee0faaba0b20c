"""Experiments as data: what is changed, when, for how long, what is watched, which claim it tests.

A protocol is a YAML file::

    title: The pump stopped
    claim: Without its pump the cell loses the sodium gradient.    # optional; goes with checks
    model: cell                 # default; a shipped model or a path beside the file
    start: rest                 # the steady state before the changes; or: given, as in the model
    duration: 2 h
    points: 241                 # default; equally spaced, besides those around changes
    arms:                       # each simulated on its own
      control:                  # an arm in which nothing is changed
      ouabain:
        model: cell_sglt2                         # optional
        with: {Glc_o: 0.1 mM, P_Na: x1000}        # set before the cell comes to rest
        hold: {V_m: -50 mV}                       # clamped from the start on, once it has rested
        changes:
          - {at: 0 s, set: {ouabain: 1 mM}}
          - {from: 10 min, to: 20 min, ramp: {ATP: 0.5 mM}}      # evenly to that value
          - {from: 30 min, to: 40 min, pulse: {Glc_o: 20 mM}}    # then back to what it was
    watch: [V_m, {expression: Na_i/Na_o, label: Na⁺ inside over outside, unit: 1}]
    measures:
      fall: {arm: ouabain, of: V_m, take: change, from: 0 s, to: 1 s}
    checks:                     # over the measures; the claim holds if all of them do
      - {that: abs(fall) < 5, meaning: the pump's own current makes little of the potential}
      - effect: fall            # or: how large, and why just that
        within: [3.4 mV, 4.6 mV]
        meaning: the pump's own current makes a few mV
        why: the pump's current over the membrane's conductance; ±15 %

Every number has a unit that converts to the model's; a dimensionless one may go without. ``x1000``
stands for a thousand times the value that the arm has.

A measure takes what :class:`~transport_model.analyses.reductions.Reduction` describes, by the same
words and the same rule where a quantity jumps: ``value`` is that ``at`` a time, ``time_to`` the
time to a ``level``, and all others are within ``from`` and ``to``. A measure of an expression has
the ``unit`` that the file gives it. ``arm`` may be left out where there is only one.

The window of an effect has one unit. Without one, or in ``%``, it is that of a pure number, such as
``after/before - 1``; with one, that of a measure, or of a sum of measures that share theirs.

Expressions are SBML's infix formulas over everything that the model has, the time as ``time``,
and the columns of :func:`energetics` where the model has what that needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from transport_model import Model
from transport_model.errors import InputError, UnknownIdError, did_you_mean
from transport_model.mathematics.formulas import TIME, Formula, read_formula
from transport_model.units import conversion

from ..reductions import OLD_WORDS, Reduction, Take
from .arms import Arm, Duration, read_arm, read_model_node, read_quantity
from .checks import Check, read_checks
from .strict_yaml import Node, read_nodes

#: Points of a course, unless the file says otherwise, and the most it may ask for.
POINTS, MAX_POINTS = 241, 100_001
_KEYS = ("title", "claim", "model", "start", "duration", "points", "arms", "watch", "measures",
         "checks")  # fmt: skip


class Start(StrEnum):
    """Where a run starts: at the steady state, or at the values that the model gives."""

    REST = "rest"
    GIVEN = "given"


@dataclass(frozen=True)
class Watched:
    """What is drawn: a formula, the name of its column, its unit and its label."""

    formula: Formula
    column: str
    unit: str
    label: str


@dataclass(frozen=True)
class Measure:
    """A number taken of an arm's course.

    Attributes
    ----------
    name, arm
        As the protocol has them.
    formula
        Of what.
    reduction
        What of it, and in which window.
    unit
        Of the number; empty if nobody gives it.
    what
        The measure in words.
    """

    name: str
    arm: str
    formula: Formula
    reduction: Reduction
    unit: str
    what: str


@dataclass(frozen=True)
class Protocol:
    """An experiment as it is written down; everything in the units of its models.

    Attributes
    ----------
    name
        The file's stem.
    duration
        In `time_unit`, which all arms share.
    points
        Equally spaced points of every course.
    """

    name: str
    path: Path
    title: str
    claim: str
    start: Start
    duration: float
    time_unit: str
    points: int
    arms: tuple[Arm, ...]
    watched: tuple[Watched, ...]
    measures: tuple[Measure, ...]
    checks: tuple[Check, ...]

    @cached_property
    def arm(self) -> Mapping[str, Arm]:
        """The arms by name."""
        return {arm.name: arm for arm in self.arms}


def shipped_protocols() -> list[str]:
    """Return the names of the lesson's experiments, on the cell of one membrane."""
    return _names("shipped")


def protocols_across() -> list[str]:
    """Return the names of the experiments on epithelia, whose cells have two faces."""
    return _names("across")


def _names(folder: str) -> list[str]:
    return sorted(path.stem for path in (Path(__file__).parent / folder).glob("*.yaml"))


def protocol_path(name_or_path: str | Path) -> Path:
    """Return the file of a shipped experiment, or a path as it is.

    Raises
    ------
    InputError
        There is neither such an experiment nor such a file.
    """
    text = str(name_or_path)
    for folder in ("shipped", "across"):
        if text in _names(folder):
            return Path(__file__).parent / folder / f"{text}.yaml"
    path = Path(name_or_path)
    if not path.is_file():
        hint = did_you_mean(text, [*shipped_protocols(), *protocols_across()])
        raise InputError(f"no experiment or file '{text}'{hint} (there are: on epithelia"
                         f" {', '.join(protocols_across())}; on the cell"
                         f" {', '.join(shipped_protocols())})")  # fmt: skip
    return path


def read_protocol(path: str | Path, *, model: Model | None = None) -> Protocol:
    """Read an experiment from its file.

    Parameters
    ----------
    path
        A YAML file.
    model
        What is run in place of the model that the file names; arms with one of their own keep it.

    Returns
    -------
    Protocol
        The experiment, its units checked and its numbers in those of its model.

    Raises
    ------
    InputError
        The file is missing or not of the form above; the message names file, line and what would
        be right.
    """
    path = Path(path)
    root = read_nodes(path)
    entries = root.keyed("an experiment has a title, a duration and arms", _KEYS,
                         ("title", "duration", "arms"))  # fmt: skip
    title = entries["title"].text("a title")
    claim = " ".join(entries["claim"].text("a claim").split()) if "claim" in entries else ""
    source = entries["model"].text("a model's name or path") if "model" in entries else "cell"
    if model is None:
        model = read_model_node(entries.get("model", root), source)
    else:
        source = model.name
    duration = Duration.of(entries["duration"], model.units["time"])
    listed = entries["arms"].entries("'arms' holds at least one arm")
    arms = {name: read_arm(name, node, source, model, duration) for name, node in listed.items()}
    watched = _watched(entries["watch"], list(arms.values())) if "watch" in entries else ()
    measures: dict[str, Measure] = {}
    if "measures" in entries:
        for name, node in entries["measures"].entries("'measures' holds named numbers").items():
            measures[name] = _measure(name, node, arms, duration)
    units = {name: measure.unit for name, measure in measures.items()}
    checks = read_checks(entries["checks"], units) if "checks" in entries else ()
    if not watched and not measures:
        raise root.error("the experiment neither watches nor measures anything; give 'watch' or"
                         " 'measures'")  # fmt: skip
    if bool(claim) != bool(checks):
        lacking = "checks" if claim else "claim"
        raise root.error(f"a claim is tested by checks; '{lacking}: …' is missing")
    return Protocol(
        name=path.stem,
        path=path,
        title=title,
        claim=claim,
        start=_one_of(Start, entries["start"], "start") if "start" in entries else Start.REST,
        duration=duration.end,
        time_unit=duration.unit,
        points=_points(entries["points"]) if "points" in entries else POINTS,
        arms=tuple(arms.values()),
        watched=watched,
        measures=tuple(measures.values()),
        checks=checks,
    )


Choice = TypeVar("Choice", bound=StrEnum)


def _one_of(kinds: type[Choice], node: Node, what: str) -> Choice:
    text = node.text(f"'{what}' is one of {', '.join(kinds)}")
    if text not in list(kinds):
        words = f"'{what}' is one of {', '.join(kinds)}; not '{text}'"
        raise node.error(f"{words}{did_you_mean(text, kinds)}")
    return kinds(text)


def _points(node: Node) -> int:
    text = node.text(f"'points' is a number from 2 to {MAX_POINTS:,}")
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 2 <= int(text) <= MAX_POINTS:
        raise node.error(f"'points' is a whole number from 2 to {MAX_POINTS:,}, not '{text}'")
    return int(text)


def _formula(node: Node, arms: Iterable[Arm], what: str) -> Formula:
    """Read a formula that has a value in each of `arms`."""
    try:
        formula = read_formula(node.text(f"{what} is an id or a formula"))
    except InputError as error:
        raise node.error(str(error)) from None
    if formula.is_condition:
        raise node.error(f"{what} is a number, but '{formula.text}' is true or false")
    for arm in arms:
        for name in formula.names:
            if name not in arm.names and name not in arm.energy_columns:
                known = [*arm.names, *arm.energy_columns]
                where = f"model '{arm.subject.name}' of the arm '{arm.name}'"
                raise node.error(str(UnknownIdError.of(name, known, where)))
    return formula


def _watched(node: Node, arms: list[Arm]) -> tuple[Watched, ...]:
    watched: dict[str, Watched] = {}
    for item in node.items("'watch' holds what is drawn"):
        entries = {"expression": item}
        if not isinstance(item.content, str):
            entries = item.keyed("an id, or {expression: …, unit: …, label: …}",
                                 ("expression", "unit", "label"), ("expression",))  # fmt: skip
        formula = _formula(entries["expression"], arms, "what is watched")
        unit = _unit(entries, formula, arms[0])
        label = entries["label"].text("a label") if "label" in entries else _label(formula, arms)
        column = formula.text if formula.is_name or "label" not in entries else label
        if column in watched or (not formula.is_name and column in arms[0].names):
            raise item.error(f"'{column}' is watched already; give this another label")
        watched[column] = Watched(formula, column, unit, label)
    return tuple(watched.values())


def _label(formula: Formula, arms: list[Arm]) -> str:
    quantity = arms[0].subject.quantities.get(formula.text)
    return (quantity.name if quantity else "") or formula.text


def _unit(entries: Mapping[str, Node], formula: Formula, arm: Arm) -> str:
    """Return the unit of a formula: the model's for an id, for others what the file says."""
    own = arm.unit(formula.text) if formula.is_name else ""
    if "unit" not in entries:
        return own
    given = entries["unit"].text("a unit")
    if own and given != own:
        raise entries["unit"].error(f"'{formula.text}' is in {own}; leave the unit out")
    try:
        conversion(given, given)
    except InputError:
        raise entries["unit"].error(f"'{given}' is not a unit") from None
    return given


def _measure(name: str, node: Node, arms: Mapping[str, Arm], duration: Duration) -> Measure:
    try:
        is_name = read_formula(name).names == (name,) and name != TIME
    except InputError:
        is_name = False
    if not is_name:
        raise node.error(f"'{name}' is no name for a measure: take letters, digits and '_', and no"
                         " word that formulas use")  # fmt: skip
    what = f"the measure '{name}' is such as {{arm: …, of: V_m, take: final}}"
    entries = node.keyed(what, ("arm", "of", "take", "unit", "from", "to", "at", "level"),
                         ("of", "take"))  # fmt: skip
    take = _take(entries["take"])
    extra = (take.number,) if take is Take.VALUE else ("from", "to", *filter(None, [take.number]))
    node.keyed(f"a measure that takes '{take}'", ("arm", "of", "take", "unit", *extra),
               filter(None, [take.number]))  # fmt: skip
    arm = _arm(node, entries, arms)
    formula = _formula(entries["of"], [arm], "what is measured")
    unit = _unit(entries, formula, arm)
    if take is Take.VALUE:
        reduction = Reduction(formula.text, take, at=duration.time(entries["at"], "at"))
    else:
        level = read_quantity(entries["level"], unit, "'level'") if "level" in entries else None
        start, end = duration.window(entries)
        reduction = Reduction(formula.text, take, level=level, start=start, end=end)
    said = ", ".join(f"{key} {entries[key].content}" for key in ("level", "at", "from", "to")
                     if key in entries)  # fmt: skip
    kind = f"{take} value" if take in (Take.INITIAL, Take.FINAL) else take
    words = f"{kind} of {formula.text}" + (f", {said}" if said else "")
    return Measure(name, arm.name, formula, reduction, reduction.unit(unit, duration.unit), words)


def _take(node: Node) -> Take:
    text = node.text(f"'take' is one of {', '.join(Take)}")
    if text in OLD_WORDS:
        return Take.named(text, f"{node.path}, line {node.line}: 'take: …': ")
    return _one_of(Take, node, "take")


def _arm(node: Node, entries: Mapping[str, Node], arms: Mapping[str, Arm]) -> Arm:
    if "arm" not in entries:
        if len(arms) > 1:
            raise node.error(f"'arm: …' is missing; there are {', '.join(arms)}")
        return next(iter(arms.values()))
    text = entries["arm"].text("the name of an arm")
    if text not in arms:
        raise entries["arm"].error(f"there is no arm '{text}'; there are {', '.join(arms)}")
    return arms[text]
