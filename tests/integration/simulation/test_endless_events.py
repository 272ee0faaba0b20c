"""Events without end are refused by name; a course in which many happen can be interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import libsbml
import numpy as np
import pytest

from transport_model import grid, load_model, scan, simulate, steady_state
from transport_model.errors import SimulationError, SteadyStateError

BALL = "h' = v; v' = -9.81; h = 1; v = 0\n {more}\n bounce: at (h < 0): v = -{kept}*v{reset}"
CHATTER = "x' = 1e5; x = 0\n back: at (x > 1): x = 0"
G = 9.81


def model_of(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n {text}\nend\n")
    return load_model(path)


@pytest.mark.parametrize("reset", ["", ", h = 0"])
@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_a_ball_does_not_fall_through_the_floor(tmp_path, kept, reset):
    """Its bounces add up to a finite time, and what comes then the model does not say."""
    ball = model_of(tmp_path, BALL.format(kept=kept, reset=reset, more=""))
    fall = np.sqrt(2 / G)
    rests = fall * (1 + 2 * kept / (1 - kept))
    with pytest.raises(SimulationError, match=f"'bounce'.*near time {rests:.3g}"[:-1]) as caught:
        simulate(ball, 2 * rests, 5)
    assert len(str(caught.value)) <= 300
    before = simulate(ball, 0.9 * rests, 5)
    assert (before["h"] > -1e-6).all()
    with pytest.raises(SteadyStateError, match="'bounce' keeps happening"):
        steady_state(ball)


def test_a_ball_that_comes_to_rest_does(tmp_path):
    more = (
        "g = 9.81; v' = -g; rest: at (abs(v) < 1e-2 && h < 1e-3 && time > 1): g = 0, v = 0, h = 0"
    )
    text = BALL.format(kept=0.5, reset=", h = 0", more=more).replace("v' = -9.81; ", "")
    course = simulate(model_of(tmp_path, text), 5, 6)
    assert course["h"].iloc[-1] == 0


def test_ever_faster_events_are_no_accumulation(tmp_path):
    """Their intervals shrink as 1/n, and there is no time by which infinitely many have been."""
    text = "x' = 20*time; x = 0; n = 0\n tick: at (x > 1): x = 0, n = n + 1"
    course = simulate(model_of(tmp_path, text), 10, 2)
    assert course["n"].iloc[-1] == pytest.approx(1000, abs=2)


def test_an_event_that_happens_for_ever_is_named(tmp_path):
    model = model_of(tmp_path, CHATTER)
    begun = time.monotonic()
    with pytest.raises(SimulationError, match="'back' has happened 300,000 times by time 3"):
        simulate(model, 1e4, 3)
    assert time.monotonic() - begun < 120
    assert simulate(model, 0.01, 2)["x"].iloc[-1] == pytest.approx(1, abs=1e-6)
    with pytest.raises(SteadyStateError, match="'back' keeps happening"):
        steady_state(model)


def test_events_without_ids_are_followed(tmp_path):
    """Asked for the ids of such events, libRoadRunner ends the process."""
    text = "x' = 1; x = 0\n at (x > 1): x = 0\n named: at (time > 3): x = 0.5"
    sbml = model_of(tmp_path, text).sbml
    assert '<event id="_E0"' in sbml
    (tmp_path / "model.xml").write_text(sbml.replace('<event id="_E0"', "<event"))
    model = load_model(tmp_path / "model.xml")
    assert simulate(model, 3.25, 2)["x"].iloc[-1] == pytest.approx(0.75, abs=1e-6)
    with pytest.raises(SteadyStateError, match="event 1 keeps happening"):
        steady_state(model)


@pytest.mark.parametrize("kind", ["simulate", "steady state"])
def test_an_event_without_an_id_is_counted_by_its_place(tmp_path, kind):
    document = libsbml.readSBMLFromString(model_of(tmp_path, CHATTER).sbml)
    first = document.getModel().getEvent(0)
    first.unsetId()
    other = first.clone()
    other.getTrigger().setMath(libsbml.parseL3Formula("x > 2"))
    document.getModel().getListOfEvents().insert(0, other)
    path = tmp_path / "nameless.xml"
    path.write_text(libsbml.writeSBMLToString(document))
    if kind == "simulate":
        with pytest.raises(SimulationError, match="event 2 has happened 300,000 times"):
            simulate(load_model(path), 1e4, 3)
        assert simulate(load_model(path), 0.01, 2)["x"].iloc[-1] == pytest.approx(1, abs=1e-6)
        return
    with pytest.raises(SteadyStateError, match="event 2 keeps happening"):
        steady_state(load_model(path))


#: Systems whose rates push the course to a surface from both sides, and what is said to jump.
SLIDES = {
    "sign": ("x = 1; x' = piecewise(1, x < 0, -1); y = 0; y' = 1", "x < 0"),
    "thermostat": ("S = 3; -> S; piecewise(5, S < 2, 0); S -> ; 0.3*S", "S < 2"),
    "dry_friction": ("x = 1; v = 0; x' = v; v' = 2*sin(time) - piecewise(3, v > 0, -3)", "v > 0"),
    "plane": (
        "x = 1; y = 2; x' = -piecewise(1, x + 0.1*y > 0, -1)*(1 + y^2); y' = sin(time) - y",
        "(x + 0.1 * y) > 0",
    ),
    "floor": ("x = 0.2; x' = 0.5 - floor(x); y = 0; y' = 1 - y", "(x - floor(x)) < 0.5"),
    "quotient": ("x = 1; x' = 0.1 - x/abs(x); y = 0; y' = 1 - y", "x < 0"),
}


@pytest.mark.parametrize("points", [2, 11, 101])
@pytest.mark.parametrize("name", SLIDES)
def test_a_course_that_slides_along_a_jump_is_refused_by_name(tmp_path, name, points):
    text, jump = SLIDES[name]
    with pytest.raises(SimulationError, match=f"'{re.escape(jump)}' changes back and forth") as got:
        simulate(model_of(tmp_path, text), 10, points)
    assert len(str(got.value)) <= 300


def test_a_search_for_rest_that_slides_says_so(tmp_path):
    with pytest.raises(SteadyStateError, match="'S < 2' changes back and forth"):
        steady_state(model_of(tmp_path, SLIDES["thermostat"][0]))


def test_a_scan_of_what_slides_has_every_row(tmp_path):
    """Wherever on its way the integrator gives up: for 2 < k < 6 both sides push A to 2."""
    model = model_of(tmp_path, "species A = 0; k = 1; -> A; max(k, 0.5)\n"
                     " A -> ; A*piecewise(1, A < 2, 3)")  # fmt: skip
    # At the last three the way back to before it gave up fails as well
    awkward = [2.027284832870087, 2.0123944644307006, 5.937072841786744]
    table = scan(model, grid(k=[*np.linspace(1.5, 6.9, 28), *awkward]), engine="roadrunner")
    slides = (table["k"] > 2) & (table["k"] < 6)
    assert (table["converged"] == ~slides).all()
    rests = table[~slides]
    expected = np.where(rests["k"] < 2, rests["k"], rests["k"] / 3)
    np.testing.assert_allclose(rests["A"], expected, rtol=1e-9)


@pytest.mark.parametrize("points", [2, 11, 101])
def test_a_jump_that_is_crossed_is_none_to_slide_along(tmp_path, points):
    course = simulate(model_of(tmp_path, "x = -1; x' = piecewise(1, x < 0, 2)"), 2, points)
    assert course["x"].iloc[-1] == pytest.approx(2, abs=1e-9)


def test_jumps_that_go_on_for_ever_do_not_keep_a_search_for_rest_busy(tmp_path):
    text = "x = 1; y = 0; x' = y; y' = -x*piecewise(1, x < 0, 4)"
    with pytest.raises(SteadyStateError, match=f"period {1.5 * np.pi:.4g}"):
        steady_state(model_of(tmp_path, text))


_INTERRUPTED = """
import sys
from transport_model import load_model, simulate
model = load_model(sys.argv[1])
simulate(model, 1e-3, 2)
print("running", flush=True)
try:
    simulate(model, 1e4, 3)
except KeyboardInterrupt:
    print("interrupted")
threads = simulate(model, 0.01, 2)["x"].iloc[-1]
print(round(threads, 6))
"""


def test_a_course_of_many_events_can_be_interrupted(tmp_path):
    model_of(tmp_path, CHATTER)
    with subprocess.Popen([sys.executable, "-c", _INTERRUPTED, str(tmp_path / "model.ant")],
                          stdout=subprocess.PIPE, text=True, env=os.environ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "running\n"
        time.sleep(0.2)
        child.send_signal(signal.SIGINT)
        said, _ = child.communicate(timeout=120)
    assert said.split() == ["interrupted", "1.0"]
    assert child.returncode != -signal.SIGSEGV
