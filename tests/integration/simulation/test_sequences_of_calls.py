"""A call depends on its own arguments alone, whatever the process has been asked before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__)
#: Models that have something to remember: events, delays, thresholds that move, starts computed
#: from one another, volumes that change, states that stay zero.
ZOO = {
    "delayed": "x = 0; y = 0; k = 1\n x' = k\n at 2 after (x > 1), fromTrigger=false: y = y + k",
    "at_zero": "x = 1; k = 2\n x' = 0\n at (time >= 0), t0=false: x = k*x",
    "doses": "dose = 3; next = 4; k = 0.5; species S; S = 1; J: S -> ; k*S\n"
    " at (time >= next): S = S + dose, next = next + 3, k = k/2",
    "starts": "k = 2; a = 3*k; b = a + 1; species S; S = b*k; J: S -> ; k*S/a",
    "volumes": "compartment c = 2; c' = 0.1*k; k = 1; species S in c; S = 3; J: S -> ; c*k*S",
    "pulse": "k = 1; t1 = 3; w = 0.01; species X; X = 0; J: -> X; k*on\n"
    " on := piecewise(1, (time > t1) && (time < t1 + w), 0)",
    "zero": "k = 1.3; species x, y; x = 0; y = 1; jx: -> x; k*x; jy: y -> ; 0.1*k*y*(1 + x)",
    "named": "simulate = 0.5; k = 1; species integrator; integrator = 1\n"
    " J: integrator -> ; simulate*k*integrator",
}
CALLS = ("course", "longer", "stepped", "ramped", "scanned", "reduced", "rested")


def call(folder, name, kind, k):
    """Return every number of one call, as text that holds all their digits."""
    from transport_model import Ramp, Step, grid, load_model, scan, simulate, steady_state
    from transport_model.analyses.scans.courses import Course
    from transport_model.errors import TransportModelError

    model = load_model(folder / f"{name}.ant").with_values(k=k)
    try:
        if kind == "course":
            table = simulate(model, 5, 4)
        elif kind == "longer":
            table = simulate(model, 12.5, 7, relative_tolerance=1e-8)
        elif kind == "stepped":
            table = simulate(model, 6, 3, inputs=[Step(2.5, {"k": 0.3})])
        elif kind == "ramped":
            table = simulate(model, 6, 3, inputs=[Ramp("k", 1, 3, 0.7)])
        elif kind == "scanned":
            table = scan(model, grid(k=[0.2, k]), engine="roadrunner")
        elif kind == "reduced":
            column = simulate(model, 1, 2).columns[0]
            table = scan(model, grid(k=[k, 0.4]), course=Course(6, 5, [f"{column}:max"]))
        else:
            return steady_state(model).values.map(float.hex).to_json()
    except TransportModelError as error:
        return f"{type(error).__name__}: {str(error)[:60]}"
    numbers = table.select_dtypes("number")
    return json.dumps([[float(v).hex() for v in row] for row in numbers.to_numpy()])


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo")
    for name, body in ZOO.items():
        (folder / f"{name}.ant").write_text(f"model {name}\n {body}\nend\n")
    return folder


def fresh(folder, each):
    """Return what a process of its own says to a call, asked nothing before."""
    command = [sys.executable, str(HERE), str(folder), json.dumps(each)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", ZOO)
def test_any_order_of_calls_gives_the_same_bits(zoo, name):
    """Each call among others, in random orders, is the call made first with cleared memories."""
    first = {}
    for kind in CALLS:
        for k in (1.0, 0.25):
            forget()
            first[kind, k] = call(zoo, name, kind, k)
    random = np.random.default_rng(20)
    for _ in range(15):
        kind, k = str(random.choice(CALLS)), float(random.choice([1.0, 0.25]))
        assert call(zoo, name, kind, k) == first[kind, k], (kind, k)


@pytest.mark.parametrize(
    "names", [["delayed", "doses", "pulse"], pytest.param([*ZOO], marks=pytest.mark.slow)]
)
def test_a_fresh_process_says_the_same(zoo, names):
    forget()
    asked = tuple(zip(names, ("stepped", "course") * 4, (1.0,) * 8, strict=False))
    for name, kind in zip(names, CALLS * 2, strict=False):
        call(zoo, name, kind, 0.25)
    mine = [call(zoo, *each) for each in reversed(asked)][::-1]
    assert mine == [fresh(zoo, each) for each in asked]


def forget():
    """Drop every compiled model of the process."""
    from transport_model.simulation.runner import runner_for

    runner_for.cache_clear()


if __name__ == "__main__":
    print(call(Path(sys.argv[1]), *json.loads(sys.argv[2])))
