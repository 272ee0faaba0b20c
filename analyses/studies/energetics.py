"""Where the energy of ATP goes: gradients, coupled work, export, heat.

Energies are Gibbs energies against the side to which the pump pumps: bringing one mole of an ion in
from there costs ``RT ln(c_i/c_o) + z F V``. With fluxes in fmol/s and energies in kJ/mol, powers
are in pW; with amounts in fmol, stored energy is in pJ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, evaluate
from transport_model.columns import with_units
from transport_model.mathematics.time_breaks import FOREVER
from transport_model.model import check_model

from .energy_roles import EnergyRoles, Step, energy_roles

#: ChEBI terms of what a symporter of sodium and glucose moves.
_SODIUM, _GLUCOSE = "CHEBI:29101", "CHEBI:4167"
#: kJ/mol in C/mol mV, and pJ in C/mol fmol mV.
_MICRO = 1e-6


def energetics(model: Model, states: SteadyState | pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Account for the energy of every reaction at given states.

    A reaction with flux ``J_x`` and free energy change ``dG_x`` dissipates ``-dG_x J_x``. Fluxes
    ``J_x`` and ``J_x_y`` (``J_sglt`` and ``J_sglt_slip``) share a carrier: what one of them does
    can be driven by the other, and only their sum is bound by the second law (Hill 1977, Free
    Energy Transduction in Biology). Dissipation is therefore given carrier by carrier and is never
    negative.

    Which species are one substance, and on which side they are, is told by annotation; which
    potential a reaction crosses, by the charge that it books on the faces. So a cell between two
    baths has the same account as one in a single bath.

    The account is not made to close: ``power_stored`` is what the cell's gradients gain, from the
    rates of change of every species and its energy, and `closure` is what is left over.

    Parameters
    ----------
    model
        A model with a pump ``J_pump``, fluxes ``J_x``, free energy changes ``dG_x``, a species that
        counts the charge on each face, and annotated species and compartments; what it lacks is
        named.
    states
        A steady state, a scan or a time course of that model.

    Returns
    -------
    pandas.DataFrame
        Indexed like `states`, with units in ``attrs["units"]``:

        - energies ``dG_…`` [kJ/mol], the chemical and electrical parts of each ion's among them;
        - ``affinity_x`` = ``-dG_x`` [kJ/mol] of every reaction, and its flux ``J_x`` [fmol/s];
        - ``power_x_part`` [pW], what each part of a coupled reaction gives (positive: it drives) or
          takes (negative: it is driven), such as ``power_sglt_Na`` and ``power_sglt_Glc``;
        - ``dissipation_x`` of every carrier and their sum ``dissipation`` [pW], the heat;
        - ``power_ATP`` that ATP gives up, ``power_exported`` that solutes and water have gained by
          going from lumen to blood (with the electrical work z F V_te of a current that a clamp
          carries back), ``power_stored`` that the gradients and the charge on the faces gain,
          ``closure`` = what the sum is off [pW];
        - ``stored_energy`` [pJ] of the gradients and the membranes' charge against the bath; NaN
          where a potential is held;
        - ``pump_efficiency`` (work on the ions per energy of ATP), ``symporter_efficiency`` (energy
          of glucose gained per energy of Na⁺ spent), ``ATP_per_glucose`` of the symporters, and
          ``overall_efficiency`` (energy of glucose gained through the symporter per energy of ATP);
          NaN where there is no such flux;
        - where there are two faces: ``power_clamp`` [pW] that a voltage clamp puts in, taken out of
          ``power_exported``; ``export_efficiency`` (power exported per power of ATP); and
          ``Na_per_ATP``, Na⁺ that goes from lumen to blood, between the cells too.

    Raises
    ------
    InputError
        The model lacks one of the quantities or annotations.
    """
    check_model(model)
    at_rest = isinstance(states, SteadyState) and "time" not in model.quantities
    if isinstance(states, SteadyState):
        states = states.values.to_frame().T
    elif isinstance(states, pd.Series):
        states = states.to_frame().T
    roles = energy_roles(model)
    values = _values(model, roles, states, at_rest)
    carriers = transporters(model)
    parts: dict[str, pd.Series] = {n: values[n] for n in values.columns if n.startswith("dG_")}
    for fluxes in carriers.values():
        for x in fluxes:
            parts[f"affinity_{x}"] = -values[f"dG_{x}"]
            parts[f"J_{x}"] = values[f"J_{x}"]
    powers = _coupled_powers(roles, values)
    parts |= {f"power_{x}_{part}": power for (x, part), power in powers.items()}
    for carrier, fluxes in carriers.items():
        parts[f"dissipation_{carrier}"] = sum(
            (-values[f"dG_{x}"] * values[f"J_{x}"] for x in fluxes), start=0.0 * values["RT"]
        )
    result = pd.DataFrame(parts, index=values.index)
    result["dissipation"] = result[[f"dissipation_{carrier}" for carrier in carriers]].sum(axis=1)
    result["power_ATP"] = _sum(values, (-step.atp * values["dG_ATP"] * values[step.reaction]
                                        for step in roles.steps if step.atp))  # fmt: skip
    clamps = _sum(values, (_charging(roles, values, step) for step in roles.clamps))
    charging = _sum(values, (_charging(roles, values, step) for step in roles.steps))
    # The current that a clamp carries back has crossed the epithelium with the ions
    result["power_exported"] = _gain(roles, values, roles.beyond) - clamps
    result["power_stored"] = _gain(roles, values, roles.inside) + charging
    result["closure"] = result["power_ATP"] - (
        result["dissipation"] + result["power_exported"] + result["power_stored"]
    )
    # Under a voltage clamp `charge` is what the electrode supplies, not what the membrane holds
    held = [name for name in roles.potentials.values() if name not in model.rules.index]
    result["stored_energy"] = np.nan if held else _stored(roles, values)
    result = result.assign(**_efficiencies(roles, values, powers, result["power_ATP"]))
    if len(roles.potentials) > 1:
        result = result.assign(power_clamp=clamps, **_across(roles, values, result))
    return with_units(result, {name: unit_of(name) for name in result.columns})


def unit_of(column: str) -> str:
    """Return the unit of a column of :func:`energetics`."""
    if column.startswith(("dG_", "affinity_")):
        return "kJ/mol"
    if column.startswith("J_"):
        return "fmol/s"
    if column == "stored_energy":
        return "pJ"
    return "1" if column.endswith("_efficiency") or "_per_" in column else "pW"


def transporters(model: Model) -> dict[str, list[str]]:
    """Return the carriers of a model, each with the fluxes that run through it.

    A flux is every x for which the model has ``J_x`` and ``dG_x``; ``x_y`` belongs to carrier
    ``x`` where that is a flux too.
    """
    rules = model.rules.index
    fluxes = [name[2:] for name in rules if name.startswith("J_") and f"dG_{name[2:]}" in rules]
    carriers = [x for x in fluxes if not any(x.startswith(f"{other}_") for other in fluxes)]
    return {
        carrier: [x for x in fluxes if x == carrier or x.startswith(f"{carrier}_")]
        for carrier in carriers
    }


def _values(model: Model, roles: EnergyRoles, states: pd.DataFrame, at_rest: bool) -> pd.DataFrame:
    """Return all that the account is made of, at states of the model."""
    inputs = [name for name in states.columns if name in model.quantities]
    given = states[inputs]
    values = evaluate(model, given.assign(time=FOREVER) if at_rest else given)
    absent = [name for name in roles.names if name not in values.columns]
    constants = {name: model.quantities[name].value for name in absent}
    return values.assign(**{**constants, **given[[n for n in inputs if n in constants]]})


def _sum(values: pd.DataFrame, powers: Iterable[pd.Series]) -> pd.Series:
    return sum(powers, start=0.0 * values["RT"])


def _energy(roles: EnergyRoles, values: pd.DataFrame, name: str) -> pd.Series:
    """Return a species' chemical energy [kJ/mol] against that of its fellow in the reference."""
    if name in roles.water:
        return _sum(values, (n * values[energy] for energy, n in roles.water[name].items()))
    if name in roles.fellows:
        return values["RT"] * np.log(values[name] / values[roles.fellows[name]])
    return 0.0 * values["RT"]


def _gain(roles: EnergyRoles, values: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    """Return the chemical energy that species gain per second [pW]: of each times its rate."""
    rates = {name: _sum(values, (step.moved[name] * values[step.reaction] for step in roles.steps
                                 if name in step.moved)) for name in names}  # fmt: skip
    return _sum(values, (_energy(roles, values, name) * rate for name, rate in rates.items()))


def _charging(roles: EnergyRoles, values: pd.DataFrame, step: Step) -> pd.Series:
    """Return the power [pW] that a reaction puts into the charge on the faces."""
    work = (-_MICRO * count * values["F"] * values[roles.potentials[face]]
            for face, count in step.charge.items())  # fmt: skip
    return _sum(values, work) * values[step.reaction]


def _electrical(roles: EnergyRoles, values: pd.DataFrame, name: str) -> pd.Series:
    """Return the electrical energy [kJ/mol] of a species where it is."""
    charge = roles.chemistry.charges.get(name, 0)
    rises = (roles.chemistry.rises(roles.places[name]) or {}) if charge else {}
    return _sum(values, (_MICRO * charge * rise * values["F"] * values[roles.potentials[face]]
                         for face, rise in rises.items()))  # fmt: skip


def _coupled_powers(roles: EnergyRoles, values: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Return what each part of a coupled reaction gives or takes [pW], by flux and substance."""
    powers: dict[tuple[str, str], pd.Series] = {}
    for step in roles.steps:
        if not step.flux or f"dG_{step.flux}" not in values.columns:
            continue
        rate = values[step.reaction]
        own: dict[tuple[str, str], pd.Series] = {}
        if step.atp:
            own[step.flux, "ATP"] = -step.atp * values["dG_ATP"] * rate
        for inner in (name for name in step.moved if name in roles.inside):
            pool = roles.chemistry.pool(inner)
            ends = [name for name in step.moved if roles.chemistry.pool(name) == pool]
            energy = _sum(values, (step.moved[name] * (_energy(roles, values, name)
                          + _electrical(roles, values, name)) for name in ends))  # fmt: skip
            own[step.flux, roles.labels[inner]] = -energy * rate
        powers |= own if len(own) > 1 else {}
    return powers


def _stored(roles: EnergyRoles, values: pd.DataFrame) -> pd.Series:
    """Return the energy of a cell's gradients against its bath [pJ], up to a constant.

    E = sum n_x (mu_x - mu_x') + RT n_X ln(n_X/(V c)) - F sum (q V)/2, with c = 1 mM and mu' the
    potential in the reference, water among the x: an ideal solution's free energy, whose derivative
    is the energy of every solute and of water; and the energy of charged condensers, q²/(2 C).
    """
    volume, impermeant = values[roles.cell], values["n_X"]
    amounts = {name: values[name] * (1.0 if name in roles.water else volume)
               for name in roles.inside}  # fmt: skip
    solution = _sum(values, (n * _energy(roles, values, name) for name, n in amounts.items()))
    charge = _sum(values, (values[face] * values[name] for face, name in roles.potentials.items()))
    anions = values["RT"] * impermeant * np.log(impermeant / volume)
    return solution + anions - _MICRO / 2 * values["F"] * charge


def _ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    return above.where(below != 0) / below.where(below != 0)


def _efficiencies(
    roles: EnergyRoles, values: pd.DataFrame, powers: Mapping[tuple[str, str], pd.Series],
    atp: pd.Series,
) -> dict[str, pd.Series]:  # fmt: skip
    pumps = {step.flux for step in roles.steps if step.atp}
    ions = _sum(values, (-power for (x, part), power in powers.items()
                         if x in pumps and part != "ATP"))  # fmt: skip
    pool = roles.chemistry.pool
    symporters = [step for step in roles.steps
                  if {_SODIUM, _GLUCOSE} == {pool(name) for name in step.moved}]  # fmt: skip
    taken = {part: _sum(values, (powers[step.flux, roles.labels[n]] for step in symporters
                                 for n in step.moved if n in roles.inside and pool(n) == part))
             for part in (_SODIUM, _GLUCOSE)}  # fmt: skip
    uptake, sodium = taken[_GLUCOSE], taken[_SODIUM]
    cycles = _sum(values, (values[step.reaction] for step in symporters))
    return {
        "pump_efficiency": _ratio(ions, atp),
        "symporter_efficiency": _ratio(-uptake, sodium),
        "ATP_per_glucose": _ratio(_spent(roles, values), cycles),
        "overall_efficiency": _ratio(-uptake, atp),
    }


def _spent(roles: EnergyRoles, values: pd.DataFrame) -> pd.Series:
    """Return the ATP that is spent [fmol/s]."""
    return _sum(values, (step.atp * values[step.reaction] for step in roles.steps if step.atp))


def _across(roles: EnergyRoles, values: pd.DataFrame, result: pd.DataFrame) -> dict[str, pd.Series]:
    """Return what goes across a cell of two faces for its ATP."""
    sodium = [n for n in roles.beyond if roles.chemistry.pool(n) == _SODIUM]
    taken = _sum(values, (-step.moved[n] * values[step.reaction] for step in roles.steps
                          for n in sodium if n in step.moved))  # fmt: skip
    return {
        "export_efficiency": _ratio(result["power_exported"], result["power_ATP"]),
        "Na_per_ATP": _ratio(taken, _spent(roles, values)),
    }
