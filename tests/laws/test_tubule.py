"""The tubule: what flows in flows out or into cells, and nothing depends on how it is computed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import (
    Part,
    Tubule,
    distinct_steady_states,
    grid,
    latin_hypercube,
    load_model,
    segments_needed,
    steady_state,
    titration,
    tubule,
    tubule_convergence,
)
from transport_model.analyses.studies.tubule.tubule import SEGMENTS

#: Fluxes out of the lumen by what they carry, and how much of it.
OUT_OF_LUMEN = {
    "Na": {"J_sglt2": 1, "J_sglt2_slip": 1, "J_sglt1": 2, "J_sglt1_slip": 2, "J_leak_Na_a": 1,
           "J_nhe": 1, "J_p_Na": 1},
    "K": {"J_leak_K_a": 1, "J_p_K": 1},
    "Cl": {"J_cfex": 1, "J_p_Cl": 1},
    "HCO3": {"J_nhe": 1, "J_cfex": -1, "J_p_HCO3": 1},
    "Glc": {"J_sglt2": 1, "J_sglt1": 1, "J_misplaced": -1, "J_p_Glc": 1},
    "X": {},
}  # fmt: skip
VALENCE = {"Na": 1, "K": 1, "Cl": -1, "HCO3": -1, "Glc": 0, "X": -1}
FRACTIONS = ["FR_water", "FR_Na", "FR_Cl", "FR_HCO3", "FR_Glc"]


@pytest.fixture(scope="module")
def segment():
    return load_model("segment")


@pytest.fixture(scope="module")
def nephrons():
    return latin_hypercube(
        300, seed=7, SNGFR=(600, 1400), Glc_b=(3, 25), gliflozin=(0, 1e-4), T=(305, 312)
    )


@pytest.fixture(scope="module")
def run(segment, nephrons):
    fluxes = {name for carried in OUT_OF_LUMEN.values() for name in carried}
    lumen = [f"{name}_a" for name in OUT_OF_LUMEN]
    return tubule(
        segment, nephrons, segments=20,
        outputs=[*lumen, *sorted(fluxes), "J_water_a", "J_pump", "I_a", "I_p"],
    )  # fmt: skip


def nothing_held_back(segment):
    """Return a filtrate without impermeant solutes, which is electroneutral all the same."""
    value = segment.parameters.value
    return {"X_in": 0.0, "Na_in": value["Na_in"] - value["X_in"]}


def by_segment(run, name):
    """Return a column as an array by nephron and segment."""
    return run.segments[name].unstack().to_numpy()


def test_every_segment_is_certified(run):
    assert run.segments["converged"].all()
    assert (run.segments["residual"] <= 1e-9).all()
    assert len(run.segments) == 300 * 20


@pytest.mark.parametrize("solute", OUT_OF_LUMEN)
def test_what_flows_in_flows_out_or_leaves_the_lumen(segment, run, nephrons, solute):
    flow = np.column_stack([nephrons["SNGFR"], by_segment(run, "flow")])
    filtered = nephrons["Glc_b"] if solute == "Glc" else segment.parameters.value[f"{solute}_in"]
    first = np.broadcast_to(filtered, len(nephrons))
    carried = flow * np.column_stack([first, by_segment(run, f"{solute}_a")])
    out = sum(by_segment(run, name) * many for name, many in OUT_OF_LUMEN[solute].items())
    lost = out * by_segment(run, "cells")
    np.testing.assert_allclose(-np.diff(carried, axis=1), lost, atol=1e-9 * carried.max())


def test_water_is_not_lost(segment, run, nephrons):
    flow = np.column_stack([nephrons["SNGFR"], by_segment(run, "flow")])
    into_cells = by_segment(run, "J_water_a") * segment.parameters.value["v_w"]
    np.testing.assert_allclose(-np.diff(flow), into_cells * by_segment(run, "cells"), atol=1e-8)


def test_the_lumen_stays_electroneutral_and_the_circuit_open(run):
    net = sum(by_segment(run, f"{name}_a") * z for name, z in VALENCE.items())
    assert np.abs(net).max() < 1e-7
    currents = by_segment(run, "I_a") + by_segment(run, "I_p")
    assert np.abs(currents).max() < 1e-8 * np.abs(by_segment(run, "I_a")).max()


def test_the_summary_is_that_of_the_last_segment(run, nephrons):
    last = run.segments.xs(20, level="segment")
    for name in ("water", "Na", "Cl", "HCO3", "Glc"):
        np.testing.assert_array_equal(run.summary[f"FR_{name}"], 1 - last[f"left_{name}"])
    used = (by_segment(run, "J_pump") * by_segment(run, "cells")).sum(axis=1)
    np.testing.assert_allclose(run.summary["ATP"], used, rtol=1e-14)
    # 2e6 nephrons, fmol/s to mmol/min
    excreted = last["flow"].to_numpy() * last["Glc_a"].to_numpy() * 2e6 * 60e-12
    np.testing.assert_allclose(run.summary["Glc_excreted"], excreted, rtol=1e-13)
    filtered = nephrons["SNGFR"] * nephrons["Glc_b"] * 2e6 * 60e-12
    np.testing.assert_allclose(run.summary["Glc_reabsorbed"] + excreted, filtered, rtol=1e-13)


def test_results_are_the_same_bits_in_any_order_and_company(segment, nephrons):
    whole = tubule(segment, nephrons, segments=6, threads=2).segments
    shuffled = nephrons.sample(frac=1, random_state=3)
    other = tubule(segment, shuffled, segments=6, threads=1).segments
    pd.testing.assert_frame_equal(other.loc[list(nephrons.index)], whole, check_exact=True)
    alone = tubule(segment, nephrons.iloc[[41]], segments=6).segments
    pd.testing.assert_frame_equal(alone, whole.loc[[41]], check_exact=True)


def test_a_march_is_a_chain_of_steady_states(segment):
    geometry = Tubule(parts=(Part("all", 1.0),), cells=600)
    given = {"Glc_b": 8.0, "n_SGLT1": 0.05}
    table = tubule(segment, grid(**{k: [v] for k, v in given.items()}), geometry=geometry,
                   segments=3).segments  # fmt: skip
    inflow = {"Q_in": 1000 / 200, "Glc_in": 8.0}
    for number in (1, 2, 3):
        state = steady_state(segment.with_values(**given, **inflow))  # by libRoadRunner
        row = table.loc[(0, number)]
        for name in ("Na_a", "Glc_a", "V_te", "Na_i", "J_pump"):
            assert row[name] == pytest.approx(state[name], rel=1e-7), (number, name)
        assert row["flow"] == pytest.approx(200 * state["Q_out"], rel=1e-8)
        inflow = {"Q_in": state["Q_out"]}
        inflow |= {f"{name}_in": state[f"{name}_a"] for name in OUT_OF_LUMEN}


@pytest.mark.parametrize(
    "values", [{}, {"Q_in": 0.3}, {"n_SGLT2": 0, "n_SGLT1": 0.16}, {"Glc_in": 25, "Glc_b": 25}]
)
def test_a_segment_has_one_steady_state(segment, values):
    """The march may look for any, and finds the one that every start leads to."""
    assert len(distinct_steady_states(segment.with_values(**values), starts=64)) == 1


def test_the_error_falls_as_one_over_the_number_of_segments(segment):
    table = tubule_convergence(segment, segments=(40, 80, 160))
    for name in ("FR_water", "FR_Na", "FR_Cl", "FR_HCO3"):
        row = table.loc[(0, name)]
        assert row["order"] == pytest.approx(1, abs=0.15), name
        # Richardson's limit is nearer to the truth than the finest of its tubules
        truth = tubule(segment, segments=640, outputs=()).summary[name].iloc[0]
        assert abs(row["limit"] - truth) < 0.5 * abs(row[160] - truth), name


def test_the_number_of_segments_keeps_its_promise(segment):
    few, many = segments_needed(segment, 0.01), segments_needed(segment, 0.001)
    assert few < many
    truth = tubule_convergence(segment)["limit"]
    for count, tolerance in ((few, 0.01), (many, 0.001)):
        found = tubule(segment, segments=count, outputs=()).summary.loc[0, FRACTIONS]
        errors = (found - truth.loc[0][FRACTIONS]).abs()
        assert (errors <= 1.2 * tolerance).all(), count


def test_the_default_number_of_segments_is_good_to_half_a_hundredth(segment):
    """Of every fraction, also where glucose is left over: the docstring of tubule says so."""
    hard = pd.DataFrame({"Glc_b": [5.0, 20.0, 5.0], "gliflozin": [0.0, 0.0, 1e-3]})
    assert segments_needed(segment, 0.005, hard) <= SEGMENTS


def test_fewer_symporters_reabsorb_less(segment):
    both = np.array([0.2, 0.1, 0.05, 0.02, 0.0])
    falling = pd.DataFrame({"n_SGLT2": both, "n_SGLT1": 0.0, "Glc_b": 8.0})
    fractions = tubule(segment, falling, segments=20).summary["FR_Glc"]
    assert (fractions.diff().dropna() < 0).all()


def test_without_symporters_glucose_leaves_between_the_cells_alone(segment):
    none = pd.DataFrame({"n_SGLT2": [0.0, 0.0], "n_SGLT1": 0.0, "P_p_Glc": [0.003, 0.0]})
    run = tubule(segment, none, segments=20, outputs=["J_p_Glc"])
    between = (by_segment(run, "J_p_Glc") * by_segment(run, "cells")).sum(axis=1)
    np.testing.assert_allclose(run.summary["FR_Glc"], between / 5000, atol=1e-11)
    assert abs(run.summary["FR_Glc"].iloc[1]) < 1e-11
    assert run.summary["FR_Glc"].iloc[0] > 0.01


def test_only_flow_by_cell_matters(segment):
    """Twice the filtrate over twice the cells is the same tubule twice."""
    table = tubule(segment, pd.DataFrame({"SNGFR": [1000, 2000], "cells": [9600, 19200]})).summary
    for name in (*FRACTIONS, "V_te_last", "Na_per_ATP"):
        assert table[name].iloc[0] == pytest.approx(table[name].iloc[1], rel=1e-9), name
    assert table["ATP"].iloc[1] == pytest.approx(2 * table["ATP"].iloc[0], rel=1e-9)


def test_what_is_set_on_a_part_is_that_part_s(segment):
    of_design = tubule(segment, pd.DataFrame({"S3.n_SGLT1": [0.3], "S2.P_p_Glc": [0.001]}))
    human = Tubule()
    own = {"S2": {"P_p_Glc": 0.001}, "S3": {"n_SGLT1": 0.3}}
    parts = (Part(p.name, p.end, {**p.values, **own.get(p.name, {})}) for p in human.parts)
    of_parts = tubule(segment, geometry=Tubule(parts=tuple(parts)))
    pd.testing.assert_frame_equal(of_design.segments, of_parts.segments, check_exact=True)
    # What the model is given holds all along, and counts before the parts' own values
    plain = tubule(segment.with_values(n_SGLT1=0.3)).segments
    pd.testing.assert_frame_equal(
        plain, tubule(segment, pd.DataFrame({"n_SGLT1": [0.3]})).segments, check_exact=True
    )


def test_a_lumen_that_runs_dry_is_told(segment):
    """Without impermeant solutes, the less flows in, the sooner nothing is left to flow on."""
    flows = pd.DataFrame({"SNGFR": [15.0, 100.0, 1000.0], **nothing_held_back(segment)})
    run = tubule(segment, flows, segments=20)
    words = run.segments["status"].unstack()
    dried = (words == "ok").sum(axis=1)  # segments that are not
    assert dried[0] < dried[1] < dried[2]
    for row in (0, 1):
        assert words.loc[row].iloc[dried[row]] == "dry"
        assert set(words.loc[row].iloc[dried[row] + 1 :]) == {"no inflow"}
        assert (
            run.segments.loc[row].iloc[dried[row] :][["flow", "Na_a", "V_te"]].isna().all(axis=None)
        )
    assert run.summary["status"].tolist()[:2] == ["dry", "dry"]
    assert not run.summary["converged"].iloc[:2].any()
    assert run.summary[["FR_water", "ATP"]].iloc[:2].isna().all(axis=None)


def test_a_titration_finds_the_maximum_and_where_glucose_appears(segment):
    """With SGLT2 alone, capacity and threshold can be computed otherwise."""
    alone = pd.DataFrame(
        {"n_SGLT2": [0.04, 0.08], "sglt2_K_Glc": 1.0, "n_SGLT1": 0.0, "P_p_Glc": 0.0}
    )
    alone["P_p_Glc"] = 0.0
    found = titration(segment, alone)
    table, marks = found.table, found.summary
    np.testing.assert_allclose(
        table["Glc_reabsorbed"] + table["Glc_excreted"], table["Glc_filtered"], rtol=1e-12
    )
    turnover = segment.parameters.value["sglt2_k_turn"] * steady_state(segment)["sglt2_speed"]
    capacity = alone["n_SGLT2"] * turnover * 9600 * 2e6 * 60e-12
    assert (marks["T_m"] < capacity).all()
    assert marks["T_m"].iloc[1] == pytest.approx(2 * marks["T_m"].iloc[0], rel=0.25)
    at_threshold = tubule(segment, alone.assign(Glc_b=marks["threshold"])).summary
    assert 1 - at_threshold["FR_Glc"].to_numpy() == pytest.approx([0.01, 0.01], rel=0.05)
    litres_per_min = 1000e-12 * 60 * 2e6
    np.testing.assert_allclose(marks["T_m"] / litres_per_min,
                               marks["threshold"] + marks["splay"], rtol=1e-12)  # fmt: skip
    assert (marks["splay"] > 0).all()


def test_a_titration_that_shows_no_maximum_or_no_threshold_says_so(segment):
    low = titration(segment, glucose=[1.0, 2.0]).summary
    assert low["converged"].all()
    assert low[["T_m", "threshold"]].isna().all(axis=None)
    none = titration(segment, pd.DataFrame({"n_SGLT2": [0.0], "n_SGLT1": [0.0]})).summary
    assert none["T_m"].notna().all()
    assert none[["threshold", "splay"]].isna().all(axis=None)
    dry = titration(
        segment, pd.DataFrame({"SNGFR": [15.0], **nothing_held_back(segment)}), glucose=[5, 6]
    )
    assert not dry.summary["converged"].any()
    assert dry.summary[["T_m", "threshold", "splay"]].isna().all(axis=None)
