"""Models that switch at times of their own: no result depends on where one looks."""

from __future__ import annotations

from math import exp, pi

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, scan, simulate
from transport_model.analyses.scans.courses import Course
from transport_model.mathematics.program import values_at_start
from transport_model.mathematics.time_breaks import switches_of, time_breaks

PULSE = "species X; X = 0; on := piecewise(1, (time > t1) && (time < t1 + w), 0)\n" \
        " t1 = 800; w = 5; k = 0.01\n R: -> X; on\n R2: X -> ; k*X"  # fmt: skip
GRIDS = (2, 4, 11, 32, 101)


@pytest.fixture
def build(tmp_path):
    def make(body):
        path = tmp_path / "system.ant"
        path.write_text(f"model system\n {body}\nend\n")
        return load_model(path)

    return make


def ends(model, end, name):
    return [float(simulate(model, end, points)[name].iloc[-1]) for points in GRIDS]


def test_a_short_pulse_is_not_run_over(build):
    model = build(PULSE)
    after = (1 - exp(-0.05)) / 0.01 * exp(-0.01 * 195)
    assert ends(model, 1000, "X") == pytest.approx([after] * len(GRIDS), rel=1e-8)
    for points in GRIDS:
        course = simulate(model, 1000, points)
        assert course.index.tolist() == pytest.approx(np.linspace(0, 1000, points).tolist())
        table = scan(model, pd.DataFrame({"w": [5.0, 2.0]}),
                     course=Course(1000, points, ["X:max", "X:time_of_max"]))  # fmt: skip
        assert table["X_max"].tolist() == pytest.approx(
            [(1 - exp(-0.01 * w)) / 0.01 for w in (5, 2)], rel=1e-8
        )
        assert table["X_time_of_max"].tolist() == pytest.approx([805, 802], rel=1e-12)


def test_an_event_at_one_moment_happens_on_every_grid(build):
    model = build(
        "p = 0; species X; X = 0; R: -> X; p\n at time == 10: p = 10\n at time == 20: p = 0"
    )
    assert ends(model, 30, "X") == pytest.approx([100] * len(GRIDS), rel=1e-8)


def test_doses_that_come_again_and_again(build):
    """Ten minutes of each hour, by the remainder of time."""
    model = build("species X; X = 0; R: -> X; piecewise(1, time - 60*floor(time/60) < 10, 0)")
    assert ends(model, 600, "X") == pytest.approx([100] * len(GRIDS), rel=1e-8)


def test_a_threshold_that_follows_from_others_and_from_what_is_set(build):
    model = build("species X; X = 0; a = 3; b := 2*a + 1; R: -> X; piecewise(0, time < b, 1)")
    assert ends(model, 10, "X") == pytest.approx([3] * len(GRIDS), rel=1e-8)
    assert ends(model.with_values(a=1), 10, "X") == pytest.approx([7] * len(GRIDS), rel=1e-8)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("time > 3", [3.0]),
        ("2*time - 5 >= k", [3.0]),
        ("time^2 > 20", [20**0.5]),
        ("sin(time) > 0.5", [pi / 6, 5 * pi / 6, 13 * pi / 6, 17 * pi / 6]),
        ("floor(time/2.5) > k", [2.5, 5.0, 7.5]),
        ("x > 3", []),
    ],
)  # fmt: skip
def test_times_of_switches(build, condition, expected):
    model = build(f"x = 0; x' = 1; k = 1; y := piecewise(1, {condition}, 0)")
    values = values_at_start(model.sbml, {})
    found = time_breaks(switches_of(model.sbml), values, 0.0, 10.0)
    assert found == pytest.approx(expected, rel=1e-10)
    assert time_breaks(switches_of(model.sbml, frozenset({"k"})), values, 0.0, 10.0) == (
        pytest.approx(expected if "k" not in condition or "floor" in condition else [])
    )
