"""The course from a point's start to where it rests: a part of every kernel.

A template as :mod:`transport_model.kernels.solver_template`, before which it is written.

Newton's method finds *a* balanced state; which one the start leads to, only the course can tell.
It is followed by RODAS3, a Rosenbrock method of order 3 with an error estimate of order 2 that
damps what is fast (Sandu et al. 1997, Atmos Environ 31:3459), with three safeguards:

- a step is too long where ``det(2/h - J)`` is not positive: it would be drawn to an unstable state
  instead of leaving it;
- the error made so far is carried along by the linearised course. Where it grows to a tenth of a
  state, neighbouring courses part, and the point is left to others;
- the course must come so close to a state that Newton's method hardly moves it.
"""

from __future__ import annotations

import math

#: Most steps of a course, those that are refused among them.
COURSE_STEPS = 1500
#: Relative error of a step.
STEP_ERROR = 1e-5
#: Relative error carried along at which rounding, or a separatrix, may decide where a course ends.
DOUBT = 0.1
#: The Newton step that is left where a course has arrived, and how far Newton's method may move it.
ARRIVED, MOVED = 1e-5, 1e-4
#: Share of the largest size of a state with a sign that is small beside it.
SIGNED_SHARE = 1e-4
#: Bounds of the change from one step to the next, and the part of the best step that is taken.
SHRINK, GROW, SAFETY = 0.1, 6.0, 0.9


def factor(matrix, order, count):
    """Factor ``matrix`` in place, rows exchanged; return the sign of its determinant."""
    sign = 1.0
    for column in range(count):
        pivot = column
        for row in range(column + 1, count):
            if abs(matrix[row, column]) > abs(matrix[pivot, column]):
                pivot = row
        order[column] = pivot
        if not abs(matrix[pivot, column]) > 0.0:
            return 0.0
        if pivot != column:
            sign = -sign
            for k in range(count):
                matrix[column, k], matrix[pivot, k] = matrix[pivot, k], matrix[column, k]
        if matrix[column, column] < 0.0:
            sign = -sign
        inverse = 1.0 / matrix[column, column]
        for row in range(column + 1, count):
            share = matrix[row, column] * inverse
            matrix[row, column] = share
            if share != 0.0:
                for k in range(column + 1, count):
                    matrix[row, k] -= share * matrix[column, k]
    return sign


def substitute(matrix, order, right, count):
    """Solve in place with what :func:`factor` made of a matrix."""
    for column in range(count):
        pivot = order[column]
        right[column], right[pivot] = right[pivot], right[column]
    for row in range(1, count):
        value = right[row]
        for k in range(row):
            value -= matrix[row, k] * right[k]
        right[row] = value
    for row in range(count - 1, -1, -1):
        value = right[row]
        for k in range(row + 1, count):
            value -= matrix[row, k] * right[k]
        right[row] = value / matrix[row, row]


def largest_share(change, x, moved, floor):
    """Return the largest change of a state relative to itself, before or after it has moved."""
    worst = 0.0
    for i in range(STATES):
        size = 0.0
        for j in range(INDEPENDENT):
            size += LINK[i, j] * change[j]
        if not (math.isfinite(size) and math.isfinite(moved[i])):
            return math.inf
        if size != 0.0:
            worst = max(worst, abs(size) / max(abs(x[i]), abs(moved[i]), floor[i]))
    return worst


def course_step(h, y, f, work, order, stages, g, c, totals):
    """Take a step of RODAS3 with ``2/h - J`` factored in ``work``.

    Row 4 of ``stages`` becomes the new states and row 3 the error. The coefficients are those for
    increments scaled by γ = 1/2 (Hairer and Wanner 1996, Solving Ordinary Differential Equations
    II, section IV.7).
    """
    for i in range(INDEPENDENT):
        stages[0, i] = f[i]
    substitute(work, order, stages[0], INDEPENDENT)
    for i in range(INDEPENDENT):
        stages[1, i] = f[i] + 4.0 / h * stages[0, i]
    substitute(work, order, stages[1], INDEPENDENT)
    for i in range(INDEPENDENT):
        stages[4, i] = y[i] + 2.0 * stages[0, i]
    BALANCE(stages[4], g, c, totals, stages[2])
    for i in range(INDEPENDENT):
        stages[2, i] += (stages[0, i] - stages[1, i]) / h
    substitute(work, order, stages[2], INDEPENDENT)
    for i in range(INDEPENDENT):
        stages[4, i] += stages[2, i]
    BALANCE(stages[4], g, c, totals, stages[3])
    for i in range(INDEPENDENT):
        third = 8.0 / 3.0 * stages[2, i]
        stages[3, i] += (stages[0, i] - stages[1, i] - third) / h
    substitute(work, order, stages[3], INDEPENDENT)
    for i in range(INDEPENDENT):
        stages[4, i] += stages[3, i]


def carry(h, work, order, carried, made):
    """Move the error ``carried`` so far along with a step, and add the error that the step made.

    Twice ``(2/h) / (2/h - J)`` is the exponential of hJ to second order, grows faster than it does,
    and damps what is fast. Errors add up in size; the lean keeps them off any line of symmetry.
    """
    for _ in range(2):
        for i in range(INDEPENDENT):
            carried[i] *= 2.0 / h
        substitute(work, order, carried, INDEPENDENT)
    for i in range(INDEPENDENT):
        own = abs(made[i]) * (1.0 + i / INDEPENDENT)
        carried[i] += own if carried[i] >= 0.0 else -own


def raise_floor(x, initial, floor, largest):
    """Bring up to date below what size a change of each state is as good as none.

    A state that may have any sign passes zero on its way: there its largest size so far counts.
    """
    for i in range(STATES):
        own = SMALLEST_SHARE * abs(initial[i])
        nothing = max(VANISHING_SHARE * largest, 1e-300)
        if not POSITIVE[i]:
            floor[i] = max(floor[i], nothing, SIGNED_SHARE * abs(x[i]))
        elif own > 0.0:  # a trace at the start may grow
            floor[i] = min(own, nothing)
        else:
            floor[i] = nothing


def first_step(x, y, f, jacobian, largest):
    """Return a step that is short beside every rate, or 0 where a rate is no finite number."""
    fastest = 1e-300
    for i in range(INDEPENDENT):
        row = abs(f[i]) / max(abs(y[i]), SMALLEST_SHARE * largest, 1e-300)
        for j in range(INDEPENDENT):
            row += abs(jacobian[i, j])
        if not math.isfinite(row):
            return 0.0
        fastest = max(fastest, row)
    return 1e-3 / fastest


def follow(
    x, y, g, c, totals, f, gross, jacobian, initial, work, step, order, stages, there, floor
):
    """Bring ``x`` along its course to the balanced state where it rests; whether it came there."""
    carried = stages[5]
    largest = 0.0
    for i in range(STATES):
        largest = max(largest, abs(initial[i]))
        floor[i] = 0.0
    for i in range(INDEPENDENT):
        carried[i] = STEP_ERROR * (1.0 + i / INDEPENDENT) * abs(y[i])
    SYSTEM(x, y, g, c, totals, f, gross, jacobian)
    h = first_step(x, y, f, jacobian, largest)
    arrived = False
    for _ in range(COURSE_STEPS if h > 0.0 else 0):
        arrived = error_of(x, y, f, initial, jacobian, work, step) <= ARRIVED
        if arrived:
            break
        for i in range(INDEPENDENT):
            for j in range(INDEPENDENT):
                work[i, j] = -jacobian[i, j]
            work[i, i] += 2.0 / h
        if not factor(work, order, INDEPENDENT) > 0.0:
            h *= SHRINK
            continue
        course_step(h, y, f, work, order, stages, g, c, totals)
        raise_floor(x, initial, floor, largest)
        for i in range(STATES):
            there[i] = x[i]
            for j in range(INDEPENDENT):
                there[i] += LINK[i, j] * (stages[4, j] - y[j])
        share = largest_share(stages[3], x, there, floor) / STEP_ERROR
        if not share <= 1.0:
            h *= max(SHRINK, SAFETY * share ** (-1.0 / 3.0)) if math.isfinite(share) else SHRINK
            continue
        carry(h, work, order, carried, stages[3])
        if not largest_share(carried, x, there, floor) <= DOUBT:
            return False
        for i in range(INDEPENDENT):
            y[i] = stages[4, i]
        SYSTEM(x, y, g, c, totals, f, gross, jacobian)
        for i in range(STATES):
            largest = max(largest, abs(x[i]))
        h *= min(GROW, SAFETY * max(share, 1e-12) ** (-1.0 / 3.0))
    if not arrived:
        return False
    for i in range(STATES):
        there[i] = x[i]
    newton(x, y, g, c, totals, f, gross, jacobian, work, step)
    for i in range(STATES):
        size = max(abs(x[i]), SMALLEST_SHARE * abs(initial[i]), VANISHING_SHARE * largest)
        if not abs(x[i] - there[i]) <= MOVED * size:
            return False
    return True
