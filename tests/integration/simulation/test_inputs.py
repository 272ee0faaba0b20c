"""Steps, ramps and clamps, against runs glued by hand and integrals known in closed form."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model import Ramp, Step, held, load_model, simulate
from transport_model.errors import InputError, UnknownIdError

GROWTH = """
model growth()
  species A; A = 1; A' = k; k = 2; B = 0; B' = A
end
"""


@pytest.fixture
def growth(tmp_path):
    path = tmp_path / "growth.ant"
    path.write_text(GROWTH, encoding="utf-8")
    return load_model(path)


def test_a_step_is_two_runs_one_after_the_other(cell, resting):
    rested = cell.starting_from(resting.values)
    together = simulate(rested, 100, 11, inputs=[Step(37.0, {"Glc_o": 20.0, "ouabain": 1e-3})])
    first = simulate(rested, 37.0, 2)
    assert together.loc[37.0, "V_m"].iloc[0] == pytest.approx(first["V_m"].iloc[-1], rel=1e-9)
    second = simulate(
        cell.starting_from(first.iloc[-1]).with_values(Glc_o=20.0, ouabain=1e-3), 63.0, 2
    )
    for name in ("V_m", "Na_i", "Glc_i", "J_sglt", "J_pump"):
        assert together[name].iloc[-1] == pytest.approx(second[name].iloc[-1], rel=1e-7), name


def test_a_time_at_which_inputs_jump_stands_before_and_after(cell):
    course = simulate(cell, 10, 11, inputs=[Step(4.0, {"K_o": 9.0}), Step(4.5, {"K_o": 5.0})])
    assert course.loc[4.0, "K_o"].tolist() == [4.5, 9.0]
    assert course.loc[4.5, "K_o"].tolist() == [9.0, 5.0]
    # What has inertia does not jump
    assert course.loc[4.0, "Na_i"].nunique() == 1
    assert len(course) == 11 + 1 + 2
    at_start = simulate(cell, 10, 11, inputs=[Step(0.0, {"K_o": 9.0})])
    assert at_start.loc[0.0, "K_o"].tolist() == [4.5, 9.0]


def test_a_time_that_misses_the_grid_by_rounding_is_on_it(cell):
    course = simulate(cell, 10, 101, inputs=[Step(0.3, {"K_o": 9.0})])
    assert len(course) == 101 + 1


def test_ramps_are_exact(growth):
    """A' = k, B' = A with k going from 2 to 5 within 1..4: a cubic."""
    course = simulate(growth, 6, 13, inputs=[Ramp("k", 1.0, 4.0, 5.0), Step(5.0, {"k": 0.0})])
    t = course.index.to_numpy()
    s = np.clip(t - 1, 0, 3)
    late = np.clip(t - 4, 0, 1)
    before = np.clip(t, 0, 1)
    expected = 1 + 2 * before + 2 * s + s**2 / 2 + 5 * late
    assert course["A"].to_numpy() == pytest.approx(expected, rel=1e-8)
    assert course["k"].iloc[-1] == 0.0
    assert course.loc[2.5, "k"] == pytest.approx(3.5, rel=1e-9)


def test_a_ramp_can_follow_a_ramp_and_a_step(growth):
    inputs = [Step(0.0, {"k": 1.0}), Ramp("k", 0.0, 1.0, 3.0), Ramp("k", 1.0, 2.0, 0.0)]
    course = simulate(growth, 2, 5, inputs=inputs)
    assert course["k"].groupby(level=0).last().to_numpy() == pytest.approx([1, 2, 3, 1.5, 0])
    assert course["A"].iloc[-1] == pytest.approx(1 + 2 + 1.5, rel=1e-8)


def test_a_clamp_holds_the_voltage_and_counts_its_charge(cell):
    """The electrode supplies what pump, leaks and symporter carry: charge by charge."""
    clamped = held(cell, V_m=-50.0)
    course = simulate(clamped, 100, 1001, inputs=[Step(50.0, {"V_m": -90.0})])
    assert set(course["V_m"]) == {-50.0, -90.0}
    outward = course["J_pump"] - course["J_leak_Na"] - course["J_leak_K"] + course["J_leak_Cl"]
    outward -= 2 * (course["J_sglt"] + course["J_sglt_slip"])
    moved = np.trapezoid(outward, course.index)
    assert course["charge"].iloc[-1] - course["charge"].iloc[0] == pytest.approx(moved, rel=1e-4)
    assert "V_m" in cell.rules.index, "the model itself is untouched"


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ([Step(-1.0, {"K_o": 5.0})], "between 0 and 10"),
        ([Step(11.0, {"K_o": 5.0})], "between 0 and 10"),
        ([Step(float("nan"), {"K_o": 5.0})], "between 0 and 10"),
        ([Ramp("K_o", 5.0, 2.0, 5.0)], "in order"),
        ([Ramp("K_o", 5.0, 5.0, 5.0)], "a jump is a step"),
        ([Step(1.0, {"K_u": 5.0})], "did you mean"),
        ([Step(1.0, {"K_o": -5.0})], "zero or more"),
        ([Step(1.0, {"V_m": -5.0})], "computed"),
        ([Step(1.0, {"outside": 2.0})], "cannot be changed"),
        ([Ramp("Na_i", 1.0, 2.0, 5.0)], "moves by itself"),
        ([Ramp("K_o", 1.0, 5.0, 5.0), Step(3.0, {"K_o": 1.0})], "two inputs change 'K_o'"),
        ([Ramp("K_o", 1.0, 5.0, 5.0), Ramp("K_o", 4.0, 8.0, 5.0)], "two inputs change 'K_o'"),
        ([Step(3.0, {"K_o": 5.0}), Step(3.0, {"K_o": 1.0})], "two inputs change 'K_o'"),
    ],
)
def test_inputs_that_make_no_sense_are_refused(cell, inputs, message):
    with pytest.raises(InputError, match=message):
        simulate(cell, 10, 11, inputs=inputs)


def test_what_cannot_be_held(cell):
    with pytest.raises(UnknownIdError, match="V_m"):
        held(cell, V_n=1.0)
    with pytest.raises(InputError, match="not computed"):
        held(cell, K_o=1.0)
    with pytest.raises(InputError, match="finite"):
        held(cell, V_m=float("inf"))
