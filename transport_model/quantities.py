"""What a model's quantities are: kind, unit, name, and the values they may take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import libsbml

#: Id of the species that counts charge moved across the membrane, where a model has one.
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
    return libsbml.readSBMLFromString(sbml)


@lru_cache(maxsize=32)
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


@lru_cache(maxsize=32)
def started_or_set(sbml: str) -> tuple[str, ...]:
    """Return the ids, species apart, that an initial assignment or an event gives their value.

    The number in the file says nothing about them, so that every result has to.
    """
    model = document_of(sbml).getModel()
    started = [assignment.getSymbol() for assignment in model.getListOfInitialAssignments()]
    changed = [
        assignment.getVariable()
        for event in model.getListOfEvents()
        for assignment in event.getListOfEventAssignments()
    ]
    found = dict.fromkeys((*started, *changed))
    return tuple(name for name in found if model.getSpecies(name) is None)


def _quantities(model: libsbml.Model, computed: Mapping[str, str]) -> Iterator[Quantity]:
    substance = unit_text(model, model.getSubstanceUnits())
    for species in model.getListOfSpecies():
        home = model.getCompartment(species.getCompartment())
        is_amount = species.getHasOnlySubstanceUnits() or home.getSpatialDimensions() == 0
        own = unit_text(model, species.getSubstanceUnits()) or substance
        # What computes a compartment's size, other than a rate rule, replaces the number
        is_sized = computed.get(home.getId(), "") in {"", "rate rule"}
        size = home.getSize() if is_sized else math.nan
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
        if math.isnan(given) and species.getId() not in computed:
            value = 0.0  # a species without a value starts empty, as in libRoadRunner
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
            value=compartment.getSize(),
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


_PREFIX = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k"}
_TIMES = {60.0: "min", 3600.0: "h", 86400.0: "d"}
_SYMBOL = {
    "mole": "mol", "litre": "L", "second": "s", "metre": "m", "gram": "g", "kilogram": "kg",
    "volt": "V", "farad": "F", "joule": "J", "kelvin": "K", "coulomb": "C", "ampere": "A",
    "dimensionless": "1", "item": "item", "siemens": "S", "hertz": "Hz",
}  # fmt: skip


def unit_text(model: libsbml.Model, unit: str) -> str:
    """Return a unit as people write it: ``mM``, ``fmol/s``, ``kJ/mol``; empty if none is given."""
    if not unit:
        return ""
    definition = model.getUnitDefinition(unit)
    if definition is None:
        return _SYMBOL.get(unit, unit)
    above: list[str] = []
    below: list[str] = []
    for part in definition.getListOfUnits():
        kind = libsbml.UnitKind_toString(part.getKind())
        scale, multiplier = part.getScale(), part.getMultiplier()
        exponent = part.getExponentAsDouble()
        if multiplier != 1 and multiplier > 0 and math.log10(multiplier).is_integer():
            scale, multiplier = scale + int(math.log10(multiplier)), 1
        if kind == "dimensionless" and multiplier == 1 and scale == 0:
            continue
        text = _PREFIX.get(scale, f"1e{scale} ") + _SYMBOL.get(kind, kind)
        if kind == "second" and multiplier * 10.0**scale in _TIMES:
            text, multiplier = _TIMES[multiplier * 10.0**scale], 1
        if multiplier != 1:
            text = f"{multiplier:g} {text}"
        power = abs(exponent)
        (above if exponent > 0 else below).append(
            text if power == 1 else f"{text}{_superscript(power)}"
        )
    return _molar("·".join(above) or "1", below)


def _molar(above: str, below: list[str]) -> str:
    text = above if not below else f"{above}/{below[0]}" + "".join(f"/{unit}" for unit in below[1:])
    return {"mmol/L": "mM", "fmol/pL": "mM", "L/mmol/s": "1/(mM·s)",
            "L²/mmol²/s": "1/(mM²·s)", "J/mol/K": "J/(mol·K)", "pL/s·L/mmol": "pL/(s·mM)",
            "pL·L/s/mmol": "pL/(s·mM)"}.get(text, text)  # fmt: skip


def _superscript(power: float) -> str:
    if power.is_integer():
        return str(int(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"^{power:g}"


def concentration_unit(substance: str, volume: str) -> str:
    """Return the unit of a concentration, or an empty string if either part is unknown."""
    return _molar(substance, [volume]) if substance and volume else ""


def per_unit(above: str, below: str) -> str:
    """Return a ratio of units, or an empty string if either part is unknown."""
    return f"{above}/{below}" if above and below else ""


@lru_cache(maxsize=4096)
def parameter_domain(sbml: str, name: str) -> tuple[float, bool]:
    """Return a parameter's lower bound, determined by its unit, and whether it is excluded."""
    parameter = document_of(sbml).getModel().getParameter(name)
    if not parameter.isSetUnits():
        return -math.inf, False
    dimensions = _si_dimensions(parameter.getDerivedUnitDefinition())
    if dimensions in _EITHER_SIGN:
        return -math.inf, False
    return 0.0, dimensions in _POSITIVE


def _si_dimensions(definition: libsbml.UnitDefinition) -> frozenset[tuple[str, float]]:
    si = libsbml.UnitDefinition.convertToSI(definition)
    powers: dict[str, float] = {}
    for unit in si.getListOfUnits():
        kind = libsbml.UnitKind_toString(unit.getKind())
        powers[kind] = powers.get(kind, 0.0) + unit.getExponentAsDouble()
    return frozenset(
        (kind, power) for kind, power in powers.items() if power and kind != "dimensionless"
    )


_ENERGY = {("kilogram", 1.0), ("metre", 2.0), ("second", -2.0)}
_EITHER_SIGN = {
    frozenset(),
    frozenset({("kilogram", 1.0), ("metre", 2.0), ("second", -3.0), ("ampere", -1.0)}),  # volt
    frozenset(_ENERGY),
    frozenset({*_ENERGY, ("mole", -1.0)}),
}
_POSITIVE = {
    frozenset({("kelvin", 1.0)}),
    frozenset({("kilogram", -1.0), ("metre", -2.0), ("second", 4.0), ("ampere", 2.0)}),  # farad
}
