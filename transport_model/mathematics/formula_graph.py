"""SymPy's formulas as values of a graph."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import sympy as sp

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.graph import Graph

_RELATIONS = {
    sp.StrictLessThan: ("lt", False), sp.LessThan: ("le", False),
    sp.StrictGreaterThan: ("lt", True), sp.GreaterThan: ("le", True),
    sp.Equality: ("eq", False), sp.Unequality: ("ne", False),
}  # fmt: skip
_UNARY = {sp.exp: "exp", sp.log: "log", sp.sin: "sin", sp.cos: "cos", sp.tan: "tan",
          sp.asin: "asin", sp.acos: "acos", sp.atan: "atan", sp.sinh: "sinh", sp.cosh: "cosh",
          sp.tanh: "tanh", sp.asinh: "asinh", sp.acosh: "acosh", sp.atanh: "atanh",
          sp.floor: "floor", sp.ceiling: "ceil", sp.Abs: "abs"}  # fmt: skip
#: One over a function, and a function of one over a number.
_RECIPROCAL = {sp.sec: "cos", sp.csc: "sin", sp.cot: "tan", sp.sech: "cosh", sp.csch: "sinh",
               sp.coth: "tanh"}  # fmt: skip
_OF_RECIPROCAL = {sp.asec: "acos", sp.acsc: "asin", sp.acot: "atan", sp.asech: "acosh",
                  sp.acsch: "asinh", sp.acoth: "atanh"}  # fmt: skip
_FOLDED = {sp.Max: "max", sp.Min: "min"}
_JUNCTIONS = {sp.And: "and", sp.Or: "or", sp.Xor: "xor"}


class FormulaGraph:
    """Reads SymPy formulas into a graph; knows what each name stands for.

    Parameters
    ----------
    graph
        Where the values go.
    values
        What is known already, by name; any other name becomes a leaf.
    """

    def __init__(self, graph: Graph, values: Mapping[str, int] | None = None) -> None:
        self.graph = graph
        self.values = dict(values or {})
        self._read: dict[Any, int] = {}

    def define(self, name: str, formula: sp.Expr) -> int:
        """Let a name stand for a formula from here on."""
        value = self.values[name] = self.value(formula)
        return value

    def named(self, name: str) -> int:
        """Return what a name stands for."""
        if name not in self.values:
            self.values[name] = self.graph.leaf(name)
        return self.values[name]

    def _number(self, value: int) -> int:
        """Return a value as a number: what is true counts one, what is false nothing."""
        graph = self.graph
        if not graph.is_condition(value):
            return value
        return graph.apply("sel", value, graph.number(1.0), graph.number(0.0))

    def _condition(self, formula: Any) -> int:
        """Return the value of a formula as a condition: a number holds if it is not zero."""
        value = self.value(formula)
        if self.graph.is_condition(value):
            return value
        return self.graph.apply("ne", value, self.graph.number(0.0))

    def _numbers(self, formulas: Iterable[Any]) -> list[int]:
        return [self._number(self.value(each)) for each in formulas]

    def value(self, formula: Any) -> int:
        """Return the value of a formula or a condition.

        Raises
        ------
        UnsupportedModelError
            A function has no place here.
        """
        if formula.is_Symbol:
            return self.named(formula.name)
        found = self._read.get(formula)
        if found is None:
            found = self._read[formula] = self._operation(formula)
        return found

    def _operation(self, formula: Any) -> int:
        graph, kind = self.graph, formula.func
        if formula in (sp.true, sp.false):
            return graph.number(bool(formula))
        if formula.is_number and not formula.is_Boolean and not formula.has(sp.Piecewise):
            return graph.number(_float_of(formula))
        operands = formula.args
        if formula.is_Add:
            return graph.total(self._numbers(operands))
        if formula.is_Mul:
            return graph.product(self._numbers(operands))
        if formula.is_Pow and formula.base == sp.E:
            return graph.apply("exp", *self._numbers([formula.exp]))
        if kind in _JUNCTIONS:
            step = functools.partial(graph.apply, _JUNCTIONS[kind])
            return functools.reduce(step, map(self._condition, operands))
        if kind is sp.Not:
            return graph.apply("not", self._condition(operands[0]))
        if kind is sp.Implies:
            least, most = map(self._condition, operands)
            return graph.apply("or", graph.apply("not", least), most)
        if kind is sp.ITE:
            return self._piecewise([(operands[1], operands[0]), (operands[2], sp.true)])
        if kind is sp.Piecewise:
            return self._piecewise(operands)
        return self._of_numbers(kind, self._numbers(operands))

    def _of_numbers(self, kind: Any, operands: Sequence[int]) -> int:
        graph = self.graph
        if kind is sp.Pow:
            return graph.power(*operands)
        if kind in _UNARY:
            return graph.apply(_UNARY[kind], operands[0])
        if kind in _RECIPROCAL:
            return graph.apply("rec", graph.apply(_RECIPROCAL[kind], operands[0]))
        if kind in _OF_RECIPROCAL:
            return graph.apply(_OF_RECIPROCAL[kind], graph.apply("rec", operands[0]))
        if kind in _FOLDED:
            return functools.reduce(functools.partial(graph.apply, _FOLDED[kind]), operands)
        if kind in _RELATIONS:
            operation, swapped = _RELATIONS[kind]
            return graph.apply(operation, *(reversed(operands) if swapped else operands))
        if kind is sp.sign:
            x, zero = operands[0], graph.number(0.0)
            below = graph.apply("sel", graph.apply("lt", x, zero), graph.number(-1.0), x)
            return graph.apply("sel", graph.apply("lt", zero, x), graph.number(1.0), below)
        raise UnsupportedModelError(f"the function '{kind.__name__}' is not supported here")

    def _piecewise(self, branches: Sequence[Any]) -> int:
        graph = self.graph
        chosen = graph.number(math.nan)
        for value, condition in reversed(branches):
            holds, here = self._condition(condition), self.value(value)
            if graph.constant(holds) is None and graph.is_condition(here) != graph.is_condition(
                chosen
            ):
                here, chosen = self._number(here), self._number(chosen)
            chosen = graph.apply("sel", holds, here, chosen)
        return chosen


def _float_of(number: Any) -> float:
    try:
        return float(cast(Any, number))
    except (TypeError, ValueError):  # no real number
        return math.nan
    except OverflowError:
        return math.inf
