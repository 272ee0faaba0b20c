"""Formulas of an SBML document, as SymPy has them."""

from __future__ import annotations

import copy
import re
from typing import Any
from xml.etree import ElementTree

import libsbml
import sympy as sp
from sympy.core.function import AppliedUndef

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.symbols import AVOGADRO, TIME
from transport_model.reading.mathematics import without_nameless_spaces


class FormulaReader:
    """Reads formulas of a model in which function definitions have been expanded."""

    def __init__(self, model: libsbml.Model) -> None:
        from sbmlmath import SBMLMathMLParser  # half a second, and only needed of a new model

        self.model = model
        self.parser: Any = SBMLMathMLParser(
            ignore_units=True, evaluate=True, symbol_kwargs={"real": True}
        )

    def formula(self, element: Any, where: str) -> sp.Expr:
        """Return the formula of an element, which a refusal calls `where`.

        Raises
        ------
        UnsupportedModelError
            It cannot be read, or uses a function that has no place in this form.
        """
        from sbmlmath import CSymbol, RateOf, TimeSymbol

        if not element.isSetMath():
            raise UnsupportedModelError(f"{where} has no mathematics")
        text = libsbml.writeMathMLWithNamespaceToString(
            element.getMath(), libsbml.SBMLNamespaces(3, 2)
        )
        if "symbols/rateOf" in text:  # whatever it is called there
            raise UnsupportedModelError(f"{where} uses rateOf, which is not supported here")
        try:
            expression = sp.sympify(self.parser.parse_str(_divided(without_nameless_spaces(text))))
        except (NotImplementedError, ValueError, AssertionError, TypeError) as error:
            cause = " ".join(str(error).split())[:120]
            raise UnsupportedModelError(f"{where} cannot be read: {cause}") from None
        if expression is None:  # a <math> with nothing in it
            raise UnsupportedModelError(f"{where} has no mathematics")
        for csymbol in expression.atoms(CSymbol):
            is_time = isinstance(csymbol, TimeSymbol)
            expression = expression.xreplace({csymbol: TIME if is_time else AVOGADRO})
        # Without the derivative, or with another sign convention, that exactness asks for
        for kind, label in ((sp.factorial, "factorial"), (RateOf, "rateOf")):
            if expression.has(kind):
                raise UnsupportedModelError(f"{where} uses {label}, which is not supported here")
        unknown = expression.atoms(AppliedUndef)
        if unknown:
            name = min(str(function.func) for function in unknown)
            raise UnsupportedModelError(f"{where} uses {name}, which is not supported here")
        return expression


def _divided(text: str) -> str:
    """Return MathML with remainders and quotients spelled out by a division cut towards zero.

    As the standard has them: a remainder has the dividend's sign (SymPy's has the divisor's).
    """
    if not _DIVISION.search(text):
        return text
    root = ElementTree.fromstring(text)
    for element in root.iter():  # units, which nobody reads here, may lose their namespace below
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
    for apply in reversed(list(root.iter(f"{_MATHML}apply"))):  # the inner ones first
        operator, *operands = apply
        kind = operator.tag.removeprefix(_MATHML)
        if kind not in ("rem", "quotient") or len(operands) != 2:
            continue
        ratio = _applied("divide", *operands)
        branches = ElementTree.Element(f"{_MATHML}piecewise")
        piece = ElementTree.SubElement(branches, f"{_MATHML}piece")
        zero = ElementTree.Element(f"{_MATHML}cn")
        zero.text = "0"
        piece.extend([_applied("floor", ratio), _applied("geq", ratio, zero)])
        otherwise = ElementTree.SubElement(branches, f"{_MATHML}otherwise")
        otherwise.append(_applied("ceiling", ratio))
        whole = _applied("times", operands[1], branches)
        rest = _applied("minus", operands[0], whole)
        apply[:] = list(rest if kind == "rem" else _applied("plus", branches))
    return ElementTree.tostring(root, encoding="unicode")


_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_DIVISION = re.compile(r"<(?:\w+:)?(?:rem|quotient)\b")


def _applied(operator: str, *operands: ElementTree.Element) -> ElementTree.Element:
    apply = ElementTree.Element(f"{_MATHML}apply")
    apply.append(ElementTree.Element(_MATHML + operator))
    apply.extend(copy.deepcopy(operand) for operand in operands)
    return apply
