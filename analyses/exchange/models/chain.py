"""A tubule in one SBML file: segments chained, so that what leaves one flows into the next.

It is written for engines that put rules into one another each time they are used: a rate stands in
its law, rules that no rate needs are left out, and of rules that are alike one stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import libsbml

#: Solutes of the lumen; glucose flows in as the blood holds it.
SOLUTES = ("Na", "K", "Cl", "HCO3", "Glc", "X")
#: What stays of every segment though no rate needs it, and reactions that no tubule has.
_KEPT, _LEFT_OUT = ("V_te",), ("clamp_flow",)


def chained(
    sbml: str,
    name: str,
    parts: Sequence[str],
    values: Mapping[str, Mapping[str, float]],
    *,
    SNGFR: float,
    cells: float,
) -> str:
    """Return the SBML of a tubule.

    Parameters
    ----------
    sbml
        Of one segment.
    name
        Of the model.
    parts
        The part that every segment belongs to, from the glomerulus on; segments are equally long.
    values
        Values of a part's cells by id, by the part's name. Where they differ between parts, each
        part has a parameter of its own, ``<part>_<id>``; a part that has none of a carrier lacks
        the reaction.
    SNGFR, cells
        What the glomerulus filters [pL/s], and cells of the tubule.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    for reaction in _LEFT_OUT:
        model.removeReaction(reaction)
    own = _differing(model, values)
    local = _local(model, {*own, "Q_in", *(f"{solute}_in" for solute in SOLUTES)})
    taken = _Taken(model, local)
    model.setId(name)
    _add_tubule(model, len(parts), SNGFR, cells)
    for part, of in values.items():
        for given in own:
            _copy(taken.elements[given], model, f"{part}_{given}", f", {_upper(part)}").setValue(
                of.get(given, taken.elements[given].getValue())
            )
    for number, part in enumerate(parts, 1):
        none = {g for g in own if values[part].get(g, taken.elements[g].getValue()) == 0}
        new = {each: f"s{number}_{each}" for each in local - set(own)}
        new |= {given: f"{part}_{given}" for given in own}
        new |= _fed(number)
        taken.put(model, number, new, none)
    _thin(model)
    return libsbml.writeSBMLToString(document)


def _fed(number: int) -> dict[str, str]:
    """Return what flows into a segment by what the segment calls it."""
    if number == 1:
        return {"Glc_in": "Glc_b"}
    before = f"s{number - 1}"
    return {"Q_in": f"{before}_Q_out", **{f"{s}_in": f"{before}_{s}_a" for s in SOLUTES}}


def _add_tubule(model: Any, segments: int, filtrate: float, cells: float) -> None:
    """Put the tubule's own numbers in the place of the first segment's inflow."""
    flow = model.getParameter("Q_in")
    for name, value, units, text in (
        ("SNGFR", filtrate, flow.getUnits(), "filtrate of one glomerulus"),
        ("cells", cells, "dimensionless", "cells of the tubule"),
    ):
        parameter = model.createParameter()
        parameter.setId(name)
        parameter.setValue(value)
        parameter.setUnits(units)
        parameter.setConstant(True)
        parameter.setName(text)
        parameter.setSBOTerm(2)
    flow.setConstant(False)
    flow.unsetValue()
    rule = model.createAssignmentRule()
    rule.setVariable("Q_in")
    rule.setMath(libsbml.parseL3Formula(f"SNGFR*{segments} dimensionless/cells"))
    model.removeParameter("Glc_in")


def _differing(model: Any, values: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return the ids whose values differ between parts."""
    ids = dict.fromkeys(name for own in values.values() for name in own)
    usual = {name: model.getParameter(name).getValue() for name in ids}
    return [n for n in ids if len({own.get(n, usual[n]) for own in values.values()}) > 1]


def _local(model: Any, fed: set[str]) -> set[str]:
    """Return what every segment has of its own: states, and what depends on them or on `fed`."""
    local = {
        species.getId()
        for species in model.getListOfSpecies()
        if not (species.getBoundaryCondition() or species.getConstant())
    }
    rules = {rule.getVariable(): set(_names(rule.getMath())) for rule in model.getListOfRules()}
    local |= fed
    while more := {name for name, used in rules.items() if used & local} - local:
        local |= more
    return local - {name for name in fed if name.endswith("_in")}


class _Taken:
    """What was taken out of a model, to be put back once for every segment."""

    def __init__(self, model: Any, local: set[str]) -> None:
        lists = (model.getListOfCompartments(), model.getListOfSpecies(),
                 model.getListOfParameters())  # fmt: skip
        self.elements = {
            element.getId(): element.clone()
            for items in lists for element in items if element.getId() in local
        }  # fmt: skip
        self.rules = {rule.getVariable(): rule.clone() for rule in model.getListOfRules()
                      if rule.getVariable() in local}  # fmt: skip
        self.starts = [start.clone() for start in model.getListOfInitialAssignments()]
        self.reactions = [reaction.clone() for reaction in model.getListOfReactions()]
        for name in self.rules:
            model.removeRuleByVariable(name)
        for start in self.starts:
            model.removeInitialAssignment(start.getSymbol())
        for reaction in self.reactions:
            model.removeReaction(reaction.getId())
        for name in self.elements:
            for items in lists:
                items.remove(name)

    def put(self, model: Any, number: int, new: Mapping[str, str], none: set[str]) -> None:
        """Put a segment into a model, without reactions whose rate is a multiple of zero."""
        where = f", segment {number}"
        for name, element in self.elements.items():
            if new[name] != f"s{number}_{name}":
                continue
            copy = _copy(element, model, new[name], where)
            if copy.getElementName() == "species":
                copy.setCompartment(new.get(copy.getCompartment(), copy.getCompartment()))
        for name, rule in self.rules.items():
            made = model.createAssignmentRule()
            made.setVariable(new[name])
            made.setMath(_renamed(rule.getMath(), new))
        for start in self.starts:
            made = model.createInitialAssignment()
            made.setSymbol(new[start.getSymbol()])
            made.setMath(_renamed(start.getMath(), new))
        for reaction in self.reactions:
            law = reaction.getKineticLaw().getMath()
            rate = self.rules[law.getName()].getMath() if law.isName() else law
            if any(_is_multiple(rate, name) for name in none):
                continue
            copy = _copy(reaction, model, f"s{number}_{reaction.getId()}", where)
            for modifier in range(copy.getNumModifiers() - 1, -1, -1):
                copy.removeModifier(modifier)
            for side in (copy.getListOfReactants(), copy.getListOfProducts()):
                for reference in side:
                    reference.setSpecies(new.get(reference.getSpecies(), reference.getSpecies()))
            copy.getKineticLaw().setMath(_renamed(rate, new))
            _name_modifiers(model, copy)


def _name_modifiers(model: Any, reaction: Any) -> None:
    """List the species that a law names and the reaction does not change."""
    sides = (reaction.getListOfReactants(), reaction.getListOfProducts())
    changed = {reference.getSpecies() for side in sides for reference in side}
    for name in dict.fromkeys(_names(reaction.getKineticLaw().getMath())):
        if model.getSpecies(name) is not None and name not in changed:
            reaction.createModifier().setSpecies(name)


def _copy(element: Any, model: Any, new: str, where: str) -> Any:
    """Add a copy of an element to a model, under another id and with its annotation."""
    terms = [element.getCVTerm(i).clone() for i in range(element.getNumCVTerms())]
    copy = element.clone()
    copy.unsetAnnotation()
    copy.setId(new)
    copy.setMetaId(f"{model.getId()}.{new}")
    copy.setName(f"{element.getName()}{where}")
    for term in terms:
        copy.addCVTerm(term)
    name = element.getElementName()
    getattr(model, f"add{name.capitalize()}")(copy)
    return model.getElementBySId(new)


def _thin(model: Any) -> None:
    """Leave out rules that no rate needs, and all but one of those that are alike."""
    first: dict[str, str] = {}
    for rule in list(model.getListOfRules()):
        formula = libsbml.formulaToL3String(rule.getMath())
        first.setdefault(formula, rule.getVariable())
    compartments = {compartment.getId() for compartment in model.getListOfCompartments()}
    alike = {
        rule.getVariable(): first[libsbml.formulaToL3String(rule.getMath())]
        for rule in model.getListOfRules()
        if rule.getVariable() not in compartments
    }
    alike = {name: other for name, other in alike.items() if name != other}
    for each in (*model.getListOfRules(), *(r.getKineticLaw() for r in model.getListOfReactions())):
        each.setMath(_renamed(each.getMath(), alike))
    rules = {rule.getVariable(): set(_names(rule.getMath())) for rule in model.getListOfRules()}
    needed = set(compartments)
    laws = [reaction.getKineticLaw() for reaction in model.getListOfReactions()]
    for each in (*model.getListOfInitialAssignments(), *laws):
        needed |= set(_names(each.getMath()))
    needed |= {name for name in rules if name.partition("_")[2] in _KEPT}
    while more := set().union(*(rules[n] for n in needed if n in rules)) - needed:
        needed |= more
    for name in rules.keys() - needed:
        model.removeRuleByVariable(name)
    for parameter in [each.getId() for each in model.getListOfParameters()]:
        if parameter not in needed:
            model.removeParameter(parameter)
    for number in reversed(range(model.getNumConstraints())):
        if not set(_names(model.getConstraint(number).getMath())) <= needed:
            model.removeConstraint(number)


def without_indentation(sbml: str) -> str:
    """Return SBML a third shorter: a chain says everything once a segment."""
    return re.sub(r"\n\s+", "\n", sbml)


def _is_multiple(formula: Any, name: str) -> bool:
    """Whether a formula is a product that has `name` as a factor."""
    if formula.isName():
        return formula.getName() == name
    parts = [formula.getChild(i) for i in range(formula.getNumChildren())]
    if formula.isOperator() and formula.getCharacter() == "*":
        return any(_is_multiple(part, name) for part in parts)
    if formula.isOperator() and formula.getCharacter() == "/":
        return _is_multiple(parts[0], name)
    return False


def _renamed(formula: Any, new: Mapping[str, str]) -> Any:
    """Return a copy of a formula under other ids, all at once."""
    copy = formula.deepCopy()
    _rename(copy, new)
    return copy


def _rename(formula: Any, new: Mapping[str, str]) -> None:
    if formula.isName():
        formula.setName(new.get(formula.getName(), formula.getName()))
    for i in range(formula.getNumChildren()):
        _rename(formula.getChild(i), new)


def _names(formula: Any) -> list[str]:
    """Return the ids in a formula."""
    found = [formula.getName()] if formula.isName() else []
    for i in range(formula.getNumChildren()):
        found += _names(formula.getChild(i))
    return found


def _upper(part: str) -> str:
    return part.removeprefix("pt_").upper()
