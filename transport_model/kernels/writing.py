"""Writes a model's kernel: one function that solves blocks of points."""

from __future__ import annotations

from typing import Any

from transport_model.certificate import ZERO_IN_KERNELS, Status
from transport_model.kernels.calling import (
    ARGUMENTS,
    COURSE,
    ENTRY,
    NEWTON,
    TRANSIENT,
    UNDECIDED,
    UNFINISHED,
)
from transport_model.kernels.following import Follower
from transport_model.kernels.functions import Code, Module
from transport_model.kernels.judgement import (
    judged,
    outcome,
    quickly_stable,
    scaled_jacobian,
)
from transport_model.kernels.lanes import Array, Flag, Index, Mask, Variable
from transport_model.kernels.machine import object_code
from transport_model.kernels.model_code import ModelCode
from transport_model.kernels.model_values import ModelValues
from transport_model.kernels.newton import Frame, Solver


def kernel_code(values: ModelValues, width: int) -> bytes:
    """Return the machine code of a model's kernel.

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
    for write in (model.system, model.balance, model.rates, model.kink, model.outputs):
        write()
    solver = Solver(module, values)
    solver.write()
    model.start()
    model.constants()
    with module.entry(ENTRY, ARGUMENTS) as (code, given):
        _Entry(code, solver, model, given).write()
    return object_code(module)


class _Entry:
    def __init__(self, code: Code, solver: Solver, model: ModelCode, given: dict[str, Any]) -> None:
        self.code, self.solver, self.model, self.given = code, solver, model, given
        n, states = solver.count, solver.states
        self.frame = Frame(
            g=code.array(len(solver.values.inputs)),
            k=code.array(len(solver.values.kept)),
            c=code.array(len(model.hoisted.places)),
            initial=code.array(states),
            x=code.array(states),
            y=code.array(n),
            f=code.array(n),
            gross=code.array(n),
            jacobian=code.array(n, n),
            step=code.array(n),
        )
        self.blocks = Index(code, given["BLOCKS"])

    def write(self) -> None:
        code, frame = self.code, self.frame
        n = self.solver.count
        for i in code.range(0, n):
            frame.step[i] = 0.0
            for j in code.range(0, n):
                frame.jacobian[i, j] = 0.0
        reached = Flag(code, code.truth(False))
        for block in code.turns(self.given["BLOCKS"]):
            self.model.read_inputs(code, self.given, block, self.blocks, frame.g)
            feasible = code.call("start", frame.g, frame.k, frame.initial)
            code.call("constants", *frame.common)
            self._begin(block)
            for number, search in ((NEWTON, self._by_newton), (TRANSIENT, self._by_transient),
                                   (COURSE, self._by_course)):  # fmt: skip
                with code.when(self._is("METHOD", number)):
                    reached.value = search(feasible)
            self._judge(block, feasible, reached.value)

    def _is(self, name: str, number: int) -> Any:
        return self.code.builder.icmp_signed("==", self.given[name], self.code.long(number))

    def _vectors(self, name: str) -> Array:
        return Array(self.code, self.given[name], (1,))

    def _begin(self, block: Index) -> None:
        """Let the search begin at the starting values, or where it is told."""
        code, frame = self.code, self.frame
        for i in range(self.solver.states):
            frame.x[i] = frame.initial[i]
        for j, i in enumerate(self.solver.values.independent):
            frame.y[j] = frame.initial[i]
        starts = self._vectors("starts")
        with code.when(self._is("STARTED", 1)):
            for j in code.range(0, self.solver.count):
                frame.y[j] = starts[self.blocks * j + block]

    def _by_newton(self, feasible: Mask) -> Mask:
        return self.code.call("newton", *self.frame.of_system, feasible)

    def _by_transient(self, feasible: Mask) -> Mask:
        self.code.call("transient", *self.frame.of_system, feasible)
        return self.code.truth(True)

    def _by_course(self, feasible: Mask) -> Mask:
        return Follower(self.code, self.solver, self.frame).follow(feasible)

    def _judge(self, block: Index, feasible: Mask, reached: Mask) -> None:
        code, frame, solver = self.code, self.frame, self.solver
        found, residual, error = judged(code, solver, frame)
        is_newton = code.everywhere(self._is("METHOD", NEWTON))
        failed = code.select(is_newton, float(UNFINISHED), outcome(Status.FAILED))
        found = code.select(reached, found, failed)
        found = code.select(feasible, found, outcome(Status.NO_START))
        status = Variable(code, found)
        with code.when(code.any(found.equals(float(UNDECIDED)))):
            scaled, norm = scaled_jacobian(code, solver, frame)
            stable = quickly_stable(code, solver, scaled, norm * ZERO_IN_KERNELS)
            undecided = found.equals(float(UNDECIDED))
            status.value = code.select(undecided & stable, outcome(Status.OK), found)
            left = undecided & ~stable
            slopes, n = self._vectors("slopes"), solver.count
            with code.when(code.any(left)):
                for i in code.range(0, n):
                    for j in code.range(0, n):
                        slopes[(j + i * n) * self.blocks + block] = scaled[i, j]
            of_outputs = [self.given[name] for name in ("places", "results")]
            outputs = code.module.module.globals["outputs"]
            pointers = [each.pointer for each in (*frame.common, frame.x)]
            code.builder.call(outputs, [*pointers, *of_outputs, block.value, self.given["BLOCKS"]])
        self._vectors("status")[block] = status.value
        known = reached & feasible
        self._vectors("residuals")[block] = code.select(known, residual, float("nan"))
        self._vectors("errors")[block] = code.select(known, error, float("nan"))
