"""Random networks against SciPy's integration of right-hand sides that owe nothing to SBML."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from random_networks import network
from scipy.integrate import solve_ivp

from transport_model import load_model, simulate, steady_state
from transport_model.errors import SteadyStateError

#: In every run, and in the long one.
FEW, MANY = range(12), range(12, 112)
TIMES = np.linspace(0.0, 10.0, 6)
#: Times [model time] at which a network is looked at for rest.
LATE, LATER = 2e6, 4e6
#: Factors of the first rate constant in a scan.
FACTORS = (0.5, 1.0, 3.0)
STIFF = {"method": "LSODA", "rtol": 1e-10, "atol": 1e-15}
#: Growth beyond this is no use to anyone.
LARGE = 1e9

_BY_KERNEL = """
import pickle, sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from random_networks import network
from test_random_networks import FACTORS
import pandas as pd
from transport_model import load_model, scan
from transport_model.errors import UnsupportedModelError
warnings.simplefilter("ignore")
tables = {}
for seed in map(int, sys.argv[3:]):
    made = network(seed)
    path = Path(sys.argv[2]) / f"network_{seed}.ant"
    path.write_text(made.antimony)
    design = pd.DataFrame({"k0": [made.reactions[0].rate * factor for factor in FACTORS]})
    try:
        tables[seed] = scan(load_model(path), design, engine="kernel")
    except UnsupportedModelError as error:
        tables[seed] = str(error)
Path(sys.argv[2], "tables").write_bytes(pickle.dumps(tables))
"""


def tables_of(seeds, place):
    """In a process and a cache of their own."""
    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(place)}
    command = [sys.executable, "-c", _BY_KERNEL, os.path.dirname(__file__), str(place)]
    done = subprocess.run([*command, *map(str, seeds)], env=environment, capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return pd.read_pickle(place / "tables")


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return tables_of(FEW, tmp_path_factory.mktemp("few"))


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return tables_of(MANY, tmp_path_factory.mktemp("many"))


def rest(made, first=None):
    """Return where a network rests, and whether it does."""

    def large(_, x):
        return np.abs(x).max() - LARGE

    large.terminal = True
    course = solve_ivp(lambda t, x: made.change(x, first), (0.0, LATER), made.start,
                       t_eval=[LATE, LATER], events=large, **STIFF)  # fmt: skip
    if course.status != 0:
        return None, False
    return course.y[:, -1], np.allclose(*course.y.T, rtol=1e-7, atol=1e-9)


def check(seed, table, tmp_path):
    made = network(seed)
    (tmp_path / "m.ant").write_text(made.antimony)
    model = load_model(tmp_path / "m.ant")
    course = solve_ivp(lambda t, x: made.change(x), (0.0, TIMES[-1]), made.start, t_eval=TIMES,
                       **STIFF)  # fmt: skip
    if course.status == 0 and np.abs(course.y).max() < LARGE:
        found = simulate(model, TIMES[-1], len(TIMES))[made.species]
        np.testing.assert_allclose(found, course.y.T, rtol=1e-6, atol=1e-8)
    end, rests = rest(made)
    try:
        state = steady_state(model)
    except SteadyStateError:
        pass
    else:
        assert end is not None
        assert [state[name] for name in made.species] == pytest.approx(end, rel=1e-5, abs=1e-8)
        for reaction, flux in zip(made.reactions, fluxes(made, end), strict=True):
            j = made.reactions.index(reaction)
            assert state[f"R{j}"] == pytest.approx(flux * made.volume, rel=1e-5, abs=1e-5)
    if isinstance(table, str):
        assert "independent states" in table
        return rests
    for row, factor in zip(table.itertuples(), FACTORS, strict=True):
        if row.converged:
            end, _ = rest(made, made.reactions[0].rate * factor)
            assert end is not None, (factor, row)
            assert [getattr(row, n) for n in made.species] == pytest.approx(end, rel=1e-5, abs=1e-8)
    return rests


def fluxes(made, x):
    for each in made.reactions:
        flux = each.rate
        for i in each.taken:
            flux *= x[i] / (each.half + x[i]) if each.saturating else x[i]
        yield flux


@pytest.mark.parametrize("seed", FEW)
def test_a_network_is_what_its_description_says(few, seed, tmp_path):
    check(seed, few[seed], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_another_network_is_what_its_description_says(many, seed, tmp_path):
    check(seed, many[seed], tmp_path)


def test_the_networks_are_of_every_kind(few):
    """Most rest, some do not; some have conserved sums; a kernel solves most of them."""
    solved = [seed for seed in FEW if not isinstance(few[seed], str) and few[seed].converged.any()]
    assert len(FEW) / 4 < len(solved) < len(FEW)
    assert any(each.saturating for seed in FEW for each in network(seed).reactions)
