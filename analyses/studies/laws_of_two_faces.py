"""The laws that a cell of two faces has to keep, between baths or in a tubule."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from transport_model import Model, SteadyState, steady_state
from transport_model.constants import FARADAY, GAS

from ..verdict import Verdict
from .audit import audit
from .energetics import energetics, transporters
from .energy_roles import energy_roles
from .law_rows import law_row

#: What the laws name, beside what the account of energy needs.
NEEDED = ("V_a", "V_b", "V_te", "Na_i", "K_i", "Cl_i", "HCO3_i", "Glc_i", "charge_a", "charge_b",
          "J_pump_max", "J_sglt", "J_glut", "clamped", "V_clamp", "I_a", "I_p", "I_sc", "z_X",
          "n_X")  # fmt: skip
#: Charges of the solutes that are counted.
_CHARGES = {"Na": 1, "K": 1, "Cl": -1, "HCO3": -1}
#: How the checks of an audit read as laws: what is compared with zero.
_AUDITED = {
    "equilibrium": "Transport at equilibrium, net over one-way (worst)",
    "reversal": "Flux where its free energy vanishes, over one-way (worst)",
    "dissipation": "Power of a carrier that runs uphill, over all its power (worst)",
    "free energy": "Free energies against those of what moves, in units of RT (worst)",
    "charge": "Reactions that book charge on the wrong face",
}


def laws_of_two_faces(model: Model, resting: SteadyState) -> Iterator[dict]:
    """Yield a row for each law, as :func:`.laws`.

    Parameters
    ----------
    model
        A model with the ids of the shipped ``epithelium``.
    resting
        Its steady state.
    """
    yield from _audited(model)
    yield from _same_state_from_elsewhere(model, resting)
    yield from _balances(model, resting, "rest")
    shorted = model.with_values(clamped=1.0, V_clamp=0.0)
    state = steady_state(shorted)
    yield from _currents(state, "short circuit")
    yield from _energy(shorted, state, "short circuit")
    yield from _energy(model, resting, "rest")
    if "Q_in" in model.quantities:
        yield from _along_the_lumen(model, resting)
    else:
        yield from _donnan(model)


def _audited(model: Model) -> Iterator[dict]:
    """Yield the audit's checks, each by its worst row."""
    table = audit(model)
    for check, law in _AUDITED.items():
        rows = table[(table["check"] == check) & (table["verdict"] != Verdict.NOT_CHECKED)]
        conditions = f"{len(rows)} checks, both potentials and all levels at random"
        if check == "charge":
            conditions = f"{len(rows)} reactions"
            worst = float((rows["verdict"] == Verdict.BROKEN).sum())
        elif check == "free energy":
            worst = math.log(rows["factor"].max())
        else:
            worst = float(rows["got"].max())
        yield law_row(law, conditions, "1", 0.0, worst, 1e-9)


def _same_state_from_elsewhere(model: Model, resting: SteadyState) -> Iterator[dict]:
    names = ["Na_i", "K_i", "Cl_i", "HCO3_i", "Glc_i", "V_a", "V_b"]
    elsewhere = {"Na_i": 60, "Cl_i": 45, "HCO3_i": 9, "Glc_i": 0.3, "charge_a": 0.01,
                 "charge_b": 0.4, "water_i": 1.5 * resting["water_i"]}  # fmt: skip
    other = steady_state(model.with_values(**elsewhere))
    difference = np.max(np.abs(other.values / resting.values - 1)[names])
    start = "three times the Na⁺ and Cl⁻, one face depolarised, swollen"
    yield law_row("The steady state does not depend on the start", start, "relative", 0.0,
                  float(difference), 1e-6)  # fmt: skip


def _balances(model: Model, state: SteadyState, conditions: str) -> Iterator[dict]:
    """Compare what enters a cell at rest with what leaves it, through whichever face."""
    roles = energy_roles(model)
    for name in (n for n in roles.inside if n in roles.fellows):
        rates = [step.moved[name] * state[step.reaction]
                 for step in roles.steps if name in step.moved]  # fmt: skip
        into, out = (sum(max(sign * rate, 0.0) for rate in rates) for sign in (1, -1))
        yield law_row(f"{model.quantities[name].name}: what enters, and what leaves", conditions,
                      "fmol/s", into, out, 1e-8 * into)  # fmt: skip
    yield from _currents(state, conditions)
    ions = sum(z * state[f"n_{x}_i"] for x, z in _CHARGES.items())
    fixed = model.quantities["z_X"].value * model.quantities["n_X"].value
    yield law_row("Electroneutrality with the charge on both faces", conditions, "fmol", -fixed,
                  ions + state["charge_a"] + state["charge_b"], 1e-9 * abs(fixed))  # fmt: skip


def _currents(state: SteadyState, conditions: str) -> Iterator[dict]:
    gross = abs(state["I_a"]) + abs(state["I_p"]) + abs(state["I_sc"])
    yield law_row("Current through the lumen's face and between the cells is the clamp's",
                  conditions, "pA", state["I_sc"], state["I_a"] + state["I_p"],
                  1e-8 * gross)  # fmt: skip
    for face, current in state.net_currents.items():
        yield law_row(f"Net current onto the face of {face}", conditions, "fmol/s", 0.0, current,
                      1e-8 * abs(state["J_pump"]))  # fmt: skip


def _energy(model: Model, state: SteadyState, conditions: str) -> Iterator[dict]:
    table = energetics(model, state).iloc[0]
    power = table["power_ATP"]
    least = min(table[f"dissipation_{name}"] for name in transporters(model))
    yield law_row("ATP power is dissipation and exported work", conditions, "pW", power,
                  table["dissipation"] + table["power_exported"], 1e-9 * power)  # fmt: skip
    yield law_row("No carrier has negative dissipation (least one)", conditions, "pW", 0.0,
                  min(least, 0.0), 1e-12 * power)  # fmt: skip


def _donnan(model: Model) -> Iterator[dict]:
    """Take away the pump and all differences between the baths: nothing is left that drives."""
    roles = energy_roles(model)
    fluids = {name: model.quantities[roles.fellows[name]].value
              for name in roles.beyond if name in roles.fellows}  # fmt: skip
    state = steady_state(model.with_values(**fluids, J_pump_max=0.0, clamped=0.0))
    ratio = math.exp(-state["V_a"] * FARADAY * 1e-3 / (GAS * model.quantities["T"].value))
    where = "no pump, the blood's solutes on both sides"
    for name in (n for n in roles.inside if n in roles.fellows):
        z = roles.chemistry.charges[name]
        got = state[name] / model.quantities[roles.fellows[name]].value
        yield law_row(f"Donnan ratio, {model.quantities[name].name}", where, "1", ratio**z, got,
                      1e-6 * ratio**z)  # fmt: skip
    yield law_row("Transepithelial potential without a pump", where, "mV", 0.0, state["V_te"], 1e-6)


def _along_the_lumen(model: Model, state: SteadyState) -> Iterator[dict]:
    """Compare what flows in and not out with what crosses, through cells or between them."""
    roles = energy_roles(model)
    flow = model.quantities["Q_in"].value
    for name in (n for n in roles.beyond if n in roles.fellows):
        fed = flow * model.quantities[f"{roles.labels[name]}_in"].value
        crossed = -sum(step.moved[name] * state[step.reaction]
                       for step in roles.steps if name in step.moved)  # fmt: skip
        yield law_row(f"{model.quantities[name].name}: what flows in less what flows out has"
                      " crossed", "rest", "fmol/s", fed - state["Q_out"] * state[name], crossed,
                      1e-8 * fed)  # fmt: skip
