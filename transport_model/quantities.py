"""What a model's quantities are: kind, unit, name, and the values they may take.

Here as in ``equations``, ``program``, ``structure``, ``linearization``, ``evaluation``, ``runner``
and ``kernel``, what is derived from a model is remembered by its whole SBML text, and by whatever
else the function is handed. A text never changes, so that nothing remembered can be out of date.
What is :func:`~transport_model.kept.remembered` is on disk, too, so that libSBML is loaded for new
models only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from transport_model.constraints import lower_bounds
from transport_model.kept import remembered
from transport_model.reserved import START, unused_ids
from transport_model.units import concentration_unit, si_powers, unit_text

if TYPE_CHECKING:
    import libsbml

#: What a species has as a property, by annotation, that counts the charge on a membrane's face.
_CHARGED = "CHEBI:24870"
#: Id of a species that does so in a model in which none is annotated.
CHARGE = "charge"


@dataclass(frozen=True)
class Quantity:
    """One settable or computed quantity of a model.

    Attributes
    ----------
    kind
        ``parameter``, ``compartment``, ``floating`` or ``boundary``.
    computed
        What computes it (``rule``, ``initial assignment``, ``rate rule``), or empty.
    converted
        Whether the SBML gives the starting amount of what is read as a concentration, or the
        other way round, so that the value follows from the compartment's size.
    given
        The number in the SBML: what `value` is made of if `converted`.
    """

    id: str
    kind: str
    value: float
    unit: str
    name: str
    computed: str
    is_amount: bool = False
    compartment: str = ""
    converted: bool = False
    given: float = math.nan

    @property
    def settable(self) -> bool:
        """Whether :meth:`Model.with_values` takes it."""
        return self.computed in {"", "rate rule"}


@lru_cache(maxsize=32)
def document_of(sbml: str) -> Any:
    """Return the parsed document of an SBML text, an ``SBMLDocument``; not to be changed."""
    import libsbml

    return libsbml.readSBMLFromString(sbml)


def has_no_volume(compartment: libsbml.Compartment) -> bool:
    """Whether species of a compartment are amounts, because it says that it has no dimensions.

    libSBML's whole number is zero, too, where nothing is said or half a dimension is.
    """
    return bool(compartment.getSpatialDimensionsAsDouble() == 0)


def size_of(compartment: libsbml.Compartment) -> float:
    """Return a compartment's size, or NaN where the file has none that is any."""
    size: float = compartment.getSize()
    return size if 0 <= size < math.inf else math.nan


@remembered
def read_quantities(sbml: str) -> Mapping[str, Quantity]:
    """Return every species, compartment and parameter of an SBML text by id."""
    model = document_of(sbml).getModel()
    computed: dict[str, str] = {}
    for assignment in model.getListOfInitialAssignments():
        computed[assignment.getSymbol()] = "initial assignment"
    for rule in model.getListOfRules():
        name = rule.getVariable()
        if rule.isAssignment():
            computed[name] = "rule"
        elif name not in computed:
            computed[name] = "rate rule"
    return {item.id: item for item in _quantities(model, computed)}


@remembered
def charges_of(sbml: str) -> tuple[str, ...]:
    """Return the species that count the positive charge on a face of a membrane, in their order.

    Those annotated as having the property charge (CHEBI:24870, ion); in a model without one, a
    species called ``charge``. A model of two faces has two.
    """
    species = document_of(sbml).getModel().getListOfSpecies()
    annotated = tuple(item.getId() for item in species if _has_property(item, _CHARGED))
    return annotated or tuple(item.getId() for item in species if item.getId() == CHARGE)


def _has_property(element: libsbml.SBase, term: str) -> bool:
    """Whether an element is annotated as having the property that a term of an ontology names."""
    import libsbml

    return any(
        item.getBiologicalQualifierType() == libsbml.BQB_HAS_PROPERTY
        and any(term in item.getResourceURI(i).replace("%3A", ":").replace("_", ":")
                for i in range(item.getNumResources()))
        for item in map(element.getCVTerm, range(element.getNumCVTerms()))
    )  # fmt: skip


@remembered
def read_units(sbml: str) -> Mapping[str, str]:
    """Return the units of substance, extent, time, volume and concentration of an SBML text."""
    model = document_of(sbml).getModel()
    units = {
        "substance": unit_text(model, model.getSubstanceUnits()),
        "extent": unit_text(model, model.getExtentUnits() or model.getSubstanceUnits()),
        "time": unit_text(model, model.getTimeUnits()),
        "volume": unit_text(model, model.getVolumeUnits()),
    }
    return {**units, "concentration": concentration_unit(units["substance"], units["volume"])}


@remembered
def reaction_names(sbml: str) -> Mapping[str, str]:
    """Return what the reactions of an SBML text are called, by id."""
    reactions = document_of(sbml).getModel().getListOfReactions()
    return {reaction.getId(): reaction.getName() for reaction in reactions}


@remembered
def start_columns(sbml: str) -> Mapping[str, str]:
    """Return the columns of a scan that hold starting values, by the ids of what moves."""
    moving = [
        name
        for name, quantity in read_quantities(sbml).items()
        if quantity.kind == "floating" or quantity.computed == "rate rule"
    ]
    return unused_ids(document_of(sbml).getModel(), START, moving)


@remembered
def rule_kinds(sbml: str) -> Mapping[str, str]:
    """Return ``rate`` or ``assignment`` by the id of what a rule of an SBML text computes."""
    rules = document_of(sbml).getModel().getListOfRules()
    return {rule.getVariable(): "rate" if rule.isRate() else "assignment"
            for rule in rules if rule.isRate() or rule.isAssignment()}  # fmt: skip


@remembered
def ids_set_by_event(sbml: str) -> tuple[str, ...]:
    """Return the ids that an event gives a value, in the order of the events."""
    return tuple(
        assignment.getVariable()
        for event in document_of(sbml).getModel().getListOfEvents()
        for assignment in event.getListOfEventAssignments()
    )


def is_delayed(event: libsbml.Event) -> bool:
    """Whether an event has a delay; many files say that it is the number 0."""
    delay = event.getDelay()
    if delay is None or not delay.isSetMath():
        return False
    formula = delay.getMath()
    return not (formula.isNumber() and formula.getValue() == 0)


@remembered
def ids_set_by_start_or_event(sbml: str) -> tuple[str, ...]:
    """Return the ids, species apart, that an initial assignment or an event gives their value.

    The number in the file says nothing about them, so that every result has to.
    """
    model = document_of(sbml).getModel()
    started = [assignment.getSymbol() for assignment in model.getListOfInitialAssignments()]
    found = dict.fromkeys((*started, *ids_set_by_event(sbml)))
    return tuple(name for name in found if model.getSpecies(name) is None)


def _quantities(model: libsbml.Model, computed: Mapping[str, str]) -> Iterator[Quantity]:
    substance = unit_text(model, model.getSubstanceUnits())
    for species in model.getListOfSpecies():
        home = model.getCompartment(species.getCompartment())
        is_amount = species.getHasOnlySubstanceUnits() or has_no_volume(home)
        own = unit_text(model, species.getSubstanceUnits()) or substance
        # What computes a compartment's size, other than a rate rule, replaces the number
        is_sized = computed.get(home.getId(), "") in {"", "rate rule"}
        size = size_of(home) if is_sized else math.nan
        size_unit = unit_text(model, home.getUnits() or model.getVolumeUnits())
        if is_amount:
            value = species.getInitialAmount()
            if species.isSetInitialConcentration():
                value = species.getInitialConcentration() * size
        else:
            value = species.getInitialConcentration()
            if species.isSetInitialAmount():
                value = species.getInitialAmount() / size if size else math.nan
        in_amount = species.isSetInitialAmount()
        given = species.getInitialAmount() if in_amount else species.getInitialConcentration()
        is_said = in_amount or species.isSetInitialConcentration()
        if not is_said and species.getId() not in computed:
            value = given = 0.0  # a species without a value starts empty, as in libRoadRunner
        still = species.getBoundaryCondition() or species.getConstant()
        yield Quantity(
            id=species.getId(),
            kind="boundary" if still else "floating",
            value=value,
            unit=own if is_amount else concentration_unit(own, size_unit),
            name=species.getName(),
            computed=computed.get(species.getId(), ""),
            is_amount=is_amount,
            compartment=home.getId(),
            converted=species.isSetInitialConcentration()
            if is_amount
            else species.isSetInitialAmount(),
            given=given,
        )
    for compartment in model.getListOfCompartments():
        yield Quantity(
            id=compartment.getId(),
            kind="compartment",
            value=size_of(compartment),
            unit=unit_text(model, compartment.getUnits() or model.getVolumeUnits()),
            name=compartment.getName(),
            computed=computed.get(compartment.getId(), ""),
        )
    for parameter in model.getListOfParameters():
        yield Quantity(
            id=parameter.getId(),
            kind="parameter",
            value=parameter.getValue(),
            unit=unit_text(model, parameter.getUnits()),
            name=parameter.getName(),
            computed=computed.get(parameter.getId(), ""),
        )


@remembered
def read_domains(sbml: str) -> Mapping[str, tuple[float, bool]]:
    """Return the lower bound of every quantity and whether it is excluded; see :class:`Model`."""
    stated = _stated_bounds(sbml)
    return {name: _domain(sbml, each, stated.get(name))
            for name, each in read_quantities(sbml).items()}  # fmt: skip


def _domain(sbml: str, quantity: Quantity, stated: tuple[float, bool] | None) -> tuple[float, bool]:
    if quantity.kind == "compartment":
        return max((0.0, True), stated or (0.0, True))
    if stated is not None and quantity.kind != "floating" and not quantity.computed:
        return stated  # of what moves, a constraint is said of the course
    if quantity.id in charges_of(sbml) or quantity.value < 0:
        return -math.inf, False
    model = document_of(sbml).getModel()
    if quantity.kind in {"floating", "boundary"}:
        return _species_domain(model, quantity.id), False
    return _parameter_domain(model.getParameter(quantity.id))


def _species_domain(model: libsbml.Model, name: str) -> float:
    """Return the lower bound of a species: zero, unless nothing says that it is an amount.

    A species that reactions move is one. Under a rate rule its unit tells: moles, items or mass.
    """
    if model.getRateRule(name) is None:
        return 0.0
    unit = model.getSpecies(name).getSubstanceUnits() or model.getSubstanceUnits()
    definition = model.getUnitDefinition(unit)
    if definition is None:
        return 0.0 if unit in _MATTER else -math.inf
    powers, _ = si_powers(definition)
    return 0.0 if powers in [{kind: 1.0} for kind in _MATTER] else -math.inf


_MATTER = ("mole", "item", "gram", "kilogram", "avogadro")


def _parameter_domain(parameter: libsbml.Parameter) -> tuple[float, bool]:
    """Return a parameter's lower bound, determined by its unit, and whether it is excluded."""
    if not parameter.isSetUnits():
        return -math.inf, False
    powers, _ = si_powers(parameter.getDerivedUnitDefinition())
    dimensions = frozenset(powers.items())
    if dimensions in _EITHER_SIGN:
        return -math.inf, False
    return 0.0, dimensions in _POSITIVE and parameter.getValue() != 0


def _stated_bounds(sbml: str) -> Mapping[str, tuple[float, bool]]:
    """Return the lower bounds that a model's constraints state, and whether they are excluded.

    A constraint of the form ``id >= number``, ``id > number``, the same turned round, or several
    of them joined by "and". The largest counts; one that the file's own value breaks does not.
    """
    import libsbml

    model = document_of(sbml).getModel()
    bounds: dict[str, tuple[float, bool]] = {}
    for constraint in model.getListOfConstraints():
        if not constraint.isSetMath():
            continue
        # By its text: after tellurium's import the types of nodes no longer compare
        root = ElementTree.fromstring(libsbml.writeMathMLToString(constraint.getMath()))
        for name, bound in lower_bounds(root[0]):
            bounds[name] = max(bounds.get(name, bound), bound)
    known = read_quantities(sbml)
    return {
        name: (low, excluded)
        for name, (low, excluded) in bounds.items()
        if name in known and not known[name].value < low
        and not (excluded and known[name].value == low)
    }  # fmt: skip


_ENERGY = {("kilogram", 1.0), ("metre", 2.0), ("second", -2.0)}
_EITHER_SIGN = {
    frozenset(),
    frozenset({("kilogram", 1.0), ("metre", 2.0), ("second", -3.0), ("ampere", -1.0)}),  # volt
    frozenset(_ENERGY),
    frozenset({*_ENERGY, ("mole", -1.0)}),
}
_POSITIVE = {
    frozenset({("kelvin", 1.0)}),
    frozenset({("ampere", 1.0), ("second", 1.0), ("mole", -1.0)}),  # Faraday's constant
    frozenset({*_ENERGY, ("mole", -1.0), ("kelvin", -1.0)}),  # the gas constant
    frozenset({("kilogram", -1.0), ("metre", -2.0), ("second", 4.0), ("ampere", 2.0)}),  # farad
}


def write_value(target: Any, quantity: Quantity, name: str, value: float) -> None:
    """Give element `name` of an SBML model the value of what is read as `quantity`."""
    if quantity.kind == "compartment":
        target.getCompartment(name).setSize(value)
    elif quantity.kind == "parameter":
        target.getParameter(name).setValue(value)
    else:
        species = target.getSpecies(name)
        species.unsetInitialAmount()
        species.unsetInitialConcentration()
        if quantity.is_amount:
            species.setInitialAmount(value)
        else:
            species.setInitialConcentration(value)


def with_values_written(sbml: str, values: Mapping[str, float]) -> str:
    """Return an SBML text in which settable quantities have other values, by id."""
    if not values:
        return sbml
    import libsbml

    quantities = read_quantities(sbml)
    document = libsbml.readSBMLFromString(sbml)
    for name, value in values.items():
        write_value(document.getModel(), quantities[name], name, value)
    return libsbml.writeSBMLToString(document)
