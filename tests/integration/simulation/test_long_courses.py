"""Courses that take the integrator long: the same in pieces, interrupted at once, and bounded."""

from __future__ import annotations

import os
import subprocess
import time

import pandas as pd
import pytest

from transport_model import load_model, simulate, steady_state
from transport_model.errors import SimulationError, SteadyStateError
from transport_model.simulation import integration

RELAXES = "x = 2; y = 0; x' = y; y' = 5*(1 - x^2)*y - x"
#: Sixteen thousand turns of a circle in a unit of time.
TURNS = "x = 1; y = 0; x' = 1e5*y; y' = -1e5*x"
MODELS = {
    "as_it_is": RELAXES,
    "rules": f"{RELAXES}; s := x + y; q := s*s; species A; A = 1; A -> ; 0.1*A*x^2",
    "events": f"{RELAXES}; n = 0; z = 0; z' = n; at x > 1.5: n = n + 1; at z > 40: z = 0",
    "jumps": "x = 2; y = 0; x' = y; y' = piecewise(5, x > -1, 4)*(1 - x^2)*y - x",
    "time": f"{RELAXES}; u := sin(time)*x; n = 0; at u > 1: n = n + 1",
}


def model_of(folder, text):
    path = folder / "model.ant"
    path.write_text(f"model long()\n {text}\nend\n")
    return load_model(path)


@pytest.mark.parametrize("name", MODELS)
def test_a_course_in_pieces_is_the_same_to_the_last_bit(tmp_path, monkeypatch, name):
    model = model_of(tmp_path, MODELS[name])
    whole = simulate(model, 200, 7)
    for bound in ("PIECE", "PER_POINT", "AT_FIRST"):
        monkeypatch.setattr(integration, bound, {"PIECE": 300}.get(bound, 1))
    pd.testing.assert_frame_equal(simulate(model, 200, 7), whole, check_exact=True)


@pytest.mark.parametrize("more", ["", "; at x > 2: x = 1", "; z = 0; z' = piecewise(1, x > 3, 0)"])
def test_an_interrupted_course_ends_at_once(tmp_path, more):
    model = model_of(tmp_path, TURNS + more)
    simulate(model, 1e-5, 2)  # what is compiled once
    began = time.monotonic()
    # From outside: while libRoadRunner integrates, nothing of this process would send it
    killer = subprocess.Popen(["sh", "-c", f"sleep 1; kill -INT {os.getpid()}"])
    with pytest.raises(KeyboardInterrupt):
        simulate(model, 5, 11)
    assert time.monotonic() - began < 6
    assert killer.wait() == 0


@pytest.mark.parametrize("end", [1, 1e6], ids=["too much", "without end"])
def test_a_course_of_too_many_steps_says_what_takes_so_long(tmp_path, monkeypatch, end):
    monkeypatch.setattr(integration, "MOST", 1_000_000)
    monkeypatch.setattr(integration, "PIECE", 30_000)
    said = r"has taken [0-9]+,... steps by time 0\.\d+, where '[xy]' changes fastest"
    with pytest.raises(SimulationError, match=said) as error:
        simulate(model_of(tmp_path, TURNS), end, 3)
    assert len(str(error.value)) <= 300


@pytest.mark.parametrize("more", ["", "; k = 0; at time >= 0.001: k = 1"])
def test_how_much_work_a_course_may_be_does_not_follow_from_its_grid(tmp_path, more):
    """CVODE's own bound, 20 000 steps from one point to the next, would end the first one."""
    model = model_of(tmp_path, TURNS + more)
    few, many = (simulate(model, 0.01, points) for points in (2, 201))
    pd.testing.assert_frame_equal(few.iloc[[-1]], many.iloc[[-1]], rtol=1e-4)


def test_a_course_that_cannot_be_paused_says_what_takes_so_long(tmp_path, monkeypatch):
    monkeypatch.setattr(integration, "PIECE", 30_000)
    model = model_of(tmp_path, f"{TURNS}; k = 0; at time >= 0.001: k = 1")
    said = r"has taken .* steps by time 0\.\d+, .*; simulate less at a time, or ask for more points"
    with pytest.raises(SimulationError, match=said) as error:
        simulate(model, 10, 3)
    assert len(str(error.value)) <= 300


def test_a_search_for_a_steady_state_gives_a_fast_oscillation_up(tmp_path):
    began = time.monotonic()
    with pytest.raises(SteadyStateError, match="neutral at x = 0, y = 0"):
        steady_state(model_of(tmp_path, TURNS))
    assert time.monotonic() - began < 20
