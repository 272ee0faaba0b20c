"""The batched solver: Newton's method at many points, each on its own, in code Numba compiles.

This module is a template. :mod:`transport_model.kernels` writes its text behind the functions
generated from a model (``START``, ``SYSTEM``, ``RATES``, ``KINK``, ``OUTPUTS`` and the sizes), so
that all of it becomes one compiled unit. Names in capitals belong to the model.

Every point is solved in at most ``NEWTON_STEPS + TRANSIENT_STEPS`` evaluations, whatever the rates
do, and nothing that one point computes is seen by another.
"""

from __future__ import annotations

import math

import numpy as np

#: Outcomes of a point, as :data:`transport_model.kernels.kernel.STATUS` names them.
OK, UNBALANCED, DRIFTED, NEGATIVE, UNSTABLE, NEUTRAL, NOT_FINITE, NO_START, FAILED = range(9)

NEWTON_STEPS = 30
TRANSIENT_STEPS = 300
#: The iteration ends when no state's relative imbalance is above this.
CONVERGED = 1e-12
#: It also ends when the last step was this small, relatively: rounding allows no more.
SETTLED = 1e-13
#: A positive amount grows by at most this share of itself in one step, or falls by its exponential.
GROWTH = 2.0
#: It does not end after a step that was larger: a balance that holds at once is a blind one.
QUADRATIC = 1e-4
#: An amount that follows from a conserved sum keeps at least this share of itself in one step.
KEPT = 0.1


def factor_and_solve(matrix, right, count):
    """Solve ``matrix x = right`` in place by elimination with row exchange; False if singular.

    Written out, because ``np.linalg.solve`` under Numba copies and calls LAPACK: 1.12 µs against
    0.17 µs for 6 unknowns, 3.55 against 1.96 µs for 12 (two cores, Numba 0.61). For the same
    reason stability is told without eigenvalues, which take 41 µs.
    """
    for column in range(count):
        pivot = column
        for row in range(column + 1, count):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        if not abs(matrix[pivot, column]) > 0.0:
            return False
        if pivot != column:
            for k in range(column, count):
                matrix[column, k], matrix[pivot, k] = matrix[pivot, k], matrix[column, k]
            right[column], right[pivot] = right[pivot], right[column]
        inverse = 1.0 / matrix[column, column]
        for row in range(column + 1, count):
            share = matrix[row, column] * inverse
            if share != 0.0:
                for k in range(column + 1, count):
                    matrix[row, k] -= share * matrix[column, k]
                right[row] -= share * right[column]
    for row in range(count - 1, -1, -1):
        value = right[row]
        for k in range(row + 1, count):
            value -= matrix[row, k] * right[k]
        right[row] = value / matrix[row, row]
    return True


def advance(x, y, f, jacobian, work, step, inverse_time):
    """Take one (pseudo-transient) Newton step; return its relative size, or -1 where it fails.

    Solves ``(1/h - J) d = f``. Where ``d`` would lower an amount that must stay positive, the
    amount falls exponentially, ``x exp(d/x)``: the same step to first order, and Newton's method
    in the logarithm. The whole step is shortened so that no amount grows more than threefold.
    """
    for i in range(INDEPENDENT):
        step[i] = f[i]
        for j in range(INDEPENDENT):
            work[i, j] = -jacobian[i, j]
        work[i, i] += inverse_time
    if not factor_and_solve(work, step, INDEPENDENT):
        return -1.0
    share = 1.0
    size = 0.0
    for i in range(STATES):
        change = 0.0
        for j in range(INDEPENDENT):
            change += LINK[i, j] * step[j]
        if not math.isfinite(change):
            return -1.0
        if x[i] != 0.0:
            size = max(size, abs(change / x[i]))
        if POSITIVE[i] and x[i] > 0.0:
            if FREE[i]:
                if abs(change) * share > GROWTH * x[i]:
                    share = GROWTH * x[i] / abs(change)
            elif x[i] + change * share < KEPT * x[i]:
                share = (KEPT - 1.0) * x[i] / change
    for j in range(INDEPENDENT):
        i = INDEX[j]
        change = share * step[j]
        if POSITIVE[i] and x[i] > 0.0 and change < 0.0:
            y[j] = x[i] * math.exp(change / x[i])
        else:
            y[j] += change
    return size


def imbalance_of(f, gross, jacobian, y):
    """Return the largest relative imbalance of the independent states, infinite if undefined."""
    worst = 0.0
    for i in range(INDEPENDENT):
        if not math.isfinite(f[i]):
            return math.inf
        exchange = 0.0
        for j in range(INDEPENDENT):
            exchange += abs(jacobian[i, j] * y[j])
        if f[i] != 0.0:
            worst = max(worst, abs(f[i]) / (gross[i] + EXCHANGE_SHARE * exchange))
    return worst


def newton(x, y, g, c, totals, f, gross, jacobian, work, step):
    """Bring ``x`` to a balanced state by Newton's method; return whether it believes that it is."""
    size = math.inf
    for _ in range(NEWTON_STEPS):
        SYSTEM(x, y, g, c, totals, f, gross, jacobian)
        imbalance = imbalance_of(f, gross, jacobian, y)
        if imbalance <= CONVERGED and size <= QUADRATIC:
            return True
        size = advance(x, y, f, jacobian, work, step, 0.0)
        if size < 0.0:  # a balance without a restoring force is for others to judge
            return imbalance <= CONVERGED
        if size <= SETTLED:
            SYSTEM(x, y, g, c, totals, f, gross, jacobian)
            return True
    return False


def solve(x, y, g, c, totals, f, gross, jacobian, work, step):
    """Bring ``x`` to a balanced state, by pseudo-transient continuation where Newton's fails."""
    start = y.copy()
    if newton(x, y, g, c, totals, f, gross, jacobian, work, step):
        return
    for j in range(INDEPENDENT):
        y[j] = start[j]
    inverse_time = 0.0
    before = math.inf
    size = math.inf
    for count in range(TRANSIENT_STEPS):
        SYSTEM(x, y, g, c, totals, f, gross, jacobian)
        imbalance = imbalance_of(f, gross, jacobian, y)
        if imbalance <= CONVERGED and size <= QUADRATIC:
            return
        if count == 0:
            for i in range(INDEPENDENT):
                inverse_time = max(inverse_time, abs(jacobian[i, i]))
        elif imbalance < 2.0 * before:
            inverse_time *= 0.4
        else:
            inverse_time *= 4.0
        before = imbalance
        size = advance(x, y, f, jacobian, work, step, inverse_time)
        if size < 0.0:
            if imbalance <= CONVERGED:
                return
            inverse_time = 16.0 * inverse_time + 1e-300
        elif size <= SETTLED:
            SYSTEM(x, y, g, c, totals, f, gross, jacobian)
            return


def error_of(x, y, f, initial, jacobian, work, step):
    """Return the size of the Newton step that is left, relative to the states; infinite if none is.

    The same bound as that of :class:`transport_model.mathematics.certification.Certificate`, but
    for rounding.
    """
    for i in range(INDEPENDENT):
        step[i] = f[i]
        for j in range(INDEPENDENT):
            work[i, j] = -jacobian[i, j]
    if not factor_and_solve(work, step, INDEPENDENT):
        return math.inf
    largest = 0.0
    for i in range(STATES):
        largest = max(largest, abs(x[i]), abs(initial[i]))
    worst = 0.0
    for i in range(STATES):
        change = 0.0
        for j in range(INDEPENDENT):
            change += LINK[i, j] * step[j]
        floor = max(SMALLEST_SHARE * abs(initial[i]), VANISHING_SHARE * largest)
        if change != 0.0:
            worst = max(worst, abs(change) / max(abs(x[i]), floor))
    return worst


def certify(x, g, c, initial, v, gross, exchange, net):
    """Check a state from the model's velocities alone; fill ``net`` and return (status, residual).

    The same as :class:`transport_model.mathematics.certification.Certificate`, but for stability
    and the error of the state.
    """
    RATES(x, g, c, v, net, gross, exchange)
    residual = 0.0
    largest = 0.0
    for i in range(STATES):
        largest = max(largest, abs(x[i]))
        if not (math.isfinite(net[i]) and math.isfinite(x[i])):
            return NOT_FINITE, math.nan
        if net[i] != 0.0:
            floor = exchange[i] if RATED[i] else max(gross[i], EXCHANGE_SHARE * exchange[i])
            residual = max(residual, abs(net[i]) / floor)
    if not residual <= MAX_IMBALANCE:
        return UNBALANCED, residual
    for row in range(CONSERVED.shape[0]):
        change = 0.0
        size = 0.0
        for i in range(STATES):
            change += CONSERVED[row, i] * (x[i] - initial[i])
            size += abs(CONSERVED[row, i]) * max(abs(x[i]), abs(initial[i]))
        if abs(change) > MAX_DRIFT * size:
            return DRIFTED, residual
    for i in range(STATES):
        if POSITIVE[i] and x[i] < -1e-12 * largest:
            return NEGATIVE, residual
    return OK, residual


def solve_points(design, columns, base, starts, direct, picked, results, status, residuals):
    """Solve, certify and evaluate each row of ``design``; the rest of the arguments is filled.

    ``base`` holds the inputs of a point; ``design[:, k]`` replaces input ``columns[k]``. ``starts``
    is empty, or gives the independent states from which to search (the conserved sums stay those
    of the model's own start). ``direct`` says of each row whether any balanced state will do, so
    that Newton's method may go straight to one; otherwise the course is followed. A row that is
    not certified stays NaN in ``results``.
    """
    g = base.copy()
    c = np.empty(max(HOISTED, 1))
    x, initial = np.empty(STATES), np.empty(STATES)
    y, f, step = np.empty(INDEPENDENT), np.empty(INDEPENDENT), np.empty(INDEPENDENT)
    row_gross = np.empty(INDEPENDENT)
    totals = np.empty(max(STATES - INDEPENDENT, 1))
    jacobian = np.zeros((INDEPENDENT, INDEPENDENT))
    work = np.empty((INDEPENDENT, INDEPENDENT))
    v = np.empty(max(VELOCITIES, 1))
    net, gross, exchange = np.empty(STATES), np.empty(STATES), np.empty(STATES)
    size = INDEPENDENT * (INDEPENDENT + 1) // 2
    polynomials = np.empty((INDEPENDENT + 1, INDEPENDENT + 2))
    sizes = np.empty((INDEPENDENT + 1, INDEPENDENT + 2))
    out = np.empty(OUTPUT_COUNT)
    lyapunov, right = np.empty((size, size)), np.empty(size)
    order = np.empty(INDEPENDENT, dtype=np.int64)
    stages = np.empty((7, INDEPENDENT))
    there, floor = np.empty(STATES), np.empty(STATES)
    for point in range(design.shape[0]):
        for k in range(columns.size):
            g[columns[k]] = design[point, k]
        feasible = START(g, c, initial)
        residuals[point] = math.nan
        if not feasible:
            status[point] = NO_START
            continue
        for i in range(STATES):
            x[i] = initial[i]
        for i in range(STATES - INDEPENDENT):
            totals[i] = 0.0
            for j in range(STATES):
                totals[i] += TOTALS[i, j] * initial[j]
        for i in range(INDEPENDENT):
            y[i] = starts[point, i] if starts.size else initial[INDEX[i]]
        if direct[point]:
            solve(x, y, g, c, totals, f, row_gross, jacobian, work, step)
        elif not follow(
            x,
            y,
            g,
            c,
            totals,
            f,
            row_gross,
            jacobian,
            initial,
            work,
            step,
            order,
            stages,
            there,
            floor,
        ):
            status[point] = FAILED
            continue
        outcome, residual = certify(x, g, c, initial, v, gross, exchange, net)
        if outcome == OK and not error_of(x, y, f, initial, jacobian, work, step) <= MAX_ERROR:
            outcome = UNBALANCED
        if outcome == OK and KINK(x, g, c):  # for others to say what lies on either side
            outcome = NEUTRAL
        if outcome == OK:
            outcome = stability(jacobian, x, work, lyapunov, right, polynomials, sizes)
        status[point] = outcome
        residuals[point] = residual
        if outcome == OK:
            OUTPUTS(x, g, c, out)
            for k in range(picked.size):
                results[point, k] = out[picked[k]]
