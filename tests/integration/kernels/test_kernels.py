"""The compiled kernel against libRoadRunner, NumPy, and itself under every circumstance."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model, simulate, steady_state
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.scans.scan import scan
from transport_model.errors import UnsupportedModelError
from transport_model.kernels.blocks import Method
from transport_model.kernels.kernel import STATUS, distinct_steady_states, kernel_for

COLUMNS = ["Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol", "J_pump", "J_sglt", "dG_sglt"]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Compiled once for the tests, and never taken from the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSPORT_MODEL_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


def model_of(tmp_path, text):
    path = tmp_path / "model.ant"
    path.write_text(text)
    return load_model(path)


def test_kernel_and_libroadrunner_find_the_same_states(cell, random_parameters, random_states):
    table = scan(cell, random_parameters, engine="kernel")
    assert list(table.columns) == list(random_states.columns)
    assert table["converged"].all()
    assert np.allclose(table[COLUMNS], random_states[COLUMNS], rtol=1e-8)


def test_certified_states_are_where_long_simulations_end(cell):
    design = latin_hypercube(60, seed=7, **provenance_ranges(load_model("cell")))
    table = scan(cell, design, engine="kernel")
    for index, row in design.iterrows():
        end = simulate(cell.with_values(**row.to_dict()), 1e7, 2).iloc[-1]
        assert np.allclose(end[COLUMNS].astype(float), table.loc[index, COLUMNS].astype(float),
                           rtol=1e-8, atol=1e-12)  # fmt: skip


@pytest.mark.slow
def test_ten_thousand_states_against_long_simulations(cell):
    """And none of them is left by a simulation that starts there."""
    design = latin_hypercube(10_000, seed=11, **provenance_ranges(load_model("cell")))
    table = scan(cell, design, engine="kernel")
    assert table["converged"].all()
    columns = COLUMNS[:6]
    for index, row in design.iterrows():
        model = cell.with_values(**row.to_dict())
        found = table.loc[index, columns].astype(float)
        end = simulate(model, 1e7, 2).iloc[-1]
        assert np.allclose(end[columns].astype(float), found, rtol=1e-8), index
        stays = simulate(model.starting_from(table.loc[index]), 1e5, 2).iloc[-1]
        assert np.allclose(stays[columns].astype(float), found, rtol=1e-8), index


def test_newtons_method_goes_where_the_course_does(cell):
    """Which shipped cells are known for; every other model's courses are followed."""
    design = latin_hypercube(500, seed=19, **provenance_ranges(cell))
    kernel = kernel_for(cell, list(design.columns))
    assert kernel.known
    ends = []
    for each in (kernel, replace(kernel, known=False)):
        results = np.empty((len(design), len(COLUMNS)))
        status, _ = each.solve(cell, design, results, outputs=COLUMNS)
        results[status != 0] = np.nan
        ends.append(results)
    assert np.isfinite(ends[0]).all()
    assert np.isnan(ends[1]).mean() < 0.01
    followed = np.isfinite(ends[1][:, 0])
    assert np.allclose(*(end[followed] for end in ends), rtol=1e-8)


def test_what_is_known_of_a_cell_is_not_assumed_of_another_one(cell):
    """Nor of one in which something is cut out."""
    assert not kernel_for(replace(cell, name="mine")).known
    design = pd.DataFrame({"n_SGLT": [0.0, cell.quantities["n_SGLT"].value]})
    kernel, seen = kernel_for(cell, ["n_SGLT"]), []

    class Blocks(type(kernel.blocks)):
        def solve(self, points, columns, base, starts, picked, method):
            seen.append((method, len(points)))
            return super().solve(points, columns, base, starts, picked, method)

    kernel = replace(kernel, blocks=Blocks(**vars(kernel.blocks)))
    kernel.solve(cell, design, np.empty((2, len(kernel.outputs))))
    kernel.solve(cell.with_values(P_K=0), design, np.empty((2, len(kernel.outputs))))
    assert seen == [(Method.NEWTON, 1), (Method.COURSE, 1), (Method.COURSE, 2)]


def test_results_depend_on_neither_neighbours_nor_threads(cell):
    design = latin_hypercube(9000, seed=3, **provenance_ranges(load_model("cell")))
    together = scan(cell, design, engine="kernel", threads=2)
    shuffled = design.sample(frac=1, random_state=1)
    alone = scan(cell, shuffled, engine="kernel", threads=1).loc[design.index]
    pd.testing.assert_frame_equal(together, alone, check_exact=True)
    single = scan(cell, design.iloc[[4711]], engine="kernel")
    pd.testing.assert_frame_equal(single, together.iloc[[4711]], check_exact=True)


# Models that users bring -----------------------------------------------------------------------


def test_a_network_with_conserved_sums_and_rate_rules(tmp_path):
    model = model_of(
        tmp_path,
        """model m
      A -> B; k1*A - k2*B
      B + E -> C + E; k3*B*E - k4*C
      A = 7; B = 3; C = 1; E = 2; k1 = 1; k2 = 4; k3 = 0.5; k4 = 0.3
      x' = A - x
      x = 5
    end""",
    )
    design = pd.DataFrame({"k1": [0.5, 1, 2], "A": [7.0, 1.0, 3.0]})
    fast = scan(model, design, engine="kernel")
    slow = scan(model, design, engine="roadrunner")
    assert fast["converged"].all()
    columns = ["B", "C", "E", "x"]
    assert np.allclose(fast[columns], slow[columns], rtol=1e-9)
    a = fast["B"] * 4 / design["k1"]
    assert np.allclose(fast["x"], a, rtol=1e-9)
    assert np.allclose(a + fast["B"] + fast["C"], design["A"] + 4, rtol=1e-12)


def test_growth_without_end_is_a_status(tmp_path):
    model = model_of(tmp_path, "model m\n -> S; k\n S -> ; d*S\n k = 1; d = 1; S = 1\nend\n")
    table = scan(model, pd.DataFrame({"k": [1.0, 1.0], "d": [2.0, 0.0]}), engine="kernel")
    assert list(table["converged"]) == [True, False]
    assert table.at[0, "S"] == pytest.approx(0.5, rel=1e-12)
    assert np.isnan(table.at[1, "S"])
    assert table.at[1, "status"] in set(map(str, STATUS)) - {"ok"}


def test_rates_without_a_value_are_a_status(tmp_path):
    model = model_of(tmp_path, "model m\n -> S; k*ln(p)\n S -> ; S\n k = 1; p = 3; S = 1\nend\n")
    table = scan(model, pd.DataFrame({"p": [3.0, 0.0, 1e308]}), engine="kernel")
    assert list(table["converged"]) == [True, False, True]
    assert table["status"].iloc[1] != "ok"


def test_a_negative_balance_is_not_certified(tmp_path):
    model = model_of(tmp_path, "model m\n S -> ; k\n -> S; -S\n S = 1; k = 1\nend\n")
    table = scan(model, pd.DataFrame({"k": [1.0]}), engine="kernel")
    assert not table["converged"].any()


BISTABLE = """model m
  -> x; 0.05 + 4*x^4/(1 + x^4)
  x -> ; k*x
  x = {start}; k = 1.6
end"""


@pytest.mark.parametrize(("start", "low"), [(0.01, True), (5.0, False)])
def test_bistable_models_give_the_state_their_start_leads_to(tmp_path, start, low):
    """A self-activating gene: a state below and one above the threshold near x = 0.8."""
    model = model_of(tmp_path, BISTABLE.format(start=start))
    end = simulate(model, 1e4, 2)["x"].iloc[-1]
    table = scan(model, pd.DataFrame({"k": [1.6]}), engine="kernel")
    assert table["x"].iloc[0] == pytest.approx(end, rel=1e-8)
    assert steady_state(model)["x"] == pytest.approx(end, rel=1e-8)
    assert (end < 0.8) == low
    both = distinct_steady_states(model)
    assert len(both) == 2
    assert np.isclose(both["x"], end, rtol=1e-8).sum() == 1


@pytest.mark.parametrize(
    ("text", "construct"),
    [("model m\n S -> ; k*S\n S = 1; k = 1\n at (time > 2): k = 3\nend\n", "events"),
     ("model m\n -> S; k*time - S\n S = 1; k = 1\nend\n", "time"),
     ("model m\n k = 1\nend\n", "independent states")],
)  # fmt: skip
def test_unsupported_constructs_are_named(tmp_path, text, construct):
    with pytest.raises(UnsupportedModelError, match=construct):
        scan(model_of(tmp_path, text), pd.DataFrame({"k": [1.0]}), engine="kernel")


# The cache ---------------------------------------------------------------------------------------

SMALL = "model m\n -> S; k\n S -> ; d*S\n k = 1; d = 2; S = 1\nend\n"
SOLVE = """
import sys, pandas as pd
from transport_model.analyses.scans.scan import scan
from transport_model import load_model
table = scan(load_model(sys.argv[1]), pd.DataFrame({"k": [3.0]}), engine="kernel")
print(table["S"].iloc[0], table["converged"].iloc[0])
"""


def solve_elsewhere(path, cache):
    import os

    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(cache)}
    return subprocess.Popen([sys.executable, "-c", SOLVE, str(path)], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # fmt: skip


@pytest.mark.slow
def test_a_damaged_kernel_is_rebuilt_and_two_builders_do_not_meet(tmp_path):
    (tmp_path / "small.ant").write_text(SMALL)
    cache = tmp_path / "cache"

    def answers(count):
        processes = [solve_elsewhere(tmp_path / "small.ant", cache) for _ in range(count)]
        for process in processes:
            out, err = process.communicate(timeout=120)
            assert out.split() == ["1.5", "True"], err

    answers(2)
    (folder,) = (code.parent for code in cache.glob("*/kernel.o"))
    before = (folder / "kernel.o").stat().st_mtime_ns
    answers(1)
    assert (folder / "kernel.o").stat().st_mtime_ns == before
    for name in ("kernel.json", "kernel.o", "checksums.json"):
        target = folder / name
        target.write_bytes(target.read_bytes()[:-9] + b"not right")
        answers(1)
        (again,) = (code.parent for code in cache.glob("*/kernel.o"))
        assert json.loads((again / "kernel.json").read_text())["linear"] is True
