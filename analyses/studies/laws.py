"""The laws of physics that a model of membrane transport has to keep, checked on one cell.

Every entry is computed twice: by the model, and by the law with numbers of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from transport_model import Model, SteadyState, evaluate, steady_state
from transport_model.constants import FARADAY, GAS
from transport_model.errors import InputError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount
from transport_model.quantities import charges_of

from .energetics import energetics, transporters
from .law_rows import LAW_COLUMNS, law_row
from .laws_of_two_faces import NEEDED as NEEDED_OF_TWO_FACES
from .laws_of_two_faces import laws_of_two_faces

#: What the laws of a cell of one membrane name.
NEEDED = ("V_m", "Na_i", "K_i", "Cl_i", "charge", "n_SGLT", "J_sglt", "J_pump_max", "P_K")


def laws(model: Model) -> pd.DataFrame:
    """Check the laws of membrane transport on a model of a cell.

    Parameters
    ----------
    model
        A model with the ids of the shipped ``cell``, or of ``epithelium`` where it has two faces.

    Returns
    -------
    pandas.DataFrame
        A row per law: conditions, unit, expected, got, tolerance (absolute) and whether it holds.

    Raises
    ------
    InputError
        The model lacks a quantity that a law is about.
    SteadyStateError
        The cell has no certified steady state.
    """
    present = {*model.quantities, *model.rules.index}
    faces = len(charges_of(model.sbml))
    for name in NEEDED_OF_TWO_FACES if faces > 1 else NEEDED:
        if name not in present:
            raise InputError(f"the laws of a cell need '{name}', which '{model.name}' lacks")
    resting = steady_state(model)
    if faces > 1:
        return pd.DataFrame(laws_of_two_faces(model, resting), columns=LAW_COLUMNS)
    return pd.DataFrame(
        [
            *_energies(model),
            _symporter_reversal(model),
            _same_state_from_elsewhere(model, resting),
            *_balances(model, resting),
            _mullins_noda(model),
            *_donnan(model),
            *_energy(model, resting),
        ],
        columns=LAW_COLUMNS,
    )


def at_voltage(model: Model, voltage: float, **values: float) -> pd.Series:
    """Evaluate everything at a membrane potential [mV] and given concentrations [mM]."""
    capacitance = model.quantities["C_m"].value
    charge = -voltage * capacitance / FARADAY
    return evaluate(model, pd.DataFrame([{**values, "charge": charge}])).iloc[0]


#: The constants of slip in the symporters: Na⁺ that crosses without glucose.
SLIP = ("sglt_k25", "sglt_k_slip")


def without_slip(model: Model) -> Model:
    """Return a cell whose symporter carries no Na⁺ without glucose."""
    return model.with_values(**{name: 0.0 for name in SLIP if name in model.quantities})


def sodium_per_glucose(model: Model) -> int:
    """Return how many Na⁺ the symporter of a cell takes with each glucose, by its reaction."""
    equations = read_equations(model.sbml)
    row = equations.states.index(amount("Na_i"))
    column = list(model.reactions["rate"]).index("J_sglt")
    return round(float(equations.stoichiometry.row(row)[column]))


def _energies(model: Model) -> list[dict]:
    warm = model.with_values(T=310.15)
    thermal = GAS * 310.15 / 1e3
    a = at_voltage(warm, -60, Na_i=12, Na_o=140)
    b = at_voltage(warm, -80, Na_i=10, Na_o=140, K_i=145, K_o=4.5)
    chemical = thermal * math.log(12 / 140)
    electrical = FARADAY * -60e-6
    work = thermal * (3 * math.log(140 / 10) + 2 * math.log(145 / 4.5)) + FARADAY * 80e-6
    sodium = "Na 12/140 mM, -60 mV"
    return [
        law_row("Na⁺ gradient, chemical half", sodium, "kJ/mol", chemical, a["dG_Na_chem"], 1e-9),
        law_row("Na⁺ gradient, electrical half", sodium, "kJ/mol", electrical, a["dG_Na_elec"],
                1e-9),
        law_row("Ideal glucose ratio of a 2:1 symporter", sodium, "1",
                math.exp(-2 * (chemical + electrical) / thermal),
                math.exp(-2 * a["dG_Na"] / thermal), 1e-6),
        law_row("Work of a pump cycle on the ions", "Na 10/140, K 145/4.5 mM, -80 mV", "kJ/mol",
                work, b["dG_pump"] - b["dG_ATP"], 1e-9),
    ]  # fmt: skip


def _symporter_reversal(model: Model) -> dict:
    tight = without_slip(model).with_values(T=310.15)
    thermal = GAS * 310.15 / FARADAY * 1e3
    expected = thermal * (math.log(140 / 12) + math.log(1 / 20) / sodium_per_glucose(model))

    def flux(voltage: float) -> float:
        return at_voltage(tight, voltage, Na_o=140, Na_i=12, Glc_o=1, Glc_i=20)["J_sglt"]

    return law_row("Reversal potential of the symporter without slip",
                   "Na 140/12, glucose 1/20 mM, 310.15 K", "mV", expected,
                   brentq(flux, -100, 100, xtol=1e-9), 0.01)  # fmt: skip


def _same_state_from_elsewhere(model: Model, resting: SteadyState) -> dict:
    other = steady_state(model.with_values(Na_i=60, Cl_i=50, Glc_i=0.2, charge=0.01,
                                           water_i=1.5 * resting["water_i"]))  # fmt: skip
    difference = np.max(np.abs(other.values / resting.values - 1)[["Na_i", "K_i", "Cl_i", "V_m"]])
    return law_row("The steady state does not depend on the start",
                   "five times the Na⁺ and Cl⁻, depolarised, swollen", "relative", 0.0, difference,
                   1e-6)  # fmt: skip


def _balances(model: Model, state: SteadyState) -> list[dict]:
    pump = state["J_pump"]
    coupled = state["J_sglt"] + state["J_sglt_slip"]
    sodium = state["J_leak_Na"] + sodium_per_glucose(model) * coupled
    z_x, n_x = model.quantities["z_X"].value, model.quantities["n_X"].value
    ions = state["n_Na_i"] + state["n_K_i"] - state["n_Cl_i"] + state["charge"]
    return [
        law_row("Na⁺ influx is three pump cycles", "rest", "fmol/s", 3 * pump, sodium, 1e-9 * pump),
        law_row("K⁺ efflux is two pump cycles", "rest", "fmol/s", 2 * pump, -state["J_leak_K"],
                1e-9 * pump),
        law_row("Glucose in is glucose out", "rest", "fmol/s", state["J_sglt"], state["J_glut"],
                1e-9 * abs(state["J_sglt"])),
        law_row("Electroneutrality with the membrane's charge", "rest", "fmol", -z_x * n_x, ions,
                1e-9 * n_x),
    ]  # fmt: skip


def mullins_noda(values: Mapping[str, float] | pd.Series, model: Model) -> float:
    """Return the potential [mV] at which a 3:2 pump and leaks of Na⁺ and K⁺ balance.

    (RT/F) ln((1.5 P_K K_o + P_Na Na_o) / (1.5 P_K K_i + P_Na Na_i)), Mullins & Noda 1963,
    J Gen Physiol 47:117, with Cl⁻ at equilibrium.
    """
    constants = model.quantities
    p_k, p_na = 1.5 * constants["P_K"].value, constants["P_Na"].value
    thermal = GAS * constants["T"].value / FARADAY * 1e3
    outside = p_k * values["K_o"] + p_na * values["Na_o"]
    inside = p_k * values["K_i"] + p_na * values["Na_i"]
    return thermal * math.log(outside / inside)


def _mullins_noda(model: Model) -> dict:
    alone = model.with_values(n_SGLT=0.0)
    state = steady_state(alone)
    return law_row("Membrane potential after Mullins & Noda", "no symporter", "mV",
                   mullins_noda(state.values, alone), state["V_m"], 1e-6)  # fmt: skip


def _donnan(model: Model) -> list[dict]:
    # Glucose at one level on both sides: otherwise its gradient keeps driving the symporter
    level = model.quantities["Glc_o"].value
    state = steady_state(model.with_values(J_pump_max=0.0, Glc_b=level))
    ratio = math.exp(-state["V_m"] * FARADAY * 1e-3 / (GAS * model.quantities["T"].value))
    ratios: dict[str, Callable[[], float]] = {
        "Na⁺": lambda: state["Na_i"] / state["Na_o"],
        "K⁺": lambda: state["K_i"] / state["K_o"],
        "Cl⁻": lambda: state["Cl_o"] / state["Cl_i"],
    }
    return [
        law_row(f"Donnan ratio of {ion}", "no pump, equal glucose", "1", ratio, value(), 1e-7)
        for ion, value in ratios.items()
    ]


def _energy(model: Model, state: SteadyState) -> list[dict]:
    table = energetics(model, state).iloc[0]
    power = table["power_ATP"]
    least = min(table[f"dissipation_{name}"] for name in transporters(model))
    return [
        law_row("ATP power is dissipation and exported work", "rest", "pW", power,
                table["dissipation"] + table["power_exported"], 1e-9 * power),
        law_row("No carrier has negative dissipation (least one)", "rest", "pW", 0.0,
                min(least, 0.0), 1e-12 * power),
    ]  # fmt: skip
