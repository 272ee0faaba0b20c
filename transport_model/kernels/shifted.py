"""Linear systems ``(shift - J) d = r``, of which implicit methods solve several at each step."""

from __future__ import annotations

from typing import Any

from transport_model.kernels.elimination import factors
from transport_model.kernels.functions import Code, Module
from transport_model.kernels.graph_code import GraphCode
from transport_model.kernels.lanes import Array, Mask
from transport_model.kernels.linear_algebra import factored, substituted
from transport_model.kernels.model_values import ModelValues
from transport_model.mathematics.graph import Graph


class Shifted:
    """Writes ``factor_shifted`` and ``solve_shifted`` for one model.

    Elimination is written out where that is short. Its pivots are those of the diagonal, which a
    short step makes large; where rounding spoils them, the error estimate of the step says so.

    Parameters
    ----------
    module
        Where they go.
    values
        The model, whose Jacobian has entries in known places only.
    """

    def __init__(self, module: Module, values: ModelValues) -> None:
        self.module, self.count = module, len(values.independent)
        self._places = list(values.jacobian)
        diagonal = {(j, j) for j in range(self.count)}
        self._plan = factors({*self._places, *diagonal}, self.count)
        #: How many numbers hold the factors.
        self.size = self._plan.size if self._plan else 2 * self.count**2

    def write(self) -> None:
        """Write both functions; the first answers where the determinant is positive."""
        n = self.count
        arguments = {"jacobian": (n, n), "shift": (1,), "factors": (self.size,)}
        with self.module.function("factor_shifted", arguments, answers=True) as (code, arrays):
            code.answer(self._factor(code, *arrays))
        arguments = {"factors": (self.size,), "right": (n,)}
        with self.module.function("solve_shifted", arguments) as (code, (held, right)):
            self._solve(code, held, right)

    def _factor(self, code: Code, jacobian: Array, shift: Array, held: Array) -> Mask:
        n = self.count
        if self._plan is None:
            matrix, exchanges = self._dense(code, held)
            for i in code.range(0, n):
                for j in code.range(0, n):
                    matrix[i, j] = -jacobian[i, j]
                matrix[i, i] = matrix[i, i] + shift[0]
            regular, sign = factored(code, matrix, exchanges)
            return regular & (sign > 0.0)
        graph = Graph()
        matrix_ = {place: graph.apply("neg", graph.leaf(str(place))) for place in self._places}
        for j in range(n):
            own = [matrix_[j, j]] if (j, j) in matrix_ else []
            matrix_[j, j] = graph.total([graph.leaf("shift"), *own])
        leaves: dict[str, Any] = {
            str(place): (lambda place=place: jacobian[place]) for place in self._places
        }
        leaves["shift"] = lambda: shift[0]
        found = GraphCode(code, graph, leaves).values(self._plan.values(graph, matrix_))
        for place, value in enumerate(found):
            held[place] = value
        positive, regular = code.truth(True), code.truth(True)
        for place in self._plan.inverses:
            inverse = found[place]
            positive = positive ^ (inverse < 0.0)
            regular = regular & inverse.finite
        return positive & regular

    def _solve(self, code: Code, held: Array, right: Array) -> None:
        if self._plan is None:
            matrix, exchanges = self._dense(code, held)
            substituted(code, matrix, exchanges, right)
            return
        graph = Graph()
        leaves = {f"factor {i}": (lambda i=i: held[i]) for i in range(self.size)}
        leaves |= {f"right {j}": (lambda j=j: right[j]) for j in range(self.count)}
        known = [graph.leaf(f"factor {i}") for i in range(self.size)]
        sides = [graph.leaf(f"right {j}") for j in range(self.count)]
        found = GraphCode(code, graph, leaves).values(self._plan.solution(graph, known, sides))
        for j, value in enumerate(found):
            right[j] = value

    def _dense(self, code: Code, held: Array) -> tuple[Array, Array]:
        """Return the matrix among the factors, and the exchanges of its rows."""
        n = self.count
        exchanges = code.element(held.pointer, n * n)
        return Array(code, held.pointer, (n, n)), Array(code, exchanges, (n, n))
