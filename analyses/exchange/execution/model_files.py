"""The models of a SED-ML document: read beside it, changed as it says, and addressed by XPath."""

from __future__ import annotations

import copy
import posixpath
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np

from transport_model import Model
from transport_model.errors import InputError, ModelFileError, UnsupportedModelError
from transport_model.reading.cellml import is_cellml
from transport_model.reading.documents import check_sbml
from transport_model.reading.neighbours import Neighbours, resolved, shown
from transport_model.reading.untrusted import (
    decode_xml,
    parsed_xml,
    refuse_unsafe_xml,
    xml_text,
)

from .document import AMOUNT_SYMBOLS, Change, Document, ModelEntry, Variable
from .formulas import Formula
from .places import Place, find
from .words import local

#: Attributes that hold a number; where one is given, its rival is not.
_NUMBERS = {"value": "", "size": "", "volume": "", "initialAmount": "initialConcentration",
            "initialConcentration": "initialAmount", "stoichiometry": ""}  # fmt: skip
#: Most models that are derived one from the other.
MAX_DERIVED = 64
#: Elements that have values while a model runs.
_QUANTITIES = {"species", "parameter", "compartment", "localParameter", "reaction"}


@dataclass(frozen=True, eq=False)
class RunModel:
    """A model as tasks run it, and its document, in which addresses lead to its quantities."""

    id: str
    model: Model
    root: ElementTree.Element

    def quantity(self, target: str, told: str) -> str:
        """Return the id, as results have it, of what an address leads to.

        Raises
        ------
        ModelFileError
            It leads to no single element.
        UnsupportedModelError
            The element has no value while the model runs.
        """
        place = find(self.root, target, told)
        kind, name = local(place.element), place.id
        if kind not in _QUANTITIES:
            raise UnsupportedModelError(
                f"{told}: a <{kind[:40]}> has no value that can be followed or set; species,"
                " parameters, compartments and reactions have"
            )
        law = [local(element) for element in place.around]
        if "kineticLaw" in law:
            reaction = place.around[law.index("reaction")]
            name = f"{reaction.get('id') or reaction.get('name')}_{name}"
            if any(name in {e.get("id"), e.get("name")} for e in self.root.iter()):
                raise UnsupportedModelError(f"{told}: '{name}' is the id of something else in the"
                                            " model; rename one of the two")  # fmt: skip
        if name not in self.model.quantities and name not in self.model.reaction_ids:
            raise UnsupportedModelError(f"{told}: '{name[:80]}' is not part of the model itself")
        self._refuse_other_amount(place, name, told)
        return name

    def column(self, variable: Variable, told: str) -> str:
        """Return the column of results that a variable with an address stands for.

        Raises
        ------
        InputError
            As :meth:`quantity`; or an amount or a concentration is asked for that results lack.
        """
        name = self.quantity(variable.target, told)
        kind = variable.symbol.lower()
        if not kind:
            return name
        quantity = self.model.quantities.get(name)
        if quantity is not None and quantity.kind in {"floating", "boundary"}:
            amounts = {species: column for column, species in self.model.amount_columns.items()}
            if quantity.is_amount == (kind in AMOUNT_SYMBOLS):
                return name
            if kind in AMOUNT_SYMBOLS and name in amounts:
                return amounts[name]
        wanted = "amount" if kind in AMOUNT_SYMBOLS else "concentration"
        raise UnsupportedModelError(f"{told}: results hold no {wanted} of '{name}'")

    def _refuse_other_amount(self, place: Place, name: str, told: str) -> None:
        quantity = self.model.quantities.get(name)
        is_amount = quantity is not None and quantity.is_amount
        wrong = "initialConcentration" if is_amount else "initialAmount"
        if place.attribute == wrong:
            has = "an amount" if is_amount else "a concentration"
            raise UnsupportedModelError(
                f"{told}: '{name}' is {has} in this model, so {wrong} cannot be followed or set;"
                " leave the attribute out"
            )
        known = {"", *_NUMBERS} - {"stoichiometry"}
        if place.attribute not in known:
            raise UnsupportedModelError(f"{told}: the attribute '{place.attribute[:40]}' cannot be"
                                        " followed or set while a model runs")  # fmt: skip


class ModelFiles:
    """Reads models of a document, each once.

    Parameters
    ----------
    document
        The SED-ML.
    neighbours
        Where it lies among the files that it may name.
    """

    def __init__(self, document: Document, neighbours: Neighbours) -> None:
        self._document = document
        self._neighbours = neighbours
        self._roots: dict[str, tuple[ElementTree.Element, str]] = {}
        self._read: dict[str, RunModel] = {}

    def __getitem__(self, key: str) -> RunModel:
        """Return a model by its id.

        Raises
        ------
        InputError
            There is none, its file is missing or no model, or a change cannot be made.
        """
        if key not in self._read:
            root, name = self._changed(key, ())
            self._read[key] = RunModel(key, self._model(root, name), root)
        return self._read[key]

    def _changed(self, key: str, chain: tuple[str, ...]) -> tuple[ElementTree.Element, str]:
        """Return the changed document of a model and the path of the file that it comes from."""
        document = self._document
        if key in document.refused:
            raise UnsupportedModelError(f"{document.where}: {document.refused[key]}")
        entry = document.models.get(key)
        if entry is None:
            raise ModelFileError(f"{document.where} has no model '{key[:80]}'")
        if key in chain:
            raise ModelFileError(f"{document.where}: model '{key}' is made of itself")
        if len(chain) == MAX_DERIVED:
            raise ModelFileError(f"{document.where}: more than {MAX_DERIVED} models are derived one"
                                 " from the other")  # fmt: skip
        if key not in self._roots:
            root, name = self._source(entry, (*chain, key))
            root = copy.deepcopy(root)
            for change in entry.changes:
                self._change(root, change, (*chain, key))
            self._roots[key] = root, name
        return self._roots[key]

    def _source(self, entry: ModelEntry, chain: tuple[str, ...]) -> tuple[ElementTree.Element, str]:
        source, where = entry.source, self._document.where
        known = {*self._document.models, *self._document.refused}
        if source.startswith("#") or source in known:
            return self._changed(source.removeprefix("#"), chain)
        folder = posixpath.dirname(self._neighbours.own)
        told = f"{where}: model '{entry.id}'"
        language = entry.language.lower()
        if language and "sbml" not in language and not language.endswith(":xml"):
            raise UnsupportedModelError(f"{told} is in the language '{entry.language[:80]}'; models"
                                        " in SBML are run")  # fmt: skip
        if source.lower().startswith(("urn:", "http:", "https:")):
            raise ModelFileError(
                f"{told}: '{shown(source)}' is on the web; put the file into the"
                f" {self._neighbours.place} and name it as the source"
            )
        name = unquote(resolved(source, folder, told, self._neighbours.place))
        data = self._neighbours.read(name)
        if data is None:
            raise ModelFileError(
                f"{told}: '{shown(source)}' is not in its {self._neighbours.place}"
            )
        origin = f"{self._neighbours.prefix}{shown(name)}"
        text = refuse_unsafe_xml(decode_xml(data, origin), origin, "SBML")
        if is_cellml(text):
            raise UnsupportedModelError(f"{told} is CellML; models in SBML are run")
        return parsed_xml(text, origin, "SBML"), name

    def _model(self, root: ElementTree.Element, name: str) -> Model:
        text = xml_text(root)
        origin = f"{self._neighbours.prefix}{shown(name)}"
        return Model(
            PurePosixPath(name).stem, check_sbml(text, origin, replace(self._neighbours, own=name))
        )

    def _change(self, root: ElementTree.Element, change: Change, chain: tuple[str, ...]) -> None:
        told = f"{self._document.where}: {change.told}"
        place = find(root, change.target, told)
        if change.kind in {"changeAttribute", "computeChange"}:
            value = change.value
            if change.computation is not None:
                value = repr(self._computed(change, root, told, chain))
            _set_attribute(root, place, value, told)
            return
        if place.attribute:
            if change.kind != "removeXML":
                raise UnsupportedModelError(f"{told}: only elements are added or exchanged")
            place.element.attrib.pop(place.attribute, None)
            return
        if not place.around:
            raise UnsupportedModelError(f"{told} would exchange the whole document")
        if change.kind == "addXML":
            place.element.extend(copy.deepcopy(change.content))
            return
        parent = place.around[-1]
        at = list(parent).index(place.element)
        parent.remove(place.element)
        for offset, part in enumerate(change.content):
            parent.insert(at + offset, copy.deepcopy(part))

    def _computed(
        self, change: Change, root: ElementTree.Element, told: str, chain: tuple[str, ...]
    ) -> float:
        """Return the number that a computeChange comes to."""
        computation = change.computation
        assert computation is not None
        values = {v.id: self._number_at(v, root, told, chain) for v in computation.variables}
        result = float(Formula(computation)(values))
        if not np.isfinite(result):
            raise InputError(f"{told} comes to {result:g}, which is not a finite number")
        return result

    def _number_at(
        self, variable: Variable, root: ElementTree.Element, told: str, chain: tuple[str, ...]
    ) -> float:
        """Return the number that a model's document holds at a variable's address."""
        if variable.symbol:
            raise UnsupportedModelError(f"{told}: a model's file has no time")
        if variable.model not in {"", chain[-1]}:
            root, _ = self._changed(variable.model, chain)
        place = find(root, variable.target, told)
        names = [place.attribute] if place.attribute else list(_NUMBERS)
        texts = [place.element.get(name) for name in names]
        found = next((text for text in texts if text is not None), None)
        try:
            return float(found or "")
        except ValueError:
            raise ModelFileError(f"{told}: the model's file holds no number for '{place.id[:80]}'"
                                 ) from None  # fmt: skip


def _set_attribute(root: ElementTree.Element, place: Place, value: str, told: str) -> None:
    name = place.attribute or _usual_attribute(place.element, told)
    if name in _NUMBERS:
        try:
            float(value)
        except ValueError:
            raise ModelFileError(f"{told}: '{value[:40]}' is not a number") from None
        _refuse_computed(root, place, told)
        place.element.attrib.pop(_NUMBERS[name], None)
    place.element.set(name, value)


def _usual_attribute(element: ElementTree.Element, told: str) -> str:
    """Return the attribute that holds an element's number, where the address names none."""
    kind = local(element)
    if kind == "species":
        return "initialAmount" if "initialAmount" in element.attrib else "initialConcentration"
    usual = {"parameter": "value", "localParameter": "value", "compartment": "size"}
    if kind not in usual:
        raise UnsupportedModelError(f"{told}: its address leads to no attribute")
    return "volume" if kind == "compartment" and "volume" in element.attrib else usual[kind]


def _refuse_computed(root: ElementTree.Element, place: Place, told: str) -> None:
    """Refuse a new number for what the model computes anyhow: it would change nothing."""
    if "kineticLaw" in {local(element) for element in place.around}:
        return
    for element in root.iter():
        kind = local(element)
        is_start = kind == "initialAssignment" and element.get("symbol") == place.id
        if is_start or (kind == "assignmentRule" and element.get("variable") == place.id):
            raise ModelFileError(
                f"{told}: the model computes '{place.id[:80]}' by a <{kind}>: a new value changes"
                " nothing; remove that first"
            )
