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

from ...studies.energetics import transporters
from ...studies.energy_roles import EnergyRoles, Step, energy_roles

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
    used = " ".join(formulas[column][0] for column in wanted)
    _add_constants(definition, [name for name in (_ONE_MM, _PJ_PER_AJ) if name in used],
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
    roles = energy_roles(model)
    found["power_ATP"] = (_power_of_atp(roles), "pW", "energy of ATP spent per second")
    found["power_exported"] = (_exported(roles), "pW", "energy that solutes gain by crossing")
    if set(roles.potentials.values()) <= set(model.rules.index):
        # Were one held, the charge would be what the electrode supplies
        found["stored_energy"] = (_stored_energy(roles), "pJ",
                                  "energy of the gradients and the charge")  # fmt: skip
    return found


def _rate(step: Step) -> str:
    return f"J_{step.flux}" if step.flux else step.reaction


def _energy(roles: EnergyRoles, name: str) -> str:
    """Return a species' energy against that of its fellow in the reference."""
    if name in roles.fellows:
        return f"RT*ln({name}/{roles.fellows[name]})"
    return _sum(_times(count, energy) for energy, count in roles.water[name].items())


def _power_of_atp(roles: EnergyRoles) -> str:
    return _sum(_times(-step.atp, f"dG_ATP*{_rate(step)}") for step in roles.steps if step.atp)


def _exported(roles: EnergyRoles) -> str:
    """See :func:`energetics`: of each solute its energy, times what crosses."""
    terms = [_times(step.moved[name], f"{_rate(step)}*({_energy(roles, name)})")
             for name in roles.beyond for step in roles.steps if name in step.moved]  # fmt: skip
    for step in roles.clamps:
        terms += [_times(count, f"{_PJ_PER_AJ}*F*{roles.potentials[face]}*{_rate(step)}")
                  for face, count in step.charge.items()]  # fmt: skip
    return _sum(terms)


def _stored_energy(roles: EnergyRoles) -> str:
    """See :func:`energetics`; F charge V is in 1e-18 J."""
    amounts = {name: name if name in roles.water else f"{name}*{roles.cell}"
               for name in roles.inside}  # fmt: skip
    terms = [f"{amount}*({_energy(roles, name)})" for name, amount in amounts.items()]
    terms.append(f"RT*n_X*ln(n_X/({roles.cell}*{_ONE_MM}))")
    charge = _sum(f"{face}*{volts}" for face, volts in roles.potentials.items())
    return f"{_sum(terms)} - {_PJ_PER_AJ}*F*({charge})/(2 dimensionless)"


def _times(count: float, text: str) -> str:
    return {1.0: text, -1.0: f"-{text}"}.get(count, f"({count:g} dimensionless)*{text}")


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ")


def _add_constants(definition: libsbml.Model, names: list[str], solute: str) -> None:
    concentration = definition.getSpecies(solute).getDerivedUnitDefinition()
    known = {
        _ONE_MM: (1.0, lambda: unit_id(definition, concentration, _UNIT + _ONE_MM), "one mM"),
        _PJ_PER_AJ: (1e-6, lambda: _unit(definition, "pJ/aJ", _PJ_PER_AJ),
                     "picojoules in an attojoule"),
    }  # fmt: skip
    for name in names:
        value, unit, said = known[name]
        parameter = definition.createParameter()
        parameter.setId(name)
        parameter.setName(said)
        parameter.setConstant(True)
        parameter.setValue(value)
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
