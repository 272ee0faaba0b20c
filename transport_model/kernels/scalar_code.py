"""Scalar Python code with ``math`` functions, as Numba compiles it, from SymPy statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.printing.pycode import PythonCodePrinter

from transport_model.mathematics.program import Statement


class _ScalarPrinter(PythonCodePrinter):
    """Prints scalar code with ``math`` functions, for Numba."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__({"fully_qualified_modules": True})
        self.names = names

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self.names[expr.name]

    def _print_Rational(self, expr: sp.Rational) -> str:
        return repr(float(expr))

    def _print_Float(self, expr: sp.Float) -> str:
        return repr(float(expr))

    def _print_Infinity(self, expr: sp.Expr) -> Any:
        return "math.inf"

    def _print_NegativeInfinity(self, expr: sp.Expr) -> Any:
        return "-math.inf"

    def _print_ComplexInfinity(self, expr: sp.Expr) -> Any:
        return "math.nan"

    def _print_NaN(self, expr: sp.Expr) -> Any:
        return "math.nan"

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        if expr.base == sp.E:
            return f"math.exp({self._print(expr.exp)})"
        if expr.exp.is_Integer and 2 <= abs(int(expr.exp)) <= 4:
            base = self._print(expr.base)
            if not expr.base.is_Symbol:
                base = f"({base})"
            product = "*".join([base] * abs(int(expr.exp)))
            return f"({product})" if expr.exp > 0 else f"(1.0/({product}))"
        return super()._print_Pow(expr, rational=rational)

    def _print_Piecewise(self, expr: sp.Piecewise) -> Any:
        text = "math.nan"
        for branch in reversed(expr.args):
            value, condition = branch.args
            if condition == sp.true:
                text = self._print(value)
            else:
                text = f"({self._print(value)} if {self._print(condition)} else {text})"
        return text


class ScalarWriter:
    """Writes one function of scalar code; knows where each name lives.

    Parameters
    ----------
    places
        Python expressions that hold the quantities known before the function starts, by name.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self.places = dict(places)
        self.lines: list[str] = []
        self.count = 0

    def statements(self, statements: Iterable[Statement]) -> None:
        """Add assignments; each target gets a variable of its own."""
        printer = _ScalarPrinter(self.places)
        for target, expression in statements:
            text = printer.doprint(expression)
            place = f"v{self.count}"
            self.count += 1
            self.lines.append(f"    {place} = {text}")
            self.places[target.name] = place

    def text(self, expression: sp.Expr | None) -> str:
        """Return an expression as code; a structural zero is 0.0."""
        return "0.0" if expression is None else str(_ScalarPrinter(self.places).doprint(expression))

    def store(self, target: str, expression: sp.Expr | None) -> None:
        """Add an assignment to a Python target."""
        self.lines.append(f"    {target} = {self.text(expression)}")

    def function(self, name: str, arguments: str) -> str:
        """Return the function's source."""
        return "\n".join([f"def {name}({arguments}):", *(self.lines or ["    pass"]), ""])
