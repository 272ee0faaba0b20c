"""Newton's method at many points, each lane by itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transport_model.certificate import EXCHANGE_SHARE, SMALLEST_SHARE, VANISHING_SHARE
from transport_model.kernels.elementary import exponential
from transport_model.kernels.functions import Code, Module
from transport_model.kernels.lanes import Array, Flag, Lanes, Mask, Variable
from transport_model.kernels.linear_algebra import factored, substituted
from transport_model.kernels.model_values import ModelValues
from transport_model.kernels.shifted import Shifted

NEWTON_STEPS = 30
TRANSIENT_STEPS = 300
#: The iteration ends when no state's relative imbalance is above this.
CONVERGED = 1e-12
#: It also ends when the last step was this small, relatively: rounding allows no more.
SETTLED = 1e-13
#: It does not end after a step that was larger: a balance that holds at once is a blind one.
QUADRATIC = 1e-4
#: A positive amount grows by at most this share of itself in one step, or falls by its exponential.
GROWTH = 2.0
#: An amount that follows from a conserved sum keeps at least this share of itself in one step.
KEPT = 0.1
#: Relative residual at which a linear system's solution is good.
SOUND = 1e-8
#: Above this exponent e^q is its series of degree 8, to the last digit.
NEAR = -0.05
#: Entries of a Jacobian that are taken one by one.
MOST_PLACES = 600


@dataclass(frozen=True)
class Frame:
    """The arrays of one block of points, by what they hold.

    Attributes
    ----------
    g, k, c
        Inputs, what is kept from the start on, and what is computed once a point.
    initial, x
        Starting values and values of all states.
    y, f, gross, jacobian, step
        The independent states, their net and gross rates, derivatives and Newton step.
    """

    g: Array
    k: Array
    c: Array
    initial: Array
    x: Array
    y: Array
    f: Array
    gross: Array
    jacobian: Array
    step: Array

    @property
    def common(self) -> tuple[Array, ...]:
        """The arguments that all of a model's functions have."""
        return (self.g, self.k, self.c)

    @property
    def of_system(self) -> tuple[Array, ...]:
        """The arguments of ``system``."""
        return (*self.common, self.y, self.x, self.f, self.gross, self.jacobian, self.step)


class Solver:
    """Writes Newton's method for one model.

    Parameters
    ----------
    module
        Where the model's own functions are.
    values
        What the model computes.
    """

    def __init__(self, module: Module, values: ModelValues) -> None:
        self.module, self.values = module, values
        self.shifted = Shifted(module, values)
        self.count, self.states = len(values.independent), len(values.states)
        self._places = list(values.jacobian)
        n = self.count
        self._system = {"g": (1,), "k": (1,), "c": (1,), "y": (n,), "x": (self.states,), "f": (n,),
                        "gross": (n,), "jacobian": (n, n), "step": (n,)}  # fmt: skip

    # Pieces

    def row(self, code: Code, row: int) -> Iterable[Any]:
        """Return the columns of the Jacobian's entries in a row, or all where it is full."""
        if len(self._places) > MOST_PLACES:
            return code.range(0, self.count)
        return [column for r, column in self._places if r == row]

    def change(self, code: Code, step: Array, state: int) -> Lanes:
        """Return how a state changes with the independent ones."""
        parts = [(float(factor), j) for j, factor in enumerate(self.values.structure.link[state])
                 if factor]  # fmt: skip
        total = code.number(0.0)
        for place, (factor, j) in enumerate(parts):
            term = step[j] if factor == 1.0 else step[j] * factor
            total = term if place == 0 else total + term
        return total

    def _exchange(self, code: Code, jacobian: Array, y: Array, row: int) -> Lanes:
        total = Variable(code, 0.0)
        for column in self.row(code, row):
            total.value = code.fma(abs(jacobian[row, column]), abs(y[column]), total.value)
        return total.value

    def _is_balanced(self, code: Code, f: Array, gross: Array, jacobian: Array, y: Array) -> Mask:
        """Return where the largest relative imbalance is that of a converged state."""
        balanced = code.truth(True)
        for row in range(self.count):
            floor = code.fma(self._exchange(code, jacobian, y, row), EXCHANGE_SHARE, gross[row])
            balanced = balanced & (abs(f[row]) <= floor * CONVERGED) & f[row].finite
        return balanced

    def _imbalance(self, code: Code, f: Array, gross: Array, jacobian: Array, y: Array) -> Lanes:
        """Return the largest relative imbalance; infinite where there is none."""
        worst, finite = code.number(0.0), code.truth(True)
        for row in range(self.count):
            floor = code.fma(self._exchange(code, jacobian, y, row), EXCHANGE_SHARE, gross[row])
            share = code.select(f[row].differs(0.0), abs(f[row]) / floor, 0.0)
            worst, finite = code.largest(worst, share), finite & f[row].finite
        return code.select(finite, worst, math.inf)

    def write(self) -> None:
        """Write ``solve_linear``, ``refine``, ``advance``, ``newton`` and ``transient``.

        And what :class:`~transport_model.kernels.shifted.Shifted` writes.
        """
        self.shifted.write()
        self._write_solve_linear()
        self._write_refine()
        self._write_advance()
        self._write_newton()
        self._write_transient()

    def _write_solve_linear(self) -> None:
        """Write ``solve_linear``: ``(shift - J) step = f``, with exchange of rows."""
        n = self.count
        arguments = {"f": (n,), "jacobian": (n, n), "step": (n,), "shift": (1,)}
        with self.module.function("solve_linear", arguments, answers=True) as (code, arrays):
            f, jacobian, step, shift = arrays
            work, exchanges = code.array(n, n), code.array(n, n)
            for i in code.range(0, n):
                step[i] = f[i]
                for j in code.range(0, n):
                    work[i, j] = -jacobian[i, j]
                work[i, i] = work[i, i] + shift[0]
            regular, _ = factored(code, work, exchanges)
            substituted(code, work, exchanges, step)
            code.answer(regular)

    def _write_refine(self) -> None:
        """Write ``refine``: Newton's step as good as it can be had; where there is one."""
        n = self.count
        arguments = {"f": (n,), "jacobian": (n, n), "step": (n,)}
        with self.module.function("refine", arguments, answers=True) as (code, arrays):
            f, jacobian, step = arrays
            zero, careful = code.array(1), code.array(n)
            zero[0] = 0.0
            if self.values.step is None:
                code.answer(code.call("solve_linear", f, jacobian, step, zero))
                return
            sound = code.truth(True)
            for row in range(n):
                rest, size = Variable(code, f[row]), Variable(code, abs(f[row]))
                for column in self.row(code, row):
                    product = jacobian[row, column] * step[column]
                    rest.value, size.value = rest.value + product, size.value + abs(product)
                sound = sound & (abs(rest.value) <= size.value * SOUND)
            solved = Flag(code, sound)
            with code.when(code.any(~sound)):
                regular = code.call("solve_linear", f, jacobian, careful, zero)
                solved.value = sound | regular
                for i in range(n):
                    step[i] = code.select(sound, step[i], careful[i])
            code.answer(solved.value)

    def _write_advance(self) -> None:
        """Write ``advance``: take a step in the lanes where it is one.

        Where it would lower an amount that must stay positive, the amount falls exponentially,
        ``x exp(d/x)``: the same step to first order, and Newton's method in the logarithm. The
        whole step is shortened so that no amount grows more than threefold. ``size`` becomes the
        size of the step relative to the states.
        """
        n = self.count
        arguments = {"x": (self.states,), "y": (n,), "step": (n,), "size": (1,), "active": None}
        with self.module.function("advance", arguments, answers=True) as (code, arrays):
            x, y, step, size, active = arrays
            valid, largest, share = active, code.number(0.0), code.number(1.0)
            independent = self.values.independent
            for i in range(self.states):
                change = self.change(code, step, i)
                valid = valid & change.finite
                relative = code.select(x[i].differs(0.0), abs(change / x[i]), 0.0)
                largest = code.largest(largest, relative)
                if not self.values.positive[i]:
                    continue
                if i in independent:
                    room = x[i] * GROWTH
                    cut = (x[i] > 0.0) & (abs(change) * share > room)
                    share = code.select(cut, room / abs(change), share)
                else:
                    cut = (x[i] > 0.0) & (x[i] + change * share < x[i] * KEPT)
                    share = code.select(cut, x[i] * (KEPT - 1.0) / change, share)
            for j, i in enumerate(independent):
                change = step[j] * share
                moved = y[j] + change
                if self.values.positive[i]:
                    falls = (x[i] > 0.0) & (change < 0.0)
                    moved = code.select(falls, x[i] * _falling(code, change / x[i], valid & falls),
                                        moved)  # fmt: skip
                y[j] = code.select(valid, moved, y[j])
            size[0] = largest
            code.answer(valid)

    def _write_newton(self) -> None:
        """Write ``newton``: bring lanes to a balanced state; where it believes that it did."""
        arguments = {**self._system, "active": None}
        with self.module.function("newton", arguments, answers=True) as (code, arrays):
            *system, start = arrays
            *_, y, x, f, gross, jacobian, step = system
            active, converged = Flag(code, start), Flag(code, code.truth(False))
            settled = Flag(code, code.truth(False))
            size, zero = code.array(1), code.array(1)
            size[0], zero[0] = math.inf, 0.0
            for _ in code.turns(NEWTON_STEPS + 1):
                code.call("system", *system)
                balanced = self._is_balanced(code, f, gross, jacobian, y)
                done = active.value & (settled.value | (balanced & (size[0] <= QUADRATIC)))
                converged.value = converged.value | done
                active.value = active.value & ~done
                code.leave(code.builder.not_(code.any(active.value)))
                valid = active.value
                if self.values.step is None:
                    valid = valid & code.call("solve_linear", f, jacobian, step, zero)
                moved = code.call("advance", x, y, step, size, valid)
                # a balance without a restoring force is for others to judge
                converged.value = converged.value | (active.value & ~moved & balanced)
                active.value = moved
                settled.value = size[0] <= SETTLED
            code.answer(converged.value)

    def _write_transient(self) -> None:
        """Write ``transient``: pseudo-transient continuation, for where Newton's method fails."""
        n = self.count
        arguments = {**self._system, "active": None}
        with self.module.function("transient", arguments) as (code, arrays):
            *system, start = arrays
            *_, y, x, f, gross, jacobian, step = system
            active, settled = Flag(code, start), Flag(code, code.truth(False))
            size, shift = code.array(1), code.array(1)
            before = Variable(code, math.inf)
            size[0] = math.inf
            code.call("system", *system)
            fastest = code.number(0.0)
            for i in range(n):
                fastest = code.largest(fastest, abs(jacobian[i, i]))
            shift[0] = fastest
            for turn in code.turns(TRANSIENT_STEPS):
                code.call("system", *system)
                imbalance = self._imbalance(code, f, gross, jacobian, y)
                balanced = imbalance <= CONVERGED
                done = settled.value | (balanced & (size[0] <= QUADRATIC))
                active.value = active.value & ~done
                code.leave(code.builder.not_(code.any(active.value)))
                factor = code.select(imbalance < before.value * 2.0, 0.4, 4.0)
                is_first = code.builder.icmp_signed("==", turn.value, code.long(0))
                shift[0] = shift[0] * code.select(code.everywhere(is_first), 1.0, factor)
                before.value = imbalance
                regular = code.call("solve_linear", f, jacobian, step, shift)
                moved = code.call("advance", x, y, step, size, active.value & regular)
                stuck = active.value & ~moved
                active.value = active.value & ~(stuck & balanced)
                shift[0] = code.select(stuck, shift[0] * 16.0 + 1e-300, shift[0])
                settled.value = moved & (size[0] <= SETTLED)
                size[0] = code.select(stuck, -1.0, size[0])
            # Newton's step again, where other lanes have had the turns go on
            code.call("system", *system)


def _falling(code: Code, q: Lanes, where: Mask) -> Lanes:
    """Return e^q for negative q: near zero by its series, elsewhere only if a lane needs it."""
    series = code.number(1.0 / math.factorial(8))
    for degree in range(7, 0, -1):
        series = code.fma(series, q, 1.0 / math.factorial(degree))
    series = code.fma(series, q, 1.0)
    far = Variable(code, series)
    with code.when(code.any(where & (q < NEAR))):
        far.value = exponential(code, q)
    return code.select(q < NEAR, far.value, series)


def error_of(
    code: Code, solver: Solver, x: Array, initial: Array, step: Array, solved: Mask
) -> Lanes:
    """Return the size of the Newton step that is left, relative to the states.

    The same bound as that of :class:`transport_model.mathematics.certification.Certificate`, but
    for rounding; infinite where there is no step.
    """
    largest = code.number(0.0)
    for i in range(solver.states):
        largest = code.largest(code.largest(largest, abs(x[i])), abs(initial[i]))
    worst = code.number(0.0)
    for i in range(solver.states):
        change = solver.change(code, step, i)
        floor = code.largest(abs(initial[i]) * SMALLEST_SHARE, largest * VANISHING_SHARE)
        size = code.largest(abs(x[i]), floor)
        share = code.select(change.differs(0.0), abs(change) / size, 0.0)
        worst = code.select(share.differs(share), math.inf, code.largest(worst, share))
    return code.select(solved, worst, math.inf)


def sparse_rows(matrix: np.ndarray) -> Sequence[list[tuple[int, float]]]:
    """Return the entries of each row that are not zero, with their columns."""
    return [[(int(j), float(row[j])) for j in np.flatnonzero(row)] for row in matrix]
