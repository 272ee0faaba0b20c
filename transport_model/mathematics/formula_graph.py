"""SymPy's formulas as values of a graph."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
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
_FOLDED = {sp.Max: "max", sp.Min: "min", sp.And: "and", sp.Or: "or", sp.Xor: "xor"}


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
            return graph.total(map(self.value, operands))
        if formula.is_Mul:
            return graph.product(map(self.value, operands))
        if formula.is_Pow:
            if formula.base == sp.E:
                return graph.apply("exp", self.value(formula.exp))
            return graph.power(self.value(formula.base), self.value(formula.exp))
        if kind in _UNARY:
            return graph.apply(_UNARY[kind], self.value(operands[0]))
        if kind in _RECIPROCAL:
            return graph.apply("rec", graph.apply(_RECIPROCAL[kind], self.value(operands[0])))
        if kind in _OF_RECIPROCAL:
            return graph.apply(_OF_RECIPROCAL[kind], graph.apply("rec", self.value(operands[0])))
        if kind in _FOLDED:
            step = functools.partial(graph.apply, _FOLDED[kind])
            return functools.reduce(step, [self.value(each) for each in operands])
        if kind in _RELATIONS:
            operation, swapped = _RELATIONS[kind]
            sides = [self.value(each) for each in operands]
            return graph.apply(operation, *(reversed(sides) if swapped else sides))
        if kind is sp.sign:
            x, zero = self.value(operands[0]), graph.number(0.0)
            below = graph.apply("sel", graph.apply("lt", x, zero), graph.number(-1.0), x)
            return graph.apply("sel", graph.apply("lt", zero, x), graph.number(1.0), below)
        if kind is sp.Not:
            return graph.apply("not", self.value(operands[0]))
        if kind is sp.ITE:
            return graph.apply("sel", *(self.value(each) for each in operands))
        if kind is sp.Piecewise:
            return self._piecewise(operands)
        raise UnsupportedModelError(f"the function '{kind.__name__}' is not supported here")

    def _piecewise(self, branches: Sequence[Any]) -> int:
        graph = self.graph
        chosen = graph.number(math.nan)
        for value, condition in reversed(branches):
            chosen = graph.apply("sel", self.value(condition), self.value(value), chosen)
        return chosen


def _float_of(number: Any) -> float:
    try:
        return float(cast(Any, number))
    except (TypeError, ValueError):  # no real number
        return math.nan
    except OverflowError:
        return math.inf
