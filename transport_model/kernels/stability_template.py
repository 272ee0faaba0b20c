"""Stability of a balanced state, decided without eigenvalues: a part of every kernel.

A template as :mod:`transport_model.kernels.solver_template`, before which it is written.
"""

from __future__ import annotations

import math

#: Share of a sum's terms above which it is more than rounding, in the quick test of stability.
CLEAR = 1e-6


def clearly_stable(a, polynomials, sizes):
    """Whether all eigenvalues of ``a``, which is overwritten, lie well in the left half plane.

    Reduction to Hessenberg form by elimination, the characteristic polynomial by its recurrence,
    and Routh's table (Routh 1877). Every sum is compared with the sum of its terms' sizes: where
    more than a millionth might be rounding, the answer is False and Lyapunov's equation decides.
    """
    n = INDEPENDENT
    for m in range(1, n - 1):
        pivot = m
        for i in range(m + 1, n):
            if abs(a[i, m - 1]) > abs(a[pivot, m - 1]):
                pivot = i
        if pivot != m:
            for k in range(n):
                a[m, k], a[pivot, k] = a[pivot, k], a[m, k]
            for k in range(n):
                a[k, m], a[k, pivot] = a[k, pivot], a[k, m]
        if a[m, m - 1] != 0.0:
            for i in range(m + 1, n):
                share = a[i, m - 1] / a[m, m - 1]
                if share != 0.0:
                    for k in range(m, n):
                        a[i, k] -= share * a[m, k]
                    for k in range(n):
                        a[k, m] += share * a[k, i]
    # polynomials[k, j]: coefficient of λ^(k - j) of the leading block of size k
    for k in range(n + 1):
        for j in range(n + 2):
            polynomials[k, j] = 0.0
            sizes[k, j] = 0.0
    polynomials[0, 0] = sizes[0, 0] = 1.0
    for k in range(1, n + 1):
        for j in range(k):
            polynomials[k, j] += polynomials[k - 1, j]
            sizes[k, j] += sizes[k - 1, j]
            polynomials[k, j + 1] -= a[k - 1, k - 1] * polynomials[k - 1, j]
            sizes[k, j + 1] += abs(a[k - 1, k - 1]) * sizes[k - 1, j]
        product = 1.0
        for i in range(1, k):
            product *= a[k - i, k - i - 1]
            factor = a[k - i - 1, k - 1] * product
            for j in range(k - i):
                polynomials[k, j + i + 1] -= factor * polynomials[k - i - 1, j]
                sizes[k, j + i + 1] += abs(factor) * sizes[k - i - 1, j]
    for j in range(n + 1):
        if not polynomials[n, j] > CLEAR * sizes[n, j]:
            return False
    # Routh's table in place: rows shrink into the arrays of the smaller blocks
    upper, lower = polynomials[0], polynomials[1]
    for j in range(n + 2):
        coefficient = 2 * j
        upper[j] = polynomials[n, coefficient] if coefficient <= n else 0.0
    for j in range(n + 2):
        coefficient = 2 * j + 1
        lower[j] = polynomials[n, coefficient] if coefficient <= n else 0.0
    for _ in range(n - 1):
        first = upper[0]
        for j in range(n // 2 + 1):
            kept = lower[0] * upper[j + 1]
            taken = first * lower[j + 1]
            if j == 0 and not kept - taken > CLEAR * kept:
                return False
            upper[j] = (kept - taken) / lower[0]
        upper, lower = lower, upper
    return True


def scale(jacobian, x, work, sign):
    """Fill ``work`` with the Jacobian of the states relative to their amounts.

    It is shifted by what counts as zero, a share of its norm: to the right (`sign` 1), so that a
    direction without a restoring force does not pass for a stable one by rounding, or to the left
    (`sign` -1), so that it does not pass for an unstable one.
    """
    norm = 0.0
    for i in range(INDEPENDENT):
        inverse = 1.0 / max(abs(x[INDEX[i]]), 1e-300)
        row = 0.0
        for j in range(INDEPENDENT):
            work[i, j] = jacobian[i, j] * max(abs(x[INDEX[j]]), 1e-300) * inverse
            row += abs(work[i, j])
        norm = max(norm, row)
    for i in range(INDEPENDENT):
        work[i, i] += sign * ZERO_EIGENVALUE * norm


def stability(jacobian, x, work, system, right, polynomials, sizes):
    """Return OK, UNSTABLE or NEUTRAL.

    Where the quick test is not clear, Lyapunov's equation decides, twice: no eigenvalue lies right
    of what counts as zero, or none left of it.
    """
    scale(jacobian, x, work, 1.0)
    if clearly_stable(work, polynomials, sizes):
        return OK
    scale(jacobian, x, work, 1.0)
    if all_fall(work, system, right):
        return OK
    scale(jacobian, x, work, -1.0)
    return NEUTRAL if all_fall(work, system, right) else UNSTABLE


def all_fall(work, system, right):
    """Whether all eigenvalues of ``work``, which is overwritten, lie in the left half plane.

    They do exactly if the P that solves ``J' P + P J = -1`` is positive definite (Lyapunov 1892).
    """
    n = INDEPENDENT
    size = n * (n + 1) // 2
    for row in range(size):
        for column in range(size):
            system[row, column] = 0.0
        right[row] = 0.0
    for i in range(n):
        for j in range(i, n):
            row = i * n - i * (i - 1) // 2 + j - i
            for k in range(n):
                low, high = min(k, j), max(k, j)
                system[row, low * n - low * (low - 1) // 2 + high - low] += work[k, i]
                low, high = min(i, k), max(i, k)
                system[row, low * n - low * (low - 1) // 2 + high - low] += work[k, j]
        right[i * n - i * (i - 1) // 2] = -1.0
    if not factor_and_solve(system, right, size):
        return False
    for i in range(n):  # Cholesky, in place
        for j in range(i, n):
            work[i, j] = right[i * n - i * (i - 1) // 2 + j - i]
    for i in range(n):
        for k in range(i):
            work[i, i] -= work[k, i] * work[k, i]
        if not work[i, i] > 0.0:
            return False
        root = math.sqrt(work[i, i])
        work[i, i] = root
        for j in range(i + 1, n):
            for k in range(i):
                work[i, j] -= work[k, i] * work[k, j]
            work[i, j] /= root
    return True
