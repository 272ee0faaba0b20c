"""Walks over an SBML document: what holds mathematics, and the nodes of a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import libsbml


def elements(document: libsbml.SBMLDocument) -> Iterator[libsbml.SBase]:
    """Every element of a document's model that can hold mathematics or a unit.

    Spelled out, because ``getListOfAllElements`` never returns once another library built on SWIG
    (tellurium's) has been imported into the process.
    """
    model = document.getModel()
    yield from model.getListOfFunctionDefinitions()
    yield from model.getListOfCompartments()
    yield from model.getListOfSpecies()
    yield from model.getListOfParameters()
    yield from model.getListOfInitialAssignments()
    yield from model.getListOfRules()
    yield from model.getListOfConstraints()
    for reaction in model.getListOfReactions():
        for reference in (*reaction.getListOfReactants(), *reaction.getListOfProducts()):
            if reference.isSetStoichiometryMath():
                yield reference.getStoichiometryMath()
        if reaction.isSetKineticLaw():
            law = reaction.getKineticLaw()
            yield law
            yield from law.getListOfParameters()
            yield from law.getListOfLocalParameters()
    for event in model.getListOfEvents():
        parts = (event.getTrigger(), event.getDelay(), event.getPriority())
        yield from (part for part in parts if part is not None)
        yield from event.getListOfEventAssignments()


def formulas(document: libsbml.SBMLDocument) -> Iterator[tuple[libsbml.SBase, libsbml.ASTNode]]:
    """Every element of a document that holds mathematics, with it."""
    for element in elements(document):
        is_set = getattr(element, "isSetMath", None)
        if is_set is not None and is_set():
            yield element, element.getMath()


def nodes(math: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Every node of a formula, the outermost first."""
    waiting = [math]  # a list, because a sum of a thousand terms may be a thousand deep
    while waiting:
        node = waiting.pop()
        yield node
        children = range(node.getNumChildren())
        waiting.extend(node.getChild(index) for index in reversed(children))


def formula_text(math: libsbml.ASTNode) -> str:
    """Return a formula as text, without the units of its numbers."""
    import libsbml

    settings = libsbml.L3ParserSettings()
    settings.setParseUnits(libsbml.L3P_NO_UNITS)
    return libsbml.formulaToL3StringWithSettings(math, settings)


def with_functions_expanded(sbml: str) -> Any:
    """Return a document in which every call of the model's own functions is written out."""
    import libsbml

    document = libsbml.readSBMLFromString(sbml)
    options = libsbml.ConversionProperties()
    options.addOption("expandFunctionDefinitions", True)
    document.convert(options)
    return document


def equation_text(reaction: libsbml.Reaction) -> str:
    """Return what a reaction turns into what, as ``A + 2 B -> C``."""

    def side(references: libsbml.ListOfSpeciesReferences) -> str:
        terms = []
        for reference in references:
            count = reference.getStoichiometry()
            terms.append(("" if count == 1 else f"{count:g} ") + reference.getSpecies())
        return " + ".join(terms) or "∅"

    arrow = "⇌" if reaction.getReversible() else "→"
    return f"{side(reaction.getListOfReactants())} {arrow} {side(reaction.getListOfProducts())}"


def without_nameless_spaces(text: str) -> str:
    """Return what libSBML wrote without declarations of a namespace that has no prefix.

    Beside another library built on SWIG it may write ``xmlns:="…"``, which is no XML.
    """
    return _NAMELESS.sub("", text)


_NAMELESS = re.compile(r'\sxmlns:="[^"]*"')
