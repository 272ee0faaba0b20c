"""Values set on a model, written into its SBML as a variant that says where it comes from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.quantities import read_quantities, write_value

#: Namespace of the annotation that holds the provenance of changes, for programs to read.
NAMESPACE = "https://transport-model.invalid/changes/1"
_PREFIX = "changes"
#: How many changes a variant's name spells out.
_NAMED = 3


@dataclass(frozen=True)
class ValueChange:
    """One value set on a model: what it was, what it is, its unit, and the model it was set on.

    Attributes
    ----------
    base
        The model's name and the SHA-256 of its SBML.
    """

    id: str
    old: float
    new: float
    unit: str
    base: str


def changes_of(model: Model) -> list[ValueChange]:
    """Return every change that led to a model: those its file tells of, then those set on it."""
    document = libsbml.readSBMLFromString(model.sbml)
    return [*_read(document.getModel()), *_set_on(model)]


def _set_on(model: Model) -> list[ValueChange]:
    given = read_quantities(model.sbml)
    base = f"{model.name} {model.hash}"
    return [
        ValueChange(name, given[name].value, value, given[name].unit, base)
        for name, value in model.changes.items()
    ]


def with_changes_written(model: Model) -> str:
    """Return a model's SBML L3V2 with the values set on it in place.

    The variant's id ends in ``_variant``, its name tells the first changes, and its notes and an
    annotation hold the provenance of every one: id, old and new value, unit, and the model that
    it was set on. Without changes the SBML is returned as it is.
    """
    if not model.changes:
        return model.sbml
    document = libsbml.readSBMLFromString(model.sbml)
    target = document.getModel()
    for name, value in model.changes.items():
        write_value(target, model.quantities[name], name, value)
    label_variant(target, model)
    return libsbml.writeSBMLToString(document)


def label_variant(target: Any, model: Model) -> None:
    """Give an SBML model the id, name, notes and annotation of `model` as a variant."""
    changes = _set_on(model)
    old = target.getName() or target.getIdAttribute() or model.name
    told = ", ".join(f"{c.id} = {c.new:.10g} {_plain(c.unit)}".strip() for c in changes[:_NAMED])
    more = f" and {len(changes) - _NAMED} more" if len(changes) > _NAMED else ""
    identifier = target.getIdAttribute() or "model"
    if not identifier.endswith("_variant"):
        identifier += "_variant"
    while target.getElementBySId(identifier) is not None:
        identifier += "_"
    target.setId(identifier)
    target.setName(f"{old} with {told}{more}")
    _done(target.appendNotes(_notes(model.name, model.hash, changes)), "notes")
    kept = _read(target)
    if target.isSetAnnotation():
        target.removeTopLevelAnnotationElement(_PREFIX, NAMESPACE, False)
    _done(target.appendAnnotation(_annotation([*kept, *changes])), "annotation")


def _plain(unit: str) -> str:
    return "" if unit == "1" else unit


def _done(code: int, what: str) -> None:
    if code != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InputError(f"libSBML cannot add to the model's {what}; is the file's own valid?")


def _notes(name: str, sha: str, changes: list[ValueChange]) -> str:
    rows = "".join(
        f"<tr><td>{escape(c.id)}</td><td>{_number(c.old)}</td><td>{_number(c.new)}</td>"
        f"<td>{escape(c.unit)}</td></tr>"
        for c in changes
    )
    return (
        '<body xmlns="http://www.w3.org/1999/xhtml">'
        f"<p>Variant of the model {escape(name)} (SHA-256 of its SBML: {sha}), made by"
        " transport-model. Values set:</p>"
        f"<table><tr><th>id</th><th>old</th><th>new</th><th>unit</th></tr>{rows}</table></body>"
    )


def _number(value: float) -> str:
    return "not given" if math.isnan(value) else repr(value)


def _annotation(changes: list[ValueChange]) -> str:
    rows = "".join(
        f'<{_PREFIX}:change id="{escape(c.id)}" old="{c.old!r}" new="{c.new!r}"'
        f' unit="{escape(c.unit)}" base="{escape(c.base)}"/>'
        for c in changes
    )
    return f'<{_PREFIX}:changes xmlns:{_PREFIX}="{NAMESPACE}">{rows}</{_PREFIX}:changes>'


def _read(model: Any) -> list[ValueChange]:
    annotation = model.getAnnotation()
    found = []
    for index in range(annotation.getNumChildren() if annotation is not None else 0):
        node = annotation.getChild(index)
        if node.getURI() != NAMESPACE:
            continue
        for place in range(node.getNumChildren()):
            row = node.getChild(place)
            try:
                old, new = float(row.getAttrValue("old")), float(row.getAttrValue("new"))
            except ValueError:
                continue  # somebody else's hand
            words = (row.getAttrValue(key) for key in ("unit", "base"))
            found.append(ValueChange(row.getAttrValue("id"), old, new, *words))
    return found
