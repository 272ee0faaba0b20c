"""Formulas of an SBML document, as SymPy has them."""

from __future__ import annotations

from typing import Any

import libsbml
import sympy as sp
from sympy.core.function import AppliedUndef

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.spelled_out import with_divisions_cut
from transport_model.mathematics.symbols import AVOGADRO, TIME
from transport_model.reading.mathematics import without_nameless_spaces


class FormulaReader:
    """Reads formulas of a model in which function definitions have been expanded."""

    def __init__(self, model: libsbml.Model) -> None:
        from sbmlmath import SBMLMathMLParser  # half a second, and only needed of a new model

        self.model = model
        kept: Any = {"ignore_units": True, "symbol_kwargs": {"real": True}}
        self.parser: Any = SBMLMathMLParser(evaluate=True, **kept)
        self._literally: Any = SBMLMathMLParser(evaluate=False, **kept)

    def formula(self, element: Any, where: str) -> sp.Expr:
        """Return the formula of an element, which a refusal calls `where`.

        Raises
        ------
        UnsupportedModelError
            It cannot be read, or uses a function that has no place in this form.
        """
        if not element.isSetMath():
            raise UnsupportedModelError(f"{where} has no mathematics")
        return self.of_tree(element.getMath(), where)

    def of_tree(self, tree: libsbml.ASTNode, where: str) -> sp.Expr:
        """Return a formula, which a refusal calls `where`.

        Raises
        ------
        UnsupportedModelError
            It cannot be read, or uses a function that has no place in this form.
        """
        from sbmlmath import RateOf

        text = _mathml(tree)
        if "symbols/rateOf" in text:  # whatever it is called there
            raise UnsupportedModelError(f"{where} uses rateOf, which is not supported here")
        try:
            expression = sp.sympify(self.parser.parse_str(text))
        except (NotImplementedError, ValueError, AssertionError, TypeError) as error:
            cause = " ".join(str(error).split())[:120]
            raise UnsupportedModelError(f"{where} cannot be read: {cause}") from None
        if expression is None:  # a <math> with nothing in it
            raise UnsupportedModelError(f"{where} has no mathematics")
        expression = _with_symbols(expression)
        # Without the derivative, or with another sign convention, that exactness asks for
        for kind, label in ((sp.factorial, "factorial"), (RateOf, "rateOf")):
            if expression.has(kind):
                raise UnsupportedModelError(f"{where} uses {label}, which is not supported here")
        unknown = expression.atoms(AppliedUndef)
        if unknown:
            name = min(str(function.func) for function in unknown)
            raise UnsupportedModelError(f"{where} uses {name}, which is not supported here")
        return expression

    def literal(self, tree: libsbml.ASTNode) -> sp.Expr | None:
        """Return a formula that :meth:`of_tree` reads as it is written, with nothing simplified.

        None where SymPy cannot compare what it has not simplified.
        """
        try:
            return _with_symbols(self._literally.parse_str(_mathml(tree)))
        except (ValueError, TypeError, ArithmeticError, AttributeError):
            return None


def _mathml(tree: libsbml.ASTNode) -> str:
    text = libsbml.writeMathMLWithNamespaceToString(tree, libsbml.SBMLNamespaces(3, 2))
    return with_divisions_cut(without_nameless_spaces(text))


def _with_symbols(expression: Any) -> Any:
    """Put our symbols in place of those of SBML's own quantities."""
    from sbmlmath import CSymbol, TimeSymbol

    for csymbol in expression.atoms(CSymbol):
        is_time = isinstance(csymbol, TimeSymbol)
        expression = expression.xreplace({csymbol: TIME if is_time else AVOGADRO})
    return expression
