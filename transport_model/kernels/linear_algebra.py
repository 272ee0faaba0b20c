"""Linear systems and characteristic polynomials of small dense matrices, for lanes.

Every lane exchanges its own rows: by selects, so that lanes stay together.
"""

from __future__ import annotations

from typing import Any

from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Array, Flag, Lanes, Mask, Variable

#: Share of a sum's terms above which it is more than rounding, in the quick test of stability.
CLEAR = 1e-6
#: Most rows of the quick test: the polynomial of a larger matrix has no digits left.
MOST_QUICK = 12


def _exchanged(code: Code, where: Mask, a: Array, one: Any, b: Array, other: Any) -> None:
    """Exchange two numbers in some lanes."""
    first, second = a[one], b[other]
    a[one] = code.select(where, second, first)
    b[other] = code.select(where, first, second)


def factored(code: Code, matrix: Array, exchanges: Array) -> tuple[Mask, Lanes]:
    """Factor a matrix in place; return where it is regular, and the sign of its determinant.

    `exchanges` is filled with what :func:`substituted` has to know of the order of the rows; the
    diagonal of the upper factor is replaced by its reciprocals.
    """
    count = matrix.shape[0]
    regular, sign = Flag(code, code.truth(True)), Variable(code, 1.0)
    for column in code.range(0, count):
        for row in code.range(column + 1, count):
            where = abs(matrix[row, column]) > abs(matrix[column, column])
            exchanges[column, row] = code.select(where, 1.0, 0.0)
            sign.value = code.select(where, -sign.value, sign.value)
            for k in code.range(0, count):
                _exchanged(code, where, matrix, (row, k), matrix, (column, k))
        pivot = matrix[column, column]
        regular.value = regular.value & (abs(pivot) > 0.0)
        sign.value = code.select(pivot < 0.0, -sign.value, sign.value)
        inverse = 1.0 / pivot
        matrix[column, column] = inverse
        for row in code.range(column + 1, count):
            share = matrix[row, column] * inverse
            matrix[row, column] = share
            for k in code.range(column + 1, count):
                matrix[row, k] = code.fma(-share, matrix[column, k], matrix[row, k])
    return regular.value, sign.value


def substituted(code: Code, matrix: Array, exchanges: Array, right: Array) -> None:
    """Solve in place with what :func:`factored` made of a matrix."""
    count = matrix.shape[0]
    for column in code.range(0, count):
        for row in code.range(column + 1, count):
            where = exchanges[column, row] > 0.0
            _exchanged(code, where, right, row, right, column)
    for row in code.range(1, count):
        for k in code.range(0, row):
            right[row] = code.fma(-matrix[row, k], right[k], right[row])
    for row in code.down(count - 1, 0):
        for k in code.range(row + 1, count):
            right[row] = code.fma(-matrix[row, k], right[k], right[row])
        right[row] = right[row] * matrix[row, row]


def clearly_stable(code: Code, matrix: Array) -> Mask:
    """Return where all eigenvalues of a matrix, which is overwritten, lie well in the left half.

    Reduction to Hessenberg form by elimination, the characteristic polynomial by its recurrence,
    and Routh's table (Routh 1877). Every sum is compared with the sum of its terms' sizes: where
    more than a millionth might be rounding, the answer is no, and eigenvalues have to decide.
    """
    _to_hessenberg(code, matrix)
    polynomial, sizes = _characteristic(code, matrix)
    clear = code.truth(True)
    for coefficient, size in zip(polynomial, sizes, strict=True):
        clear = clear & (coefficient > size * CLEAR)
    count = matrix.shape[0]
    zero = code.number(0.0)
    upper = polynomial[0::2] + [zero] * 2
    lower = polynomial[1::2] + [zero] * 3
    for _ in range(count - 1):
        inverse = 1.0 / lower[0]
        below = []
        for j in range(count // 2 + 1):
            kept, taken = lower[0] * upper[j + 1], upper[0] * lower[j + 1]
            if j == 0:
                clear = clear & ((kept - taken) > kept * CLEAR)
            below.append((kept - taken) * inverse)
        upper, lower = lower, [*below, zero, zero]
    return clear


def restrained(code: Code, matrix: Array) -> Mask:
    """Return where each state of a matrix, which is overwritten, is held back by itself enough.

    The comparison matrix has the sizes of the diagonal and less than nothing of all else. Where its
    elimination leaves positive pivots it is an M-matrix, and all eigenvalues lie in the left half
    plane (Berman and Plemmons 1994, Nonnegative Matrices in the Mathematical Sciences, chapter 6).
    Networks of first order always pass, others often; the answer no says nothing.
    """
    count = matrix.shape[0]
    held = Flag(code, code.truth(True))
    sizes = code.array(count)
    for i in code.range(0, count):
        held.value = held.value & (matrix[i, i] < 0.0)
        sizes[i] = abs(matrix[i, i])
        for j in code.range(0, count):
            matrix[i, j] = -abs(matrix[i, j])
        matrix[i, i] = sizes[i]
    for column in code.range(0, count):
        held.value = held.value & (matrix[column, column] > sizes[column] * CLEAR)
        inverse = 1.0 / matrix[column, column]
        for row in code.range(column + 1, count):
            share = matrix[row, column] * inverse
            for k in code.range(column + 1, count):
                matrix[row, k] = code.fma(-share, matrix[column, k], matrix[row, k])
    return held.value


def _to_hessenberg(code: Code, a: Array) -> None:
    count = a.shape[0]
    for m in code.range(1, count - 1):
        for i in code.range(m + 1, count):
            where = abs(a[i, m - 1]) > abs(a[m, m - 1])
            for k in code.range(0, count):
                _exchanged(code, where, a, (m, k), a, (i, k))
            for k in code.range(0, count):
                _exchanged(code, where, a, (k, m), a, (k, i))
        pivot = a[m, m - 1]
        inverse = code.select(pivot.differs(0.0), 1.0 / pivot, 0.0)
        for i in code.range(m + 1, count):
            share = a[i, m - 1] * inverse
            for k in code.range(m, count):
                a[i, k] = code.fma(-share, a[m, k], a[i, k])
            for k in code.range(0, count):
                a[k, m] = code.fma(share, a[k, i], a[k, m])


def _characteristic(code: Code, a: Array) -> tuple[list[Lanes], list[Lanes]]:
    """Return the characteristic polynomial of a Hessenberg matrix, and its terms' sizes summed.

    Coefficients of falling powers, from the leading blocks of sizes 0, 1, …
    """
    count = a.shape[0]
    one = code.number(1.0)
    polynomials, sizes = [[one]], [[one]]
    for k in range(1, count + 1):
        new, size = polynomials[-1][:], sizes[-1][:]
        new.append(code.number(0.0))
        size.append(code.number(0.0))
        product = one
        for i in range(k):
            if i:
                product = product * a[k - i, k - i - 1]
            factor = a[k - i - 1, k - 1] * product
            for j in range(k - i):
                place = j + i + 1
                new[place] = code.fma(-factor, polynomials[k - i - 1][j], new[place])
                size[place] = code.fma(abs(factor), sizes[k - i - 1][j], size[place])
        polynomials.append(new)
        sizes.append(size)
    return polynomials[-1], sizes[-1]
