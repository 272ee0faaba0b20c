"""The account of a cell's energy as formulas, which a page computes along a course."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from transport_model import Model
from transport_model.errors import InputError

from ..studies.energetics import transporters
from ..studies.energy_roles import EnergyRoles, Step, energy_roles

#: kJ/mol in C/mol mV.
_MICRO = "1e-6"


def energy_formulas(model: Model) -> Mapping[str, str]:
    """Return the sums that :func:`energetics` accounts for, as formulas of a model's quantities.

    Returns
    -------
    Mapping of str to str
        ``dissipation``, ``power_ATP`` and ``power_exported`` [pW], ``stored_energy`` [pJ]; none of
        a model that lacks what the account needs.
    """
    try:
        roles = energy_roles(model)
    except InputError:
        return {}
    fluxes = [x for each in transporters(model).values() for x in each]
    clamps = _sum(_charging(roles, step) for step in roles.clamps)
    return {
        "dissipation": f"-({_sum(f'dG_{x}*J_{x}' for x in fluxes)})",
        "power_ATP": f"-dG_ATP*({_sum(f'{s.atp}*{s.reaction}' for s in roles.steps if s.atp)})",
        "power_exported": f"{_sum(_gain(roles, name) for name in roles.beyond)} - ({clamps})",
        "stored_energy": _stored(roles),
    }


def _sum(terms: Iterable[str]) -> str:
    return " + ".join(terms) or "0"


def _energy(roles: EnergyRoles, name: str) -> str:
    """Return a species' chemical energy [kJ/mol] against that of its fellow in the reference."""
    if name in roles.water:
        return f"({_sum(f'{n}*{energy}' for energy, n in roles.water[name].items())})"
    return f"RT*ln({name}/{roles.fellows[name]})" if name in roles.fellows else "0"


def _gain(roles: EnergyRoles, name: str) -> str:
    """Return the chemical energy that a species gains per second [pW]."""
    rate = _sum(f"{s.moved[name]}*{s.reaction}" for s in roles.steps if name in s.moved)
    return f"{_energy(roles, name)}*({rate})"


def _charging(roles: EnergyRoles, step: Step) -> str:
    """Return the power [pW] that a reaction puts into the charge on the faces."""
    work = _sum(f"{count}*{roles.potentials[face]}" for face, count in step.charge.items())
    return f"(-{_MICRO}*F*({work})*{step.reaction})"


def _stored(roles: EnergyRoles) -> str:
    """Return the energy of a cell's gradients against its bath [pJ], up to a constant."""
    volume = roles.cell
    amounts = {n: n if n in roles.water else f"{n}*{volume}" for n in roles.inside}
    solution = _sum(f"{amount}*{_energy(roles, name)}" for name, amount in amounts.items())
    charge = _sum(f"{face}*{potential}" for face, potential in roles.potentials.items())
    return f"{solution} + RT*n_X*ln(n_X/{volume}) - {_MICRO}/2*F*({charge})"
