"""Linear systems and stability in lanes, against LAPACK's."""

from __future__ import annotations

import numpy as np
import pytest
from lanes_in_use import WIDTHS, compiled

from transport_model.kernels.functions import WRITTEN_OUT
from transport_model.kernels.linear_algebra import (
    MOST_QUICK,
    clearly_stable,
    factored,
    substituted,
)


def solution(n):
    """Write: is the matrix regular, the sign of its determinant, and the solution."""

    def write(code, matrix, right):
        work, moved, exchanges = code.array(n, n), code.array(n), code.array(n, n)
        for i in code.range(0, n):
            moved[i] = right[i]
            for j in code.range(0, n):
                work[i, j] = matrix[i, j]
        regular, sign = factored(code, work, exchanges)
        substituted(code, work, exchanges, moved)
        return [code.select(regular, 1.0, 0.0), sign, *(moved[i] for i in range(n))]

    return write


def stability(n):
    def write(code, matrix):
        work = code.array(n, n)
        for i in code.range(0, n):
            for j in code.range(0, n):
                work[i, j] = matrix[i, j]
        return [code.select(clearly_stable(code, work), 1.0, 0.0)]

    return write


def matrices(n, count, seed):
    """Of all sizes, sparse ones and such as need an exchange of rows among them."""
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(count, n, n)) * 10.0 ** rng.uniform(-2, 2, (count, n, 1))
    found[::3] *= rng.uniform(size=(n, n)) < 0.6
    for matrix in found[::4]:  # nothing on the diagonal
        np.fill_diagonal(matrix, 0.0)
    return found


@pytest.mark.parametrize("n", range(1, 16))
def test_systems_are_solved(n):
    """Written out for few unknowns, by loops of the machine for more."""
    assert WRITTEN_OUT in range(2, 15)
    width = WIDTHS[n % len(WIDTHS)]
    call = compiled(width, solution(n), [(n, n), (n,)], n + 2)
    given = matrices(n, 120, n)
    rights = np.random.default_rng(n).normal(size=(len(given), n))
    found = call(given, rights)
    determinants = np.linalg.slogdet(given)[0]
    solved = 0
    for matrix, right, sign, (regular, own_sign, *own) in zip(
        given, rights, determinants, found, strict=True
    ):
        condition = np.linalg.cond(matrix)
        if condition < 1e8:
            assert regular
            assert own_sign == sign
            truth = np.linalg.solve(matrix, right)
            assert np.abs(own - truth).max() <= 1e-14 * n * condition * np.abs(truth).max()
            solved += 1
    assert solved > 20 if n > 1 else solved > 5


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_singular_matrices_are_told(n):
    rng = np.random.default_rng(n)
    given = rng.normal(size=(8, n, n))
    given[0] = 0.0
    given[1, :, 0] = 0.0  # a column
    given[2, n - 1] = 0.0  # a row
    given[3] = np.where(np.eye(n) == 1, np.nan, 1.0)
    regular, *_ = compiled(8, solution(n), [(n, n), (n,)], n + 2)(given, np.ones((8, n))).T
    assert regular.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize("n", [4, 9])
def test_every_width_and_lane_has_the_same_bits(n):
    given, rights = matrices(n, 37, 3), np.random.default_rng(3).normal(size=(37, n))
    found = {width: compiled(width, solution(n), [(n, n), (n,)], n + 2) for width in WIDTHS}
    first = found[2](given, rights)
    order = np.random.default_rng(4).permutation(37)
    for call in found.values():
        assert call(given, rights).tobytes() == first.tobytes()
        assert call(given[order], rights[order]).tobytes() == first[order].tobytes()


@pytest.mark.parametrize("n", range(1, MOST_QUICK + 1))
def test_what_is_clearly_stable_is_stable(n):
    """And whatever lies well in the left half is found to, up to a handful of states."""
    rng = np.random.default_rng(50 + n)
    given = matrices(n, 400, n)
    leading = np.linalg.eigvals(given).real.max(axis=1)
    norms = np.abs(given).sum(axis=2).max(axis=1)
    shifts = rng.choice([-1, 1], len(given)) * 10.0 ** rng.uniform(-9, 0, len(given)) * norms
    given += (shifts - leading)[:, None, None] * np.eye(n)
    (clear,) = compiled(WIDTHS[n % len(WIDTHS)], stability(n), [(n, n)], 1)(given).T
    stable = np.linalg.eigvals(given).real.max(axis=1) < 0
    assert not (clear.astype(bool) & ~stable).any()
    assert clear.sum() > (0.2 if n < 7 else 0.02) * stable.sum()


def test_a_matrix_without_finite_numbers_is_not_clearly_stable():
    given = np.stack([-np.eye(3), np.full((3, 3), np.nan), -np.inf * np.ones((3, 3))])
    (clear,) = compiled(2, stability(3), [(3, 3)], 1)(given).T
    assert clear.tolist() == [1, 0, 0]
