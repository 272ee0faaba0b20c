"""Periods that a search for rest tells, against returns of an orbit that SciPy integrates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from transport_model import load_model, steady_state
from transport_model.errors import SteadyStateError

ROESSLER = "x = 1; y = 1; z = 1; x' = -y - z; y' = x + 0.2*y; z' = 0.2 + z*(x - {c})"
LORENZ = "x = 1; y = 1; z = 1; x' = 10*(y - x); y' = x*({r} - z) - y; z' = x*y - 8/3*z"
BURSTS = """x = -1; y = 0; z = 3; x' = y - x^3 + 3*x^2 - z + {i}; y' = 1 - 5*x^2 - y
 z' = 0.006*(4*(x + 1.6) - z)"""
ROUND = "{x} = 1; {y} = 0; {x}' = {x} - {w}*{y} - {x}*r{x}; {y}' = {w}*{x} + {y} - {y}*r{x}\n"
ROUND += "r{x} := {x}^2 + {y}^2\n"


def roessler(c):
    return ROESSLER.format(c=c), lambda t, s: [
        -s[1] - s[2], s[0] + 0.2 * s[1], 0.2 + s[2] * (s[0] - c)]  # fmt: skip


def lorenz(r):
    return LORENZ.format(r=r), lambda t, s: [
        10 * (s[1] - s[0]), s[0] * (r - s[2]) - s[1], s[0] * s[1] - 8 / 3 * s[2]]  # fmt: skip


def bursts(i):
    return BURSTS.format(i=i), lambda t, s: [
        s[1] - s[0] ** 3 + 3 * s[0] ** 2 - s[2] + i, 1 - 5 * s[0] ** 2 - s[1],
        0.006 * (4 * (s[0] + 1.6) - s[2])]  # fmt: skip


def refused(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(f"model m\n {text}\nend\n")
    with pytest.raises(SteadyStateError) as caught:
        steady_state(load_model(path))
    return caught.value


def return_distance(rates, start, after, lag):
    """Return how far an orbit is from where it was a lag ago, relative to its swing, at worst."""
    times = np.linspace(after, after + 2 * lag, 4001)
    orbit = solve_ivp(rates, (0, times[-1]), start, "LSODA", times, rtol=1e-10, atol=1e-12).y
    return (np.abs(orbit[:, 2000:] - orbit[:, :2001]).max(axis=1) / np.ptp(orbit, axis=1)).max()


@pytest.mark.parametrize(
    ("system", "turns"),
    [
        pytest.param(roessler(2.5), 1, marks=pytest.mark.slow), (roessler(3.5), 2),
        pytest.param(roessler(4.0), 4, marks=pytest.mark.slow), (lorenz(160), 1),
        pytest.param(bursts(2.0), 3, marks=pytest.mark.slow),
    ],
    ids=["one turn", "doubled", "doubled twice", "Lorenz", "bursts"],
)  # fmt: skip
def test_a_period_is_the_shortest_after_which_the_orbit_is_where_it_was(tmp_path, system, turns):
    text, rates = system
    error = refused(tmp_path, text)
    assert f"oscillates, period {error.period:.4g}" in str(error)
    start = [-1, 0, 3] if "0.006" in text else [1, 1, 1]
    settled = 100 * error.period / turns
    assert return_distance(rates, start, settled, error.period) < 0.05
    for shorter in range(1, turns):
        assert return_distance(rates, start, settled, error.period * shorter / turns) > 0.1


@pytest.mark.parametrize(
    "text",
    [roessler(5.7)[0], lorenz(28)[0], bursts(3.25)[0],
     ROUND.format(x="x", y="y", w=1) + ROUND.format(x="u", y="v", w="sqrt(2)")],
    ids=["Roessler", "Lorenz", "bursts", "two frequencies"],
)  # fmt: skip
def test_what_never_is_where_it_was_has_no_period(tmp_path, text):
    error = refused(tmp_path, text)
    assert error.period is None
    assert error.status == "not reached"
    assert "goes up and down without a period" in str(error)
    assert error.states
    assert all(state.status == "unstable" for state in error.states)


@pytest.mark.parametrize("speed", [0.01, 1, 1000])
def test_a_product_that_piles_up_and_looks_too_far_apart_leave_the_period(tmp_path, speed):
    text = f"""x = 1; y = 0; p = 0; s = {speed}; r := x^2 + y^2
     x' = s*(x - y - x*r); y' = s*(x + y - y*r); p' = s*(1 + x)"""
    error = refused(tmp_path, text)
    assert error.period == pytest.approx(2 * np.pi / speed, rel=1e-3)
