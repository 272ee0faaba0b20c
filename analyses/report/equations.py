"""A model's equations as MathML that browsers render by themselves, straight from its SBML."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from transport_model import Model
from transport_model.mathematics.equation_list import (
    GREEK,
    ModelEquation,
    Typesetting,
    equation_list,
    split_id,
)
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.symbols import TIME, symbol

_SPACE = '<mspace width="0.17em"></mspace>'
_TYPOGRAPHY = {
    "<mo>-</mo>": "<mo>−</mo>",
    "<mo>\u2062</mo>": _SPACE,
    "&ExponentialE;": "e",
}


class _Printer(MathMLPresentationPrinter):
    """Presentation MathML with ids split at the underscore: Na_i, k_12 of sglt."""

    dom: Any  # the types of xml.dom and of SymPy's printer do not fit each other

    def _print_Symbol(self, sym: sp.Symbol, style: str = "plain"):  # noqa: ANN202
        name = "t" if sym == TIME else species_of(sym.name)
        head, subscript = split_id(name)
        if not subscript:
            return self._identifier(name)
        node = self.dom.createElement("msub")
        node.appendChild(self._identifier(head))
        node.appendChild(self._identifier(" ".join(subscript)))
        return node

    def _print_Piecewise(self, expr: sp.Piecewise):  # noqa: ANN202
        table = self.dom.createElement("mtable")
        table.setAttribute("columnalign", "left left")
        for branch in expr.args:
            value, condition = branch.args
            line = self.dom.createElement("mtr")
            if condition == sp.true:
                when = self._identifier("otherwise")
            else:
                when = self.dom.createElement("mrow")
                when.appendChild(self._identifier("if "))
                when.appendChild(self._print(condition))
            for content in (self._print(value), when):
                cell = self.dom.createElement("mtd")
                cell.appendChild(content)
                line.appendChild(cell)
            table.appendChild(line)
        row, brace = self.dom.createElement("mrow"), self.dom.createElement("mo")
        brace.appendChild(self.dom.createTextNode("{"))
        row.appendChild(brace)
        row.appendChild(table)
        return row

    def _identifier(self, text: str):  # noqa: ANN202
        text = " ".join(GREEK.get(part, part) for part in text.split(" "))
        node = self.dom.createElement("mi" if len(text) == 1 else "mtext")
        node.appendChild(self.dom.createTextNode(text))
        return node


def mathml(formula: sp.Basic) -> str:
    """Return a formula as the inside of a MathML ``math`` element."""
    printer = _Printer({"mul_symbol": "\u2062", "ln_notation": True})
    text = printer._print(formula).toxml()
    for printed, wanted in _TYPOGRAPHY.items():
        text = text.replace(printed, wanted)
    return text


def equation_table(model: Model) -> list[dict[str, str]]:
    """Return every equation of a model: ``kind``, ``id``, ``name``, ``unit``, ``mathml``.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    return [
        {"kind": equation.kind, "id": equation.id, "name": equation.name, "unit": equation.unit,
         "mathml": mathml_equation(equation)}
        for equation in equation_list(model)
    ]  # fmt: skip


def _rate(reaction: str) -> str:
    return f"<msub><mi>v</mi><mtext>{reaction}</mtext></msub>"


_BRACKETED = "<mrow><mo>(</mo>{}<mo>)</mo></mrow>"
_TYPESETTING = Typesetting(
    mathml, lambda name: mathml(symbol(name)), _rate,
    derivative="<mfrac><mrow><mi>d</mi>{}</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>",
    amount="<mi>n</mi>" + _BRACKETED, start="{}" + _BRACKETED.format("<mn>0</mn>"),
    bracketed=_BRACKETED, plus="<mo>+</mo>", minus="<mo>−</mo>", times=_SPACE, zero="<mn>0</mn>",
)  # fmt: skip


def mathml_equation(equation: ModelEquation) -> str:
    """Return an equation as a MathML ``math`` element."""
    left, right = _TYPESETTING.left(equation), _TYPESETTING.right(equation)
    body = f"<mrow>{left}<mo>=</mo><mrow>{right}</mrow></mrow>"
    return f'<math display="block">{body}</math>'
