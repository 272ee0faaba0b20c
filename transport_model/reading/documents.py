"""Model files in, one checked SBML Level 3 Version 2 text out."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import libsbml

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading.antimony_source import antimony_to_sbml
from transport_model.reading.archives import ARCHIVES, neighbours_in, read_archive
from transport_model.reading.cellml import cellml_to_sbml, is_cellml
from transport_model.reading.local_parameters import promote_local_parameters
from transport_model.reading.mathematics import formulas, nodes
from transport_model.reading.neighbours import Neighbours, copied, neighbours_of
from transport_model.reading.sedml import apply_changes
from transport_model.reading.untrusted import (
    MAX_BYTES,
    check_nesting,
    decode_xml,
    parsed_xml,
    refuse_unsafe_xml,
)

#: Packages that are understood, or that say nothing about a model's mathematics.
_KNOWN_PACKAGES = {"comp", "l3v2extendedmath", "layout", "render"}
#: Suffixes of Antimony, and of XML: SBML or CellML, told apart by the root element.
ANTIMONY, XML = (".ant", ".txt"), (".xml", ".sbml", ".cellml", "")


def read_model(path: Path) -> str:
    """Read a model file.

    Parameters
    ----------
    path
        A file; its format is determined by its suffix: ``.ant`` or ``.txt`` is Antimony;
        ``.omex``, ``.sedx`` or ``.zip`` a COMBINE archive, of which the model is read
        (:mod:`.archives`); ``.xml``, ``.sbml``, ``.cellml`` or none SBML of any level, or
        CellML.

    Returns
    -------
    str
        The model as SBML L3V2. A parameter ``k`` of reaction ``R``'s kinetic law alone has become
        the model's parameter ``R_k``.

    Raises
    ------
    ModelFileError
        The file is missing, empty, none of these formats, hostile, or has errors.
    InputError
        An archive holds several models; or a library that the format needs is not installed.
    UnsupportedModelError
        The model uses a construct that no part of this package handles.
    """
    if not path.exists():
        raise ModelFileError(f"no such model file: {path}")
    if path.is_dir():
        raise ModelFileError(f"{path} is a folder; name the model file in it")
    suffix = path.suffix.lower()
    known = (*XML, *ANTIMONY, *ARCHIVES)
    if suffix not in known:
        wanted = ", ".join(name for name in known if name)
        raise ModelFileError(f"cannot tell the format of '{path}'; a model ends in {wanted}")
    if suffix not in XML and not path.is_file():
        raise ModelFileError(f"{path} is not a regular file")
    if path.stat().st_size > MAX_BYTES:
        raise ModelFileError(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    origin, changes = str(path), ()
    if suffix in ARCHIVES:
        member = read_archive(path)
        origin, data, changes = f"{path}: {member.name}", member.data, member.changes
        neighbours = neighbours_in(path, member.name)
    else:
        neighbours = neighbours_of(path)
        try:
            with path.open("rb") as file:
                data = file.read(MAX_BYTES + 1)  # a device has no size and no end
        except OSError as error:
            raise ModelFileError(f"cannot read {path}: {error.strerror}") from None
        if len(data) > MAX_BYTES:
            raise ModelFileError(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    text = decode_xml(data, origin)
    if not text.strip():
        raise ModelFileError(f"{origin} is empty")
    if suffix in ANTIMONY:
        check_nesting(text, origin)
        return check_sbml(antimony_to_sbml(path), origin)
    text = apply_changes(refuse_unsafe_xml(text, origin, "SBML"), changes, origin)
    if is_cellml(text):
        text = cellml_to_sbml(text, origin, neighbours)
    return check_sbml(text, origin, neighbours)


def check_sbml(text: str, origin: str, neighbours: Neighbours | None = None) -> str:
    """Return SBML `text` as L3V2, or say what is wrong with it.

    `origin` names the text in messages, usually its path; `neighbours` are the files among which
    the models of other files lie that it is made of.
    """
    if _EXTERNAL not in text:
        return _checked_alone(text, origin)
    text = refuse_unsafe_xml(text, origin, "SBML")
    if not external_models(parsed_xml(text, origin, "SBML")):
        return _checked_alone(text, origin)
    if neighbours is None:  # libSBML would open any file
        raise UnsupportedModelError(f"{origin} is made of models in other files; flatten it")
    with copied(text, origin, "SBML", neighbours, external_models) as path:
        top = path.parents[len(Path(neighbours.own).parts) - 1]
        for part in sorted(each for each in top.rglob("*") if each.is_file() and each != path):
            own = f"{neighbours.prefix}{part.relative_to(top).as_posix()}"
            _refuse_unreadable(libsbml.readSBMLFromFile(str(part)), own)
        return _checked(libsbml.readSBMLFromFile(str(path)), origin)


_EXTERNAL = "externalModelDefinition"


@lru_cache(maxsize=8)
def _checked_alone(text: str, origin: str) -> str:
    """Check a document that is made of no other; the shipped cells are read again and again."""
    return _checked(libsbml.readSBMLFromString(refuse_unsafe_xml(text, origin, "SBML")), origin)


def external_models(root: ElementTree.Element) -> list[str]:
    """Return the locations of the files that hold models of an SBML document (package comp)."""
    return [
        value.strip()
        for element in root.iter()
        if element.tag.rpartition("}")[2] == _EXTERNAL
        for key, value in element.attrib.items()
        if key.rpartition("}")[2] == "source"
    ]


def _checked(document: libsbml.SBMLDocument, origin: str) -> str:
    _raise_on_errors(document, origin)
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
        document.setLevelAndVersion(3, 2, False)
        if (document.getLevel(), document.getVersion()) != (3, 2):
            raise ModelFileError(f"{origin}: libSBML cannot convert it to SBML L3V2")
        changed = True
    if promote_local_parameters(document) or changed:  # neither is checked by libSBML
        document = libsbml.readSBMLFromString(libsbml.writeSBMLToString(document))
        _raise_on_errors(document, f"{origin}, as SBML L3V2")
    _refuse_unsupported(document, origin)
    # The lists that promotion has emptied, which not every level may have
    return _EMPTY_LIST.sub("", libsbml.writeSBMLToString(document))


def _refuse_unreadable(document: libsbml.SBMLDocument, origin: str) -> None:
    """Refuse a document in which libSBML finds errors on reading it.

    It would end the process where it examines a model of which such a document is a part.
    """
    if document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        _raise_on_errors(document, origin)


def _raise_on_errors(document: libsbml.SBMLDocument, origin: str) -> None:
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, False)
    document.setConsistencyChecks(libsbml.LIBSBML_CAT_MODELING_PRACTICE, False)
    if not document.getNumErrors(libsbml.LIBSBML_SEV_ERROR):
        document.checkConsistency()
    errors = [document.getError(index) for index in range(document.getNumErrors())]
    errors = [
        error
        for error in errors
        if error.getSeverity() >= libsbml.LIBSBML_SEV_ERROR
        # No number changes with an unknown unit, as with units that do not agree
        and error.getErrorId() != libsbml.DanglingUnitReference
    ]
    if not errors:
        return
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
_NAME = re.compile(r"<(?:\w+:)?ci[^>]*>\s*([^<\s]+)\s*</")


def _uses_delay(math: libsbml.ASTNode) -> bool:
    # By its text: after tellurium's import the types of nodes no longer compare
    return "http://www.sbml.org/sbml/symbols/delay" in libsbml.writeMathMLToString(math)
