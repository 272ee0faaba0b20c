"""What a kernel computes of a model, and what it says of states, against the equations."""

from __future__ import annotations

import numpy as np
import pytest

from transport_model.certificate import SMALLEST_SHARE
from transport_model.kernels.blocks import _rests
from transport_model.kernels.calling import UNDECIDED
from transport_model.kernels.functions import Module
from transport_model.kernels.judgement import judged
from transport_model.kernels.kernel import STATUS, kernel_for
from transport_model.kernels.lanes import Array
from transport_model.kernels.machine import Loaded, object_code
from transport_model.kernels.model_code import ModelCode
from transport_model.kernels.model_values import given, kept, model_values
from transport_model.kernels.newton import Frame, Solver
from transport_model.kernels.vectors import aligned
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.linearization import velocities_and_jacobian
from transport_model.mathematics.program import Program, array_function


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
