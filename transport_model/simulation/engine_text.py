"""A model as libRoadRunner is given it: the same quantities, in words that it gets right."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import libsbml

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.spelled_out import with_undefined_values
from transport_model.quantities import document_of, has_no_volume, is_delayed, read_quantities
from transport_model.reading.mathematics import (
    formulas,
    without_nameless_spaces,
)
from transport_model.reserved import EVENT, GIVEN, START, TWIN, unused_ids
from transport_model.simulation.watches import with_watches


@dataclass(frozen=True)
class EngineText:
    """A model's text for the engine, and what of it stands for what.

    Attributes
    ----------
    text
        SBML.
    starts
        The parameters that hold starting values, by quantity.
    given
        Those that hold the numbers of the file where these turn into values only with the size at
        the start, by quantity.
    missing
        What ids that hold a place there have instead of a value.
    events
        The model's own events by their ids there, in words.
    changes
        What the events that were added tell a change of, by their ids: a comparison, as a formula.
    """

    text: str
    starts: dict[str, str]
    given: dict[str, str]
    missing: dict[str, str]
    events: dict[str, str]
    changes: dict[str, str]


def engine_text(sbml: str) -> EngineText:
    """Return the text for the engine.

    Parameters
    ----------
    sbml
        SBML L3V2 text.

    Raises
    ------
    UnsupportedModelError
        A stoichiometry has no number.
    """
    _refuse_missing_stoichiometries(sbml)
    whole, missing = _with_places(sbml)
    named, events = _with_event_ids(whole)
    watched, changes = with_watches(_with_single_places(named))
    text, starts, given = _with_start_parameters(watched)
    defined = _with_undefined_values(text, changes)
    return EngineText(defined, starts, given, missing, events, changes)


def _with_undefined_values(sbml: str, changes: Collection[str]) -> str:
    """Return SBML whose formulas have values exactly where the standard gives them one.

    Those of events that tell `changes` stay, so that they tell too where a comparison loses its
    sides: the integrator would step over a trigger that holds next to there alone, ``ln(x) < -1``.
    """
    document = libsbml.readSBMLFromString(sbml)
    changed = False
    for element, formula in formulas(document):
        if element.getParentSBMLObject().getId() in changes:
            continue
        text = without_nameless_spaces(libsbml.writeMathMLToString(formula))
        spelled = with_undefined_values(text)
        if spelled != text:
            element.setMath(libsbml.readMathMLFromString(spelled))
            changed = True
    return libsbml.writeSBMLToString(document) if changed else sbml


def _with_event_ids(sbml: str) -> tuple[str, dict[str, str]]:
    """Return SBML in which every event has an id, and by these what they are called.

    libRoadRunner has no events whose triggers have no formula. A delay of zero is none: what is put
    off, be it by nothing, it may forget.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    words: dict[str, str] = {}
    for place, event in enumerate(model.getListOfEvents(), 1):
        if not (event.isSetTrigger() and event.getTrigger().isSetMath()):
            continue
        word = f"event '{event.getId()}'" if event.isSetId() else f"event {place}"
        if not event.isSetId():
            event.setId(*unused_ids(model, EVENT, [str(place)]).values())
        if not is_delayed(event):
            event.unsetDelay()
        words[event.getId()] = word
    return libsbml.writeSBMLToString(document), words


def _with_start_parameters(sbml: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Return SBML in which the starting value of every dynamic quantity is a parameter.

    With it, by quantity, the parameters that hold the values, and those that hold the numbers of
    the file where these turn into values only with the size at the start.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    ruled = {rule.getVariable(): rule for rule in model.getListOfRules()}
    values = read_quantities(sbml)
    # A start that is computed from a boundary species takes the number of the file for it
    assigned = [a.getMath() for a in model.getListOfInitialAssignments() if a.isSetMath()]
    named = set(re.findall(r"\w+", " ".join(map(libsbml.formulaToL3String, assigned))))
    starts: set[str] = set()
    for species in model.getListOfSpecies():
        name = species.getId()
        rule = ruled.get(name)
        still = species.getBoundaryCondition() or species.getConstant()
        if has_no_volume(model.getCompartment(species.getCompartment())):
            # libRoadRunner takes a starting formula for a concentration even there
            species.setHasOnlySubstanceUnits(True)
        if species.getConstant():  # a reset takes a constant species back to the file's number
            species.setConstant(False)
            species.setBoundaryCondition(True)
        held = still and rule is None and name not in named
        if (rule is not None and rule.isAssignment()) or held:
            continue
        starts.add(name)
    starts |= {name for name, rule in ruled.items() if rule.isRate() and model.getParameter(name)}
    for compartment in model.getListOfCompartments():
        rule = ruled.get(compartment.getId())
        if compartment.isSetSize() and (rule is None or rule.isRate()):
            starts.add(compartment.getId())
    own = [n for n in sorted(starts) if n in values and model.getInitialAssignment(n) is None]
    ids = unused_ids(model, START, own)
    given_ids = unused_ids(model, GIVEN, [name for name in own if values[name].converted])
    for name, start in ids.items():
        quantity = values[name]
        formula, numbers = start, {start: quantity.value}
        if quantity.converted:
            # Both parts stand in the formula, and one of them is zero: without a change the
            # number of the file, which only the size at the start turns into a value.
            given = given_ids[name]
            numbers = {start: 0.0, given: quantity.given}
            formula += f" + {given} {'*' if quantity.is_amount else '/'} {quantity.compartment}"
        for parameter_id, value in numbers.items():
            parameter = model.createParameter()
            parameter.setId(parameter_id)
            parameter.setConstant(True)
            parameter.setValue(value)
        assignment = model.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(libsbml.parseL3Formula(formula))
    return libsbml.writeSBMLToString(document), ids, given_ids


def _with_single_places(sbml: str) -> str:
    """Return SBML in which no reaction names a species twice by stoichiometries that vary.

    libRoadRunner takes the numbers of the file for them, or none. Each but the first goes to a
    reaction of its own with the same kinetic law.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    moved = []
    for reaction in list(model.getListOfReactions()):
        sides = reaction.getListOfReactants(), reaction.getListOfProducts()
        places: dict[str, list[tuple[Any, Any]]] = {}
        for side in sides:
            for reference in side:
                places.setdefault(reference.getSpecies(), []).append((side, reference))
        for found in places.values():
            if len(found) > 1 and not all(reference.getConstant() for _, reference in found):
                moved += [(reaction, *place) for place in found[1:]]
    names = [str(number) for number in range(len(moved))]
    ids = unused_ids(model, TWIN, names).values()
    for (reaction, side, reference), twin_id in zip(moved, ids, strict=True):
        twin = model.createReaction()
        twin.setId(twin_id)
        twin.setReversible(reaction.getReversible())
        twin.setKineticLaw(reaction.getKineticLaw())
        is_product = side.getElementName() == "listOfProducts"
        index = [item.this == reference.this for item in side].index(True)
        own = side.remove(index)
        (twin.addProduct if is_product else twin.addReactant)(own)
    return libsbml.writeSBMLToString(document) if moved else sbml


def _with_places(sbml: str) -> tuple[str, dict[str, str]]:
    """Return SBML in which nothing lacks a value, and what ids that got one to be replaced lack."""
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    computed = {rule.getVariable() for rule in model.getListOfRules() if rule.isAssignment()}
    computed |= {assignment.getSymbol() for assignment in model.getListOfInitialAssignments()}
    missing = {}
    for compartment in model.getListOfCompartments():
        name, size = compartment.getId(), compartment.getSize()
        lacks = not compartment.isSetSize() or not 0 < size < math.inf
        if lacks and name not in computed and _matters(sbml, model, compartment):
            missing[name] = _NO_VALUE if math.isnan(size) else f"the size {size:g}"
            compartment.setSize(1.0)
    for parameter in model.getListOfParameters():
        lacks = not parameter.isSetValue() or math.isnan(parameter.getValue())
        if lacks and parameter.getId() not in computed:
            parameter.setValue(0.0)
            missing[parameter.getId()] = _NO_VALUE
    for name, quantity in read_quantities(sbml).items():
        species = model.getSpecies(name)
        if species is not None and math.isnan(quantity.given) and name not in computed:
            has_amount = species.isSetInitialAmount()
            (species.setInitialAmount if has_amount else species.setInitialConcentration)(0.0)
            missing[name] = _NO_VALUE
    return (libsbml.writeSBMLToString(document) if missing else sbml), missing


_NO_VALUE = "no value"


def _refuse_missing_stoichiometries(sbml: str) -> None:
    """Raise UnsupportedModelError where libRoadRunner would take one for what is not said."""
    model = document_of(sbml).getModel()
    computed = {rule.getVariable() for rule in model.getListOfRules()}
    computed |= {assignment.getSymbol() for assignment in model.getListOfInitialAssignments()}
    for reaction in model.getListOfReactions():
        for reference in (*reaction.getListOfReactants(), *reaction.getListOfProducts()):
            is_said = reference.isSetStoichiometry() and math.isfinite(reference.getStoichiometry())
            if not is_said and reference.getId() not in computed:
                raise UnsupportedModelError(
                    f"reaction '{reaction.getId()}' has no stoichiometry of"
                    f" '{reference.getSpecies()}'; give it a number in the file"
                )


def _matters(sbml: str, model: libsbml.Model, compartment: libsbml.Compartment) -> bool:
    """Whether anything depends on a compartment's size: a formula, or a concentration."""
    name = compartment.getId()
    return bool(re.search(rf"<(?:\w+:)?ci[^>]*>\s*{name}\s*<", sbml)) or any(
        species.getCompartment() == name
        and not (species.getHasOnlySubstanceUnits() or has_no_volume(compartment))
        for species in model.getListOfSpecies()
    )
