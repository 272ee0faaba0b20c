"""The energy account of a cell as rules of its SBML, for tools that have no account of it.

SED-ML could hold the formulas itself, but tools differ in the functions they know there (tellurium
has neither logarithm nor power), while all of them evaluate the rules of a model.
"""

from __future__ import annotations

from collections.abc import Iterable

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.units import unit_id

from ...studies.energetics import STORED, transporters

#: Units of the account, made of base units, and constants that its formulas need.
_UNITS = {"kJ/mol": ("joule", 3, "mole"), "pW": ("watt", -12, ""), "pJ": ("joule", -12, "")}
_ONE_MM, _PJ_PER_AJ = "energy_c_1_mM", "energy_pJ_per_aJ"
_UNIT = "unit_of_"


def with_energies(model: Model, columns: Iterable[str]) -> Model:
    """Return a copy of a cell that computes columns of its energy account by rules.

    Parameters
    ----------
    model
        A model with what :func:`energetics` needs; unchanged.
    columns
        Columns of that account; those that `model` has anyway are left out.

    Raises
    ------
    InputError
        A column needs what no rule says: rates of change, or a quotient whose divisor is zero.
    """
    wanted = [column for column in dict.fromkeys(columns) if column not in model.quantities]
    if not wanted:
        return model
    formulas = _formulas(model)
    for column in wanted:
        if column not in formulas:
            raise InputError(f"'{column}' cannot be written as a rule of model '{model.name}'")
    document = libsbml.readSBMLFromString(model.sbml)
    definition = document.getModel()
    if "stored_energy" in wanted:
        _add_constants(definition)
    for column in wanted:
        formula, unit, name = formulas[column]
        parameter = definition.createParameter()
        parameter.setId(column)
        parameter.setName(name)
        parameter.setConstant(False)
        parameter.setUnits(_unit(definition, unit, column))
        rule = definition.createAssignmentRule()
        rule.setVariable(column)
        rule.setMath(libsbml.parseL3Formula(formula))
    return Model(model.name, libsbml.writeSBMLToString(document), model.changes)


def _formulas(model: Model) -> dict[str, tuple[str, str, str]]:
    """Return formula, unit and name of every column that can be written as one."""
    carriers = transporters(model)
    found: dict[str, tuple[str, str, str]] = {}
    for carrier, fluxes in carriers.items():
        terms = "".join(f" - dG_{x}*J_{x}" for x in fluxes).removeprefix(" ")
        found[f"dissipation_{carrier}"] = (terms, "pW", f"heat made by {carrier}")
        for x in fluxes:
            found[f"affinity_{x}"] = (f"-dG_{x}", "kJ/mol", f"affinity of {x}")
    heat = " ".join(found[f"dissipation_{carrier}"][0] for carrier in carriers)
    found["dissipation"] = (heat, "pW", "heat that the cell's transport makes")
    found["power_ATP"] = ("-dG_ATP*J_pump", "pW", "energy of ATP spent per second")
    found["power_exported"] = ("J_glut*RT*ln(Glc_b/Glc_o)", "pW", "energy carried off with glucose")
    if "V_m" in model.rules.index:  # held, the charge would be what the electrode supplies
        found["stored_energy"] = (_stored_energy(), "pJ", "energy of the gradients and the charge")
    return found


def _stored_energy() -> str:
    """See :func:`energetics`; (F charge)² is in fC², by pF in 1e-18 J."""
    one = "1 dimensionless"
    mixing = [f"n_X*(ln(n_X/(cytosol*{_ONE_MM})) - {one})", "osm_o*cytosol"]
    mixing += [f"{i}*cytosol*(ln({i}/{o}) - {one})" for i, o in STORED.values()]
    charge = f"{_PJ_PER_AJ}*(F*charge)^(2 dimensionless)/(2 dimensionless*C_m)"
    return f"RT*({' + '.join(mixing)}) + {charge}"


def _add_constants(definition: libsbml.Model) -> None:
    concentration = definition.getSpecies("Na_i").getDerivedUnitDefinition()
    for name, value, unit, said in (
        (_ONE_MM, 1.0, unit_id(definition, concentration, _UNIT + _ONE_MM), "one mM"),
        (_PJ_PER_AJ, 1e-6, _unit(definition, "pJ/aJ", _PJ_PER_AJ), "picojoules in an attojoule"),
    ):
        parameter = definition.createParameter()
        parameter.setId(name)
        parameter.setName(said)
        parameter.setConstant(True)
        parameter.setValue(value)
        parameter.setUnits(unit)


def _unit(definition: libsbml.Model, unit: str, name: str) -> str:
    made = libsbml.UnitDefinition(definition.getLevel(), definition.getVersion())
    if unit == "pJ/aJ":
        _add_part(made, "joule", -12, 1)
        _add_part(made, "joule", -18, -1)
    else:
        kind, scale, per = _UNITS[unit]
        _add_part(made, kind, scale, 1)
        if per:
            _add_part(made, per, 0, -1)
    return unit_id(definition, made, _UNIT + name)


def _add_part(unit: libsbml.UnitDefinition, kind: str, scale: int, exponent: int) -> None:
    part = unit.createUnit()
    part.initDefaults()
    part.setKind(libsbml.UnitKind_forName(kind))
    part.setScale(scale)
    part.setExponent(exponent)
