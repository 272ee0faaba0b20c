"""The guided tour: the lesson's experiments, as far as a page can carry them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import yaml

from transport_model import Model, Step
from transport_model.mathematics.formulas import Formula

from ..experiments.arms import Arm
from ..experiments.checks import Check
from ..experiments.protocols import (
    Measure,
    Protocol,
    protocol_path,
    protocols_across,
    read_protocol,
)

#: The lesson's experiments on the cell, in its order.
CELL = (
    "leak_makes_potential", "potassium_near_balance", "two_pushes_on_sodium", "without_membrane",
    "uphill", "exit_closed", "secondary", "pump_stopped", "phlorizin", "glucose_removed",
    "potassium_outside", "leak_of_sodium", "low_sodium",
)  # fmt: skip
#: Most points of a course in a page.
MOST = 481
#: A formula as the page reads it.
Tree = float | str | list[Any]


def stages(model: Model) -> list[dict[str, Any]]:
    """Return the experiments that a model's page can carry out, each with its arms and checks.

    Arms of another model, with a clamp or with a ramp are left out, and with them the checks that
    need them; ``left`` counts these. An experiment of which no check is left is none.
    """
    found = (_stage(read_protocol(protocol_path(name)), model) for name in names_of_stages())
    return [stage for stage in found if stage is not None]


def names_of_stages() -> tuple[str, ...]:
    """Return the experiments that may be part of a tour."""
    return (*CELL, *protocols_across())


def _stage(protocol: Protocol, model: Model) -> dict[str, Any] | None:
    known = {*model.quantities, *model.rules.index, *model.reaction_ids, "time"}
    arms = [arm for arm in protocol.arms if _runs(arm, model)]
    names = {arm.name for arm in arms}
    measures = {m.name: m for m in protocol.measures
                if m.arm in names and known.issuperset(m.formula.names)}  # fmt: skip
    checks = [check for check in protocol.checks if {*measures}.issuperset(check.formula.names)]
    watched = [w for w in protocol.watched if known.issuperset(w.formula.names)]
    if not checks or not watched:
        return None
    # An experiment that nobody has put into German is told in English
    german = _german()["experiments"].get(protocol.name) or {
        "title": protocol.title,
        "claim": protocol.claim,
        "meanings": [check.meaning for check in protocol.checks],
    }
    meanings = dict(zip(protocol.checks, german["meanings"], strict=True))
    used = {name for check in checks for name in check.formula.names}
    return {
        "name": protocol.name,
        "title": {"en": protocol.title, "de": german["title"]},
        "claim": {"en": protocol.claim, "de": german["claim"]},
        "start": str(protocol.start),
        "duration": protocol.duration,
        "points": min(protocol.points, MOST),
        "arms": [_arm(arm, [measures[name] for name in used if measures[name].arm == arm.name])
                 for arm in arms],
        "watch": [{"label": w.label, "unit": w.unit, "formula": tree(w.formula)} for w in watched],
        "measures": [_measure(measures[name]) for name in sorted(used)],
        "checks": [_check(check, meanings[check]) for check in checks],
        "left": len(protocol.checks) - len(checks),
    }  # fmt: skip


def _runs(arm: Arm, model: Model) -> bool:
    steps = all(isinstance(item, Step) for item in arm.inputs)
    return arm.model.sbml == model.sbml and not arm.hold and steps


def _arm(arm: Arm, measures: Iterable[Measure]) -> dict[str, Any]:
    """Return an arm; a step that sets nothing makes a point where something is measured."""
    steps: dict[float, dict[str, float]] = {}
    for item in arm.inputs:
        assert isinstance(item, Step)
        steps.setdefault(item.time, {}).update(item.values)
    for measure in measures:
        for time in measure.reduction.times:
            steps.setdefault(time, {})
    return {
        "name": arm.name,
        "settings": dict(arm.settings),
        "steps": [{"at": at, "set": steps[at]} for at in sorted(steps)],
    }


def _measure(measure: Measure) -> dict[str, Any]:
    taken = measure.reduction
    return {
        "name": measure.name, "arm": measure.arm, "formula": tree(measure.formula),
        "take": str(taken.take), "at": taken.at, "start": taken.start, "end": taken.end,
        "level": taken.level,
    }  # fmt: skip


def _check(check: Check, german: str) -> dict[str, Any]:
    window = check.window
    return {
        "meaning": {"en": check.meaning, "de": german},
        "why": check.why,
        "formula": tree(check.formula),
        "window": None if window is None else {
            "low": window.low, "high": window.high, "unit": window.unit, "scale": window.scale,
        },
    }  # fmt: skip


def german_names() -> Mapping[str, str]:
    """Return what quantities, reactions and places of the shipped cells are called in German."""
    return _german()["names"]


@lru_cache(maxsize=1)
def _german() -> Mapping[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("german.yaml").read_text("utf-8"))


def tree(formula: Formula) -> Tree:
    """Return a formula as numbers, ids, and lists of an operator and its operands."""
    (element,) = ElementTree.fromstring(formula.mathml)
    return _node(element)


def _node(element: ElementTree.Element) -> Tree:
    kind = _kind(element)
    if kind == "cn":
        mantissa = (element.text or "").strip()
        powers = [(part.tail or "").strip() for part in element]
        return float("e".join([mantissa, *powers]))
    if kind == "csymbol":
        return "time"
    if kind == "ci":
        return (element.text or "").strip()
    operator, *operands = element
    name = _kind(operator)
    if name in {"root", "log"}:  # SBML's infix has the square root and the decimal logarithm
        operands = operands[-1:]
    return [name, *map(_node, operands)]


def _kind(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
