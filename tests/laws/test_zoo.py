"""Systems with known answers: what is found is right, and what is not claimed does not exist."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from zoo import SYSTEMS

from transport_model import load_model, steady_state
from transport_model.errors import SteadyStateError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo")
    for system in SYSTEMS:
        (folder / f"{system.name}.ant").write_text(system.antimony)
    return folder


def same(found, expected, relative=1e-8):
    return found == pytest.approx(expected, rel=relative, abs=1e-9)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
def test_a_single_solve_tells_the_truth(folder, system):
    model = load_model(folder / f"{system.name}.ant")
    if system.status == "ok":
        state = steady_state(model)
        assert {name: state[name] for name in system.values} == {
            name: pytest.approx(value, rel=1e-8, abs=1e-9) for name, value in system.values.items()
        }
        assert state.error <= 1e-6
        return
    with pytest.raises(SteadyStateError) as caught:
        steady_state(model)
    assert caught.value.status == system.status, caught.value
    if system.values:
        assert any(
            all(same(state[name], value, 1e-5) for name, value in system.values.items())
            for state in caught.value.states
        ), caught.value
        assert not any(state.converged for state in caught.value.states)


_BY_KERNEL = """
import json, sys, warnings
from pathlib import Path
import pandas as pd
from transport_model import load_model, scan
from transport_model.errors import UnsupportedModelError

warnings.simplefilter("ignore")
for path in sorted(Path(sys.argv[1]).glob("*.ant")):
    model = load_model(path)
    name, value = next((n, q.value) for n, q in model.quantities.items() if q.settable)
    try:
        row = scan(model, pd.DataFrame({name: [value]}), engine="kernel").iloc[0].to_dict()
    except UnsupportedModelError as error:
        row = {"refused": str(error)}
    except OverflowError:  # of the interpreter's own mathematics; compiled code has infinity
        row = {"refused": "overflow"}
    print(json.dumps([path.stem, row]))
"""


def test_a_kernel_tells_the_same_truth(folder, tmp_path):
    """In a process and a cache of their own."""
    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", _BY_KERNEL, str(folder)], env=environment,
                          capture_output=True, text=True, timeout=300, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    rows = dict(map(json.loads, done.stdout.splitlines()))
    refused = {name for name, row in rows.items() if "refused" in row}
    overflowed = {name for name, row in rows.items() if row.get("refused") == "overflow"}
    assert refused == overflowed
    assert len(overflowed) <= 2
    for system in SYSTEMS:
        if system.name in refused:
            continue
        row = rows[system.name]
        assert row["status"] == system.status, (system.name, row)
        assert row["converged"] == (system.status == "ok")
        for name, value in system.values.items():
            if system.status == "ok" and name in row:
                assert same(row[name], value), (system.name, name, row[name], value)
