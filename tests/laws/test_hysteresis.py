"""Where a system has several states, a scan returns the one that its start leads to, or none."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hysteresis import SYSTEMS
from scipy.integrate import solve_ivp

ROWS = 24

pytestmark = pytest.mark.slow

_BY_KERNEL = """
import pickle, sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from hysteresis import SYSTEMS
from test_hysteresis import design
from transport_model import load_model, scan
from transport_model.kernels.kernel import kernel_for
import numpy as np
warnings.simplefilter("ignore")
tables = {}
for system in SYSTEMS:
    path = Path(sys.argv[2]) / f"{system.name}.ant"
    path.write_text(system.antimony)
    model = load_model(path)
    kernel = kernel_for(model, list(design(system).columns))
    block = np.empty((len(design(system)), len(kernel.outputs)))
    alone, _ = kernel.solve(model, design(system), block)
    tables[system.name] = scan(model, design(system), engine="kernel"), (alone == 0).mean()
Path(sys.argv[2], "tables").write_bytes(pickle.dumps(tables))
"""


def design(system):
    rng = np.random.default_rng(20260131)
    drawn = {
        name: np.exp(rng.uniform(*np.log((low, high)), ROWS))
        if low > 0
        else rng.uniform(low, high, ROWS)
        for name, (low, high) in system.ranges.items()
    }
    return pd.DataFrame(drawn)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """In a process and a cache of their own."""
    place = tmp_path_factory.mktemp("kernels")
    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(place)}
    command = [sys.executable, "-c", _BY_KERNEL, os.path.dirname(__file__), str(place)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return pd.read_pickle(place / "tables")


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_a_scan_returns_the_state_that_each_start_leads_to(tables, system):
    """Against SciPy's integration of right-hand sides written by hand."""
    table, alone = tables[system.name]
    ends = []
    for (_, values), found in zip(design(system).iterrows(), table.itertuples(), strict=True):
        course = solve_ivp(
            lambda t, x, p: system.rates(x, p), (0, system.long), values[[*system.states]],
            "LSODA", args=(values.to_dict(),), rtol=1e-9, atol=system.atol,
        )  # fmt: skip
        end = course.y[:, -1]
        rests = np.abs(system.rates(end, values.to_dict())).max() * system.long <= 1e-2
        assert found.converged <= rests, values
        if found.converged:
            np.testing.assert_allclose([getattr(found, n) for n in system.states], end,
                                       rtol=1e-5, atol=1e-6, err_msg=str(values))  # fmt: skip
        elif rests:
            ends.append(found.status)
    assert len(ends) <= ROWS / 12, ends
    assert alone >= system.alone
