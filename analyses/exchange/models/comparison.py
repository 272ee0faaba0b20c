"""What differs between two models: states, starts, rates, units, names, annotations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import libsbml
import numpy as np
import pandas as pd
import sympy as sp

from transport_model import Model, evaluate
from transport_model.errors import InputError, UnsupportedModelError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import start_values
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.symbols import symbol
from transport_model.quantities import document_of
from transport_model.reading.mathematics import formula_text, formulas
from transport_model.units import si_powers, unit_text

#: How far numbers may be apart, relative.
TOLERANCE = 1e-9
#: States at which rates are compared, and the seed that draws them.
STATES, SEED = 5, 20260101
_ANYTHING: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One difference: ``kind``, the id of what differs, and the whole of it in words.

    Kinds are ``quantity``, ``reaction``, ``start``, ``rate``, ``formula``, ``event``, ``unit``,
    ``name``, ``annotation``, ``term`` (of the Systems Biology Ontology) and ``notes``.
    """

    kind: str
    id: str
    text: str


def differences(one: Model, other: Model) -> list[str]:
    """Return in words how `other` differs from `one`; empty if it does not.

    See Also
    --------
    compare : The same as objects.
    """
    return [difference.text for difference in compare(one, other)]


def compare(one: Model, other: Model) -> list[Difference]:
    """Return every difference between two models.

    Compared are the ids, kinds and starting values of quantities; every rule, rate and
    derivative at random states, to a relative :data:`TOLERANCE`; units with their size; names,
    annotations (qualifiers and resources), ontology terms and notes of all that has an id;
    events by their formulas. Models whose equations cannot be evaluated outside libRoadRunner
    are compared formula by formula. The models' own ids and names do not count.
    """
    return [
        *_ids(one, other),
        *_mathematics(one, other),
        *_texts("event", _events(one), _events(other)),
        *_units(one, other),
        *_labels(one, other),
    ]


def _ids(one: Model, other: Model) -> Iterator[Difference]:
    mine = {name: quantity.kind for name, quantity in one.quantities.items()}
    theirs = {name: quantity.kind for name, quantity in other.quantities.items()}
    yield from _texts("quantity", mine, theirs)
    yield from _texts(
        "reaction", dict(one.reactions["equation"]), dict(other.reactions["equation"])
    )


def _texts(kind: str, mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[Difference]:
    for name in [*mine, *(name for name in theirs if name not in mine)]:
        was, found = mine.get(name, ""), theirs.get(name, "")
        if was == found:
            continue
        if name not in theirs:
            yield Difference(kind, name, f"{kind} '{name}' is missing")
        elif name not in mine:
            yield Difference(kind, name, f"{kind} '{name}' is new")
        else:
            yield Difference(
                kind, name, f"{kind} of '{name}' is {_shown(found)}, not {_shown(was)}"
            )


def _shown(value: object, length: int = 80) -> str:
    text = " ".join(str(value).split()) or "empty"
    return text if len(text) <= length else text[: length - 1] + "…"


def _mathematics(one: Model, other: Model) -> Iterator[Difference]:
    if one.sbml == other.sbml and one.changes == other.changes:
        return
    try:
        start, found = _start(one), _start(other)
        rates, theirs = _rates(one, start, one), _rates(other, start, one)
    except UnsupportedModelError:
        yield from _given(one, other)
        yield from _texts("formula", _formulas(one), _formulas(other))
        return
    except InputError as error:
        yield Difference("start", "", f"the models cannot be evaluated: {error}")
        return
    for name in [name for name in start if name in found]:
        if not np.isclose(start[name], found[name], rtol=TOLERANCE, atol=0, equal_nan=True):
            text = f"'{name}' starts at {found[name]:.9g}, not {start[name]:.9g}"
            yield Difference("start", name, text)
    for name in map(str, rates):
        if name not in theirs:
            continue  # told among the ids
        was, is_now = rates[name].to_numpy(), theirs[name].to_numpy()
        scale = np.max(np.abs(was), initial=0.0, where=np.isfinite(was))
        if not np.allclose(is_now, was, rtol=TOLERANCE, atol=1e-12 * scale, equal_nan=True):
            both = np.isfinite(was) & np.isfinite(is_now)
            gap = np.max(np.abs(is_now - was), initial=0.0, where=both) / (scale or 1.0)
            if not gap:
                yield Difference(
                    "rate", name, f"'{name}' has no value where it had, or has one now"
                )
                continue
            yield Difference("rate", name, f"'{name}' differs at the same state, by {gap:.1e}")


def _given(one: Model, other: Model) -> Iterator[Difference]:
    for name, quantity in one.quantities.items():
        theirs = other.quantities.get(name)
        same = theirs is None or np.isclose(
            quantity.value, theirs.value, rtol=TOLERANCE, atol=0, equal_nan=True
        )
        if theirs is not None and not same:
            text = f"'{name}' starts at {theirs.value:.9g}, not {quantity.value:.9g}"
            yield Difference("start", name, text)


def _start(model: Model) -> dict[str, float]:
    values = start_values(model)
    return {name: float(values[name]) for name in model.quantities if name in values}


def _rates(model: Model, start: Mapping[str, float], reference: Model) -> pd.DataFrame:
    """Return rules, rates and derivatives of `model` at random states around `start`."""
    generator = np.random.default_rng(SEED)
    states = {}
    for name, quantity in reference.quantities.items():
        moves = quantity.kind == "floating" or quantity.computed == "rate rule"
        if quantity.computed == "rule" or not moves:
            continue
        factor = np.exp(generator.uniform(-0.3, 0.3, STATES))
        around = start.get(name, 0.0)
        states[name] = factor * around if around and np.isfinite(around) else factor
    known = [name for name in states if name in model.quantities]
    frame = pd.DataFrame({name: states[name] for name in known}, index=pd.RangeIndex(STATES))
    table = evaluate(model, frame)
    return pd.concat([table, _derivatives(model, table)], axis=1)


def _derivatives(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    """Return dx/dt of every state that reactions move, by the column name ``d(<id>)/dt``."""
    equations = read_equations(model.sbml)
    fluxes = table[list(equations.fluxes)].to_numpy()
    columns = {}
    for index, state in enumerate(equations.states):
        if state in equations.rate_rules:
            continue
        total = np.zeros(len(table))
        for place, entry in enumerate(equations.stoichiometry.row(index)):
            if entry != 0:
                total = total + fluxes[:, place] * _coefficient(entry, model, table)
        columns[f"d({species_of(state)})/dt"] = total
    return pd.DataFrame(columns, index=table.index)


def _coefficient(entry: Any, model: Model, table: pd.DataFrame) -> Any:
    """Return a stoichiometric coefficient, which may be computed from parameters and rules."""
    if entry.is_number:
        return float(entry)
    given = {**read_equations(model.sbml).values, **model.changes}
    names = sorted(map(str, entry.free_symbols))
    values = [table[name] if name in table else given.get(name, np.nan) for name in names]
    return sp.lambdify([symbol(name) for name in names], entry, "numpy")(*map(np.asarray, values))


def _formulas(model: Model) -> dict[str, str]:
    document = libsbml.readSBMLFromString(model.sbml)
    found = {}
    for element, math in formulas(document):
        variable = getattr(element, "getVariable", getattr(element, "getSymbol", element.getId))()
        owner = element.getParentSBMLObject()
        name = variable or f"{element.getElementName()} of {owner.getId()}"
        found[name] = formula_text(math)
    return found


def _events(model: Model) -> dict[str, str]:
    found = {}
    for index, event in enumerate(document_of(model.sbml).getModel().getListOfEvents()):
        trigger = event.getTrigger()
        parts = [formula_text(trigger.getMath()) if trigger and trigger.isSetMath() else ""]
        if trigger is not None:
            parts += [str(trigger.getInitialValue()), str(trigger.getPersistent())]
        parts += [str(event.getUseValuesFromTriggerTime())]
        for part in (event.getDelay(), event.getPriority()):
            parts.append(formula_text(part.getMath()) if part and part.isSetMath() else "")
        parts += sorted(
            f"{item.getVariable()} = {formula_text(item.getMath()) if item.isSetMath() else ''}"
            for item in event.getListOfEventAssignments()
        )
        found[event.getIdAttribute() or f"event {index + 1}"] = "; ".join(parts)
    return found


def _units(one: Model, other: Model) -> Iterator[Difference]:
    mine, theirs = document_of(one.sbml).getModel(), document_of(other.sbml).getModel()
    for name in one.quantities:
        if name not in other.quantities:
            continue
        first, second = mine.getElementBySId(name), theirs.getElementBySId(name)
        if _size(first) != _size(second):
            was, found = one.unit(name), other.unit(name)
            text = f"unit of '{name}' is {found or 'not given'}, not {was or 'given'}"
            yield Difference("unit", name, text)
    for role, getter in (("substance", "getSubstanceUnits"), ("extent", "getExtentUnits"),
                         ("time", "getTimeUnits"), ("volume", "getVolumeUnits")):  # fmt: skip
        was = unit_text(mine, getattr(mine, getter)())
        found = unit_text(theirs, getattr(theirs, getter)())
        if was != found:
            text = f"the model's unit of {role} is {found or 'not given'}, not {was or 'given'}"
            yield Difference("unit", role, text)


def _size(element: Any) -> tuple[Any, ...]:
    """Return a quantity's unit as powers of SI units and the decimal size, to nine digits."""
    derived = element.getDerivedUnitDefinition()
    if derived is None or element.containsUndeclaredUnits():
        return _ANYTHING
    powers, size = si_powers(derived)
    return (*sorted(powers.items()), round(size, 9))


def _labels(one: Model, other: Model) -> Iterator[Difference]:
    mine, theirs = document_of(one.sbml).getModel(), document_of(other.sbml).getModel()
    pairs: list[tuple[str, Any, Any]] = [("model", mine, theirs)]
    for name in (*one.quantities, *one.reaction_ids):
        pairs.append((name, mine.getElementBySId(name), theirs.getElementBySId(name)))
    for name, first, second in pairs:
        if second is None or first is None:
            continue
        if name != "model" and first.getName() != second.getName():
            text = f"name of '{name}' is {_shown(second.getName())}, not {_shown(first.getName())}"
            yield Difference("name", name, text)
        if _resources(first) != _resources(second):
            lost = _resources(first) - _resources(second)
            text = f"annotation of '{name}' differs: {_shown(sorted(lost)) if lost else 'more'}"
            yield Difference("annotation", name, text)
        if first.getSBOTermID() != second.getSBOTermID():
            found, was = second.getSBOTermID() or "none", first.getSBOTermID() or "none"
            yield Difference("term", name, f"ontology term of '{name}' is {found}, not {was}")
        if _notes(first) not in _notes(second):
            yield Difference("notes", name, f"the notes on '{name}' are missing")


def _resources(element: Any) -> frozenset[tuple[str, str]]:
    found = set()
    for index in range(element.getNumCVTerms()):
        term = element.getCVTerm(index)
        if term.getQualifierType() == libsbml.MODEL_QUALIFIER:
            qualifier = libsbml.ModelQualifierType_toString(term.getModelQualifierType())
        else:
            qualifier = libsbml.BiolQualifierType_toString(term.getBiologicalQualifierType())
        for place in range(term.getNumResources()):
            found.add((str(qualifier), term.getResourceURI(place)))
    return frozenset(found)


def _notes(element: Any) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", element.getNotesString()).split())
