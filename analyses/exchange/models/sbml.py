"""A model in every flavour of SBML that other people's software reads."""

from __future__ import annotations

import re
from dataclasses import replace

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.reading.documents import check_sbml
from transport_model.reading.mathematics import without_nameless_spaces

from .comparison import Difference, compare
from .earlier_mathml import (
    NumbersAsParameters,
    avogadro_as_number,
    in_earlier_words,
    rewrite,
)
from .hierarchy import hierarchical_text
from .losses import Exported, Loss
from .variants import with_changes_written

#: Levels and versions that are written.
FLAVOURS = ((3, 2), (3, 1), (2, 5), (2, 4))

_REASONS = {
    "quantity": "an id the format cannot have comes back as another",
    "term": "the ontology term comes back changed",
    "notes": "the format has no place for them",
}


def sbml_flavour(model: Model, level: int, version: int) -> str:
    """Return a model as flat SBML of one level and version, with the values set on it.

    See Also
    --------
    export_sbml : The same, with what the flavour cannot carry.
    """
    return _flavour(model, level, version)[0]


def export_sbml(model: Model, level: int, version: int) -> Exported:
    """Return a model as flat SBML of one level and version, and what that cannot carry.

    Values set on the model stand in the SBML, as a variant that names them
    (:func:`with_changes_written`). L3V2's functions are spelled out
    where a level lacks them, and in Level 2 numbers with units become parameters. Losses are
    what libSBML says when it converts, and what differs once the text is read again.

    Raises
    ------
    InputError
        Not one of :data:`FLAVOURS`, or the model cannot be said in it at all.
    """
    text, losses = _flavour(model, level, version)
    return Exported(text, (*losses, *read_back_losses(model, text, _label(level, version))))


def hierarchical_sbml(model: Model) -> str:
    """Return a model as SBML L3V2 with the package comp: one submodel for each of its modules.

    See Also
    --------
    export_hierarchical_sbml : The same, with what is lost.
    """
    return hierarchical_text(model)[0]


def export_hierarchical_sbml(model: Model) -> Exported:
    """Return a model as hierarchical SBML L3V2, and what that cannot carry.

    Shipped models are made of the modules of their Antimony source. Any other model has none
    that are known: it becomes a document of the package comp without submodels, and says so.
    """
    text, losses = hierarchical_text(model)
    return Exported(text, (*losses, *read_back_losses(model, flattened(text), "SBML comp")))


def flattened(sbml: str) -> str:
    """Return hierarchical SBML as flat L3V2, ids joined as Antimony joins them: ``pump_cycle``.

    LibSBML alone writes ``pump__cycle`` for what belongs to a submodel.
    """
    document = libsbml.readSBMLFromString(sbml)  # kept: libSBML frees what has no name
    submodels = document.getModel().getPlugin("comp").getListOfSubmodels()
    names = [re.escape(submodel.getId()) for submodel in submodels]
    flat = check_sbml(sbml, "the exported SBML comp")
    return re.sub(rf"\b({'|'.join(names)})__(?=\w)", r"\1_", flat) if names else flat


def messages(sbml: str) -> list[str]:
    """Return everything libSBML has to say about an SBML text, warnings and units included."""
    document = libsbml.readSBMLFromString(sbml)
    for category in range(libsbml.LIBSBML_CAT_SBML, libsbml.LIBSBML_CAT_MODELING_PRACTICE + 1):
        document.setConsistencyChecks(category, True)
    document.checkConsistency()
    return [
        " ".join(document.getError(index).getMessage().split())
        for index in range(document.getNumErrors())
    ]


def read_back_losses(model: Model, sbml: str, label: str) -> list[Loss]:
    """Return what differs from `model` once exported `sbml` is read again, as losses."""
    if sbml == model.sbml and not model.changes:
        return []
    other = replace(model, sbml=check_sbml(sbml, f"the exported {label}"), changes={})
    return losses_from(compare(model, other), label)


def losses_from(found: list[Difference], label: str) -> list[Loss]:
    """Return differences as losses of the format `label`, with the reason for each.

    Raises
    ------
    InputError
        A number differs: what would be written is another model.
    """
    for item in found:
        if item.kind in {"start", "rate"}:
            raise InputError(f"the model cannot be written as {label}: read again, {item.text}")
    return [Loss(label, item.text, _reason(item, label)) for item in found]


def _reason(item: Difference, label: str) -> str:
    if item.id.startswith("number_") and label.startswith("SBML L2"):
        return "a number cannot have a unit in Level 2; it became a constant parameter"
    return _REASONS.get(item.kind, f"the {item.kind} comes back changed")


def _label(level: int, version: int) -> str:
    return f"SBML L{level}V{version}"


def _flavour(model: Model, level: int, version: int) -> tuple[str, list[Loss]]:
    if (level, version) not in FLAVOURS:
        known = ", ".join(_label(*flavour) for flavour in FLAVOURS)
        raise InputError(f"{_label(level, version)} is not written (there are: {known})")
    text = with_changes_written(model)
    if (level, version) == (3, 2):
        return text, []
    document = libsbml.readSBMLFromString(text)
    label = _label(level, version)
    losses = _without_packages(document, label) if level < 3 else []
    rewrite(document, in_earlier_words)
    if level < 3:
        rewrite(document, avogadro_as_number)
        rewrite(document, NumbersAsParameters(document))
    document.getErrorLog().clearLog()
    converted = document.setLevelAndVersion(level, version, False)
    said = [document.getError(index) for index in range(document.getNumErrors())]
    if not converted or (document.getLevel(), document.getVersion()) != (level, version):
        problem = " ".join(said[0].getMessage().split()) if said else "libSBML gives no reason"
        raise InputError(f"model '{model.name}' cannot be written as {label}: {problem}")
    for error in said:
        what = " ".join(error.getShortMessage().split())
        losses.append(Loss(label, what, " ".join(error.getMessage().split())))
    written = without_nameless_spaces(libsbml.writeSBMLToString(document))
    written = _RDF.sub(_WITH_DC, written)
    check_sbml(written, f"model '{model.name}' as {label}")
    return written, list(dict.fromkeys(losses))


#: Descriptions of creators, of which libSBML writes ``dc:creator`` in Level 2 without saying what
#: ``dc`` is
_RDF = re.compile(r"<rdf:RDF\b(?![^>]*\bxmlns:dc=)")
_WITH_DC = '<rdf:RDF xmlns:dc="http://purl.org/dc/elements/1.1/"'


_EXTENDED = "l3v2extendedmath"


def _without_packages(document: libsbml.SBMLDocument, label: str) -> list[Loss]:
    """Take the packages out of a document, and return them as losses."""
    plugins = [document.getPlugin(index) for index in range(document.getNumPlugins())]
    packages = [(item.getPackageName(), item.getURI(), item.getPrefix()) for item in plugins]
    spaces = document.getNamespaces()  # a second name of Level 3's own would stay
    core = document.getSBMLNamespaces().getURI()
    prefixes = [spaces.getPrefix(index) for index in range(spaces.getNumNamespaces())]
    second = [prefix for prefix in prefixes if prefix and spaces.getURI(prefix) == core]
    for name, address, prefix in packages:
        if name != _EXTENDED or second:  # then libSBML takes it for a package as well
            document.enablePackage(address, prefix, False)
    for prefix in second:
        spaces.remove(prefix)
    packages = [package for package in packages if package[0] != _EXTENDED]
    return [
        Loss(label, f"the package '{name}'", "Level 2 has no packages") for name, _, _ in packages
    ]
