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
from transport_model.certificate import SMALLEST_SHARE
from transport_model.errors import UnsupportedModelError
from transport_model.kernels.blocks import Method, _rests
from transport_model.kernels.calling import UNDECIDED
from transport_model.kernels.functions import Module
from transport_model.kernels.judgement import judged
from transport_model.kernels.kernel import STATUS, distinct_steady_states, kernel_for
from transport_model.kernels.lanes import Array
from transport_model.kernels.machine import Loaded, object_code
from transport_model.kernels.model_code import ModelCode
from transport_model.kernels.model_values import given, kept, model_values
from transport_model.kernels.newton import Frame, Solver
from transport_model.kernels.vectors import aligned
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.linearization import velocities_and_jacobian
from transport_model.mathematics.program import Program, array_function

COLUMNS = ["Na_i", "K_i", "Cl_i", "Glc_i", "V_m", "cytosol", "J_pump", "J_sglt", "dG_sglt"]


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Compiled once for the tests, and never taken from the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSPORT_MODEL_CACHE", str(tmp_path_factory.mktemp("kernels")))
        yield


@pytest.fixture(scope="module")
def values(cell):
    """What the kernel of the cell computes, as values of a graph."""
    return model_values(cell, frozenset())


def computed(values, results, inputs, states):
    """Return values of a kernel's graph, printed for NumPy."""
    leaves = {"g": [given(name) for name in values.inputs], "x": values.states}
    at_start = Program(values.graph, tuple(values.kept.values()))
    held = array_function(at_start, leaves)(inputs, states)
    leaves["k"] = [kept(name) for name in values.kept]
    return array_function(Program(values.graph, tuple(results)), leaves)(inputs, states, held)


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


def test_the_newton_system_is_the_exact_one(cell, values, resting):
    """Against L and ∂v/∂x as derived and printed for NumPy, and LAPACK's solution."""
    examiner = Examiner(cell)
    structure = examiner.structure
    inputs = np.array(list(kernel_for(cell).inputs.values()))
    states = examiner.states_of(resting.values)
    # off balance, with the conserved sums kept
    aside = 1 + 0.1 * np.cos(np.arange(len(structure.independent)))
    states = states + structure.link @ ((aside - 1) * states[structure.independent])
    velocities, slopes = velocities_and_jacobian(cell.sbml, states, examiner.constants)
    reduced = structure.stoichiometry[structure.independent]
    jacobian = reduced @ slopes @ structure.link

    initial = computed(values, values.initial, inputs, states)
    assert np.allclose(initial, examiner.initial, rtol=1e-15, atol=0)
    independent = np.full(len(states), np.nan)  # from these alone
    independent[structure.independent] = states[structure.independent]
    assert np.allclose(computed(values, values.by_independent, inputs, independent), states,
                       rtol=1e-12)  # fmt: skip
    balance = np.array(computed(values, values.balance, inputs, independent))
    assert np.allclose(balance, reduced @ velocities, rtol=1e-11, atol=1e-12)
    gross = computed(values, values.gross, inputs, independent)
    assert np.allclose(gross, np.abs(reduced) @ np.abs(velocities), rtol=1e-12)
    found = np.zeros_like(jacobian)
    found[tuple(np.transpose(list(values.jacobian)))] = computed(
        values, values.jacobian.values(), inputs, independent
    )
    assert np.allclose(found, jacobian, rtol=1e-11, atol=1e-12)
    step = computed(values, values.step, inputs, independent)
    assert np.allclose(step, np.linalg.solve(jacobian, -balance), rtol=1e-9)


def test_what_the_certificate_rests_on_is_computed_from_all_states(cell, values, resting):
    """Net, gross and exchange rates of states that keep no conserved sum."""
    examiner = Examiner(cell)
    states = examiner.states_of(resting.values) * (1 + 0.1 * np.sin(np.arange(len(values.states))))
    matrix = examiner.structure.stoichiometry
    velocities, slopes = velocities_and_jacobian(cell.sbml, states, examiner.constants)
    inputs = np.array(list(kernel_for(cell).inputs.values()))
    sizes = np.maximum(np.abs(states), SMALLEST_SHARE * states.max())
    exchange = np.abs(matrix) @ (np.abs(slopes) @ sizes)
    for results, expected in (
        (values.net, matrix @ velocities),
        (values.net_gross, np.abs(matrix) @ np.abs(velocities)),
        (values.exchange, exchange),
    ):
        assert np.allclose(computed(values, results, inputs, states), expected, rtol=1e-11)


def test_stability_is_that_of_the_eigenvalues():
    """Random matrices on both sides of the imaginary axis, near it and on it."""
    rng = np.random.default_rng(5)
    matrices, expected = [], []
    for n in range(1, 7):
        for _ in range(200):
            matrix = rng.normal(size=(n, n)) * 10.0 ** rng.uniform(-2, 2, (n, 1))
            leading = np.linalg.eigvals(matrix).real.max()
            distance = rng.choice([-1, 1]) * 10.0 ** rng.uniform(-6, 1)
            matrices.append(matrix + np.eye(n) * (distance - leading))
            expected.append("ok" if distance < 0 else "unstable")
        matrices.append(np.zeros((n, n)))
        expected.append("neutral")
        matrices.append(np.full((n, n), np.nan))
        expected.append("not finite")
    found = [str(STATUS[_rests(matrix[None])[0]]) for matrix in matrices]
    assert found == expected


@pytest.fixture(scope="module", params=[2, 4, 8])
def certify(request, values):
    """What a kernel says of given states: outcome, imbalance and error, at every width."""
    module = Module(request.param)
    model, solver = ModelCode(module, values), Solver(module, values)
    for write in (
        model.system,
        model.balance,
        model.rates,
        model.kink,
        solver.write,
        model.start,
        model.constants,
    ):
        write()
    arguments = ("inputs", "states", "told")
    with module.entry("certify", arguments) as (code, pointers):
        n, states = solver.count, solver.states
        read = {name: Array(code, pointers[name], (1,)) for name in arguments}
        sizes = {"g": len(values.inputs), "k": len(values.kept), "c": len(model.hoisted.places),
                 "initial": states, "x": states, "y": n, "f": n, "gross": n, "step": n}  # fmt: skip
        arrays = {name: code.array(size) for name, size in sizes.items()}
        frame = Frame(jacobian=code.array(n, n), **arrays)
        for k in code.turns(len(values.inputs)):
            frame.g[k] = read["inputs"][k]
        for i in code.range(0, n):
            for j in code.range(0, n):
                frame.jacobian[i, j] = 0.0
        code.call("start", frame.g, frame.k, frame.initial)
        code.call("constants", *frame.common)
        for j, i in enumerate(values.independent):
            frame.y[j] = read["states"][i]
        code.call("system", *frame.of_system)
        for i in range(states):
            frame.x[i] = read["states"][i]
        for place, number in enumerate(judged(code, solver, frame)):
            read["told"][place] = number
    function = Loaded(object_code(module)).function("certify", arguments)

    def call(inputs, states):
        """Of states by row, as many as a vector has or fewer."""

        def lanes(rows):
            vector = aligned(rows.shape[1] * request.param)
            vector.reshape(rows.shape[1], -1)[:] = rows.T
            return vector

        width = request.param
        rows = np.vstack([states, np.repeat(states[-1:], -len(states) % width, axis=0)])
        told = []
        for block in rows.reshape(-1, width, states.shape[1]):
            answers = aligned(3 * width)
            given = lanes(np.repeat(inputs[None], width, axis=0)), lanes(block), answers
            function(*(array.ctypes.data for array in given))
            told.append(answers.reshape(3, width).T.copy())
        return np.vstack(told)[: len(states)].T

    return call


def test_a_kernel_certifies_nothing_that_the_examiner_would_not(cell, certify, resting):
    """States moved off balance, off their conserved sum, or below zero."""
    examiner = Examiner(cell)
    states = examiner.states_of(resting.values)
    inputs = np.array(list(kernel_for(cell).inputs.values()))
    moved = [states]
    for row in range(len(states)):
        for factor in (1 + 1e-7, 0.9, -1.0):
            moved.append(states.copy())
            moved[-1][row] *= factor
    moved.append(np.where(np.arange(len(states)) == 1, np.nan, states))
    outcomes, residuals, errors = certify(inputs, np.array(moved))
    assert residuals[0] <= 1e-9
    assert errors[0] <= 1e-8
    for outcome, each in zip(outcomes, moved, strict=True):
        theirs = examiner.examine(each).status
        # how it rests is for eigenvalues to say
        own = "ok" if outcome == UNDECIDED else str(STATUS[int(outcome)])
        assert own == theirs, (each / states, own, theirs)


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
