"""The laws of every variant and parameter set at 200 random points, from 290 to 315 K.

Parameters come from all their ranges, states and voltages from far beyond what a cell meets;
nothing is solved.
"""

from __future__ import annotations

import numpy as np
import pytest

from transport_model import evaluate, load_model
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.studies.energetics import energetics, transporters
from transport_model.catalogue import parameter_sets, variants
from transport_model.constants import FARADAY, GAS
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount

POINTS = 200
WHOLE = [*((name, None) for name in variants().query("model == 'cell'")["file"]),
         *(("cell", name) for name in parameter_sets("cell"))]  # fmt: skip
PUMPS = list(variants().query("model == 'pump_assay'")["file"])
CARRIERS = [None, *parameter_sets("oocyte")]
CHARGES = {"Na_i": 1, "K_i": 1, "Cl_i": -1, "Glc_i": 0}


def points(model, seed):
    """Draw parameters from their ranges, and levels within a factor of ten of 12 mM."""
    rng = np.random.default_rng(seed)
    frame = latin_hypercube(POINTS, seed=seed, **provenance_ranges(model))
    assert frame["T"].between(290, 315).all()
    assert np.ptp(frame["T"]) > 24
    for name, quantity in model.quantities.items():
        if name in CHARGES or (name.endswith("_o") and quantity.unit == "mM"
                               and quantity.computed != "rule"):  # fmt: skip
            frame[name] = 12 * 10 ** rng.uniform(-1, 1, POINTS)
    volts = rng.uniform(-150, 100, POINTS)
    if model.quantities["V_m"].computed == "rule":
        frame["water_i"] = 1e5 * 3 ** rng.uniform(-1, 1, POINTS)
        return frame.assign(charge=-volts * frame["C_m"] / FARADAY), volts
    return frame.assign(V_m=volts), volts


def reduced(frame, volts):
    return volts * 1e-3 * FARADAY / (GAS * frame["T"])


@pytest.fixture(scope="module", params=WHOLE, ids=lambda p: "-".join(filter(None, p)))
def at_random(request):
    name, parameters = request.param
    model = load_model(name, parameters=parameters)
    frame, volts = points(model, seed=11)
    return model, frame, volts


def test_every_carrier_runs_down_its_own_free_energy(at_random):
    model, frame, _ = at_random
    values = evaluate(model, frame)
    for carrier, fluxes in transporters(model).items():
        power = sum(-values[f"J_{x}"] * values[f"dG_{x}"] for x in fluxes)
        scale = sum((values[f"J_{x}"] * values[f"dG_{x}"]).abs() for x in fluxes)
        assert (power >= -1e-10 * scale).all(), carrier
        if len(fluxes) == 1:
            assert (np.sign(values[f"J_{carrier}"]) == -np.sign(values[f"dG_{carrier}"])).all()


def balances(model, frame, volts):
    """By flux, the species that brings its force to zero, and the level at which it does."""
    u = reduced(frame, volts)
    ratio = 2 if "sglt_k25" in model.quantities else 1
    values = evaluate(model, frame)
    sugar = frame["Glc_o"] * (frame["Na_o"] / frame["Na_i"] * np.exp(-u)) ** ratio
    water = frame["water_i"] * model.quantities["v_w"].value
    return {
        "leak_Na": ("Na_i", frame["Na_o"] * np.exp(-u)),
        "leak_K": ("K_i", frame["K_o"] * np.exp(-u)),
        "leak_Cl": ("Cl_i", frame["Cl_o"] * np.exp(u)),
        "sglt": ("Glc_i", sugar),
        "sglt_slip": ("Na_i", frame["Na_o"] * np.exp(-u)),
        "glut": ("Glc_i", frame["Glc_b"]),
        "pump": ("ADP", frame["ADP"] * np.exp(-values["dG_pump"] / values["RT"])),
        "water": ("n_X", frame["n_X"] + (values["osm_o"] - values["osm_i"]) * water),
    }


def test_no_flux_where_its_force_is_zero(at_random):
    model, frame, volts = at_random
    level = balances(model, frame, volts)
    for fluxes in transporters(model).values():
        for x in fluxes:
            species, at_zero = level[x]
            still = frame.assign(**{species: at_zero})
            if x == "sglt":  # slip drives it where there is any
                slip = [n for n in ("sglt_k25", "sglt_k_slip") if n in frame]
                still = still.assign(**dict.fromkeys(slip, 0.0))
            if x == "sglt_slip":  # as glucose drives slip
                still["Glc_i"] = still["Glc_o"]
            held = still[at_zero > 0]
            assert len(held) > POINTS / 2
            flux = evaluate(model, held)[f"J_{x}"].abs()
            less, more = (evaluate(model, held.assign(**{species: f * held[species]}))[f"J_{x}"]
                          for f in (1e-3, 1e3))  # fmt: skip
            gross = np.maximum(less.abs(), more.abs())
            assert (flux <= 1e-10 * gross).all(), x
            assert (less * more <= 0).all(), x


def test_charge_is_conserved(at_random):
    """What the ions carry in is what leaves the outer face, reaction by reaction."""
    model, _, _ = at_random
    equations = read_equations(model.sbml)
    rows = {name: equations.stoichiometry.row(equations.states.index(amount(name)))
            for name in (*CHARGES, "charge")}  # fmt: skip
    for column, reaction in enumerate(model.reaction_ids):
        net = sum(CHARGES.get(name, 1) * row[column] for name, row in rows.items())
        assert net == 0, reaction


def test_the_account_of_energy_closes(at_random):
    model, frame, _ = at_random
    table = energetics(model, frame)
    # The work on the parts, which the sums below are small differences of
    parts = table[[name for name in table if name.startswith("power_") and name.count("_") > 1]]
    scale = parts.abs().sum(axis=1) + table["dissipation"] + table["power_ATP"].abs()
    assert (table["closure"].abs() <= 1e-9 * scale).all()
    assert (table["dissipation"] >= -1e-10 * scale).all()


@pytest.mark.parametrize("name", PUMPS)
def test_the_clamped_pump_stalls_and_turns_with_its_force(name):
    model = load_model(name)
    frame, _ = points(model, seed=12)
    frame = frame.assign(K_i=12 * 10 ** np.random.default_rng(3).uniform(-1, 1, POINTS))
    values = evaluate(model, frame)
    assert (np.sign(values["J_pump"]) == -np.sign(values["dG_pump"])).all()
    thermal = GAS * frame["T"] / 1e3
    work = thermal * (3 * np.log(frame["Na_o"] / frame["Na_i"]) + 2 * np.log(frame["K_i"]
                      / frame["K_o"])) - FARADAY * 1e-6 * frame["V_m"]  # fmt: skip
    products = frame["ADP"] * frame["Pi"] * 10 ** -frame["pH"] / frame["ATP"] / 1e3
    hydrolysis = 11.9 + thermal * np.log(products)
    assert np.allclose(values["dG_pump"], hydrolysis + work, rtol=1e-9, atol=1e-9)
    still = frame.assign(ADP=frame["ADP"] * np.exp(-(hydrolysis + work) / thermal))
    beside = still.assign(ADP=still["ADP"] / 10)
    at_rest, gross = evaluate(model, still)["J_pump"], evaluate(model, beside)["J_pump"]
    assert (at_rest.abs() <= 1e-10 * gross).all()


@pytest.mark.parametrize("parameters", CARRIERS)
def test_every_step_of_the_six_states_rests_at_equilibrium(parameters):
    """States filled by the outer constants; at equilibrium of Na⁺ and sugar no step runs."""
    model = load_model("oocyte", parameters=parameters)
    frame, volts = points(model, seed=13)
    u = reduced(frame, volts)
    r = evaluate(model, frame)
    value = {name: frame.get(name, model.quantities[name].value) for name in model.parameters.index}
    frame["Na_i"] = frame["Na_o"] * np.exp(-u)
    frame["Glc_i"] = frame["Glc_o"]
    displaced = value["z_carrier"]
    bind, turn = value["alpha_bind"] * displaced, (1 - value["alpha_bind"]) * displaced
    affinity = r["affinity"]
    c1 = 1.0 + 0 * u
    c2 = c1 * affinity * value["k12"] * frame["Na_o"] ** 2 * np.exp(-bind * u) / value["k21"]
    c3 = c2 * affinity * value["k23"] * frame["Glc_o"] / value["k32"]
    c4 = c3 * value["k34"] * np.exp(-(2 - displaced) * u) / value["k43"]
    c6 = c1 * value["k16"] * np.exp(turn * u) / value["k61"]
    c5 = c6 * affinity * value["k65"] * frame["Na_i"] ** 2 / value["k56"]
    states = dict(zip(("C1", "C2", "C3", "C4", "C5", "C6"), (c1, c2, c3, c4, c5, c6), strict=True))
    full = frame.assign(**states)
    still = evaluate(model, full)
    for step, left in (("v12", "C1"), ("v23", "C2"), ("v34", "C3"), ("v45", "C4"), ("v56", "C5"),
                       ("v61", "C6"), ("v25", "C2")):  # fmt: skip
        empty = evaluate(model, full.assign(**{left: 0.0}))
        name = f"carrier_{step}" if f"carrier_{step}" in still else step
        assert (still[name].abs() <= 1e-10 * empty[name].abs()).all(), step
