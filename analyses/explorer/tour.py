"""The guided tour: the lesson's experiments, as a page carries them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.etree import ElementTree

import yaml

from transport_model import Model, Ramp, Step, load_model
from transport_model.errors import InputError
from transport_model.mathematics.formulas import Formula, read_formula

from ..experiments.arms import Arm
from ..experiments.checks import Check
from ..experiments.protocols import (
    Measure,
    Protocol,
    Watched,
    protocol_path,
    protocols_across,
    read_protocol,
)
from ..experiments.run import closing_in
from ..studies.energetics import unit_of
from ..studies.energy_formulas import CONSTANTS, energy_formulas

#: The lesson's experiments on the cell, in its order.
CELL = (
    "leak_makes_potential", "potassium_near_balance", "two_pushes_on_sodium", "without_membrane",
    "uphill", "store_of_energy", "exit_closed", "secondary", "pump_stopped", "failing_ATP",
    "phlorizin", "glucose_removed", "meal_and_fast", "potassium_outside", "leak_of_sodium",
    "low_sodium",
)  # fmt: skip
#: The model from whose source the cells of experiments across are made; its tour has them all.
EPITHELIUM = "epithelium"
#: The models that take part in experiments; of others none has to be read.
TAKING_PART = ("cell", "cell_sglt2", "enterocyte", "pt_s1", "pt_s3")
#: Most points of a course in a page.
MOST = 481
#: A formula as the page reads it.
Tree = float | str | list[Any]


def stages(model: Model) -> list[dict[str, Any]]:
    """Return the experiments in which a model takes part, each with its arms and checks."""
    return [_stage(protocol, model) for protocol in _protocols(model)]


def companions(model: Model) -> dict[str, Model]:
    """Return the other models that the arms of a model's tour run, by the names that arms use.

    They have the model's own values, as far as they know of them.
    """
    found: dict[str, Model] = {}
    for protocol in _protocols(model):
        for arm in protocol.arms:
            for name, subject in _models(arm, model).items():
                shared = {key: value for key, value in model.changes.items()
                          if key in subject.quantities and subject.quantities[key].settable
                          and key not in arm.hold}  # fmt: skip
                found[name] = subject.with_values(**shared)
    found.pop(model.name, None)
    return found


def names_of_stages() -> tuple[str, ...]:
    """Return the experiments that may be part of a tour."""
    return (*CELL, *protocols_across())


@lru_cache(maxsize=1)
def _all_protocols() -> tuple[Protocol, ...]:
    return tuple(read_protocol(protocol_path(name)) for name in names_of_stages())


def _protocols(model: Model) -> list[Protocol]:
    across = protocols_across() if model.name == EPITHELIUM else ()
    if not across and model.sbml not in {load_model(name).sbml for name in TAKING_PART}:
        return []
    return [protocol for protocol in _all_protocols() if protocol.name in across
            or any(arm.model.sbml == model.sbml for arm in protocol.arms)]  # fmt: skip


def _models(arm: Arm, model: Model) -> dict[str, Model]:
    """Return what comes to rest in an arm, and what is run if that is clamped, by name."""
    name = model.name if arm.model.sbml == model.sbml else arm.source
    held = ", ".join(f"{key} = {value:g}" for key, value in arm.hold.items())
    return {name: arm.model} | ({f"{name}, {held}": arm.clamped(arm.model)} if held else {})


def _stage(protocol: Protocol, model: Model) -> dict[str, Any]:
    # An experiment that nobody has put into German is told in English
    german = _german()["experiments"].get(protocol.name) or {
        "title": protocol.title,
        "claim": protocol.claim,
        "meanings": [check.meaning for check in protocol.checks],
        "whys": [check.why for check in protocol.checks],
    }
    told = zip(protocol.checks, german["meanings"], german["whys"], strict=True)
    used = {name for check in protocol.checks for name in check.formula.names}
    measures = [measure for measure in protocol.measures if measure.name in used]
    formulas = {arm.name: _energies(arm.model) for arm in protocol.arms}
    return {
        "name": protocol.name,
        "title": {"en": protocol.title, "de": german["title"]},
        "claim": {"en": protocol.claim, "de": german["claim"]},
        "start": str(protocol.start),
        "duration": protocol.duration,
        "points": min(protocol.points, MOST),
        "arms": [_arm(arm, model, closing_in(protocol, arm).union(
                     *(each.reduction.times for each in measures if each.arm == arm.name)))
                 for arm in protocol.arms],
        "watch": [_watched(each, formulas[protocol.arms[0].name]) for each in protocol.watched],
        "measures": [_measure(each, formulas[each.arm]) for each in measures],
        "checks": [_check(*each) for each in told],
    }  # fmt: skip


def _energies(model: Model) -> Mapping[str, str]:
    """Return the columns of the account of energy as formulas; none of a model without one."""
    try:
        found = energy_formulas(model)
    except InputError:
        return {}
    constants = {name: repr(value) for name, value in CONSTANTS.items()}
    return {column: formula.bare for column, formula in found.items()} | constants


def _arm(arm: Arm, model: Model, points: Iterable[float]) -> dict[str, Any]:
    """Return an arm; a step that sets nothing makes a point where one is needed."""
    steps: dict[float, dict[str, float]] = {time: {} for time in points}
    for item in arm.inputs:
        if isinstance(item, Step):
            steps.setdefault(item.time, {}).update(item.values)
    models = [*_models(arm, model)]
    return {
        "name": arm.name,
        "label": {"en": arm.name, "de": _german()["arms"].get(arm.name, arm.name)},
        "rests": models[0],
        "runs": models[-1],
        "settings": dict(arm.settings),
        "held": dict(arm.hold),
        "steps": [{"at": at, "set": steps[at]} for at in sorted(steps)],
        "ramps": [{"id": ramp.id, "start": ramp.start, "end": ramp.end, "to": ramp.to}
                  for ramp in arm.inputs if isinstance(ramp, Ramp)],
    }  # fmt: skip


def _watched(watched: Watched, formulas: Mapping[str, str]) -> dict[str, Any]:
    """Return what is drawn; a column of energies is called by its id without underscores."""
    name = watched.formula.text
    english = name.replace("_", " ") if name in formulas else watched.label
    words = _german()
    german = words["names"].get(name) or words["labels"].get(english, english)
    return {
        "label": {"en": english, "de": german},
        "unit": unit_of(name) if name in formulas else watched.unit,
        "formula": tree(watched.formula, formulas),
    }


def _measure(measure: Measure, formulas: Mapping[str, str]) -> dict[str, Any]:
    taken = measure.reduction
    return {
        "name": measure.name, "arm": measure.arm, "formula": tree(measure.formula, formulas),
        "take": str(taken.take), "at": taken.at, "start": taken.start, "end": taken.end,
        "level": taken.level,
    }  # fmt: skip


def _check(check: Check, meaning: str, why: str) -> dict[str, Any]:
    window = check.window
    return {
        "meaning": {"en": check.meaning, "de": meaning},
        "why": {"en": check.why, "de": why},
        "formula": tree(check.formula),
        "window": None if window is None else {
            "low": window.low, "high": window.high, "unit": window.unit, "scale": window.scale,
        },
    }  # fmt: skip


def german_names() -> Mapping[str, str]:
    """Return what quantities, reactions and places of the shipped cells are called in German."""
    return _german()["names"]


def german_labels() -> Mapping[str, str]:
    """Return the German of what experiments draw and of places, by their English."""
    return _german()["labels"]


@lru_cache(maxsize=1)
def _german() -> Mapping[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("german.yaml").read_text("utf-8"))


def tree(formula: Formula, formulas: Mapping[str, str] = MappingProxyType({})) -> Tree:
    """Return a formula as numbers, ids, and lists of an operator and its operands.

    `formulas` stand for ids of which a page knows nothing.
    """
    (element,) = ElementTree.fromstring(formula.mathml)
    return _node(element, formulas)


def _node(element: ElementTree.Element, formulas: Mapping[str, str]) -> Tree:
    kind = _kind(element)
    if kind == "cn":
        mantissa = (element.text or "").strip()
        powers = [(part.tail or "").strip() for part in element]
        return float("e".join([mantissa, *powers]))
    if kind == "csymbol":
        return "time"
    if kind == "ci":
        name = (element.text or "").strip()
        return tree(read_formula(formulas[name]), formulas) if name in formulas else name
    operator, *operands = element
    name = _kind(operator)
    if name in {"root", "log"}:  # SBML's infix has the square root and the decimal logarithm
        operands = operands[-1:]
    return [name, *(_node(operand, formulas) for operand in operands)]


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
