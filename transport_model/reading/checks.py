"""What libSBML has to say of a document, and what no part of this package handles."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import libsbml

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading.asides import (
    expand_functions_of_time,
    is_aside,
    without_invalid_annotations,
)
from transport_model.reading.local_parameters import promote_local_parameters
from transport_model.reading.mathematics import formulas, nodes

#: Packages that are understood, or that say nothing about a model's mathematics.
_KNOWN_PACKAGES = {"comp", "l3v2extendedmath", "layout", "render"}


def checked_text(text: str, origin: str) -> str:
    """Return an SBML text as L3V2, or say what is wrong with it.

    Parameters
    ----------
    text
        What :func:`~transport_model.reading.untrusted.refuse_unsafe_xml` lets pass.
    origin
        What the text is called in messages.

    Raises
    ------
    ModelFileError, UnsupportedModelError
        As :func:`~transport_model.reading.documents.read_model`.
    """
    return _checked(libsbml.readSBMLFromString(text), origin)


def checked_file(path: Path, origin: str) -> str:
    """Return a file, and what it is made of beside it, as :func:`checked_text` does a text."""
    return _checked(libsbml.readSBMLFromFile(str(path)), origin)


def _checked(document: libsbml.SBMLDocument, origin: str) -> str:
    has_asides = _raise_on_errors(document, origin)
    model = document.getModel()
    if model is None:
        raise ModelFileError(f"{origin} holds no SBML model")
    _refuse_unsupported(document, origin)
    if document.isPackageEnabled("comp"):
        options = libsbml.ConversionProperties()
        options.addOption("flatten comp", True)
        if document.convert(options) != libsbml.LIBSBML_OPERATION_SUCCESS:
            raise ModelFileError(f"{origin}: its hierarchical model cannot be flattened")
    changed = False
    if (document.getLevel(), document.getVersion()) != (3, 2):
        expand_functions_of_time(document)
        document.setLevelAndVersion(3, 2, False)
        if (document.getLevel(), document.getVersion()) != (3, 2):
            raise ModelFileError(f"{origin}: libSBML cannot convert it to SBML L3V2")
        changed = True
    if promote_local_parameters(document) or changed:  # neither is checked by libSBML
        document = libsbml.readSBMLFromString(libsbml.writeSBMLToString(document))
        has_asides = _raise_on_errors(document, f"{origin}, as SBML L3V2")
    _refuse_unsupported(document, origin)
    # The lists that promotion has emptied, which not every level may have
    text = _EMPTY_LIST.sub("", libsbml.writeSBMLToString(document))
    return without_invalid_annotations(text) if has_asides else text


def refuse_unreadable(path: Path, origin: str) -> None:
    """Refuse a file in which libSBML finds errors on reading it.

    It would end the process where it examines a model of which such a file is a part.
    """
    document = libsbml.readSBMLFromFile(str(path))
    if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        _raise_on_errors(document, origin)


def _raise_on_errors(document: libsbml.SBMLDocument, origin: str) -> bool:
    """Raise ModelFileError with the first error that counts; return whether others were found."""
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_SBO_CONSISTENCY, False)
    asides, errors = _errors(document)
    if not errors:
        document.getErrorLog().clearLog()  # libSBML looks no further where there are errors
        document.checkConsistency()
        more, errors = _errors(document)
        asides += more
    if not errors:
        return bool(asides)
    reasons = [e for e in errors if e.getErrorId() != libsbml.CompFlatModelNotValid]
    error = (reasons or errors)[0]
    what = _cause(error)
    if reasons != errors:
        what = f"once flattened: {what}"
    not_xml = error.getErrorId() in {
        libsbml.NotUTF8,
        libsbml.XMLContentEmpty,
        libsbml.BadlyFormedXML,
        libsbml.XMLFileUnreadable,
    }
    if not_xml or not document.getModel():
        raise ModelFileError(f"{origin} is not SBML (line {error.getLine()}: {what})")
    raise ModelFileError(f"{origin}, line {error.getLine()}: {what}")


def _errors(document: libsbml.SBMLDocument) -> tuple[list[libsbml.SBMLError], ...]:
    """Return the errors that no formula refers to, and the others."""
    found = [document.getError(index) for index in range(document.getNumErrors())]
    errors = [error for error in found if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR]
    return [e for e in errors if is_aside(e)], [e for e in errors if not is_aside(e)]


def _cause(error: libsbml.SBMLError) -> str:
    """Return what libSBML says of the case at hand, or the rule that is broken if it says no more.

    Its messages begin with the rule in full, then name the section, then come to the case.
    """
    rule, _, case = re.sub(r"Reference: [^\n]*(\n|$)", "\0", error.getMessage()).partition("\0")
    return " ".join((case if case.strip() else rule).split())


def _refuse_unsupported(document: libsbml.SBMLDocument, origin: str) -> None:
    model: Any = document.getModel()
    for rule in model.getListOfRules():
        if rule.isAlgebraic() and rule.isSetMath():  # one without mathematics says nothing
            raise UnsupportedModelError(f"{origin}: algebraic rules are not supported")
    # By name alone, as ids are unique: beside another library built on SWIG, types do not compare
    called = {node.getName() for _, formula in formulas(document) for node in nodes(formula)}
    for function in model.getListOfFunctionDefinitions():
        if not function.isSetMath() and function.getId() in called:  # libRoadRunner dies of it
            raise UnsupportedModelError(
                f"{origin}: function '{function.getId()}' has no mathematics; write it down or"
                " remove it"
            )
    _refuse_sizes_from_within(model, origin)
    for reaction in model.getListOfReactions():
        if (document.getLevel() < 3 or document.getVersion() < 2) and reaction.getFast():
            raise UnsupportedModelError(
                f"{origin}: reaction '{reaction.getId()}' is fast; fast reactions are not supported"
            )
    for element, math in formulas(document):
        if _NO_NAME.search(libsbml.writeMathMLToString(math)):
            raise ModelFileError(
                f"{origin}: a formula of '{element.getId() or element.getElementName()}' has an"
                " empty name; write an id in it"
            )
        if _uses_delay(math):
            raise UnsupportedModelError(
                f"{origin}: '{element.getId() or element.getElementName()}' uses a delay;"
                " delays are not supported"
            )
    for index in range(document.getNumPlugins()):
        package = document.getPlugin(index).getPackageName()
        if package not in _KNOWN_PACKAGES and document.getPackageRequired(package):
            raise UnsupportedModelError(f"{origin}: the SBML package '{package}' is not supported")


def _refuse_sizes_from_within(model: libsbml.Model, origin: str) -> None:
    """Refuse a compartment whose size at the start follows from a concentration within it.

    The concentration follows from the size: a circle that libRoadRunner runs round until it dies.
    """
    used = {
        element.getSymbol(): set(_NAME.findall(libsbml.writeMathMLToString(element.getMath())))
        for element in model.getListOfInitialAssignments()
        if element.isSetMath()
    }
    used |= {
        rule.getVariable(): set(_NAME.findall(libsbml.writeMathMLToString(rule.getMath())))
        for rule in model.getListOfRules()
        if rule.isAssignment() and rule.isSetMath()
    }
    for compartment in model.getListOfCompartments():
        home = compartment.getId()
        if model.getInitialAssignment(home) is None:
            continue
        reached, waiting = set(), set(used.get(home, ()))
        while waiting:
            name = waiting.pop()
            reached.add(name)
            waiting |= used.get(name, set()) - reached
        for species in model.getListOfSpecies():
            inside = species.getCompartment() == home and not species.getHasOnlySubstanceUnits()
            if species.getId() in reached and inside:
                raise UnsupportedModelError(
                    f"{origin}: the size of '{home}' at the start is computed from"
                    f" '{species.getId()}', a concentration within it"
                )


_EMPTY_LIST = re.compile(r"\s*<listOf(Local)?Parameters\s*/>")
_NO_NAME = re.compile(r"<(?:\w+:)?ci[^>]*(?:/>|>\s*</)")
_NAME = re.compile(r"<(?:\w+:)?ci[^>]*>\s*([^<\s]+)\s*</")


def _uses_delay(math: libsbml.ASTNode) -> bool:
    # By its text: after tellurium's import the types of nodes no longer compare
    return "http://www.sbml.org/sbml/symbols/delay" in libsbml.writeMathMLToString(math)
