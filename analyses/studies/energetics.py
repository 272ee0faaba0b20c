"""Where the energy of ATP goes: gradients, coupled work, export, heat.

Energies are Gibbs energies against the bath: bringing one mole of an ion in costs
``dG_ion = RT ln(c_i/c_o) + z F V_m``. With fluxes in fmol/s and energies in kJ/mol, powers are in
pW; with amounts in fmol, stored energy is in pJ.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, evaluate
from transport_model.columns import with_units
from transport_model.errors import InputError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount
from transport_model.mathematics.time_breaks import FOREVER
from transport_model.model import check_model

#: Ions and molecules of a cell, by their energy ``dG_x``: species inside and outside.
STORED = {"Na": ("Na_i", "Na_o"), "K": ("K_i", "K_o"), "Cl": ("Cl_i", "Cl_o"),
          "Glc": ("Glc_i", "Glc_o")}  # fmt: skip
#: What :func:`energetics` needs beside the pairs of flux J_x and free energy change dG_x.
NEEDED = ("J_pump", "dG_ATP", "J_sglt", "J_glut", "dG_water", "RT", "V_m", "C_m", "F", "Glc_o",
          "Glc_b", "n_X", "cytosol", "osm_o", "charge", "water_i",
          *(f"dG_{x}" for x in STORED), *itertools.chain(*STORED.values()))  # fmt: skip


def energetics(model: Model, states: SteadyState | pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Account for the energy of every reaction at given states.

    A reaction with flux ``J_x`` and free energy change ``dG_x`` dissipates ``-dG_x J_x``. Fluxes
    ``J_x`` and ``J_x_y`` (``J_sglt`` and ``J_sglt_slip``) share a carrier: what one of them does
    can be driven by the other, and only their sum is bound by the second law (Hill 1977, Free
    Energy Transduction in Biology). Dissipation is therefore given carrier by carrier and is never
    negative.

    The account is not made to close: ``power_stored`` is what the cell's gradients gain, from the
    rates of change of every species and its energy, and `closure` is what is left over.

    Parameters
    ----------
    model
        A model with fluxes ``J_x``, free energy changes ``dG_x`` and the ids of :data:`NEEDED`.
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
        - ``power_ATP`` that ATP gives up, ``power_exported`` carried with glucose from lumen to
          blood, ``power_stored`` that the gradients gain, ``closure`` = what the sum is off [pW];
        - ``stored_energy`` [pJ] of the gradients and the membrane's charge against the bath; NaN
          where ``V_m`` is held;
        - ``pump_efficiency`` (work on the ions per energy of ATP), ``symporter_efficiency`` (energy
          of glucose gained per energy of Na⁺ spent), ``ATP_per_glucose``, and
          ``overall_efficiency`` (energy of glucose gained through the symporter per energy of ATP);
          NaN where there is no such flux.

    Raises
    ------
    InputError
        The model lacks one of the quantities.
    """
    check_model(model)
    at_rest = isinstance(states, SteadyState) and "time" not in model.quantities
    if isinstance(states, SteadyState):
        states = states.values.to_frame().T
    elif isinstance(states, pd.Series):
        states = states.to_frame().T
    for name in NEEDED:
        if name not in model.quantities and name not in model.rules.index:
            raise InputError(f"energetics needs '{name}', which model '{model.name}' does not have")
    inputs = [name for name in states.columns if name in model.quantities]
    given = states[inputs]
    values = evaluate(model, given.assign(time=FOREVER) if at_rest else given)
    constants = {n: model.quantities[n].value for n in NEEDED if n not in values.columns}
    given = states[[name for name in inputs if name in constants]]
    values = values.assign(**{**constants, **given})
    carriers = transporters(model)
    parts: dict[str, pd.Series] = {n: values[n] for n in values.columns if n.startswith("dG_")}
    for fluxes in carriers.values():
        for x in fluxes:
            parts[f"affinity_{x}"] = -values[f"dG_{x}"]
            parts[f"J_{x}"] = values[f"J_{x}"]
    parts |= _coupled_powers(model, values, carriers)
    for carrier, fluxes in carriers.items():
        parts[f"dissipation_{carrier}"] = sum(
            (-values[f"dG_{x}"] * values[f"J_{x}"] for x in fluxes), start=0.0 * values["V_m"]
        )
    result = pd.DataFrame(parts, index=values.index)
    result["dissipation"] = result[[f"dissipation_{carrier}" for carrier in carriers]].sum(axis=1)
    result["power_ATP"] = -values["dG_ATP"] * values["J_pump"]
    result["power_exported"] = (
        values["J_glut"] * values["RT"] * np.log(values["Glc_b"] / values["Glc_o"])
    )
    result["power_stored"] = _gain(model, values)
    result["closure"] = result["power_ATP"] - (
        result["dissipation"] + result["power_exported"] + result["power_stored"]
    )
    # Under a voltage clamp `charge` is what the electrode supplies, not what the membrane holds
    result["stored_energy"] = _stored(values) if "V_m" in model.rules.index else np.nan
    result = result.assign(**_efficiencies(result, values))
    return with_units(result, {name: unit_of(name) for name in result.columns})


def unit_of(column: str) -> str:
    """Return the unit of a column of :func:`energetics`."""
    if column.startswith(("dG_", "affinity_")):
        return "kJ/mol"
    if column.startswith("J_"):
        return "fmol/s"
    if column == "stored_energy":
        return "pJ"
    return "1" if column.endswith("_efficiency") or column == "ATP_per_glucose" else "pW"


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


@lru_cache(maxsize=32)
def _turnover(sbml: str, rates: tuple[str, ...]) -> Mapping[str, Mapping[str, float]]:
    """Return how many of each inner species a reaction makes, by its flux ``J_x``."""
    equations = read_equations(sbml)
    table: dict[str, dict[str, float]] = {}
    for column, rate in enumerate(rates):
        table[rate] = {}
        for x, (inside, _) in STORED.items():
            row = equations.stoichiometry.row(equations.states.index(amount(inside)))
            table[rate][x] = float(row[column])
        water = equations.stoichiometry.row(equations.states.index(amount("water_i")))
        table[rate]["water"] = float(water[column])
    return table


def _made(model: Model) -> Mapping[str, Mapping[str, float]]:
    return _turnover(model.sbml, tuple(model.reactions["rate"]))


def _coupled_powers(
    model: Model, values: pd.DataFrame, carriers: Mapping[str, list[str]]
) -> dict[str, pd.Series]:
    """Return what each part of a coupled reaction gives or takes [pW]."""
    powers: dict[str, pd.Series] = {}
    made = _made(model)
    for fluxes in carriers.values():
        for x in fluxes:
            moved = {part: count for part, count in made.get(f"J_{x}", {}).items() if count}
            own = {f"power_{x}_{part}": -count * values[f"dG_{part}"] * values[f"J_{x}"]
                   for part, count in moved.items()}  # fmt: skip
            if x == "pump":
                own = {"power_pump_ATP": -values["dG_ATP"] * values["J_pump"], **own}
            if len(own) > 1:
                powers |= own
    return powers


def _gain(model: Model, values: pd.DataFrame) -> pd.Series:
    """Return the energy that the cell's gradients gain per second [pW].

    The sum over species of energy times rate of change. The charge on the membrane is in the
    electrical part of each ion's energy.
    """
    gain = 0.0 * values["V_m"]
    for rate, moved in _made(model).items():
        energy = sum(count * values[f"dG_{part}"] for part, count in moved.items() if count)
        gain = gain + energy * values[rate]
    return gain


def _stored(values: pd.DataFrame) -> pd.Series:
    """Return the energy of a cell's gradients against its bath [pJ], up to a constant.

    E = RT (sum n_x (ln(c_x/c_o) - 1) + n_X ln(n_X/(V c)) - n_X + osm_o V) + (F charge)^2/(2 C_m)
    with c = 1 mM: the ideal solution's free energy, whose derivative is the energy of every ion,
    of glucose and of water, and the energy of a charged condenser.
    """
    volume = values["cytosol"]
    mixing = values["n_X"] * (np.log(values["n_X"] / volume) - 1) + values["osm_o"] * volume
    for inside, outside in STORED.values():
        count = values[inside] * volume
        mixing = mixing + count * (np.log(values[inside] / values[outside]) - 1)
    # (F charge)^2 / (2 C_m) in (C/mol fmol)^2/pF = 1e-18 J = 1e-6 pJ
    charge = values["F"] * values["charge"]
    return values["RT"] * mixing + 1e-6 * charge**2 / (2 * values["C_m"])


def _efficiencies(result: pd.DataFrame, values: pd.DataFrame) -> dict[str, pd.Series]:
    def ratio(above: pd.Series, below: pd.Series) -> pd.Series:
        return above.where(below != 0) / below.where(below != 0)

    atp, uptake = result["power_ATP"], result["power_sglt_Glc"]
    ions = -(result["power_pump_Na"] + result["power_pump_K"])
    sodium = result["power_sglt_Na"] + result.get("power_sglt_slip_Na", 0.0)
    return {
        "pump_efficiency": ratio(ions, atp),
        "symporter_efficiency": ratio(-uptake, sodium),
        "ATP_per_glucose": ratio(values["J_pump"], values["J_sglt"]),
        "overall_efficiency": ratio(-uptake, atp),
    }
