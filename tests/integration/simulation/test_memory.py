"""A process that holds much memory: compiled code and its tables then lie far apart."""

from __future__ import annotations

import subprocess
import sys

import pytest

_USE = """
import sys
import numpy as np

held = np.empty(int(float(sys.argv[1]) * 2**27))  # untouched, so that it takes no memory
from transport_model import load_model, simulate, steady_state

cell = load_model("cell")
state = steady_state(cell)
course = simulate(cell, end=60.0, points=3)
assert state.converged and course.shape[0] == 3, (state.status, course.shape)
"""


@pytest.mark.parametrize("gigabytes", [3.0, 8.0])
def test_a_large_array_beside_the_model_does_no_harm(gigabytes):
    done = subprocess.run(
        [sys.executable, "-c", _USE, str(gigabytes)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-500:]}"
