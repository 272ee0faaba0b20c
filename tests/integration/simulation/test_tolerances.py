"""What starts at zero is followed as exactly as the rest, whatever stands beside it."""

from __future__ import annotations

from math import exp

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import solve_ivp

from transport_model import Ramp, load_model, scan, simulate
from transport_model.analyses.scans.courses import Course

GRIDS = (2, 11, 101, 1001)


@pytest.fixture
def build(tmp_path):
    def make(body):
        path = tmp_path / "system.ant"
        path.write_text(f"model system\n {body}\nend\n")
        return load_model(path)

    return make


def ends(model, end, name, inputs=()):
    return [float(simulate(model, end, n, inputs=inputs)[name].iloc[-1]) for n in GRIDS]


def test_a_ramp_of_large_numbers(build):
    model = build("a = 1e9; x = 0; x' = 1e-3 - 0.1*x*a/1e9")
    truth = solve_ivp(
        lambda t, x: 1e-3 - 0.1 * x * (1 + t / 100), (0, 100), [0.0],
        method="LSODA", rtol=1e-12, atol=1e-18,
    ).y[0, -1]  # fmt: skip
    found = ends(model, 100, "x", [Ramp("a", 0, 100, 2e9)])
    assert found == pytest.approx([truth] * len(GRIDS), rel=1e-8)


@pytest.mark.parametrize("volume", [1, 1e-12, 1e6])
def test_a_trace_beside_much(build, volume):
    body = f"compartment c = {volume}; species A in c = 1e12/c, B in c = 1e12/c, x in c = 0;"
    model = build(
        body + "J: A -> B; 1e-3*A*c; K: -> x; 1e-9; L: x -> ; 0.1*x*c; y = 0; y' = 1e-6*x*c"
    )
    size, late = 1e-8 * (1 - exp(-10)), 1e-6 * 1e-8 * (100 - 10 * (1 - exp(-10)))
    assert ends(model, 100, "x") == pytest.approx([size / volume] * len(GRIDS), rel=1e-8)
    assert ends(model, 100, "y") == pytest.approx([late] * len(GRIDS), rel=1e-8)


def test_rows_of_a_scan_do_not_learn_from_others(build):
    model = build(
        "species A = 1e12, x = 0; k = 1e-9; J: A -> ; 1e-3*A; K: -> x; k; L: x -> ; 0.1*x"
    )
    course = Course(100, 11, ["x:final", "x:max"])
    rows = pd.DataFrame({"k": [1e-9, 1e9, 1e-20, 0, 1e-9]})
    table = scan(model, rows, course=course)
    assert table["x_final"].to_numpy() == pytest.approx(
        rows["k"].to_numpy() * 10 * (1 - exp(-10)), rel=1e-8, abs=0
    )
    back = scan(model, rows[::-1], course=course)[::-1]
    assert back["x_final"].tolist() == table["x_final"].tolist()
    assert table["x_final"].tolist() == [
        simulate(model.with_values(k=float(k)), 100, 11)["x"].iloc[-1] for k in rows["k"]
    ]


def test_what_only_rounding_moves_stays_near_zero(build):
    model = build("species A = 1, B = 1; x = 0; J: A -> B; 0.3*A; K: B -> A; 0.3*B; x' = A - B")
    assert ends(model, 100, "x") == pytest.approx([0] * len(GRIDS), abs=1e-12)
    assert ends(build("x = 0; y = 0.1; x' = 0.3 - 3*y; y' = 0*x"), 100, "x") == pytest.approx(
        [0] * len(GRIDS), abs=1e-12
    )


@pytest.mark.parametrize("stay", [1, 1000])
def test_what_is_left_of_a_fuel_that_burns(build, stay):
    """Its traces heat a stirred tank; T + 400 C is what flows in, whatever burns."""
    model = build(
        f"-> C; (1 - C)/{stay}; C ->; 1e13*exp(-12000/T)*C;"
        f"T' = (298 - T)/{stay} + 400*1e13*exp(-12000/T)*C; C = 1; T = 600"
    )
    course = simulate(model, 50 * stay, 101)
    truth = 698 + 302 * np.exp(-course.index / stay)
    whole = course["T"] + 400 * course["C"]
    assert whole.to_numpy() == pytest.approx(truth, rel=1e-8)
    assert (course["C"].iloc[1:] < 1e-4).all()
