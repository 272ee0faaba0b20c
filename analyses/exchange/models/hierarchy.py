"""Hierarchical SBML: the modules of a shipped model's source as submodels (package comp)."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import libsbml

from transport_model import Model
from transport_model.catalogue import (
    CHAIN,
    about,
    model_path,
    model_source,
    models_folder,
    shipped_models,
)
from transport_model.errors import InputError
from transport_model.mathematics.evaluation import start_values
from transport_model.quantities import document_of, write_value
from transport_model.reading.documents import read_model
from transport_model.reading.mathematics import elements, nodes

from .losses import Loss
from .variants import label_variant, with_changes_written

_COMP = "http://www.sbml.org/sbml/level3/version1/comp/version1"
_LABEL = "SBML comp"


def hierarchical_text(model: Model) -> tuple[str, list[Loss]]:
    """Return a model as SBML L3V2 with the package comp, and what is lost on the way."""
    source = _source(model)
    if source is None:
        return _without_submodels(model)
    document = libsbml.readSBMLFromString(_antimony_comp(model.name, source))
    _Completion(document, model).complete()
    return libsbml.writeSBMLToString(document), []


def _without_submodels(model: Model) -> tuple[str, list[Loss]]:
    document = libsbml.readSBMLFromString(with_changes_written(model))
    if document.enablePackage(_COMP, "comp", True) != libsbml.LIBSBML_OPERATION_SUCCESS:
        raise InputError(f"model '{model.name}' cannot take SBML's package comp")
    document.setPackageRequired("comp", True)
    loss = Loss(_LABEL, "submodels", "no modules are known of this model; it stays in one piece")
    return libsbml.writeSBMLToString(document), [loss]


def _source(model: Model) -> str | None:
    """Return the Antimony source of a shipped model, or None for a chain and any other."""
    if model.name not in shipped_models() or read_model(model_path(model.name)) != model.sbml:
        return None
    return None if about().loc[model.name, "lumen"] == CHAIN else model_source(model.name)


def _antimony_comp(name: str, source: str) -> str:
    import antimony  # 0.1 s, and only needed here

    antimony.clearPreviousLoads()
    antimony.addDirectory(str(models_folder().resolve()))
    if antimony.loadAntimonyString(source) < 0:
        raise InputError(f"{name}: {' '.join(antimony.getLastError().split())}")
    return str(antimony.getCompSBMLString(name))


class _Completion:
    """Gives a hierarchy written by Antimony what each of its modules needs to stand alone.

    A module's arguments have no units, values or names of their own; here they get those of what
    replaces them. Bare numbers become dimensionless, and every module gets the model's units.
    """

    def __init__(self, document: libsbml.SBMLDocument, model: Model) -> None:
        self.model = model
        self.flat = document_of(model.sbml).getModel()
        self.definitions = document.getPlugin("comp")
        self.main = document.getModel()
        self.submodels = list(self.main.getPlugin("comp").getListOfSubmodels())
        self.replacing = dict(self._replacements())
        self.start = start_values(Model(model.name, model.sbml))

    def complete(self) -> None:
        for submodel in self.submodels:
            self._label_reactions(submodel)
            definition = self.definitions.getModelDefinition(submodel.getModelRef())
            self._complete_module(definition, submodel.getId())
        for parameter in self.main.getListOfParameters():
            name = parameter.getIdAttribute()
            computed = (self.main.getAssignmentRule(name), self.main.getInitialAssignment(name))
            if not parameter.isSetValue() and computed == (None, None):
                parameter.setValue(self.start[name])  # a module's rule computes it
        _dimensionless_numbers(self.main)
        self._take_over_units(self.main)
        for element in (self.main, *_labelled(self.main)):
            name = element.getIdAttribute()
            flat = self.flat if element is self.main else self.flat.getElementBySId(name)
            if flat is not None:
                _take_over_labels(element, name, flat)
        self.main.setName(self.flat.getName())
        self.main.setNotes(self.flat.getNotes())
        if self.model.changes:
            for name, value in self.model.changes.items():
                self._set(name, value)
            label_variant(self.main, self.model)

    def _replacements(self) -> Iterator[tuple[tuple[str, str], str]]:
        for element in _labelled(self.main):
            plugin = element.getPlugin("comp")
            for index in range(plugin.getNumReplacedElements()):
                replaced = plugin.getReplacedElement(index)
                key = (replaced.getSubmodelRef(), replaced.getPortRef())
                yield key, element.getIdAttribute()

    def _complete_module(self, definition: Any, instance: str) -> None:
        for getter, setter in (("getSubstanceUnits", "setSubstanceUnits"),
                               ("getExtentUnits", "setExtentUnits"),
                               ("getTimeUnits", "setTimeUnits"),
                               ("getVolumeUnits", "setVolumeUnits")):  # fmt: skip
            getattr(definition, setter)(getattr(self.flat, getter)())
        listed = definition.getPlugin("comp").getListOfPorts()
        ports = {port.getIdRef(): port.getId() for port in listed}
        for element in (*definition.getListOfSpecies(), *definition.getListOfParameters()):
            own = element.getIdAttribute()
            flat_id = self.replacing.get((instance, ports.get(own, own)), f"{instance}_{own}")
            counterpart = self.flat.getElementBySId(flat_id)
            if counterpart is not None:
                self._complete_element(definition, element, counterpart)
        for compartment in definition.getListOfCompartments():
            if not compartment.isSetSize():
                compartment.setSize(1.0)
            compartment.setSpatialDimensions(3.0)
            compartment.setUnits(self.flat.getVolumeUnits())
        _dimensionless_numbers(definition)
        self._take_over_units(definition)

    def _label_reactions(self, submodel: Any) -> None:
        """Say on a module's reactions what the model says of this instance alone."""
        definition = self.definitions.getModelDefinition(submodel.getModelRef())
        for reaction in list(definition.getListOfReactions()):
            own = reaction.getIdAttribute()
            flat = self.flat.getReaction(f"{submodel.getId()}_{own}")
            if flat is None or (reaction.getName(), reaction.getNumCVTerms()) == (
                flat.getName(), flat.getNumCVTerms(),
            ):  # fmt: skip
                continue
            labelled = self._own_definition(submodel).getReaction(own)
            labelled.setName(flat.getName())
            _relabel(labelled, labelled.getMetaId() or f"{submodel.getId()}_{own}", flat)

    def _complete_element(self, definition: Any, element: Any, flat: Any) -> None:
        if not element.getName():
            element.setName(flat.getName())
        _take_over_labels(element, f"{definition.getId()}_{element.getIdAttribute()}", flat)
        value = self.start[flat.getIdAttribute()]
        is_computed = definition.getAssignmentRule(element.getIdAttribute()) is not None
        if element.getElementName() == "parameter":
            element.setUnits(flat.getUnits())
            if not element.isSetValue() and not is_computed:
                element.setValue(value)
            return
        element.setHasOnlySubstanceUnits(flat.getHasOnlySubstanceUnits())
        element.setSubstanceUnits(flat.getSubstanceUnits() or self.flat.getSubstanceUnits())
        if not is_computed and flat.getHasOnlySubstanceUnits():
            element.setInitialAmount(value)
        elif not is_computed:
            element.setInitialConcentration(value)

    def _take_over_units(self, module: Any) -> None:
        """Define in a module, as in the flat model, every unit that the module names."""
        used = {self.flat.getSubstanceUnits(), self.flat.getExtentUnits(),
                self.flat.getTimeUnits(), self.flat.getVolumeUnits()}  # fmt: skip
        used |= {item.getUnits() for item in module.getListOfParameters()}
        used |= {item.getUnits() for item in module.getListOfCompartments()}
        used |= {item.getSubstanceUnits() for item in module.getListOfSpecies()}
        for name in sorted(used):
            definition = self.flat.getUnitDefinition(name)
            if definition is not None and module.getUnitDefinition(name) is None:
                module.addUnitDefinition(definition)

    def _own_definition(self, submodel: Any) -> Any:
        """Return the definition of a submodel, a copy if others have the same one."""
        name = submodel.getModelRef()
        if sum(other.getModelRef() == name for other in self.submodels) == 1:
            return self.definitions.getModelDefinition(name)
        copy = self.definitions.getModelDefinition(name).clone()
        copy.setId(f"{name}_{submodel.getId()}")
        for element in (copy, *_labelled(copy)):
            if element.isSetMetaId():  # unique in the whole document
                _relabel(element, f"{submodel.getId()}_{element.getMetaId()}", element)
        self.definitions.addModelDefinition(copy)
        submodel.setModelRef(copy.getId())
        return self.definitions.getModelDefinition(copy.getId())

    def _set(self, name: str, value: float) -> None:
        """Set a value on the model, or on the one module instance that it belongs to."""
        quantity = self.model.quantities[name]
        if self.main.getElementBySId(name) is not None:
            write_value(self.main, quantity, name, value)
            return
        for submodel in self.submodels:
            inner = name.removeprefix(f"{submodel.getId()}_")
            definition = self.definitions.getModelDefinition(submodel.getModelRef())
            if inner == name or definition.getElementBySId(inner) is None:
                continue
            write_value(self._own_definition(submodel), quantity, inner, value)
            return
        raise InputError(f"'{name}' has no place in the modules of model '{self.model.name}'")


def _labelled(module: Any) -> list[Any]:
    return [*module.getListOfSpecies(), *module.getListOfParameters(),
            *module.getListOfCompartments(), *module.getListOfReactions()]  # fmt: skip


def _take_over_labels(element: Any, metaid: str, flat: Any) -> None:
    """Give an element the annotations that the flat model adds to those of Antimony's source."""
    if element.getNumCVTerms() != flat.getNumCVTerms():
        _relabel(element, element.getMetaId() or metaid, flat)


def _relabel(element: Any, metaid: str, source: Any) -> None:
    """Give an element a metaid and the annotations of `source`."""
    terms = [source.getCVTerm(index).clone() for index in range(source.getNumCVTerms())]
    if element.getNumCVTerms():
        element.unsetCVTerms()
    element.setMetaId(metaid)
    for term in terms:
        element.addCVTerm(term)


def _dimensionless_numbers(module: Any) -> None:
    for element in elements(cast(Any, SimpleNamespace(getModel=lambda: module))):
        is_set = getattr(element, "isSetMath", None)
        if is_set is None or not is_set():
            continue
        math = element.getMath().deepCopy()
        for node in nodes(math):
            if node.isNumber() and not node.hasUnits():
                node.setUnits("dimensionless")
        element.setMath(math)
