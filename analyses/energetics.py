"""Where the energy of ATP goes: gradients, coupled work, export, heat."""

from __future__ import annotations

import pandas as pd

from transport_model import Model, SteadyState, evaluate
from transport_model.errors import InputError

#: What :func:`energetics` needs beside the pairs of flux J_x and free energy change dG_x.
NEEDED = ("J_pump", "dG_ATP", "J_glut", "RT", "Glc_o", "Glc_b")


def energetics(model: Model, states: SteadyState | pd.DataFrame | pd.Series) -> pd.DataFrame:
    """Account for the energy of every reaction at given states.

    A reaction whose flux is ``J_x`` has its free energy change in ``dG_x`` and dissipates
    ``-dG_x J_x``. Fluxes ``J_x`` and ``J_x_y`` (``J_sglt`` and ``J_sglt_slip``) share a carrier:
    what one of them does can be driven by the other, and only their sum is bound by the second
    law (Hill 1977, Free Energy Transduction in Biology). Dissipation is therefore given carrier
    by carrier and is never negative. With fluxes in fmol/s and energies in kJ/mol, powers are in
    pW.

    Parameters
    ----------
    model
        A model with fluxes ``J_x``, free energy changes ``dG_x`` and the ids of :data:`NEEDED`.
    states
        A steady state, a scan or a time course of that model.

    Returns
    -------
    pandas.DataFrame
        Indexed like `states`; the energies ``dG_…`` [kJ/mol], and in pW ``dissipation_x`` of
        every carrier and their sum ``dissipation``, ``power_ATP`` given up by ATP,
        ``power_exported`` carried out with glucose from lumen to blood, and ``power_stored``,
        the rest, which goes into the cell's gradients: zero at a steady state.

    Raises
    ------
    InputError
        The model lacks one of the quantities.
    """
    if isinstance(states, SteadyState):
        states = states.values.to_frame().T
    elif isinstance(states, pd.Series):
        states = states.to_frame().T
    inputs = [name for name in states.columns if name in model.quantities]
    values = evaluate(model, states[inputs])
    for name in NEEDED:
        if name not in values.columns:
            raise InputError(f"energetics needs '{name}', which model '{model.name}' does not have")
    carriers = transporters(model)
    result = values[[name for name in values.columns if name.startswith("dG_")]].copy()
    for carrier, fluxes in carriers.items():
        result[f"dissipation_{carrier}"] = sum(
            -values[f"dG_{x}"] * values[f"J_{x}"] for x in fluxes
        )
    result["dissipation"] = result[[f"dissipation_{carrier}" for carrier in carriers]].sum(axis=1)
    result["power_ATP"] = -values["dG_ATP"] * values["J_pump"]
    # Glucose taken from the lumen and handed to the blood, each side at its own potential
    uptake, exit_ = values["J_sglt"], values["J_glut"]
    to_blood, to_lumen = -exit_ * values["dG_glut"], uptake * values["dG_Glc"]
    result["power_exported"] = -to_blood + to_lumen
    result["power_stored"] = result["power_ATP"] - result["dissipation"] - result["power_exported"]
    return result


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
