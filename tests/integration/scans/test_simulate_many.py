"""Courses of many rows in one table: row by row those of `simulate`, by either engine."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from transport_model import Ramp, Step, load_model, simulate, simulate_many
from transport_model.analyses.scans import following
from transport_model.analyses.scans import scan as scans
from transport_model.errors import InputError, UnknownIdError, UnsupportedModelError
from transport_model.simulation import runner

#: A' = r A², which is infinite at 1/(r A(0))
BLOWUP = """
model blowup()
  compartment box = 1; species A in box; A = 1; r = 0.1; status = 3
  grow: -> A; r*A^2
end
"""
EVENT = "model m()\n species A; A = 4; k = 1; J: A -> ; k*A; at (A < 1): A = 2\nend"
INPUTS = (
    Step(10, {"P_K": 0.01, "K_o": 8}), Step(0, {"P_Cl": 0.01}), Step(60, {"P_Cl": 0.02}),
    Ramp("Na_o", 20, 40, 120),
)  # fmt: skip


@pytest.fixture(scope="module")
def cell():
    return load_model("cell")


@pytest.fixture
def load(tmp_path):
    def loaded(text: str):
        (tmp_path / "m.ant").write_text(text)
        return load_model(tmp_path / "m.ant")

    return loaded


def design(rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {"Glc_o": rng.uniform(0.1, 5, rows), "P_K": rng.uniform(0.005, 0.02, rows)},
        index=[f"cell {row}" for row in range(rows)],
    )


@pytest.mark.parametrize("inputs", [(), INPUTS], ids=["none", "steps and a ramp"])
def test_each_row_is_its_own_simulation(cell, inputs):
    points = design(4)
    table = simulate_many(cell, points, 60, 7, inputs=inputs, engine="roadrunner")
    assert table.index.names == ["row", "time"]
    for row, values in points.iterrows():
        one = simulate(cell.with_values(**values), 60, 7, inputs=inputs)
        mine = table.loc[row].drop(columns="status")
        pd.testing.assert_frame_equal(mine, one, check_exact=True)
        assert table.attrs["units"] == one.attrs["units"]
    assert (table["status"] == "ok").all()


@pytest.mark.parametrize("inputs", [(), INPUTS], ids=["none", "steps and a ramp"])
def test_both_engines_make_the_same_table(cell, inputs):
    points = design(20)
    mine = simulate_many(cell, points, 60, 7, inputs=inputs, engine="kernel")
    theirs = simulate_many(cell, points, 60, 7, inputs=inputs, engine="roadrunner")
    assert mine.index.equals(theirs.index)
    assert list(mine) == list(theirs)
    assert mine.attrs == theirs.attrs
    for name in mine.columns.drop("status"):
        size = theirs[name].abs().max()
        assert np.abs(mine[name] - theirs[name]).max() <= 1e-7 * size, name
    assert (mine["status"] == "ok").all()
    # What is stepped alone, and set by the design before
    if inputs:
        times = mine.index.get_level_values("time")
        before = mine.loc[times < 10, "P_K"].groupby("row").last()
        assert before[points.index].to_numpy() == pytest.approx(points["P_K"].to_numpy(), rel=0)
        assert set(mine.loc[times > 10, "P_K"]) == {0.01}
        assert set(mine["P_Cl"]) == {float(cell.parameters.at["P_Cl", "value"]), 0.01, 0.02}


def test_rows_do_not_depend_on_their_neighbours(cell):
    points = design(30)
    whole = simulate_many(cell, points, 60, 7, inputs=INPUTS, engine="kernel")
    part = simulate_many(cell, points.iloc[[17, 3]], 60, 7, inputs=INPUTS, engine="kernel")
    for row in part.index.get_level_values(0).unique():
        assert whole.loc[row].equals(part.loc[row])


@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_a_course_that_fails_holds_nothing_and_says_how(load, engine):
    """A(t) = A0/(1 - r A0 t): infinite at 5 for A0 = 2, 3.3 for 3, and 10 for 1."""
    model = load(BLOWUP)
    starts = pd.DataFrame({"A": [1.0, 2.0, 0.5, 3.0]}, index=pd.Index([7, 8, 9, 11], name="cell"))
    table = simulate_many(model, starts, 6, 4, engine=engine)
    assert table.index.names == ["cell", "time"]
    status = table["status"].groupby("cell").agg(["first", "nunique"])
    assert (status["nunique"] == 1).all()
    assert (status["first"] == "ok").tolist() == [True, False, True, False]
    assert table["A"].groupby("cell").count().tolist() == [4, 0, 4, 0]
    times = np.linspace(0, 6, 4)
    for row in (7, 9):
        start = starts.at[row, "A"]
        expected = start / (1 - 0.1 * start * times)
        assert table.loc[row, "A"].to_numpy() == pytest.approx(expected, rel=1e-7)
        assert list(table.loc[row].index) == times.tolist()


def test_columns_are_those_asked_for_in_their_usual_order(cell):
    for engine in ("kernel", "roadrunner"):
        table = simulate_many(cell, design(2), 10, 3, start=-5, outputs=["V_m", "Na_i"],
                              engine=engine)  # fmt: skip
        assert list(table) == ["Na_i", "V_m", "status"]
        assert list(table.loc["cell 1"].index) == [-5, 2.5, 10]


def test_rows_with_several_labels_keep_them(load):
    model = load(EVENT)
    rows = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["kind", None])
    table = simulate_many(model, pd.DataFrame({"k": [1.0, 2.0]}, index=rows), 3, 4)
    assert table.index.names == ["kind", "row1", "time"]
    one = simulate(model.with_values(k=2.0), 3, 4)
    assert table.loc[("b", 2), "A"].to_numpy() == pytest.approx(one["A"].to_numpy(), rel=0)


def test_nothing_is_compiled_for_libroadrunner_where_a_kernel_does_all(cell, monkeypatch):
    def refused(_):
        raise AssertionError("libRoadRunner was asked")

    points = design(3)
    expected = simulate_many(cell, points, 10, 3, engine="kernel")
    monkeypatch.setattr(runner, "Runner", refused)
    runner.runner_for.cache_clear()
    assert simulate_many(cell, points, 10, 3, engine="kernel").equals(expected)
    with pytest.raises(AssertionError, match="was asked"):
        simulate_many(cell, points, 10, 3, engine="roadrunner")


def test_auto_takes_the_kernel_where_it_pays(load, monkeypatch):
    monkeypatch.setattr(scans, "COURSES_WORTH_COMPILING", 3)
    asked = []
    model, kernel = load(BLOWUP), following.Way.by_kernel
    monkeypatch.setattr(
        following.Way, "by_kernel", lambda *given: asked.append(1) or kernel(*given)
    )
    for rows, times in ((2, 0), (3, 1)):
        simulate_many(model, pd.DataFrame({"r": np.linspace(0.01, 0.02, rows)}), 1, 2)
        assert len(asked) == times
    # Events have no kernel
    simulate_many(load(EVENT), pd.DataFrame({"k": [1.0, 2.0, 3.0]}), 3, 4)


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        ({"end": -1}, InputError, "end must be a time after 0, not -1"),
        ({"points": 1}, InputError, "points must be 2 to"),
        ({"outputs": ["V_n"]}, UnknownIdError, "no quantity 'V_n'.*'V_m'"),
        ({"outputs": "V_m"}, InputError, "outputs is a list"),
        ({"engine": "lsoda"}, InputError, "engine must be auto"),
        ({"relative_tolerance": 2}, InputError, "relative_tolerance must lie"),
        ({"inputs": [Step(2, {"P_KK": 1})]}, UnknownIdError, "'P_KK'"),
        ({"design": pd.DataFrame({"Glc": [1.0]})}, UnknownIdError, "'Glc'"),
        ({"design": pd.DataFrame({"Glc_o": [1.0, np.nan]})}, InputError, "row 2 of the design"),
        ({"design": {"Glc_o": [1.0]}}, InputError, "a design is a table, not dict"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["kernel", "roadrunner"])
def test_what_makes_no_sense_is_refused(cell, engine, call, error, said):
    whole = {"design": design(2), "end": 10, "points": 3, "engine": engine, **call}
    with pytest.raises(error, match=said):
        simulate_many(cell, **whole)


def test_a_kernel_that_does_not_exist_is_refused(load):
    with pytest.raises(UnsupportedModelError, match="events"):
        simulate_many(load(EVENT), pd.DataFrame({"k": [1.0]}), 3, 4, engine="kernel")
