"""Models that switch at times of their own: no result depends on where one looks."""

from __future__ import annotations

import subprocess
import sys
from math import exp, inf, lgamma, log, pi

import numpy as np
import pandas as pd
import pytest

from transport_model import Ramp, Step, load_model, scan, simulate
from transport_model.analyses.scans.courses import Course
from transport_model.errors import InputError, UnsupportedModelError
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
    found = time_breaks(model.sbml, values, 0.0, 10.0)
    assert found == pytest.approx(expected, rel=1e-10)


def test_a_remainder_is_met_in_every_period_of_a_long_course(build):
    model = build("species X; X = 0; R: -> X; piecewise(1, (time % 24) < 1, 0)")
    assert ends(model, 2400, "X") == pytest.approx([100] * len(GRIDS), rel=1e-7)


@pytest.mark.parametrize("relation", [">", ">="])
def test_a_state_under_a_rate_rule_starts_to_move(build, relation):
    """The integrator does not get away from a jump right ahead of where it starts."""
    model = build(f"x = 0; x' = piecewise(1, time {relation} 2, 0)")
    assert ends(model, 10, "x") == pytest.approx([8] * len(GRIDS), rel=1e-9)


def test_a_rule_in_between_and_a_wave(build):
    model = build(
        "phase := time - 24*floor(time/24); day := piecewise(1, phase < 12, 0)\n"
        " x = 0; x' = piecewise(1, day > 0.5, 0)\n"
        " z = 0; z' = piecewise(1, sin(2*3.141592653589793*time/24) > 0.5, 0)"
    )
    assert ends(model, 240, "x") == pytest.approx([120] * len(GRIDS), rel=1e-8)
    assert ends(model, 240, "z") == pytest.approx([80] * len(GRIDS), rel=1e-8)


def test_a_threshold_that_events_and_steps_move(build):
    model = build(
        "next = 5; n = 0; at (time >= next): next = next + 7.1, n = n + 1\n x = 0; x' = n"
    )
    hits = [5 + 7.1 * k for k in range(14) if 5 + 7.1 * k < 100]
    assert ends(model, 100, "n") == [len(hits)] * len(GRIDS)
    assert ends(model, 100, "x") == pytest.approx([sum(100 - t for t in hits)] * len(GRIDS))
    pulse = build("a = 50; x = 0; x' = piecewise(1, (time > a) && (time < a + 0.01), 0)")
    later = [Step(10, {"a": 70}), Step(80, {"a": 90})]
    for points in GRIDS:
        course = simulate(pulse, 100, points, inputs=later)
        assert float(course["x"].iloc[-1]) == pytest.approx(0.02, rel=1e-6)


def test_a_trigger_open_for_less_than_an_output_step(build):
    model = build("n = 0; at ((time > 3.3) && (time < 3.3001)): n = n + 1\n x = 0; x' = 1 - x")
    assert ends(model, 100, "n") == [1] * len(GRIDS)


def test_an_equality_that_rounding_spares_or_does_not(build):
    body = "t0 = {}; n = 0; at (time - t0 == {}): n = n + 1\n x = 0; x' = n"
    assert ends(build(body.format(2.3, 5)), 100, "x") == pytest.approx([92.7] * len(GRIDS))
    with pytest.raises(UnsupportedModelError, match="write it with >="):
        simulate(build(body.format("1/3 + 1e3", 1e-17)), 2000, 3)


def test_too_many_switches_are_refused(build):
    with pytest.raises(InputError, match="switches more than"):
        simulate(build("x = 0; x' = floor(time*1e6)"), 1, 3)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("time > 3", 3.0),
        ("time > k && time < 7*k", 7.0),
        ("time*time > 20", 20**0.5),
        ("time > 1e6", 1e6),
        ("x > 3", None),
        ("x > 3 && time < 4", 4.0),
        ("(time % 24) < 8", inf),
        ("sin(time) > 0.5", inf),
    ],
)
def test_the_last_time_at_which_a_model_switches(build, condition, expected):
    model = build(f"x = 0; x' = 1; k = 1; y := piecewise(1, {condition}, 0)")
    switches = switches_of(model.sbml)
    last = inf if switches.is_endless else switches.last(values_at_start(model.sbml, {}))
    assert last == (None if expected is None else pytest.approx(expected, rel=1e-10))


def test_an_event_of_the_states_moves_times_that_lie_ahead(build):
    pulse = "x = 0; x' = piecewise(1, time > a && time < a + 0.01, 0); a = 1e6; z = 0; z' = 1\n"
    once = build(pulse + " at (z >= 100): a = 500")
    assert ends(once, 1000, "x") == pytest.approx([0.01] * len(GRIDS), rel=1e-7)
    often = build(pulse + " at (z >= 100): a = time + 37, z = 0")
    assert ends(often, 1000, "x") == pytest.approx([0.09] * len(GRIDS), rel=1e-7)
    late = build(pulse + " at 100 after (time > 7): a = 500")
    assert ends(late, 1000, "x") == pytest.approx([0.01] * len(GRIDS), rel=1e-7)
    trigger = build(
        "n = 0; a = 1e6; z = 0; z' = 1\n at (z >= 100): a = 500\n at (time == a): n = n + 1"
    )
    assert ends(trigger, 1000, "n") == [1] * len(GRIDS)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("c = 0; c' = 1; x' = piecewise(1, c > 500 && c < 500.01, 0)", 0.01),
        ("species c; c = 0; J: -> c; 1; w := c > 500; x' = piecewise(1, w && c < 500.01, 0)", 0.01),
        ("c = 1; c' = -0.01*c; x' = piecewise(1, c < 0.5 && c > 0.4999, 0)",
         100 * log(0.5 / 0.4999)),
        ("c = 0; c' = 1; x' = piecewise(1, (c - 500)*(500.01 - c) > 0, 0)", 0.01),
        ("c = 0; c' = 1; x' = piecewise(1, 0 < -(c - 500)/(c - 500.01), 0)", 0.01),
        ("c = 0; c' = 1; x' = piecewise(1, 3 + 2*(c - 500)^2 < 3 + 5e-5, 0)", 0.01),
        ("c = 0; c' = 1; x' = piecewise(1, 1 - abs(c - 500)/5e-3 > 0, 0)", 0.01),
        ("c = 0; c' = 1; at (c - 500)*(500.01 - c) > 0: x = x + 1", 1),
        ("c = 0; c' = 1; at 1 - ((c - 500)/5e-3)^4 > 0: x = x + 1", 1),
        ("c = 0; c' = 1; x' = max(0, (c - 500)*(500.01 - c))", 0.01**3 / 6),
        ("c = 0; c' = 1; x' = min(0, (c - 500)*(c - 500.01))", -(0.01**3) / 6),
        ("c = 0; c' = 1; x' = max(1 - abs(c - 500)/5e-3, 0)", 5e-3),
        ("c = 0; c' = 1; x' = max(0, 1 - ((c - 500)/5e-3)^2)", 5e-3 * 4 / 3),
        ("c = 0; c' = 1; f := (c - 500)^2; x' = piecewise(1, f < 2.5e-5, 0)", 0.01),
        ("c = 0; c' = 1; d := c - 500; f := 1 - abs(d)/5e-3; w := f > 0; x' = piecewise(1, w, 0)",
         0.01),
        ("c = 0; c' = 1; b := 2.5e-5 + 0*c; f := (c - 500)^2; x' = piecewise(1, f < b, 0)", 0.01),
        ("c = 0; c' = 1; f := (c - 500)*(500.01 - c); x' = max(0, f)", 0.01**3 / 6),
        ("c = 0; c' = 1; f := (c - 500)*(500.01 - c); at f > 0: x = x + 1", 1),
    ],
)  # fmt: skip
def test_a_window_of_a_state_is_not_run_over(build, body, expected):
    assert ends(build(f"x = 0; {body}"), 1000, "x") == pytest.approx(
        [expected] * len(GRIDS), rel=1e-5
    )


def test_a_window_of_a_ramp_is_not_run_over(build):
    model = build("a = 0; x = 0; x' = piecewise(1, a > 50 && a < 50.01, 0)")
    for points in GRIDS:
        course = simulate(model, 1000, points, inputs=[Ramp("a", 0, 1000, 100)])
        assert course["x"].iloc[-1] == pytest.approx(0.1, rel=1e-7)


def test_conditions_of_numbers_stand_beside_conditions_of_the_time(build):
    model = build("p = 7; phase := time % p; x = 0; x' = piecewise(1, phase < 0.01, 0)")
    assert ends(model, 700, "x") == pytest.approx([1] * len(GRIDS), rel=1e-7)


@pytest.mark.parametrize("moment", [-2, 0, 3])
def test_a_course_that_starts_before_zero(build, moment):
    model = build(
        f"x = 0; n = 0; x' = piecewise(1, time > {moment}, 0)\n at (time >= {moment}): n = n + 1"
    )
    for points in GRIDS:
        course = simulate(model, 10, points, start=-5)
        assert course.iloc[-1][["x", "n"]].tolist() == pytest.approx([10 - moment, 1], rel=1e-8)


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("exp(-((time - 50)/0.01)^2)", 0.01 * pi**0.5),
        ("exp(-(time - m)^2/(2*w^2))", 0.001 * (2 * pi) ** 0.5),
        ("1/(1 + exp(-(time - 500)/0.01)) - 1/(1 + exp(-(time - 501)/0.01))", 1),
        ("0.5*(tanh((time - 500)/0.01) - tanh((time - 501)/0.01))", 1),
        ("sech((time - 500)/0.01)", 0.01 * pi),
        ("2^(-((time - 500)/0.01)^2)", 0.01 * (pi / log(2)) ** 0.5),
        ("1/(1 + ((time - 500)/0.001)^2)", 0.001 * pi),
        ("abs((time - 500)/0.01)*exp(-((time - 500)/0.01)^2)", 0.01),
        ("exp(-(((time % 100) - 50)/0.01)^2)", 0.1 * pi**0.5),
        ("sin(3.141592653589793*time/100)^20000",
         1000 * exp(lgamma(20001) - 2 * lgamma(10001) - 20000 * log(2))),
    ],
)  # fmt: skip
def test_a_smooth_pulse_is_not_run_over(build, rate, expected):
    model = build(f"m = 777.7; w = 0.001; h := {rate}; x = 0; x' = h")
    assert ends(model, 1000, "x") == pytest.approx([expected] * len(GRIDS), rel=2e-6)


def test_a_smooth_pulse_that_an_event_moves(build):
    model = build(
        "m = 1e6; z = 0; z' = 1; x = 0; x' = exp(-((time - m)/0.01)^2)\n at (z > 100): m = 500"
    )
    assert ends(model, 1000, "x") == pytest.approx([0.01 * pi**0.5] * len(GRIDS), rel=1e-6)


def test_whole_numbers_that_no_float_holds(build):
    model = build("x = 0; x' = piecewise(1, time^40 > 500^40 && time < 2^60, 0)")
    assert ends(model, 1000, "x") == pytest.approx([500] * len(GRIDS), rel=1e-8)


@pytest.mark.parametrize(
    ("condition", "end", "count"),
    [
        ("time % 5 == 0", 24, 4), ("time % 5 == 1", 24, 5), ("(time - 1) % 5 == 0", 24, 5),
        ("time % 0.25 == 0", 2.1, 8), ("rem(time, 3) == 0", 100, 33), ("time % p == 0", 24, 4),
        ("time/3 == 2", 24, 1), ("floor(time/5) == 2", 24, 1),
    ],
)  # fmt: skip
def test_a_remainder_is_met_every_time_on_every_grid(build, condition, end, count):
    model = build(f"n = 0; p = 5; at ({condition}): n = n + 1; x = 0; x' = n")
    for points in (2, 3, 11, 25):
        assert simulate(model, end, points=points)["n"].iloc[-1] == count


def test_a_remainder_that_rounding_decides_is_refused(build):
    model = build("n = 0; at (time % 0.1 == 0): n = n + 1; x = 0; x' = n")
    with pytest.raises(UnsupportedModelError, match="met at no number, by rounding"):
        simulate(model, 1.05, points=3)


def test_delayed_events_beside_a_moment_are_refused(build):
    body = "a = 0; b = 0; y = 0; y' = a\n e1: at time {} 3: a = 1" \
           "\n e2: at a > 0.5: b = b + 1\n e3: at 0.001 after (b > 0.5): a = 2"  # fmt: skip
    with pytest.raises(UnsupportedModelError, match="write that with >="):
        simulate(build(body.format("==")), 10, 3)
    assert ends(build(body.format(">=")), 10, "y") == pytest.approx(
        [0.001 + 2 * 6.999] * len(GRIDS), rel=1e-9
    )


def test_too_many_smooth_peaks_are_refused(build):
    with pytest.raises(InputError, match="smooth peaks"):
        simulate(build("x = 0; x' = exp(50*sin(1000*time))"), 1e4, 3)


def test_a_window_of_a_state_is_seen_beside_another_library(tmp_path):
    """After libSEDML or tellurium has been imported the types of libSBML's nodes do not compare."""
    path = tmp_path / "window.ant"
    path.write_text(
        "model w\n c = 0; c' = 1; x = 0; y = 0; z = 0\n x' = piecewise(1, c > 5 && c < 5.01, 0)\n"
        " y' = piecewise(1, (c - 6)*(6.01 - c) > 0, 0)\n z' = piecewise(1, (c - 7)^4 < 1e-8, 0)\n"
        "end\n"
    )
    done = subprocess.run([sys.executable, "-c", _BESIDE, str(path)], check=True,
                          capture_output=True, encoding="utf-8")  # fmt: skip
    found = [float(word) for word in done.stdout.splitlines()[-1].split()]
    assert found == pytest.approx([0.01, 0.01, 0.02], rel=1e-6)


_BESIDE = """
import sys
from transport_model import load_model, simulate
load_model("cell").species
import libsedml
print(*simulate(load_model(sys.argv[1]), 10, points=2)[["x", "y", "z"]].iloc[-1])
"""
