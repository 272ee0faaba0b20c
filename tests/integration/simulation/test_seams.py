"""Where a formula has two branches that are one function, nothing happens to a course."""

import numpy as np
import pytest

from transport_model import load_model, simulate
from transport_model.analyses.exchange.verification.verify import random_sets
from transport_model.simulation.engine_text import engine_text


@pytest.mark.parametrize("name", ["cell", "epithelium"])
def test_the_series_of_goldmans_factor_is_not_watched(name):
    changes = engine_text(load_model(name).sbml).changes
    assert not [text for text in changes.values() if "abs(u" in text]
    assert any("pump_forward" in text for text in changes.values())


def test_a_clamp_that_pulls_a_voltage_through_the_series_does_not_end_a_course():
    """Within nanoseconds, of an hour: no time at all, if one looks at the course."""
    segment = load_model("segment")
    values = random_sets(segment, 3, 1).loc["set 1"]
    start, *_, end = simulate(segment.with_values(**values), 3600, 61)["V_te"]
    assert start != pytest.approx(end, abs=1)
    assert end == pytest.approx(values["V_clamp"], abs=0.1)


def written(tmp_path, text):
    path = tmp_path / "odd.ant"
    path.write_text(f"model odd\n{text}\nend\n")
    return load_model(path)


#: Branches that are one function, and such that only meet.
SEAMS = {
    "series": ("piecewise(1 - x^2/6 + x^4/120, abs(x) < 1e-3, sin(x)/x)", True),
    "said twice": ("piecewise((x + 1)^2, x < 3, x^2 + 2*x + 1)", True),
    "kink": ("piecewise(-x, x < 0, x)", False),
    "smooth kink": ("piecewise(0, x < 0, x^4)", False),
    "jump": ("piecewise(1, x < 2, 1 + 1e-9)", False),
    "no value there": ("piecewise(1, x == 0, sin(x)/x)", False),
    "of another": ("piecewise(k, x < 2, 2)", False),
}


@pytest.mark.parametrize("name", SEAMS)
def test_only_one_function_said_twice_goes_unwatched(tmp_path, name):
    formula, seamless = SEAMS[name]
    model = written(tmp_path, f"x = -5; x' = 1; y = 0; k = 2; y' = {formula}")
    assert bool(engine_text(model.sbml).changes) is not seamless


def test_a_peak_whose_ends_meet_what_is_around_it_is_not_stepped_over(tmp_path):
    peak = "piecewise(1e6*(0.005^2 - (x - 0.185)^2), abs(x - 0.185) < 0.005, 0)"
    model = written(tmp_path, f"x = 0; x' = 1; y = 0; y' = {peak}")
    assert simulate(model, 1, 2)["y"].iloc[-1] == pytest.approx(1e6 * 4 / 3 * 0.005**3)


def test_an_event_that_waits_for_a_small_distance_is_not_stepped_over(tmp_path):
    model = written(tmp_path, "x = 0; x' = 1; y = 0\n at abs(x - 0.185) < 0.005: y = x")
    assert simulate(model, 1, 2)["y"].iloc[-1] == pytest.approx(0.18)


@pytest.mark.parametrize("rule", ["piecewise(x > 1, 1 > 0, x < 1)", "piecewise(1, 2 > 1, x)"])
def test_branches_that_are_conditions_are_no_function(tmp_path, rule):
    model = written(tmp_path, f"x = 0; x' = 1; y = 0; r := {rule}; y' = r")
    assert np.isfinite(simulate(model, 1, 2).to_numpy()).all()
