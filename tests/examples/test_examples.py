"""Every example runs, and its numbers are those of a law or of another way to compute them."""

from __future__ import annotations

import math
import runpy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transport_model import Step, load_model, simulate, steady_state

EXAMPLES = Path(__file__).parents[2] / "examples"
FARADAY = 96485.33212


def run(number):
    """Return the names that an example leaves behind; what it prints is tried too."""
    (path,) = EXAMPLES.glob(f"ex{number:02}_*.py")
    return runpy.run_path(str(path), run_name="__main__")


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_short_says_what_it_shows_and_is_tested(path):
    text = path.read_text(encoding="utf-8")
    assert text.startswith('"""')
    assert len(text.splitlines()) <= 40
    assert f"test_{path.stem}" in globals()


def test_ex01_resting_cell():
    names = run(1)
    cell, state = names["cell"], names["state"]
    far = simulate(cell, 1e7, 2).iloc[-1]
    for name in ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i"):
        assert state[name] == pytest.approx(far[name], rel=1e-7)
    assert state["V_m"] == pytest.approx(-FARADAY * state["charge"] / 100, rel=1e-12)


def test_ex02_mullins_noda():
    names = run(2)
    assert names["state"]["V_m"] == pytest.approx(names["mullins_noda"], abs=1e-6)


def test_ex03_pump_stopped():
    names = run(3)
    course, resting = names["course"], names["resting"]
    assert list(course.index[:2]) == [0, 10]
    assert (course.index == 600).sum() == 2
    end, start = course.iloc[-1], course.iloc[0]
    assert start["V_m"] == pytest.approx(steady_state(names["cell"])["V_m"], rel=1e-9)
    # Glucose falls from the blood through the cell to the lumen; that is all that holds sodium
    assert end["J_sglt"] < 0
    assert end["J_sglt"] == pytest.approx(end["J_glut"], rel=0.02)
    values = {name: resting.quantities[name].value for name in ("Glc_b", "Glc_o", "z_X", "n_X")}
    most = 8.314462618e-3 * 310.15 * math.log(values["Glc_b"] / values["Glc_o"]) / 2
    assert start["dG_Na"] < -3 * most < -most < end["dG_Na"] < 0
    fixed = values["z_X"] * values["n_X"]
    neutral = (course["n_Na_i"] + course["n_K_i"] - course["n_Cl_i"] + course["charge"]
               + fixed)  # fmt: skip
    assert np.abs(neutral).max() < 1e-6 * abs(fixed)


def test_ex04_static_head():
    names = run(4)
    assert names["ratio"][0] == pytest.approx(names["ideal"], rel=1e-8)
    assert names["ratio"][0] > names["ratio"][1] > names["ratio"][3] > 1


def test_ex05_dose_response():
    names = run(5)
    table, uptake = names["table"], names["uptake"]
    assert table["converged"].all()
    assert np.allclose(table["J_sglt"], table["J_glut"], rtol=1e-8)  # all of it leaves again
    assert (uptake.diff().iloc[1:] > 0).all(axis=None)
    assert (uptake[0.0] > uptake[1.4e-4]).all()


def test_ex06_random_cells():
    table = run(6)["table"]
    assert len(table) == 1000
    assert table["converged"].all()
    neutral = (table["n_Na_i"] + table["n_K_i"] - table["n_Cl_i"] + table["charge"]
               + table["z_X"] * table["n_X"])  # fmt: skip
    assert (neutral.abs() < 1e-9 * table["n_X"]).all()
    assert np.allclose(table["osm_i"], table["osm_o"], rtol=1e-9)


def test_ex07_who_controls():
    names = run(7)
    uptake, cell = names["uptake"], load_model("cell")
    assert uptake.sum() == pytest.approx(1, abs=1e-9)
    carriers, step = cell.quantities["n_SGLT"].value, 1e-4
    up, down = (steady_state(cell.with_values(n_SGLT=carriers * f)) for f in (1 + step, 1 - step))
    response = math.log(up["J_sglt"] / down["J_sglt"]) / math.log((1 + step) / (1 - step))
    assert uptake["sglt_cycle"] + uptake["sglt_slip"] == pytest.approx(response, rel=1e-6)


def test_ex08_sensitivities():
    names = run(8)
    assert names["exact"].loc["Na_i", "P_Na"] == pytest.approx(names["difference"], rel=1e-6)


def test_ex09_energy():
    names = run(9)
    energy, state = names["energy"], steady_state(names["cell"])
    assert energy["power_ATP"] == pytest.approx(-state["dG_ATP"] * state["J_pump"], rel=1e-12)
    given = names["dissipation"].sum() + energy["power_exported"]
    assert given == pytest.approx(energy["power_ATP"], rel=1e-9)
    assert (names["dissipation"] > -1e-9).all()


def test_ex10_voltage_clamp():
    names = run(10)
    assert names["reversal"] == pytest.approx(names["expected"], abs=1e-6)


def test_ex11_experiment():
    result = run(11)["result"]
    assert str(result.verdict) == "holds"
    cell = load_model("cell")
    rested = cell.starting_from(steady_state(cell).values)
    steps = [Step(600, {"ouabain": 1e-4}), Step(2400, {"ouabain": 0.0})]
    course = simulate(rested, 14400, 241, inputs=steps)
    measures = result.measures.set_index("name")["value"]
    assert measures["worst"] == pytest.approx(course["Na_i"].max(), rel=1e-6)


def test_ex12_your_own_model():
    names = run(12)
    K_m, V_max = (1 + 2) / 10, 2 * 1
    assert names["state"]["S"] == pytest.approx(K_m * 0.5 / (V_max - 0.5), rel=1e-9)
    table = names["table"]
    assert np.allclose(table["S"], K_m * table["v_in"] / (V_max - table["v_in"]), rtol=1e-9)
    # S = K_m v / (V_max - v): d ln S / d ln v = V_max / (V_max - v)
    control = names["control"].concentration
    assert control.loc["S", "feed"] == pytest.approx(V_max / (V_max - 0.5), rel=1e-9)


def test_ex13_large_scan():
    names = run(13)
    table = names["table"]
    assert names["again"].resumed == len(table) == 10_000
    assert table["converged"].all()
    for row in (0, 4567, 9999):
        point = table.loc[row]
        state = steady_state(names["cell"].with_values(Glc_o=point["Glc_o"], P_Na=point["P_Na"]))
        assert point["V_m"] == pytest.approx(state["V_m"], rel=1e-9)


def test_ex15_effect_sizes():
    """The page on the cell has this table, and effects that laws give come out in it."""
    table = run(15)["table"].set_index("effect")
    shown = pd.read_csv(EXAMPLES.parent / "docs" / "effect_sizes.csv").set_index("effect")
    assert list(shown.index) == list(table.index)
    assert shown["window"].equals(table["window"])
    for cell in ("baseline", "saturated"):
        expected = table[cell].astype(float)
        assert shown[cell].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.01, abs=1e-3)
    R_T = 8.314462618e-3 * 310.15
    assert shown.at["chemical_change", "baseline"] == pytest.approx(R_T * math.log(2), rel=5e-3)
    assert shown.at["shift_of_E_K", "baseline"] == pytest.approx(
        1e6 * R_T / FARADAY * math.log(10 / 4.5), rel=5e-3
    )
    ratio = (1 * 8 / 0.3) / (0.02 * 3 / 5)  # of [ADP] [Pi] / [ATP], at last and at first
    assert shown.at["energy_at_last - energy_at_first", "baseline"] == pytest.approx(
        R_T * math.log(ratio), rel=5e-3
    )
    # The lesson: what the gradient does to uptake shows at this baseline, and did not at the first
    graded = ["uptake_by_half/uptake_at_rest - 1", "uptake_with_10_mM/uptake_before - 1",
              "uptake_after/uptake_before - 1", "half/normal - 1",
              "uptake_at_last/uptake_at_first - 1"]  # fmt: skip
    assert (shown.loc[graded, "baseline"] < 2 * shown.loc[graded, "saturated"]).all()


def test_ex14_audit():
    names = run(14)
    assert (names["derived"]["verdict"] == "holds").all()
    for name in names["SETS"]:
        model = load_model("oocyte_published", parameters=name)
        k = model.parameters["value"].filter(regex=r"^k\d\d$")
        slip = k[["k12", "k25", "k56", "k61"]].prod() / k[["k16", "k65", "k52", "k21"]].prod()
        found = names["table"].loc[(name, "C1 → C2 → C5 → C6 → C1")]
        assert found["got"] == pytest.approx(slip, rel=1e-6)
        assert found["verdict"] == "within rounding of print"
    broken = names["table"]["verdict"] == "broken"
    assert list(names["table"].index[broken]) == [("tubule", "C1 → C2 → C3 → C4 → C5 → C6 → C1")]
