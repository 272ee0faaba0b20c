"""The course from a point's start to where it rests.

Newton's method finds *a* balanced state; which one the start leads to, only the course can tell.
It is followed by RODAS3, a Rosenbrock method of order 3 with an error estimate of order 2 that
damps what is fast (Sandu et al. 1997, Atmos Environ 31:3459), with three safeguards:

- a step is too long where ``det(2/h - J)`` is not positive: it would be drawn to an unstable state
  instead of leaving it;
- the error made so far is carried along by the linearised course. Where it grows to a tenth of a
  state, neighbouring courses part, and the point is left to others;
- the course must come so close to a state that Newton's method hardly moves it.

Each lane has its own time and step.
"""

from __future__ import annotations

import math

from transport_model.certificate import SMALLEST_SHARE, VANISHING_SHARE
from transport_model.kernels.elementary import power
from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import Array, Flag, Lanes, Mask, Variable
from transport_model.kernels.newton import Frame, Solver, error_of

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


class Follower:
    """Writes the course of a block of points into a function.

    Parameters
    ----------
    code
        The function.
    solver
        The model's, whose functions are called.
    frame
        The arrays.
    """

    def __init__(self, code: Code, solver: Solver, frame: Frame) -> None:
        self.code, self.solver, self.frame = code, solver, frame
        n, states = solver.count, solver.states
        self.factors, self.shift = code.array(solver.shifted.size), code.array(1)
        self.stages = [code.array(n) for _ in range(5)]
        self.carried = code.array(n)
        self.there, self.floor = code.array(states), code.array(states)
        self.h, self.largest = Variable(code, 0.0), Variable(code, 0.0)

    def follow(self, start: Mask) -> Mask:
        """Bring lanes along their courses; return where they came to rest."""
        code, solver, frame = self.code, self.solver, self.frame
        n, states = solver.count, solver.states
        largest = code.number(0.0)
        for i in range(states):
            largest = code.largest(largest, abs(frame.initial[i]))
            self.floor[i] = 0.0
        self.largest.value = largest
        for j in range(n):
            self.carried[j] = abs(frame.y[j]) * (STEP_ERROR * (1.0 + j / n))
        code.call("system", *frame.of_system)
        self.h.value = self._first_step()
        active = Flag(code, start & (self.h.value > 0.0))
        arrived = Flag(code, code.truth(False))
        for _ in code.turns(COURSE_STEPS):
            solved = code.call("refine", frame.f, frame.jacobian, frame.step)
            error = error_of(code, solver, frame.x, frame.initial, frame.step, solved)
            here = active.value & (error <= ARRIVED)
            arrived.value = arrived.value | here
            active.value = active.value & ~here
            code.leave(code.builder.not_(code.any(active.value)))
            active.value = self._step(active.value)
            code.call("system", *frame.of_system)
        for i in range(states):
            self.there[i] = frame.x[i]
        code.call("newton", *frame.of_system, arrived.value)
        same = arrived.value
        for i in range(states):
            size = code.largest(abs(frame.x[i]), abs(frame.initial[i]) * SMALLEST_SHARE)
            size = code.largest(size, self.largest.value * VANISHING_SHARE)
            same = same & (abs(frame.x[i] - self.there[i]) <= size * MOVED)
        return same

    def _first_step(self) -> Lanes:
        """Return a step that is short beside every rate, or 0 where a rate is no finite number."""
        code, frame, n = self.code, self.frame, self.solver.count
        fastest, finite = code.number(1e-300), code.truth(True)
        floor = code.largest(self.largest.value * SMALLEST_SHARE, 1e-300)
        for i in range(n):
            row = abs(frame.f[i]) / code.largest(abs(frame.y[i]), floor)
            total = Variable(code, row)
            for j in self.solver.row(code, i):
                total.value = total.value + abs(frame.jacobian[i, j])
            finite = finite & total.value.finite
            fastest = code.largest(fastest, total.value)
        return code.select(finite, 1e-3 / fastest, 0.0)

    def _step(self, active: Mask) -> Mask:
        """Try a step in all lanes that are on their way; return those that still are."""
        code, solver, frame, n = self.code, self.solver, self.frame, self.solver.count
        h = self.h.value
        double = self.shift[0] = 2.0 / h
        passable = active & code.call("factor_shifted", frame.jacobian, self.shift, self.factors)
        self._stages(h)
        self._raise_floor(passable)
        for i in range(solver.states):
            moved = code.array(n)
            for j in range(n):
                moved[j] = self.stages[4][j] - frame.y[j]
            self.there[i] = frame.x[i] + solver.change(code, moved, i)
        share = self._largest_share(self.stages[3]) * (1.0 / STEP_ERROR)
        good = passable & (share <= 1.0)
        factor = power(code, code.largest(share, 1e-12), code.number(-1.0 / 3.0)) * SAFETY
        shrunk = code.select(passable & share.finite, code.largest(factor, SHRINK), SHRINK)
        grown = code.smallest(factor, GROW)
        self._carry(double, good)
        lost = good & ~(self._largest_share(self.carried) <= DOUBT)
        good = good & ~lost
        for j in range(n):
            frame.y[j] = code.select(good, self.stages[4][j], frame.y[j])
        largest = self.largest.value
        for i in range(solver.states):
            largest = code.select(good, code.largest(largest, abs(self.there[i])), largest)
        self.largest.value = largest
        self.h.value = h * code.select(good, grown, shrunk)
        return active & ~lost

    def _stages(self, h: Lanes) -> None:
        """Take a step of RODAS3 with ``2/h - J`` factored.

        Stage 4 becomes the new states and stage 3 the error. The coefficients are those for
        increments scaled by γ = 1/2 (Hairer and Wanner 1996, Solving Ordinary Differential
        Equations II, section IV.7).
        """
        code, frame, n = self.code, self.frame, self.solver.count
        first, second, third, error, moved = self.stages

        def substitute(stage: Array) -> None:
            code.call("solve_shifted", self.factors, stage)

        for i in range(n):
            first[i] = frame.f[i]
        substitute(first)
        for i in range(n):
            second[i] = frame.f[i] + 4.0 / h * first[i]
        substitute(second)
        for i in range(n):
            moved[i] = frame.y[i] + first[i] * 2.0
        code.call("balance", *frame.common, moved, third)
        for i in range(n):
            third[i] = third[i] + (first[i] - second[i]) / h
        substitute(third)
        for i in range(n):
            moved[i] = moved[i] + third[i]
        code.call("balance", *frame.common, moved, error)
        for i in range(n):
            error[i] = error[i] + (first[i] - second[i] - third[i] * (8.0 / 3.0)) / h
        substitute(error)
        for i in range(n):
            moved[i] = moved[i] + error[i]

    def _carry(self, double: Lanes, good: Mask) -> None:
        """Move the error made so far along with a step, and add the error that the step made.

        Twice ``(2/h) / (2/h - J)`` is the exponential of hJ to second order, grows faster than it
        does, and damps what is fast. Errors add up in size; the lean keeps them off any line of
        symmetry.
        """
        code, n = self.code, self.solver.count
        moved = code.array(n)
        for i in range(n):
            moved[i] = self.carried[i]
        for _ in range(2):
            for i in range(n):
                moved[i] = moved[i] * double
            code.call("solve_shifted", self.factors, moved)
        for i in range(n):
            own = abs(self.stages[3][i]) * (1.0 + i / n)
            total = moved[i] + code.select(moved[i] >= 0.0, own, -own)
            self.carried[i] = code.select(good, total, self.carried[i])

    def _raise_floor(self, where: Mask) -> None:
        """Bring up to date below what size a change of each state is as good as none.

        A state that may have any sign passes zero on its way: there its largest size so far counts.
        """
        code, frame = self.code, self.frame
        nothing = code.largest(self.largest.value * VANISHING_SHARE, 1e-300)
        for i in range(self.solver.states):
            own = abs(frame.initial[i]) * SMALLEST_SHARE
            if self.solver.values.positive[i]:  # a trace at the start may grow
                new = code.select(own > 0.0, code.smallest(own, nothing), nothing)
            else:
                seen = code.largest(nothing, abs(frame.x[i]) * SIGNED_SHARE)
                new = code.largest(self.floor[i], seen)
            self.floor[i] = code.select(where, new, self.floor[i])

    def _largest_share(self, change: Array) -> Lanes:
        """Return the largest change of a state relative to itself, before or after it has moved."""
        code, worst = self.code, self.code.number(0.0)
        finite = code.truth(True)
        for i in range(self.solver.states):
            size = self.solver.change(code, change, i)
            finite = finite & size.finite & self.there[i].finite
            own = code.largest(abs(self.frame.x[i]), abs(self.there[i]))
            share = abs(size) / code.largest(own, self.floor[i])
            worst = code.largest(worst, code.select(size.differs(0.0), share, 0.0))
        return code.select(finite, worst, math.inf)
