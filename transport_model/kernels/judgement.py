"""What a kernel says of a state, from the model's velocities alone."""

from __future__ import annotations

import math

from transport_model.certificate import (
    EXCHANGE_SHARE,
    MAX_DRIFT,
    MAX_ERROR,
    MAX_IMBALANCE,
    Status,
)
from transport_model.kernels.calling import OUTCOMES, UNDECIDED
from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Array, Lanes, Mask
from transport_model.kernels.linear_algebra import MOST_QUICK, clearly_stable, restrained
from transport_model.kernels.newton import Frame, Solver, error_of, sparse_rows


def outcome(status: Status) -> float:
    """Return the number of an outcome."""
    return float(OUTCOMES.index(status))


def judged(code: Code, solver: Solver, frame: Frame) -> tuple[Lanes, Lanes, Lanes]:
    """Return outcome, largest relative imbalance and error of a state.

    As :class:`transport_model.mathematics.certification.Certificate` computes them; how the state
    rests is left :data:`UNDECIDED`.
    """
    states, values = solver.states, solver.values
    net, gross, exchange = (code.array(states) for _ in range(3))
    code.call("rates", *frame.common, frame.x, net, gross, exchange)
    x, initial = frame.x, frame.initial
    residual, largest, finite = code.number(0.0), code.number(0.0), code.truth(True)
    for i in range(states):
        largest = code.largest(largest, abs(x[i]))
        finite = finite & net[i].finite & x[i].finite
        shared = code.largest(gross[i], exchange[i] * EXCHANGE_SHARE)
        floor = exchange[i] if values.rated[i] else shared
        share = code.select(net[i].differs(0.0), abs(net[i]) / floor, 0.0)
        residual = code.select(share.differs(share), math.inf, code.largest(residual, share))
    solved = code.call("refine", frame.f, frame.jacobian, frame.step)
    error = error_of(code, solver, x, initial, frame.step, solved)
    negative = code.truth(False)
    for i in range(states):
        if values.positive[i]:
            negative = negative | (x[i] < largest * -1e-12)
    found = code.number(float(UNDECIDED))
    for where, status in (
        (code.call("kink", *frame.common, x), Status.NEUTRAL),
        (~(error <= MAX_ERROR), Status.UNBALANCED),
        (negative, Status.NEGATIVE),
        (_drifted(code, solver, x, initial), Status.DRIFTED),
        (~(residual <= MAX_IMBALANCE), Status.UNBALANCED),
        (~finite, Status.NOT_FINITE),
    ):
        found = code.select(where, outcome(status), found)
    return found, code.select(finite, residual, math.nan), error


def _drifted(code: Code, solver: Solver, x: Array, initial: Array) -> Mask:
    drifted = code.truth(False)
    for row in sparse_rows(solver.values.structure.conserved):
        change, size = code.number(0.0), code.number(0.0)
        for i, factor in row:
            change = change + (x[i] - initial[i]) * factor
            size = size + code.largest(abs(x[i]), abs(initial[i])) * abs(factor)
        drifted = drifted | (abs(change) > size * MAX_DRIFT)
    return drifted


def scaled_jacobian(code: Code, solver: Solver, frame: Frame) -> tuple[Array, Lanes]:
    """Return the Jacobian of the states relative to their amounts, and its largest row sum."""
    n = solver.count
    scaled, sizes, row_sums = code.array(n, n), code.array(n), code.array(n)
    for j, i in enumerate(solver.values.independent):
        sizes[j] = code.largest(abs(frame.x[i]), 1e-300)
    for i in code.range(0, n):
        inverse = 1.0 / sizes[i]
        row_sums[i] = 0.0
        for j in code.range(0, n):
            scaled[i, j] = frame.jacobian[i, j] * sizes[j] * inverse
            row_sums[i] = row_sums[i] + abs(scaled[i, j])
    norm = code.array(1)
    norm[0] = 0.0
    for i in code.range(0, n):
        norm[0] = code.largest(norm[0], row_sums[i])
    return scaled, norm[0]


def quickly_stable(code: Code, solver: Solver, scaled: Array, shift: Lanes) -> Mask:
    """Return where a state is stable beyond doubt, with all eigenvalues shifted to the right."""
    n = solver.count
    work = code.array(n, n)
    for i in code.range(0, n):
        for j in code.range(0, n):
            work[i, j] = scaled[i, j]
        work[i, i] = work[i, i] + shift
    return clearly_stable(code, work) if n <= MOST_QUICK else restrained(code, work)
