"""Rates without a value at a place that a course reaches: refused in seconds, with the cause."""

from __future__ import annotations

import subprocess
import sys

import libsbml
import numpy as np
import pytest

from transport_model import grid, load_model, scan, simulate, steady_state
from transport_model.errors import SimulationError, SteadyStateError

#: What becomes of the rates, what is said of it, and when it happens.
KINDS = {
    "zero by zero": ("x = 1; x' = -x/abs(x)", "'x < 0' changes back and forth", 1.0),
    "of a species": ("species S = 1; S -> ; S/abs(S)", "'S < 0' changes back and forth", 1.0),
    "in a rule": ("x = 1; x' = -z; z := x/abs(x)", "'x < 0' changes back and forth", 1.0),
    "fast": ("x = 1; x' = -1e8*x/abs(x)", "'x < 0' changes back and forth", 1e-8),
    "tiny": ("x = 1e-6; x' = -1e-6*x/abs(x)", "'x < 0' changes back and forth", 1.0),
    "root of a square": ("x = 1; x' = -x/sqrt(x^2)", "rate of 'x' jumps", 1.0),
    "in the plane": (
        "x = 1; y = 1; x' = -x/sqrt(x^2+y^2); y' = -y/sqrt(x^2+y^2)", "rate of '[xy]' jumps",
        np.sqrt(2),
    ),
    "logarithm of zero": ("x = 1; x' = -1; y = 0; y' = ln(x)", "'y' has no finite value", 1.0),
    "its own logarithm": ("x = 1; x' = -1 + 0.001*ln(x)", "'x' has no finite value", 0.999),
    "root of a negative": ("species S = 1; S -> ; sqrt(S)", "'S' has no finite value", 2.0),
    "power of a negative": (
        "x = 1; y = 0; x' = -1; y' = x^1.5/(1 + x^1.5) - y", "'y' has no finite value", 1.0
    ),
    "arccosine": ("x = 0; x' = 1; y = 0; y' = arccos(x)", "'y' has no finite value", 1.0),
    "no branch": ("x = 1; x' = -1; y = 0; y' = piecewise(1, x > 0)", "'y' has no finite", 1.0),
    "before an event": (
        "x = 1; y = 0; x' = -1; y' = ln(x); at (time > 100): x = 2", "'y' has no finite value", 1.0
    ),
    "after an event": (
        "x = 1; y = 0; x' = -0.1; y' = ln(x); at (time > 3): x = -1", "'y' has no finite value", 3.0
    ),
    "logarithm of the time": ("y = 0; y' = ln(2 - time)", "'y' has no finite value", 2.0),
    "pole in time": ("y = 0; y' = 1/(2 - time)", "'y' grows without bound", 2.0),
    "blow-up": ("x = 1; x' = x^2", "'x' grows without bound", 1.0),
}  # fmt: skip
#: Starts without a value, or at a jump that the course cannot leave.
STARTS = {
    "zero by zero": ("x = 0; x' = x/abs(x)", "'x' has no finite value"),
    "of another": ("x = 0; y = 1; x' = -x; y' = y/x", "'y' has no finite value"),
    "jump": ("x = 0; x' = piecewise(-1, x >= 0, 1)", "back and forth|rate of 'x' jumps"),
    "ceiling": ("x = 0; x' = 1e6*(0.5 - ceil(x))", "back and forth|rate of 'x' jumps"),
    "fast jump": ("x = 0; x' = 1e9*piecewise(-1, x >= 0, 1)", "back and forth|rate of 'x' jumps"),
}


def model_of(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n {text}\nend\n")
    return load_model(path)


@pytest.mark.parametrize("points", [2, 11])
@pytest.mark.parametrize("kind", KINDS)
def test_a_course_that_comes_there_is_refused_with_the_cause(tmp_path, kind, points):
    text, words, time = KINDS[kind]
    model = model_of(tmp_path, text)
    with pytest.raises(SimulationError, match=words) as caught:
        simulate(model, 10 * time, points)
    assert f"near time {time:.3g}"[:-1] in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert np.isfinite(simulate(model, 0.9 * time, points)).to_numpy().all()


@pytest.mark.parametrize("end", [0.1, 10, 2000])
@pytest.mark.parametrize("kind", STARTS)
def test_a_course_that_starts_there_is_refused_with_the_cause(tmp_path, kind, end):
    text, words = STARTS[kind]
    with pytest.raises(SimulationError, match=words):
        simulate(model_of(tmp_path, text), end, 2)


@pytest.mark.parametrize("kind", [*KINDS, *(f"starts at {kind}" for kind in STARTS)])
def test_a_search_for_rest_that_comes_there_says_why(tmp_path, kind):
    text, words, *_ = KINDS[kind] if kind in KINDS else STARTS[kind.removeprefix("starts at ")]
    if "time)" in text and "at (" not in text:
        words = "follows the time"
    if kind == "after an event":
        words = "still switches at time 3"
    with pytest.raises(SteadyStateError, match=f"{words}|gave up; the rate of '.*' jumps"):
        steady_state(model_of(tmp_path, text))


def test_a_model_that_is_not_run_at_all_is_refused_in_the_engines_words(tmp_path):
    document = libsbml.readSBMLFromString(model_of(tmp_path, "species S = 1; S -> ;").sbml)
    document.enablePackage("http://www.sbml.org/sbml/level3/version1/fbc/version2", "fbc", True)
    document.setPackageRequired("fbc", False)
    balances = document.getModel().getPlugin("fbc")
    balances.setStrict(False)
    objective = balances.createObjective()
    objective.setId("most")
    objective.setType("maximize")
    balances.setActiveObjectiveId("most")
    flux = objective.createFluxObjective()
    flux.setReaction("_J0")
    flux.setCoefficient(1)
    path = tmp_path / "balances.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    with pytest.raises(SimulationError, match="'fbc' package"):
        simulate(load_model(path), 1, 2)


def test_rows_of_a_scan_that_come_there_are_kept(tmp_path):
    model = model_of(tmp_path, "x = 1; k = 1; x' = piecewise(k - x, k > 0, -x/abs(x))")
    table = scan(model, grid(k=[-1, 1, 2]), engine="roadrunner")
    assert list(table["converged"]) == [False, True, True]
    np.testing.assert_allclose(table["x"][1:], [1, 2], rtol=1e-9)


@pytest.mark.parametrize("points", [2, 11, 101])
@pytest.mark.parametrize(
    "text", ["x = 1; x' = -1/x", "x = 1; x' = -1/(x - 0.2)", "species S = 1; S -> ; 1/S"]
)
def test_what_comes_after_a_pole_is_not_made_up(tmp_path, text, points):
    """CVODE steps over it, and goes on at any speed."""
    with pytest.raises(SimulationError, match=r"rates have no bound|without bound"):
        simulate(model_of(tmp_path, text), 10, points)


def test_what_grows_a_millionfold_for_a_reason_is_not_refused(tmp_path):
    course = simulate(model_of(tmp_path, "x = 1; x' = 2*x; y = 1e-9; y' = 3*y*(1 - y)"), 10, 2)
    assert course["x"].iloc[-1] == pytest.approx(np.exp(20), rel=1e-6)
    logistic = 1 / (1 + (1e9 - 1) * np.exp(-30))
    assert course["y"].iloc[-1] == pytest.approx(logistic, rel=1e-6)


def test_a_threshold_passed_by_two_events_at_a_time_is_no_slide(tmp_path):
    """The comparison changes to and fro at a time, but by no rate."""
    text = "x = 0; x' = 1; at (x > 1): x = 0; z = 1; z' = piecewise(-1, x > 1, 1)"
    course = simulate(model_of(tmp_path, text), 20.5, 2)
    assert course["z"].iloc[-1] == pytest.approx(21.5, abs=1e-6)


def test_such_a_course_ends_in_seconds_in_a_fresh_process(tmp_path):
    """A hang does not let any limit of this process come to pass."""
    model_of(tmp_path, KINDS["zero by zero"][0])
    command = [sys.executable, "-m", "transport_model", "simulate", "--end", "10"]
    done = subprocess.run([*command, "--model", tmp_path / "model.ant"],
                          capture_output=True, text=True, timeout=60, check=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "near time 1" in done.stderr


#: What stays zero as long as its rate has a value, and when that ends.
RESTING = {
    "divided by zero": ("x = 1; y = 0; y' = y/x; at time >= 2: x = 0", "y", 2),
    "logarithm": ("z = 1; z' = -1; y = 0; y' = y*ln(z)", "y", 1),
    "of a reaction": ("z = 1; z' = -1; species Y = 0; J: -> Y; Y*ln(z)", "J", 1),
}


@pytest.mark.parametrize("name", RESTING)
def test_nothing_stays_zero_where_its_rate_has_no_value(tmp_path, name):
    text, rate, time = RESTING[name]
    with pytest.raises(SimulationError, match=f"rate of '{rate}' has no finite value.* {time}"):
        simulate(model_of(tmp_path, text), 4, 5)
    assert (simulate(model_of(tmp_path, text), 0.5, 5).iloc[:, 0] >= 0).all()


@pytest.mark.parametrize("trigger", ["ln(x) < -1", "r < -1"])
def test_an_event_happens_next_to_where_its_trigger_has_no_value(tmp_path, trigger):
    """It resets x at exp(-1), again and again; the integrator's steps are longer than that."""
    model = model_of(tmp_path, f"x = 1; x' = -1; r := ln(x); at {trigger}: x = 1")
    last = simulate(model, 100, 3)["x"].iloc[-1]
    period = 1 - np.exp(-1)
    assert last == pytest.approx(1 - 100 % period, abs=1e-6)


def test_an_event_does_not_happen_where_its_trigger_has_no_value(tmp_path):
    model = model_of(tmp_path, "x = 1; x' = -1; y = 0; at ln(x) > 5: y = 1")
    assert simulate(model, 3, 4)["y"].tolist() == [0, 0, 0, 0]
