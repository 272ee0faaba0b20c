"""Time courses in scans, against closed forms and against single simulations."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from transport_model import Ramp, Step, load_model, simulate, steady_state
from transport_model.analyses.reductions import Reduction, read_reduction
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.designs.designs import latin_hypercube
from transport_model.analyses.scans.scan import scan
from transport_model.errors import InputError, UnknownIdError

DECAY = """
model decay()
  compartment box = 1; species A in box, B in box; A = 8; B = 0; k = 0.5
  J: A -> B; k*A
  share := A/(A + B)
end
"""
#: A' = r A², which is infinite at 1/(r A(0)); and a rate that has no value below zero
BLOWUP = """
model blowup()
  compartment box = 1; species A in box, B in box; A = 1; B = 1; r = 0.1; s = 0
  grow: -> A; r*A^2
  sink: B -> ; s*sqrt(B - 0.5)
end
"""
RATED = """
model rated()
  species A; A = 1; A' = k; k = 2; at (time > 1): k = -1
end
"""


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")

    def loaded(text: str):
        path = folder / f"m{abs(hash(text))}.ant"
        path.write_text(text, encoding="utf-8")
        return load_model(path)

    return loaded


def bits(table: pd.DataFrame | pd.Series) -> bytes:
    return table.to_numpy(dtype=float).tobytes()


def test_reductions_obey_exponential_decay(load):
    """A = 8 exp(-kt): every reduction in closed form, up to the trapezoids of 2001 points."""
    kept = [
        "A:initial", "A:final", "A:change", "A:min", "B:max", "A:area", "A:mean", "A:time_of_max",
        "B:time_of_max", "A:time_of_min", "A:time_to:2", "B:time_to:4", "A:value:1.2345", "J:area",
        "share:final",
    ]  # fmt: skip
    rates = np.array([0.3, 0.5, 1.1])
    table = scan(load(DECAY), pd.DataFrame({"k": rates}), course=Course(10, 2001, kept))
    left = 8 * np.exp(-10 * rates)
    expected = {
        "A_initial": 8.0, "A_final": left, "A_change": left - 8, "A_min": left, "B_max": 8 - left,
        "A_area": (8 - left) / rates, "A_mean": (8 - left) / rates / 10, "A_time_of_max": 0.0,
        "B_time_of_max": 10.0, "A_time_of_min": 10.0, "A_time_to_2": math.log(4) / rates,
        "B_time_to_4": math.log(2) / rates, "A_value_1.2345": 8 * np.exp(-1.2345 * rates),
        "J_area": 8 - left, "share_final": left / 8,
    }  # fmt: skip
    assert list(table.columns) == ["k", *expected, "converged", "status", "residual"]
    for name, value in expected.items():
        value = np.broadcast_to(value, 3)
        assert table[name].to_numpy() == pytest.approx(value, rel=1e-5, abs=1e-12), name
    assert table["A_final"].to_numpy() == pytest.approx(left, rel=1e-8, abs=1e-10)
    assert table["converged"].all()
    assert set(table["status"]) == {"ok"}
    assert table["residual"].isna().all()


def test_a_level_never_reached_has_no_time(load):
    course = Course(10, 101, ["A:time_to:9", "A:time_to:8", "A:time_to:-1"])
    row = scan(load(DECAY), pd.DataFrame({"k": [0.5]}), course=course).iloc[0]
    assert math.isnan(row["A_time_to_9"])
    assert math.isnan(row["A_time_to_-1"])
    assert row["A_time_to_8"] == 0.0
    assert row["converged"]


def test_rows_are_single_simulations_to_the_last_bit(cell):
    design = latin_hypercube(12, seed=3, Glc_o=(0.5, 20.0), P_Na=(1e-3, 3e-3), Na_i=(5.0, 30.0))
    quantities = ["Na_i", "V_m", "J_sglt", "Glc_i"]
    course = Course(600, 31, [f"{name}:{take}" for name in quantities for take in ("final", "max")])
    table = scan(cell, design, course=course)
    for row, values in enumerate(design.to_dict("records")):
        single = simulate(cell.with_values(**values), 600, 31)
        for name in quantities:
            assert table.at[row, f"{name}_final"] == single[name].iloc[-1]
            assert table.at[row, f"{name}_max"] == single[name].max()
    assert bits(table["start_of_Na_i"]) == bits(design["Na_i"])


@pytest.mark.parametrize("name", ["cell", "oocyte", "rated"])
def test_a_row_depends_on_no_other_row(name, cell, load):
    model = load(RATED) if name == "rated" else load_model(name)
    ids = {"cell": ["Glc_o", "K_o", "water_i"], "oocyte": ["Na_o", "Glc_o"], "rated": ["k", "A"]}
    base = {n: model.quantities[n].value for n in ids[name]}
    ranges = {n: (0.8 * value, 1.2 * value) for n, value in base.items()}
    design = latin_hypercube(8, seed=1, **ranges)
    kept = [n for n, q in model.quantities.items() if q.kind == "floating"] or ["A"]
    course = Course(30, 7, [f"{n}:{take}" for n in kept for take in ("initial", "final", "area")])
    there = scan(model, design, course=course)
    # Others use the same engine in between, with other quantities changed and other tolerances
    simulate(model.with_values(**{n: 0.5 * value for n, value in base.items()}), 3, 4,
             relative_tolerance=1e-3)  # fmt: skip
    for parameter in model.parameters.index[:3]:
        if model.quantities[parameter].value > 0:
            value = model.quantities[parameter].value
            simulate(model.with_values(**{parameter: 1.1 * value}), 3, 4)
    back = scan(model, design[::-1], course=course)[::-1]
    alone = pd.concat([scan(model, design.iloc[[row]], course=course) for row in range(8)])
    columns = list(course.reductions)
    assert bits(there[columns]) == bits(back[columns]) == bits(alone[columns])


def test_changes_of_the_model_hold_in_every_row(cell):
    design = pd.DataFrame({"Glc_o": [1.0, 9.0]})
    course = Course(100, 5, ["V_m:final"])
    changed = scan(cell.with_values(K_o=9.0, outside=2.0), design, course=course)
    also = scan(cell.with_values(outside=2.0), design.assign(K_o=9.0), course=course)
    assert bits(changed["V_m_final"]) == bits(also["V_m_final"])
    single = simulate(cell.with_values(K_o=9.0, outside=2.0, Glc_o=9.0), 100, 5)
    assert changed["V_m_final"].iloc[1] == single["V_m"].iloc[-1]


def test_inputs_act_in_every_row(cell, resting):
    rested = cell.starting_from(resting.values)
    inputs = (Step(20.0, {"Glc_o": 20.0}), Ramp("K_o", 40.0, 60.0, 9.0), Step(100.0, {"P_K": 0.1}))
    kept = ["V_m:min", "V_m:final", "K_o:final", "J_sglt:value:20", "Na_i:change"]
    course = Course(100, 21, kept, inputs=inputs)
    design = pd.DataFrame({"n_SGLT": [0.02, 0.04], "K_o": [4.0, 5.0]})
    table = scan(rested, design, course=course)
    for row, values in enumerate(design.to_dict("records")):
        single = simulate(rested.with_values(**values), 100, 21, inputs=inputs)
        assert table.at[row, "V_m_final"] == single["V_m"].iloc[-1]
        assert table.at[row, "V_m_min"] == single["V_m"].min()
        assert table.at[row, "J_sglt_value_20"] == single.loc[20.0, "J_sglt"].iloc[-1]
    assert table["K_o_final"].to_numpy() == pytest.approx(9.0)


def test_a_long_course_ends_in_the_steady_state(cell):
    design = pd.DataFrame({"Glc_o": [0.5, 12.0]})
    table = scan(cell, design, course=Course(1e6, 2, ["Na_i:final", "V_m:final"]))
    for row, glucose in enumerate(design["Glc_o"]):
        state = steady_state(cell.with_values(Glc_o=glucose))
        assert table.at[row, "Na_i_final"] == pytest.approx(state["Na_i"], rel=1e-7)
        assert table.at[row, "V_m_final"] == pytest.approx(state["V_m"], rel=1e-7)


def test_a_start_that_cannot_be_keeps_its_row(cell):
    design = pd.DataFrame({"n_X": [250.0, 1.0, 250.0]}, index=["a", "b", "c"])
    table = scan(cell, design, course=Course(10, 3, ["Na_i:final", "V_m:time_to:0"]))
    assert list(table.index) == ["a", "b", "c"]
    assert table["converged"].tolist() == [True, False, True]
    assert table.at["b", "status"].startswith("no start: the starting value of 'K_i'")
    assert math.isnan(table.at["b", "Na_i_final"])
    assert table.at["a", "Na_i_final"] == table.at["c", "Na_i_final"]


def test_a_course_that_blows_up_keeps_its_row_and_harms_no_other(load):
    """A is infinite at t = 1/(r A(0)): before the end of the course in the second row."""
    model = load(BLOWUP)
    course = Course(8, 9, ["A:final"])
    table = scan(model, pd.DataFrame({"r": [0.1, 0.2, 0.1, 0.2, 0.05]}), course=course)
    assert table["converged"].tolist() == [True, False, True, False, True]
    assert set(table.loc[[1, 3], "status"]) <= {"integrator gave up", "not finite"}
    assert table.loc[[1, 3], "A_final"].isna().all()
    assert table["A_final"].iloc[[0, 2, 4]].to_numpy() == pytest.approx([5, 5, 1 / 0.6], rel=1e-7)
    alone = scan(model, pd.DataFrame({"r": [0.05]}), course=course)
    assert table.at[4, "A_final"] == alone.at[0, "A_final"] == simulate(
        model.with_values(r=0.05), 8, 9)["A"].iloc[-1]  # fmt: skip


def test_a_course_without_numbers_is_not_finite(load):
    table = scan(
        load(BLOWUP), pd.DataFrame({"s": [1e-3, 1.0], "B": [1.0, 0.4]}),
        course=Course(2, 5, ["A:final"]),
    )  # fmt: skip
    assert table["converged"].tolist() == [True, False]
    assert table.at[1, "status"] in {"integrator gave up", "not finite"}
    assert math.isnan(table.at[1, "A_final"])


def test_chosen_outputs_are_columns_of_reductions(cell):
    design = pd.DataFrame({"Glc_o": [1.0]})
    course = Course(10, 3, {"end": "Na_i:final", "top": Reduction("V_m", "max")})
    table = scan(cell, design, course=course, outputs=["top"])
    assert list(table.columns) == ["Glc_o", "top", "converged", "status", "residual"]
    with pytest.raises(UnknownIdError, match="did you mean 'top'"):
        scan(cell, design, course=course, outputs=["tap"])


def test_progress_counts_every_row(cell):
    done: list[int] = []
    scan(cell, pd.DataFrame({"n_X": [250.0, 1.0]}), course=Course(1, 2, ["Na_i:final"]),
         progress=done.append)  # fmt: skip
    assert sum(done) == 2


@pytest.mark.parametrize(
    ("text", "reduction"),
    [
        ("Na_i:final", Reduction("Na_i", "final")),
        ("V_m:time_to:-30", Reduction("V_m", "time_to", level=-30.0)),
        ("J_sglt:value:0.1", Reduction("J_sglt", "value", at=0.1)),
        ("J_sglt:value:1e-07", Reduction("J_sglt", "value", at=1e-7)),
        ("x:time_to:0.12345678901234", Reduction("x", "time_to", level=0.12345678901234)),
    ],
)
def test_reductions_are_read_as_they_are_written(text, reduction):
    assert read_reduction(text) == reduction
    assert reduction.text == text
    assert read_reduction(reduction.text) == reduction


def test_a_description_is_json_and_complete():
    inputs = (Step(1.0, {"Glc_o": 2.0}), Ramp("K_o", 2.0, 3.0, 9.0))
    course = Course(10, 11, {"top": "V_m:max", "when": "V_m:time_to:-30"}, inputs=inputs)
    told = course.description()
    assert json.loads(json.dumps(told)) == told
    assert told["reduce"]["when"] == {"of": "V_m", "take": "time_to", "level": -30.0}
    assert told["inputs"][1] == {"ramp": {"id": "K_o", "start": 2.0, "end": 3.0, "to": 9.0}}
    assert {"end", "points", "relative_tolerance"} < told.keys()


def test_units_follow_the_reduction(cell):
    course = Course(10, 3, ["Na_i:final", "V_m:area", "J_sglt:area", "V_m:time_to:-30"])
    assert list(course.units(cell).values()) == ["mM", "mV·s", "fmol", "s"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: read_reduction("Na_i:finale"),
            "no .* 'finale'; did you mean 'final'.*area",
        ),
        (lambda: read_reduction("Na_i:median"), "no reduction 'median'.*time_to"),
        (lambda: read_reduction("Na_i:median:3"), "no reduction 'median'"),
        (lambda: read_reduction("Na_i"), "QUANTITY:WHAT"),
        (lambda: read_reduction(":final"), "QUANTITY:WHAT"),
        (lambda: read_reduction("Na_i:final:"), "QUANTITY:WHAT"),
        (lambda: read_reduction("Na_i:time_to:1:2"), "QUANTITY:WHAT"),
        (lambda: read_reduction("Na_i:time_to"), "needs a number"),
        (lambda: read_reduction("Na_i:time_to:soon"), "'soon' is not a number"),
        (lambda: read_reduction("Na_i:time_to:nan"), "finite number"),
        (lambda: read_reduction("Na_i:final:3"), "takes no number"),
        (lambda: Reduction("Na_i", "final", level=1.0), "takes no level"),
        (lambda: Reduction("Na_i", "value", level=1.0), "takes no level|needs a number"),
        (lambda: Course(10, 3, []), "something to keep"),
        (lambda: Course(10, 3, "Na_i:final"), "list"),
        (lambda: Course(10, 3, ["Na_i:final", Reduction("Na_i", "final")]), "more than once"),
        (lambda: Course(10, 3, ["Na_i:value:11"]), "no value at 11"),
    ],
)
def test_courses_that_make_no_sense_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()


@pytest.mark.parametrize(
    ("course", "error", "message"),
    [
        (Course(10, 3, ["J_sgltt:max"]), UnknownIdError, "did you mean 'J_sglt'"),
        (Course(-1, 3, ["Na_i:final"]), InputError, "end must be"),
        (Course(math.nan, 3, ["Na_i:final"]), InputError, "end must be"),
        (Course(10, 1, ["Na_i:final"]), InputError, "points must be"),
        (Course(10, 3, {"Glc_o": "Na_i:final"}), InputError, "name of another column"),
        (Course(10, 3, {"status": "Na_i:final"}), InputError, "name of another column"),
        (Course(10, 3, ["Na_i:final"], relative_tolerance=2), InputError, "relative_tolerance"),
        (Course(10, 3, ["Na_i:final"], inputs=[Step(11.0, {"K_o": 5.0})]), InputError, "between"),
        (Course(10, 3, ["Na_i:final"], inputs=[Step(1.0, {"K_u": 5.0})]), UnknownIdError, "K_"),
    ],
)
def test_courses_that_do_not_fit_the_model_are_refused(cell, course, error, message):
    with pytest.raises(error, match=message):
        scan(cell, pd.DataFrame({"Glc_o": [1.0]}), course=course)
