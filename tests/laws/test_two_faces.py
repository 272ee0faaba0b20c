"""The laws of cells of two faces: every shipped variant, at 200 random points and steady states.

Points are far beyond what a cell meets, with the two potentials independent of one another; nothing
is solved there. Free energies are computed here from the reactions as they are written.
"""

from __future__ import annotations

import libsbml
import numpy as np
import pandas as pd
import pytest
from polarised import POLARISED, random_sets
from scipy.integrate import trapezoid

from transport_model import Model, Step, evaluate, load_model, simulate, steady_state
from transport_model.analyses.scans.scan import scan
from transport_model.analyses.studies.energetics import energetics, transporters
from transport_model.analyses.studies.laws import laws
from transport_model.analyses.studies.validation import validate
from transport_model.catalogue import model_path
from transport_model.constants import FARADAY, GAS
from transport_model.errors import InputError

POINTS = 200
VALENCE = {"Na": 1, "K": 1, "Cl": -1, "HCO3": -1, "Glc": 0}
#: What every carrier of the cell needs in order to run, whatever the variant has of it.
RUNNING = {"J_misplaced_max": 5.0, "P_Na_a": 0.01, "n_SGLT1": 0.1, "n_SGLT2": 0.1, "clamped": 0.0}
SLIP = ("sglt1_k25", "sglt2_k_slip")


@pytest.fixture(scope="module", params=POLARISED)
def at_random(request):
    model, frame = random_sets(request.param, POINTS, seed=11)
    rng = np.random.default_rng(12)
    for name, quantity in model.quantities.items():
        if (
            name.endswith(("_i", "_a", "_b"))
            and name.partition("_")[0] in VALENCE
            and quantity.kind in {"floating", "boundary"}
            and quantity.computed != "rule"
        ):
            frame[name] = 12 * 10 ** rng.uniform(-1, 1, POINTS)  # fmt: skip
    frame["water_i"] = 1e5 * 3 ** rng.uniform(-1, 1, POINTS)
    volts = {face: rng.uniform(-150, 100, POINTS) for face in "ab"}
    charges = {f"charge_{face}": -v * frame[f"C_{face}"] / FARADAY for face, v in volts.items()}
    return model, frame.assign(**charges, **RUNNING), volts


@pytest.fixture(scope="module", params=POLARISED)
def resting(request):
    model, frame = random_sets(request.param, POINTS, seed=20260101)
    states = scan(model, frame)
    return model, frame, states[states["converged"]]


def written(equation):
    """Read an equation: counts by species, what comes out positive."""
    left, right = equation.split(" ⇌ ")
    change = {}
    for sign, side in ((-1, left), (1, right)):
        for term in side.split(" + "):
            count, _, species = term.rpartition(" ")
            if species != "∅":
                change[species] = change.get(species, 0.0) + sign * float(count or 1)
    return change


def own_energies(model, values, volts):
    """Free energy by flux: of each species RT ln c + z F phi, the cell at zero."""
    rt = GAS * values["T"] / 1e3
    phi = {"i": 0.0, "a": -FARADAY * 1e-6 * volts["a"], "b": -FARADAY * 1e-6 * volts["b"]}
    found = {}
    for _, reaction in model.reactions.iterrows():
        total, change = 0.0 * values["T"], written(str(reaction["equation"]))
        for species, count in change.items():
            stem, _, side = species.rpartition("_")
            if stem == "charge":
                continue
            if stem == "water":
                energy = -rt * 1.807e-5 * values[f"osm_{side}"]
            elif species in {"ATP", "ADP", "Pi", "H"}:
                energy = rt * np.log(values[species] / 1e3) - 11.9 * (species == "ATP")
            else:
                energy = rt * np.log(values[species]) + VALENCE.get(stem, 0) * phi[side]
            total = total + count * energy
        if str(reaction["rate"]).startswith("J_"):
            found[str(reaction["rate"])[2:]] = total
    return found


def test_free_energies_follow_from_stoichiometry_and_both_potentials(at_random):
    model, frame, volts = at_random
    values = evaluate(model, frame)
    values = pd.concat([values, frame.drop(columns=[n for n in frame if n in values])], axis=1)
    values = values.assign(**{n: model.quantities[n].value for n in ("ATP", "ADP", "Pi", "water_b")
                              if n not in values})  # fmt: skip
    own = own_energies(model, values, volts)
    checked = {x for fluxes in transporters(model).values() for x in fluxes}
    assert len(checked) == 22
    for x in checked:
        assert np.allclose(values[f"dG_{x}"], own[x], rtol=1e-9, atol=1e-9), x


def test_every_carrier_runs_down_its_own_free_energy(at_random):
    model, frame, _ = at_random
    values = evaluate(model, frame)
    for carrier, fluxes in transporters(model).items():
        power = sum(-values[f"J_{x}"] * values[f"dG_{x}"] for x in fluxes)
        scale = sum((values[f"J_{x}"] * values[f"dG_{x}"]).abs() for x in fluxes)
        assert (power >= -1e-10 * scale).all(), carrier
        assert (scale > 0).any(), carrier
        if len(fluxes) == 1:
            assert (np.sign(values[f"J_{carrier}"]) == -np.sign(values[f"dG_{carrier}"])).all()


#: By flux, a species that can bring its force to zero, and how many of it a turn makes.
LEVELS = {
    "pump": ("ADP", 1), "sglt1": ("Glc_i", 1), "sglt2": ("Glc_i", 1), "sglt1_slip": ("Na_i", 2),
    "sglt2_slip": ("Na_i", 1), "leak_Na_a": ("Na_i", 1), "leak_K_a": ("K_i", 1),
    "leak_K_b": ("K_i", 1), "leak_Cl_b": ("Cl_i", 1), "nhe": ("Na_i", 1), "cfex": ("Cl_i", 1),
    "kcc": ("K_i", 1), "nbc": ("Na_i", -1), "glut": ("Glc_i", -1), "misplaced": ("Glc_i", -1),
    "p_Na": ("Na_b", 1), "p_K": ("K_b", 1), "p_Cl": ("Cl_b", 1), "p_HCO3": ("HCO3_b", 1),
    "p_Glc": ("Glc_b", 1),
}  # fmt: skip


def test_no_flux_where_its_force_is_zero(at_random):
    model, frame, _ = at_random
    for x, (species, made) in LEVELS.items():
        slip = {n: 0.0 for n in SLIP if n in model.quantities}
        still = frame.assign(**slip) if x in {"sglt1", "sglt2"} else frame
        if x.endswith("_slip"):  # glucose drives it too
            still = still.assign(Glc_i=12.0, Glc_a=12.0)
        if species not in still:
            still = still.assign(**{species: model.quantities[species].value})
        values = evaluate(model, still)
        at_zero = still[species] * np.exp(-values[f"dG_{x}"] / (made * values["RT"]))
        still = still.assign(**{species: at_zero})
        flux = evaluate(model, still)[f"J_{x}"].abs()
        less, more = (evaluate(model, still.assign(**{species: f * at_zero}))[f"J_{x}"]
                      for f in (1e-3, 1e3))  # fmt: skip
        gross = np.maximum(less.abs(), more.abs())
        assert (flux <= 1e-10 * gross).all(), x
        assert (less * more <= 0).all(), x


def test_charge_is_booked_on_the_face_that_it_crosses(at_random):
    """What leaves a fluid is what its face gains, reaction by reaction; flows in a fluid apart."""
    model, _, _ = at_random
    for name, reaction in model.reactions.iterrows():
        change = written(str(reaction["equation"]))
        gained = dict.fromkeys("iab", 0.0)
        for species, count in change.items():
            stem, _, side = species.rpartition("_")
            if stem:  # what ATP becomes has its charge
                gained[side] += count * VALENCE.get(stem, 0)
        crosses = len({species.rpartition("_")[2] for species in change}) > 1
        for face in "ab":
            booked = change.get(f"charge_{face}", 0.0)
            if name == "clamp_flow":
                assert booked == {"a": 1, "b": -1}[face]
            else:
                assert booked == (gained[face] if crosses else 0), (name, face)


def test_the_account_of_energy_closes_at_random_points(at_random):
    model, frame, _ = at_random
    table = energetics(model, frame.assign(clamped=1.0, g_clamp=1e5, V_clamp=20.0))
    parts = table[[name for name in table if name.startswith("power_") and name.count("_") > 1]]
    scale = parts.abs().sum(axis=1) + table["dissipation"] + table["power_ATP"].abs()
    scale = scale + table["power_clamp"].abs() + table["power_stored"].abs()
    assert (table["closure"].abs() <= 1e-12 * scale).all()
    assert (table["power_clamp"].abs() > 1e-6 * scale).all()


# At steady states ----------------------------------------------------------------------------


def test_nearly_every_random_cell_rests_with_no_current_through_either_face(resting):
    model, frame, states = resting
    assert len(states) >= 0.98 * len(frame)
    assert (states["residual"] <= 1e-9).all()
    for _, row in frame.loc[states.index].head(10).iterrows():
        state = steady_state(model.with_values(**row.to_dict()))
        gross = abs(state["J_pump"]) + abs(state["J_leak_K_b"])
        assert set(state.net_currents) == {"charge_a", "charge_b"}
        assert all(abs(current) <= 1e-9 * gross for current in state.net_currents.values())


def test_what_crosses_one_face_crosses_the_other(resting):
    """Currents, and every ion and glucose: in through the lumen's face, out through the blood's."""
    _, _, s = resting
    scale = s["J_pump"].abs() + s["J_nhe"].abs() + s["J_cfex"].abs() + s["J_sglt"].abs()
    coupled = s["J_sglt2"] + s["J_sglt2_slip"] + 2 * (s["J_sglt1"] + s["J_sglt1_slip"])
    balances = {
        "Na": coupled + s["J_leak_Na_a"] + s["J_nhe"] - 3 * s["J_pump"] - s["J_nbc"],
        "K": s["J_leak_K_a"] + s["J_leak_K_b"] + s["J_kcc"] + 2 * s["J_pump"],
        "Cl": s["J_cfex"] + s["J_leak_Cl_b"] + s["J_kcc"],
        "HCO3": s["J_nhe"] - s["J_cfex"] - 3 * s["J_nbc"],
        "Glc": s["J_sglt"] - s["J_glut"] - s["J_misplaced"],
        "charge": coupled + s["J_leak_Na_a"] + s["J_leak_K_a"] + s["J_p_Na"] + s["J_p_K"]
        - s["J_p_Cl"] - s["J_p_HCO3"],
    }  # fmt: skip
    for what, off in balances.items():
        assert (off.abs() <= 1e-8 * scale).all(), what


def test_electroneutrality_with_the_charge_on_both_faces(resting):
    _, _, s = resting
    ions = sum(VALENCE[x] * s[f"n_{x}_i"] for x in VALENCE) + s["charge_a"] + s["charge_b"]
    assert ((ions + s["z_X"] * s["n_X"]).abs() <= 1e-9 * s["n_X"]).all()


def test_power_of_ATP_is_heat_and_work_across_the_epithelium(resting):
    """The work by hand: net fluxes from lumen to blood, each against its own difference."""
    model, _, s = resting
    table = energetics(model, s)
    power = table["power_ATP"].abs() + table["dissipation"]
    assert (table["closure"].abs() <= 1e-12 * power).all()
    assert (table["power_stored"].abs() <= 1e-9 * power).all()
    for name in transporters(model):
        assert (table[f"dissipation_{name}"] >= -1e-12 * power).all(), name
    coupled = s["J_sglt2"] + s["J_sglt2_slip"] + 2 * (s["J_sglt1"] + s["J_sglt1_slip"])
    net = {
        "Na": coupled + s["J_leak_Na_a"] + s["J_nhe"] + s["J_p_Na"],
        "K": s["J_leak_K_a"] + s["J_p_K"],
        "Cl": s["J_cfex"] + s["J_p_Cl"],
        "HCO3": s["J_nhe"] - s["J_cfex"] + s["J_p_HCO3"],
        "Glc": s["J_sglt"] - s["J_misplaced"] + s["J_p_Glc"],
    }
    rt = GAS * s["T"] / 1e3
    level = {f"{x}_{side}": s.get(f"{x}_{side}", model.quantities[f"{x}_{side}"].value)
             for x in net for side in "ab"}  # fmt: skip
    work = {x: flux * (rt * np.log(level[f"{x}_b"] / level[f"{x}_a"])
                       + VALENCE[x] * FARADAY * 1e-6 * (s["V_a"] - s["V_b"]))
            for x, flux in net.items()}  # fmt: skip
    water = s["J_water_a"] * rt * 1.807e-5 * (s["osm_a"] - s["osm_b"])
    assert np.allclose(table["power_exported"], sum(work.values()) + water, rtol=1e-7,
                       atol=1e-9 * power.max())  # fmt: skip
    assert np.allclose(table["export_efficiency"], table["power_exported"] / table["power_ATP"])
    assert np.allclose(table["Na_per_ATP"], net["Na"] / s["J_pump"])
    assert np.allclose(table["ATP_per_glucose"], s["J_pump"] / s["J_sglt"])


def test_two_very_different_starts_reach_one_state(resting):
    model, frame, states = resting
    columns = ["Na_i", "K_i", "Cl_i", "HCO3_i", "Glc_i", "V_a", "V_b", "cytosol"]
    for index in states.index[:10]:
        point = model.with_values(**frame.loc[index].to_dict())
        elsewhere = {"Na_i": 60, "Cl_i": 45, "HCO3_i": 9, "Glc_i": 0.3, "charge_a": 0.01,
                     "charge_b": 0.4, "water_i": 160000}  # fmt: skip
        other = steady_state(point.with_values(**elsewhere))
        assert np.allclose(states.loc[index, columns].astype(float), other.values[columns],
                           rtol=1e-6)  # fmt: skip


# Courses, the clamp, equilibrium -------------------------------------------------------------


@pytest.fixture(scope="module")
def cell():
    return load_model("pt_s2")


def test_stored_energy_gains_what_the_account_says_with_both_condensers(cell):
    rested = cell.starting_from(steady_state(cell).values)
    inputs = [Step(0.0, {"ouabain": 1.0, "clamped": 1.0, "V_clamp": 10.0, "g_clamp": 1e4})]
    course = simulate(rested, 600, 6001, inputs=inputs)
    table = energetics(rested, course)
    gained = trapezoid(table["power_stored"], course.index)
    change = table["stored_energy"].iloc[-1] - table["stored_energy"].iloc[0]
    assert change == pytest.approx(gained, rel=1e-4)
    assert change < -1000
    scale = table["power_ATP"].abs() + table["dissipation"]
    assert (table["closure"].abs() <= 1e-12 * scale).all()


def test_a_condenser_that_is_charged_alone_stores_half_charge_times_voltage(cell):
    """All gradients zero, so that the charge on the faces is all there is."""
    level = {f"{x}_{side}": 10.0 for x in VALENCE for side in "iab"}
    frame = {**level, "charge_a": [0.0, 0.3, 0.0], "charge_b": [0.0, 0.0, 0.4]}
    table = energetics(cell, pd.DataFrame(frame))
    volts = FARADAY * np.array([0.3, 0.4]) / 200.0
    stored = table["stored_energy"].to_numpy()
    assert stored[1:] - stored[0] == pytest.approx(
        0.5e-6 * FARADAY * np.array([0.3, 0.4]) * volts, rel=1e-6)  # fmt: skip


def test_a_clamp_puts_in_the_power_of_its_current(cell):
    model = cell.with_values(clamped=1.0, V_clamp=20.0)
    state = steady_state(model)
    row = energetics(model, state).iloc[0]
    # pA times mV are 1e-3 pW
    assert row["power_clamp"] == pytest.approx(state["I_sc"] * state["V_te"] * 1e-3, rel=1e-9)
    assert row["power_clamp"] > 10
    assert row["closure"] == pytest.approx(0, abs=1e-12 * row["dissipation"])
    assert energetics(cell, steady_state(cell)).iloc[0]["power_clamp"] == 0


def test_parts_of_coupled_reactions_sum_to_their_dissipation(cell):
    row = energetics(cell, steady_state(cell)).iloc[0]
    for x, parts in {"pump": ("ATP", "Na", "K"), "sglt1": ("Na", "Glc"), "sglt2": ("Na", "Glc"),
                     "nhe": ("Na", "HCO3"), "cfex": ("Cl", "HCO3"), "kcc": ("K", "Cl"),
                     "nbc": ("Na", "HCO3")}.items():  # fmt: skip
        total = sum(row[f"power_{x}_{part}"] for part in parts)
        assert total == pytest.approx(row[f"affinity_{x}"] * row[f"J_{x}"], rel=1e-10), x
    assert 0 < row["symporter_efficiency"] < 1


def test_without_a_pump_between_equal_fluids_all_is_at_donnan_equilibrium(cell):
    fluids = {f"{x}_a": cell.quantities[f"{x}_b"].value for x in VALENCE}
    model = cell.with_values(**fluids, J_pump_max=0.0)
    state = steady_state(model)
    ratio = np.exp(-state["u_a"])
    assert state["V_te"] == pytest.approx(0, abs=1e-6)
    for x, z in VALENCE.items():
        got = state[f"{x}_i"] / fluids[f"{x}_a"]
        assert got == pytest.approx(ratio**z, rel=1e-6), x


@pytest.mark.parametrize("name", POLARISED)
def test_the_table_of_laws_holds(name):
    table = laws(load_model(name))
    assert len(table) >= 25
    assert table["holds"].all(), table[~table["holds"]]


def test_validation_of_a_cell_of_two_faces_has_its_laws_and_those_of_its_pump(cell):
    table = validate(cell)
    assert set(table["kind"]) == {"law"}
    assert (table["verdict"] == "holds").all(), table[table["verdict"] != "holds"]
    assert table["target"].str.startswith("Pump, net over forward turnover").sum() == 1


@pytest.mark.parametrize(
    ("rule", "law", "wrong"),
    [
        ("J_leak_K_b", "P_K_b*leak_speed*leak_K_b_phi*(K_b*exp(-u_a) - K_i)",
         {"Transport at equilibrium, net over one-way (worst)",
          "Flux where its free energy vanishes, over one-way (worst)",
          "Power of a carrier that runs uphill, over all its power (worst)"}),
        ("dG_nbc", "RT*(ln(Na_b/Na_i) + 3*ln(HCO3_b/HCO3_i) + 2*u_a)",
         {"Free energies against those of what moves, in units of RT (worst)",
          "Transport at equilibrium, net over one-way (worst)",
          "ATP power is dissipation and exported work"}),
    ],
)  # fmt: skip
def test_the_other_face_s_potential_breaks_laws(cell, rule, law, wrong):
    document = libsbml.readSBMLFromString(cell.sbml)
    document.getModel().getAssignmentRule(rule).setMath(libsbml.parseL3Formula(law))
    table = laws(Model("pt_s2", libsbml.writeSBMLToString(document)))
    assert wrong <= set(table.loc[~table["holds"], "law"])


@pytest.mark.parametrize(
    ("said", "instead", "wanted"),
    [
        ("PATO:0001462", "PATO:0000001", "the potential that 'charge_a' makes"),
        ("CHEBI:17544", "SBO:0000247", "a ChEBI term for 'HCO3_i'"),
        ("CHEBI:17544", "CHEBI:32145", "the charge of 'HCO3_i'"),
        ("GO:0005829", "GO:0005773", "the side of 'cytosol'"),
        ("J_pump", "J_atpase", "'J_pump'"),
    ],
)
def test_what_the_account_lacks_is_named(tmp_path, said, instead, wanted):
    text = model_path("pt_s2").read_text(encoding="utf-8")
    path = tmp_path / "theirs.xml"
    path.write_text(text.replace(said, instead), encoding="utf-8")
    model = load_model(path)
    with pytest.raises(InputError, match=f"energetics needs .*{wanted}"):
        energetics(model, pd.DataFrame(index=[0]))
