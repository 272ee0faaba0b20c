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

from ...studies.energy_formulas import CONSTANTS, ONE_MM, PJ_PER_AJ, energy_formulas
from ...studies.energy_roles import energy_roles

#: Units of the account, made of base units.
_UNITS = {"kJ/mol": ("joule", 3, "mole"), "pW": ("watt", -12, ""), "pJ": ("joule", -12, "")}
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
    formulas = energy_formulas(model)
    for column in wanted:
        if column not in formulas:
            raise InputError(f"'{column}' cannot be written as a rule of model '{model.name}'")
    document = libsbml.readSBMLFromString(model.sbml)
    definition = document.getModel()
    used = " ".join(formulas[column].text for column in wanted)
    _add_constants(definition, [name for name in CONSTANTS if name in used],
                   next(iter(energy_roles(model).fellows)))  # fmt: skip
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


def _add_constants(definition: libsbml.Model, names: list[str], solute: str) -> None:
    concentration = definition.getSpecies(solute).getDerivedUnitDefinition()
    known = {
        ONE_MM: (lambda: unit_id(definition, concentration, _UNIT + ONE_MM), "one mM"),
        PJ_PER_AJ: (lambda: _unit(definition, "pJ/aJ", PJ_PER_AJ), "picojoules in an attojoule"),
    }
    for name in names:
        unit, said = known[name]
        parameter = definition.createParameter()
        parameter.setId(name)
        parameter.setName(said)
        parameter.setConstant(True)
        parameter.setValue(CONSTANTS[name])
        parameter.setUnits(unit())


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
