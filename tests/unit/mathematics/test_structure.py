"""Which states follow from conserved sums: found of the sums, as exact elimination finds them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from transport_model.mathematics.structure import _dependent


@pytest.mark.parametrize("seed", range(40))
def test_the_largest_state_of_each_sum_depends_on_the_others(seed):
    """Pivots of Nᵀ, the smallest state first, are what is left: independent rows of N."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 9))
    matrix = rng.integers(-2, 3, (count, int(rng.integers(1, count + 1))))
    matrix *= rng.random(matrix.shape) < 0.6
    rising = rng.permutation(count).tolist()
    rows = DomainMatrix.from_Matrix(sp.Matrix(matrix[rising].T)).convert_to(sp.QQ)
    independent = sorted(rising[pivot] for pivot in rows.rref()[1])
    kernel = sp.Matrix(matrix.T).nullspace()
    sums = [[Fraction(str(each)) for each in vector] for vector in kernel]
    found = _dependent(sums, rising[::-1])
    assert found == [index for index in range(count) if index not in independent]
    assert len(found) == count - np.linalg.matrix_rank(matrix)
