"""The laws of physiology: every variant of the cell, at 200 parameter sets from all its ranges."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from transport_model import evaluate, load_model, simulate, steady_state
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.scans.scan import scan
from transport_model.analyses.studies.control import control_coefficients
from transport_model.analyses.studies.energetics import energetics, transporters
from transport_model.analyses.studies.laws import (
    at_voltage,
    laws,
    mullins_noda,
    sodium_per_glucose,
)
from transport_model.catalogue import variants
from transport_model.constants import FARADAY, GAS

CELL = load_model("cell")
#: The last has the symporter of the second and the pump of the third.
CELLS = [
    pytest.param(name, marks=pytest.mark.slow if name == "cell_sglt2_pan2019" else ())
    for name in variants().query("model == 'cell'")["file"]
]
PUMPS = [load_model("cell", pump=pump) for pump in dict.fromkeys(variants()["pump"])]
#: Points that Hypothesis draws for a law; others each time.
EXAMPLES = 50
concentration = st.floats(0.01, 300)
voltage = st.floats(-150, 100)
factor = st.floats(0.1, 10)
RATES = ["k12", "k21", "k23", "k32", "k34", "k43", "k45", "k56", "k65", "k61", "k16", "k25"]


@pytest.fixture(scope="module", params=CELLS)
def cell(request):
    return load_model(request.param)


@pytest.fixture(scope="module")
def resting(cell):
    return steady_state(cell)


@pytest.fixture(scope="module")
def random_parameters(cell):
    return latin_hypercube(200, seed=20260101, **provenance_ranges(cell))


@pytest.fixture(scope="module")
def random_states(cell, random_parameters):
    return scan(cell, random_parameters)


def test_the_table_of_laws_holds(cell):
    table = laws(cell)
    assert len(table) >= 15
    assert table["holds"].all(), table[~table["holds"]]


def test_resting_state_is_that_of_an_absorptive_cell():
    """Windows from tissue (proximal tubule, small intestine); ATP as cells keep it."""
    resting = steady_state(CELL)
    windows = {"V_m": (-73, -50), "Na_i": (12, 18), "K_i": (115, 145), "Cl_i": (8, 18),
               "dG_ATP": (-58, -54)}  # fmt: skip
    for name, (low, high) in windows.items():
        assert low <= resting[name] <= high, name
    assert resting["Glc_i"] >= 10 * resting["Glc_o"]


def test_control_of_uptake_is_spread():
    """A tenth or more each by the pump and by the K⁺ leak, which keeps the voltage."""
    control = control_coefficients(CELL).flux.loc["sglt_cycle"]
    assert control["pump_cycle"] > 0.1
    assert control["leak_K_flow"] > 0.1
    assert control["sglt_cycle"] < 0.8
    assert control.sum() == pytest.approx(1, abs=1e-6)  # summation theorem


@pytest.mark.parametrize("temperature", [290.0, 298.15, 315.0])
def test_laws_hold_at_every_temperature(cell, temperature):
    table = laws(cell.with_values(T=temperature))
    assert table["holds"].all(), table[~table["holds"]]


@pytest.mark.parametrize(
    ("flux", "energy"),
    [("J_pump", "pump_E_a"), ("J_leak_K", "leak_E_a"), ("J_leak_Na", "leak_E_a"),
     ("J_glut", "glut_E_a"), ("J_water", "osmosis_E_a")],
)  # fmt: skip
def test_rates_follow_temperature_as_arrhenius_has_it(flux, energy):
    """At the same u and the same gradients: a factor exp(E (1/T_0 - 1/T)/R), and no other."""
    cold, warm = 300.0, 310.0
    # A pump far from its stall, whose drive is 1; u is -0.05
    at = {"ADP": 1e-12, "Glc_b": 1.0, "K_i": 120.0}
    got = [at_voltage(CELL, -50 * GAS * t / FARADAY, T=t, **at)[flux] for t in (cold, warm)]
    factor = math.exp(CELL.quantities[energy].value * 1e3 / GAS * (1 / cold - 1 / warm))
    assert got[1] / got[0] == pytest.approx(factor, rel=1e-9)


def test_the_bath_is_electroneutral_and_keeps_its_osmolarity():
    low = {"Na_o": 70.0}
    for values in ({}, low, {"K_o": 30.0}, {"Cl_o": 60.0}, {**low, "Cl_o": 130.0}):
        held = evaluate(CELL.with_values(**values), pd.DataFrame(index=[0])).iloc[0]
        net = held["Na_o"] + held["K_o"] - held["Cl_o"]
        assert held["counter_o"] == pytest.approx(abs(net), abs=1e-12)
        solutes = sum(held[n] for n in ("Na_o", "K_o", "Cl_o", "Glc_o", "counter_o", "X_o"))
        assert held["osm_o"] == pytest.approx(solutes, rel=1e-12)
        assert held["osm_o"] >= 300 - 1e-9
    free = CELL.with_values(Na_o=70.0, hold_osmolarity=0.0)
    assert evaluate(free, pd.DataFrame(index=[0])).iloc[0]["X_o"] == 0
    assert steady_state(free)["cytosol"] > steady_state(CELL)["cytosol"]  # hypotonic


# Law 1: detailed balance round every cycle ---------------------------------------------------


@given(st.lists(factor, min_size=len(RATES), max_size=len(RATES)), st.floats(0, 1))
@settings(max_examples=EXAMPLES, deadline=None)
def test_symporter_cycles_are_balanced_whatever_the_rates(factors, share):
    values = {f"sglt_{name}": CELL.quantities[f"sglt_{name}"].value * f
              for name, f in zip(RATES, factors, strict=True)}  # fmt: skip
    r = evaluate(CELL.with_values(**values, sglt_alpha_bind=share), pd.DataFrame(index=[0])).iloc[0]
    k = {name: values[f"sglt_{name}"] for name in RATES} | {
        "k54": r["sglt_k54"], "k52": r["sglt_k52"]}  # fmt: skip
    sugar = math.prod(k[n] for n in ("k12", "k23", "k34", "k45", "k56", "k61"))
    back = math.prod(k[n] for n in ("k16", "k65", "k54", "k43", "k32", "k21"))
    assert sugar / back == pytest.approx(1, rel=1e-9)
    slip = k["k12"] * k["k25"] * k["k56"] * k["k61"]
    assert slip / (k["k16"] * k["k65"] * k["k52"] * k["k21"]) == pytest.approx(1, rel=1e-9)
    assert share + r["sglt_alpha_turn"] == pytest.approx(1, abs=1e-12)


# Law 2: at full equilibrium nothing flows ----------------------------------------------------


@given(concentration, concentration, concentration, voltage, factor, factor)
@settings(max_examples=EXAMPLES, deadline=None)
def test_no_transporter_moves_anything_at_its_equilibrium(na_o, k_o, glc_o, v, fast, slow):
    u = v * 1e-3 * FARADAY / (GAS * 310.15)
    model = CELL.with_values(sglt_k25=slow, sglt_k56=20 * fast, sglt_alpha_bind=0.2)
    at = {"Na_o": na_o, "Na_i": na_o * math.exp(-u), "K_o": k_o, "K_i": k_o * math.exp(-u),
          "Cl_o": k_o, "Cl_i": k_o * math.exp(u),
          "Glc_o": glc_o, "Glc_i": glc_o, "Glc_b": glc_o}  # fmt: skip
    still = at_voltage(model, v, **at)
    for ion, flux in (("Na_i", "J_leak_Na"), ("K_i", "J_leak_K"),
                      ("Cl_i", "J_leak_Cl"), ("Na_i", "J_sglt"),
                      ("Na_i", "J_sglt_slip"), ("Glc_i", "J_glut")):  # fmt: skip
        one_way = abs(at_voltage(model, v, **{**at, ion: 1e-9})[flux])
        assert abs(still[flux]) < 1e-10 * one_way, flux


@given(concentration, concentration, concentration, voltage, st.floats(0.1, 10))
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_pump_stalls_exactly_where_work_equals_the_energy_of_atp(na_i, k_i, k_o, v, atp):
    """The ADP at which hydrolysis just pays for the work; a little less or more turns the pump."""
    for model in PUMPS:
        _stalls(model, na_i, k_i, k_o, v, atp)


def _stalls(model, na_i, k_i, k_o, v, atp):
    at = {"Na_i": na_i, "K_i": k_i, "K_o": k_o, "ATP": atp}
    x = at_voltage(model, v, **at)["dG_pump"] / at_voltage(model, v)["RT"]
    adp = 0.05 * math.exp(-x)
    fluxes = [at_voltage(model, v, **at, ADP=adp * f)["J_pump"] for f in (0.999, 1, 1.001)]
    assert fluxes[0] > 0 > fluxes[2]
    assert abs(fluxes[1]) < 1e-9 * fluxes[0]


# Law 3: reversal of the symporter ------------------------------------------------------------


@given(st.lists(factor, min_size=4, max_size=4), st.floats(20, 200), st.floats(1, 100),
       st.floats(0.1, 20), st.floats(0.1, 20))  # fmt: skip
@settings(max_examples=EXAMPLES, deadline=None)
def test_symporter_reverses_where_its_energy_vanishes(factors, na_o, na_i, glc_o, glc_i):
    rates = {f"sglt_{n}": CELL.quantities[f"sglt_{n}"].value * f
             for n, f in zip(("k12", "k34", "k56", "k61"), factors, strict=True)}  # fmt: skip
    model = CELL.with_values(**rates, sglt_k25=0.0)
    thermal = GAS * 310.15 / FARADAY * 1e3
    expected = thermal * (math.log(na_o / na_i) + math.log(glc_o / glc_i) / 2)
    at = {"Na_o": na_o, "Na_i": na_i, "Glc_o": glc_o, "Glc_i": glc_i}
    found = brentq(lambda v: at_voltage(model, v, **at)["J_sglt"], expected - 40, expected + 45)
    assert found == pytest.approx(expected, abs=0.01)


# Laws 6 to 10, at 200 parameter sets ---------------------------------------------------------


def test_every_random_parameter_set_rests(random_states):
    assert len(random_states) == 200
    assert random_states["converged"].all(), random_states["status"].value_counts()
    assert (random_states["residual"] <= 1e-9).all()


def test_balances_of_ions_and_glucose(cell, random_states):
    s = random_states
    sodium = s["J_leak_Na"] + sodium_per_glucose(cell) * (s["J_sglt"] + s["J_sglt_slip"])
    scale = s["J_pump"].abs() * 3 + s["J_sglt"].abs()
    assert ((sodium - 3 * s["J_pump"]).abs() <= 2e-9 * scale).all()
    assert ((s["J_leak_K"] + 2 * s["J_pump"]).abs() <= 2e-9 * scale).all()
    assert ((s["J_sglt"] - s["J_glut"]).abs() <= 2e-9 * s["J_sglt"].abs() + 1e-12).all()


def test_electroneutrality(random_states):
    s = random_states
    ions = s["n_Na_i"] + s["n_K_i"] - s["n_Cl_i"] + s["charge"] + s["z_X"] * s["n_X"]
    assert (ions.abs() <= 1e-9 * s["n_X"]).all()


def test_chloride_is_at_equilibrium_and_osmolarity_balances(random_states):
    s = random_states
    assert (s["E_Cl"] - s["V_m"]).abs().max() < 1e-6
    assert (s["osm_i"] / s["osm_o"] - 1).abs().max() < 1e-9


def test_energy_closes_and_nothing_dissipates_less_than_nothing(cell, random_states):
    table = energetics(cell, random_states)
    power = table["power_ATP"].abs() + table["dissipation"]
    assert (table["power_stored"].abs() <= 1e-9 * power).all()
    for name in transporters(cell):
        assert (table[f"dissipation_{name}"] >= -1e-12 * power).all(), name


def test_free_energies_follow_from_stoichiometry(cell, random_states):
    """dG_x against the sum of electrochemical potentials over the reaction as it is written."""
    s = random_states
    rt = GAS * s["T"] / 1e3
    potential = {n: rt * np.log(s[n] / 1e3) for n in cell.species.index if n != "charge"
                 and n != "water_i"}  # fmt: skip
    potential["charge"] = -FARADAY * s["V_m"] * 1e-6
    potential["water_i"] = -rt * 1.807e-5 * (s["osm_i"] - s["osm_o"])
    potential["ATP"] = potential["ATP"] - 11.9
    for name, reaction in cell.reactions.iterrows():
        left, right = str(reaction["equation"]).split(" ⇌ ")
        total = 0.0
        for sign, side in ((-1, left), (1, right)):
            for term in side.split(" + "):
                count, _, species = term.rpartition(" ")
                if species != "∅":
                    total = total + sign * float(count or 1) * potential[species]
        energy = s[str(reaction["rate"]).replace("J_", "dG_")]
        assert np.allclose(energy, total, rtol=1e-9, atol=1e-9), name


def test_mullins_noda_without_symporter(cell, random_parameters):
    for _, row in random_parameters.head(50).iterrows():
        model = cell.with_values(**row.to_dict() | {"n_SGLT": 0.0})
        state = steady_state(model)
        assert state["V_m"] == pytest.approx(mullins_noda(state.values, model), abs=1e-6)


def test_donnan_without_pump(cell, random_parameters):
    for _, row in random_parameters.head(50).iterrows():
        model = cell.with_values(**row.to_dict() | {"J_pump_max": 0.0, "Glc_b": row["Glc_o"]})
        state = steady_state(model)
        ratio = math.exp(-state["V_m"] / state["V_T"])
        assert state["Na_i"] / state["Na_o"] == pytest.approx(ratio, rel=1e-6)
        assert state["K_i"] / state["K_o"] == pytest.approx(ratio, rel=1e-6)
        assert state["Cl_o"] / state["Cl_i"] == pytest.approx(ratio, rel=1e-6)
        assert 1 < state["cytosol"] / 1.957 < 20


def test_two_very_different_starts_reach_one_state(cell, random_parameters):
    columns = ["Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol"]
    for _, row in random_parameters.head(50).iterrows():
        model = cell.with_values(**row.to_dict())
        one = steady_state(model)
        other = steady_state(model.with_values(Na_i=60, Cl_i=45, Glc_i=0.3, charge=0.005,
                                               water_i=160000))  # fmt: skip
        assert np.allclose(one.values[columns], other.values[columns], rtol=1e-6)


def test_dissipation_is_never_negative_along_a_course(cell, resting):
    stopped = cell.starting_from(resting.values).with_values(J_pump_max=0.0, Glc_o=0.2)
    course = simulate(stopped, 3600, 121)
    table = energetics(stopped, course)
    for name in transporters(cell):
        assert (table[f"dissipation_{name}"] >= -1e-15).all(), name


# Laws 12 to 15: numbers of physiology that apply to the cell ---------------------------------


def test_half_activation_of_the_pump_by_outer_potassium():
    """Bielen et al. 1991: 1.9 ± 0.4 mM at 140 mM outer Na⁺, where pumps are hardly held back."""

    def rate(k_o):
        return at_voltage(CELL, -20, Na_o=140, Na_i=50, K_i=140, K_o=k_o, ADP=1e-9)["J_pump"]

    half = brentq(lambda k: rate(k) - rate(1e6) / 2, 0.01, 50)
    assert half == pytest.approx(1.9, abs=0.4)


def test_half_activation_of_the_pump_by_inner_sodium():
    def rate(na_i):
        return at_voltage(CELL, -40, Na_i=na_i, K_i=138, ADP=1e-9)["J_pump"]

    assert 9 <= brentq(lambda n: rate(n) - rate(1e7) / 2, 1, 100) <= 14


def test_two_sodium_for_a_glucose():
    """Coupling is sodium through the symporter per glucose: 2 but for slip."""
    state = steady_state(CELL)
    assert 2 * (state["J_sglt"] + state["J_sglt_slip"]) / state["J_sglt"] == pytest.approx(
        2, abs=0.02
    )


def test_a_cell_without_lumen_glucose_hyperpolarises():
    """The sign alone: a cell loses an inward current, and no mammal's change was found."""
    resting = steady_state(CELL)
    fasting = steady_state(CELL.with_values(Glc_o=0.01))
    assert fasting["V_m"] < resting["V_m"] - 5
    assert fasting["Na_i"] < resting["Na_i"]
