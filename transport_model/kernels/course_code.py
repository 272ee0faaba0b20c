"""Writes a model's course kernel: time courses of blocks of points, each lane at its own pace.

A lane steps past the times at which values are wanted and interpolates, but ends a step exactly
where something is set from outside. Lanes that have passed a time wait for the others there; a lane
that is on its way neither sees nor moves another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from transport_model.kernels.calling import (
    COURSE_ARGUMENTS,
    DONE,
    EXPLICIT,
    GAVE_UP,
    IS_LOOSE,
    IS_STIFF,
    NO_START,
    STIFF,
)
from transport_model.kernels.elementary import exponential, logarithm
from transport_model.kernels.functions import Code, Module
from transport_model.kernels.lanes import Array, Flag, Index, Lanes, Mask, Variable
from transport_model.kernels.machine import object_code
from transport_model.kernels.model_code import ModelCode
from transport_model.kernels.model_values import ModelValues
from transport_model.kernels.rosenbrock import Rodas5P
from transport_model.kernels.runge_kutta import EDGE, RungeKutta

#: Steps of a course, and steps that stability holds back before it counts as stiff.
MOST_STEPS, HELD_BACK = 200_000, 15
#: Steps that stability alone would ask of the explicit method, from which it is not tried.
TOO_STIFF = 3000.0
#: Absolute tolerance of a state, relative to the largest that it has been.
ABSOLUTE_SCALE = 1e-3
#: A state that falls to this share of its peak, and grows by this factor again to so many absolute
#: tolerances, was a trace in between, which they are too coarse for.
TRACE, GROWN, NOISE = 1e-5, 1e3, 1e2
#: A state that starts at zero is taken to become this share of the largest start.
SUPPOSED = 1e-3
#: Bounds of the change from one step to the next, and the part of the best step that is taken.
SHRINK, GROW, SAFETY = 0.2, 5.0, 0.9
#: A first step, relative to the fastest rate; and the smallest, relative to the time.
FIRST, LEAST = 1e-3, 1e-15


def course_code(values: ModelValues, width: int) -> bytes:
    """Return the machine code of a model's course kernel.

    Parameters
    ----------
    values
        What the model computes.
    width
        Points a vector.

    Raises
    ------
    ComputationError
        LLVM refuses what was written.
    """
    module = Module(width)
    model = ModelCode(module, values)
    for write in (model.balance, model.states_of, model.diagonal, model.volumes, model.outputs):
        write()
    methods = {EXPLICIT: RungeKutta(model), STIFF: Rodas5P(model)}
    for method in methods.values():
        method.write()
    model.start()
    model.constants()
    for name, method in methods.items():
        with module.entry(name, COURSE_ARGUMENTS) as (code, given):
            method.arrays(code)
            _Courses(code, model, method, given, name == EXPLICIT).write()
    return object_code(module)


class _Courses:
    def __init__(
        self,
        code: Code,
        model: ModelCode,
        method: Rodas5P | RungeKutta,
        given: dict[str, Any],
        is_explicit: bool,
    ) -> None:
        self.code, self.model, self.method, self.given = code, model, method, given
        self.values, self.is_explicit = model.values, is_explicit
        n, states = model.count, model.states
        self.g, self.k, self.c = (code.array(size) for size in (
            len(self.values.inputs), len(self.values.kept), len(model.hoisted.places)))  # fmt: skip
        self.common = (self.g, self.k, self.c)
        self.x, self.y = code.array(states), code.array(n)
        self.new, self.error = code.array(n), code.array(n)
        self.seen, self.floor, self.low = code.array(n), code.array(n), code.array(n)
        self.old, self.at = code.array(n), code.array(n)
        self.dense = code.array(method.dense_rows, n)
        zero = code.number(0.0)
        self.t, self.h, self.before = (Variable(code, zero) for _ in range(3))
        self.length, self.held = Variable(code, zero), Variable(code, zero)
        self.alive = Flag(code, code.truth(False))
        self.status = Variable(code, zero)
        self.blocks = Index(code, given["BLOCKS"])
        self.stops = Index(code, given["STOPS"])
        self.tolerance = self._vectors("tolerance")[0]

    def write(self) -> None:
        code = self.code
        for block in code.turns(self.given["BLOCKS"]):
            self._begin(block)
            for stop in code.turns(self.given["STOPS"]):
                self._go(self._vectors("times")[stop], self._vectors("ends")[stop])
                self._interpolate(self._vectors("times")[stop])
                self._set(stop)
                self._report(stop, block)
            for j in range(self.model.count):
                small = self.seen[j] < self.floor[j] * ABSOLUTE_SCALE
                self._give_up(self.alive.value & (self.seen[j] > 0.0) & small, IS_LOOSE)
            self._vectors("status")[block] = self.status.value

    def _vectors(self, name: str) -> Array:
        return Array(self.code, self.given[name], (1,))

    def _begin(self, block: Index) -> None:
        """Go to the start of a block's courses."""
        code, values = self.code, self.values
        self.model.read_inputs(code, self.given, block, self.blocks, self.g)
        feasible = code.call("start", self.g, self.k, self.x)
        code.call("constants", *self.common)
        largest = code.number(0.0)
        for i in range(len(values.states)):
            largest = code.largest(largest, abs(self.x[i]))
        supposed = code.select(largest > 0.0, largest * SUPPOSED, SUPPOSED)
        for j, i in enumerate(values.independent):
            self.y[j] = self.x[i]
            self.seen[j] = self.low[j] = abs(self.x[i])
            self.floor[j] = code.select(self.x[i].equals(0.0), supposed, 0.0)
        self.t.value = self._vectors("times")[0]
        self.held.value = 0.0
        self.alive.value = feasible
        self.status.value = code.select(feasible, float(DONE), float(NO_START))
        last = self._vectors("times")[self.stops - 1]
        fastest = self._fastest()
        if self.is_explicit:
            steps = fastest * (last - self.t.value) * (1.0 / EDGE)
            self._give_up(self.alive.value & ~(steps <= TOO_STIFF), IS_STIFF)
        self._rest(last)

    def _give_up(self, where: Mask, outcome: int) -> None:
        self.status.value = self.code.select(where, float(outcome), self.status.value)
        self.alive.value = self.alive.value & ~where

    def _fastest(self) -> Lanes:
        """Return the fastest rate at which a state moves by itself [1/time]."""
        code, n = self.code, self.model.count
        diagonal = code.array(n)
        code.call("diagonal", *self.common, self.y, diagonal)
        fastest = code.number(0.0)
        for j in range(n):
            fastest = code.largest(fastest, abs(diagonal[j]))
        return fastest

    def _rest(self, end: Lanes) -> None:
        """Stand still here: no step has been taken, and the next is a first one."""
        code, n = self.code, self.model.count
        slope = code.array(n)
        code.call("balance", *self.common, self.y, slope)
        fastest = code.largest(self._fastest(), 1e-300)
        for j in range(n):
            share = abs(slope[j]) / abs(self.y[j])
            fastest = code.largest(fastest, code.select(share.finite, share, 0.0))
            self.old[j] = self.y[j]
            for row in range(self.method.dense_rows):
                self.dense[row, j] = 0.0
        self.before.value, self.length.value = self.t.value, 1.0
        longest = (end - self.t.value) * FIRST
        self.h.value = code.smallest(FIRST / fastest, code.largest(longest, 1e-300))

    def _go(self, target: Lanes, end: Lanes) -> None:
        """Take steps until every lane has come to a time, or has given up."""
        code = self.code
        for _ in code.turns(MOST_STEPS):
            behind = self.alive.value & (self.t.value < target)
            code.leave(code.builder.not_(code.any(behind)))
            self._step(behind, end)
        self._give_up(self.alive.value & (self.t.value < target), GAVE_UP)

    def _step(self, behind: Mask, end: Lanes) -> None:
        """Try a step in all lanes that are behind."""
        code, n = self.code, self.model.count
        left = end - self.t.value
        is_last = self.h.value * (1.0 + 1e-9) >= left
        h = code.select(behind, code.select(is_last, left, self.h.value), 1.0)
        self.method.step(self.common, self.y, h, self.new, self.error)
        weights = []
        for j in range(n):
            size = code.largest(abs(self.y[j]), abs(self.new[j]))
            top = code.largest(code.largest(self.seen[j], self.floor[j]), size)
            weights.append(self.tolerance * code.fma(top, ABSOLUTE_SCALE, size))
        share = self.method.norm(self.error, weights)
        finite = share.finite
        for j in range(n):
            finite = finite & self.new[j].finite
        taken = behind & finite & (share <= 1.0)
        if self.is_explicit:
            slowed = self.method.is_held_back(weights)
            held = code.select(slowed, self.held.value + 1.0, 0.0)
            self.held.value = code.select(taken, held, self.held.value)
        self.method.complete()
        for j in range(n):
            for row in range(self.method.dense_rows):
                self.dense[row, j] = code.select(
                    taken, self.method.dense(row, j), self.dense[row, j]
                )
            self.seen[j] = code.select(
                taken, code.largest(self.seen[j], abs(self.new[j])), self.seen[j]
            )
            self._refuse_trace(j, taken)
            self.old[j] = code.select(taken, self.y[j], self.old[j])
            self.y[j] = code.select(taken, self.new[j], self.y[j])
        self.before.value = code.select(taken, self.t.value, self.before.value)
        self.length.value = code.select(taken, h, self.length.value)
        reached = code.select(is_last, end, self.t.value + h)
        self.t.value = code.select(taken, reached, self.t.value)
        root = exponential(code, logarithm(code, code.largest(share, 1e-10))
                           * (-1.0 / self.method.order))  # fmt: skip
        factor = code.smallest(code.largest(root * SAFETY, SHRINK), GROW)
        factor = code.select(finite, factor, SHRINK)
        following = h * factor
        # a step that was cut short says nothing against the next
        following = code.select(taken & is_last, code.largest(following, self.h.value), following)
        self.h.value = code.select(behind, following, self.h.value)
        small = code.largest(abs(self.t.value), abs(end)) * LEAST
        self._give_up(behind & ~taken & (self.h.value <= small), GAVE_UP)
        if self.is_explicit:
            self._give_up(behind & (self.held.value >= HELD_BACK), IS_STIFF)

    def _refuse_trace(self, j: int, taken: Mask) -> None:
        """Give up where a state has grown again from a trace, and note how small it is."""
        code, new, peak = self.code, self.new[j], self.seen[j]
        size = abs(new)
        low = code.select(size >= peak, size, code.smallest(self.low[j], size))
        low = code.select(self.y[j] * new < 0.0, peak, low)  # it passes zero on its way
        self.low[j] = code.select(taken, low, self.low[j])
        grown = (size > low * GROWN) & (size > self.tolerance * peak * (ABSOLUTE_SCALE * NOISE))
        self._give_up(taken & (low < peak * TRACE) & grown, IS_LOOSE)

    def _interpolate(self, target: Lanes) -> None:
        """Find the states at a time that the last steps have come to or passed."""
        code = self.code
        theta = (target - self.before.value) / self.length.value
        here = self.t.value.equals(target)
        for j in range(self.model.count):
            rows = [self.dense[row, j] for row in range(self.method.dense_rows)]
            between = self.method.between(theta, self.old[j], self.y[j], rows)
            self.at[j] = code.select(here, self.y[j], between)
        code.call("states", *self.common, self.at, self.x)

    def _set(self, stop: Index) -> None:
        """Do what is to be done at a stop, at which all lanes stand exactly."""
        code, builder = self.code, self.code.builder
        first, last = (code.whole(self.given["operations"], stop + by) for by in (0, 1))
        values = self._vectors("values")
        with code.when(builder.icmp_signed("<", first.value, last.value)):
            for place in code.turns(builder.sub(last.value, first.value)):
                number = place + first
                kind, target, other = (code.whole(self.given["whats"], number * 3 + by)
                                       for by in range(3))  # fmt: skip
                value, duration = values[number * 2], values[number * 2 + 1]
                for what, do in enumerate(self._operations):
                    chosen = builder.icmp_signed("==", kind.value, code.long(what))
                    with code.when(chosen):
                        do(target, other, value, duration)
            self._resume(stop)

    @property
    def _operations(self) -> tuple[Callable[..., None], ...]:
        """What each kind of operation does: SET_INPUT, SET_KEPT, SET_STATE, SET_SLOPE."""
        return self._set_input, self._set_kept, self._set_state, self._set_slope

    def _set_input(self, target: Index, other: Index, value: Lanes, duration: Lanes) -> None:
        del other, duration
        self.g[target] = value

    def _set_kept(self, target: Index, other: Index, value: Lanes, duration: Lanes) -> None:
        del other, duration
        self.k[target] = value

    def _set_state(self, target: Index, other: Index, value: Lanes, duration: Lanes) -> None:
        del duration
        code = self.code
        is_amount = code.builder.icmp_signed("<", other.value, code.long(0))
        with code.when(is_amount):
            self.x[target] = value
        with code.when(code.builder.not_(is_amount)):
            sizes = code.array(len(self.values.volumes))
            code.call("constants", *self.common)
            code.call("volumes", *self.common, self.x, sizes)
            self.x[target] = value * sizes[other]

    def _set_slope(self, target: Index, other: Index, value: Lanes, duration: Lanes) -> None:
        self.g[target] = (value - self.x[other]) / duration

    def _resume(self, stop: Index) -> None:
        """Go on from states and inputs that were set."""
        code, values = self.code, self.values
        places = {name: place for place, name in enumerate(values.kept)}
        independent = values.independent
        for i, name in enumerate(values.states):
            if i in independent:
                continue
            total = self.x[i]
            for factor, j in zip(values.structure.link[i], independent, strict=True):
                if factor:
                    total = code.fma(self.x[j], -float(factor), total)
            self.k[places[name]] = total
        code.call("constants", *self.common)
        for j, i in enumerate(independent):
            kept = self.x[i].equals(self.y[j])
            self.low[j] = code.select(kept, self.low[j], abs(self.x[i]))
            self.y[j] = self.x[i]
            self.at[j] = self.x[i]
            self.seen[j] = code.largest(self.seen[j], abs(self.x[i]))
        self._rest(self._vectors("times")[self.stops - 1])

    def _report(self, stop: Index, block: Index) -> None:
        """Compute the wanted outputs."""
        code, given = self.code, self.given
        place = stop * self.blocks + block
        count = self.stops * self.blocks
        pointers = [each.pointer for each in (*self.common, self.x)]
        code.builder.call(
            code.module.module.globals["outputs"],
            [*pointers, given["places"], given["results"], place.value, count.value],
        )
