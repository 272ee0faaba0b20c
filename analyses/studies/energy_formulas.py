"""The account of a cell's energy as formulas, for those who compute it elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from transport_model import Model

from .energetics import transporters
from .energy_roles import EnergyRoles, Step, energy_roles

#: Constants in the formulas that no model has: 1 mM, and picojoules in an attojoule.
ONE_MM, PJ_PER_AJ = "energy_c_1_mM", "energy_pJ_per_aJ"
CONSTANTS = {ONE_MM: 1.0, PJ_PER_AJ: 1e-6}


class EnergyFormula(NamedTuple):
    """A column of the account: SBML's infix with units of numbers, its unit, and its name."""

    text: str
    unit: str
    name: str

    @property
    def bare(self) -> str:
        """The formula without units of numbers, which are all dimensionless."""
        return self.text.replace(" dimensionless", "")


def energy_formulas(model: Model) -> dict[str, EnergyFormula]:
    """Return the columns of :func:`energetics` that can be written as formulas, by name.

    Rates of change and quotients cannot. Ids in them are the model's, and :data:`CONSTANTS`.

    Raises
    ------
    InputError
        The model lacks what the account needs.
    """
    carriers = transporters(model)
    found: dict[str, EnergyFormula] = {}
    for carrier, fluxes in carriers.items():
        terms = "".join(f" - dG_{x}*J_{x}" for x in fluxes).removeprefix(" ")
        found[f"dissipation_{carrier}"] = EnergyFormula(terms, "pW", f"heat made by {carrier}")
        for x in fluxes:
            found[f"affinity_{x}"] = EnergyFormula(f"-dG_{x}", "kJ/mol", f"affinity of {x}")
    heat = " ".join(found[f"dissipation_{carrier}"].text for carrier in carriers)
    found["dissipation"] = EnergyFormula(heat, "pW", "heat that the cell's transport makes")
    roles = energy_roles(model)
    found["power_ATP"] = EnergyFormula(_power_of_atp(roles), "pW", "energy of ATP spent per second")
    found["power_exported"] = EnergyFormula(_exported(roles), "pW",
                                            "energy that solutes gain by crossing")  # fmt: skip
    if set(roles.potentials.values()) <= set(model.rules.index):
        # Were one held, the charge would be what the electrode supplies
        stored, said = _stored_energy(roles), "energy of the gradients and the charge"
        found["stored_energy"] = EnergyFormula(stored, "pJ", said)
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
        terms += [_times(count, f"{PJ_PER_AJ}*F*{roles.potentials[face]}*{_rate(step)}")
                  for face, count in step.charge.items()]  # fmt: skip
    return _sum(terms)


def _stored_energy(roles: EnergyRoles) -> str:
    """See :func:`energetics`; F charge V is in 1e-18 J."""
    amounts = {name: name if name in roles.water else f"{name}*{roles.cell}"
               for name in roles.inside}  # fmt: skip
    terms = [f"{amount}*({_energy(roles, name)})" for name, amount in amounts.items()]
    terms.append(f"RT*n_X*ln(n_X/({roles.cell}*{ONE_MM}))")
    charge = _sum(f"{face}*{volts}" for face, volts in roles.potentials.items())
    return f"{_sum(terms)} - {PJ_PER_AJ}*F*({charge})/(2 dimensionless)"


def _times(count: float, text: str) -> str:
    return {1.0: text, -1.0: f"-{text}"}.get(count, f"({count:g} dimensionless)*{text}")


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms).replace("+ -", "- ")
