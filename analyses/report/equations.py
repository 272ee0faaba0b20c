"""A model's equations as MathML that browsers render by themselves, straight from its SBML."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from transport_model import Model
from transport_model.mathematics.equations import TIME, read_equations, species_of, symbol

_LETTERS = {"alpha": "α", "delta": "δ", "phi": "φ", "dG": "ΔG"}

_TYPOGRAPHY = {
    "<mo>-</mo>": "<mo>−</mo>",
    "<mo>\u2062</mo>": '<mspace width="0.17em"></mspace>',
    "&ExponentialE;": "e",
}


class _Printer(MathMLPresentationPrinter):
    """Presentation MathML with ids split at the underscore: Na_i, k_12 of sglt."""

    dom: Any  # the types of xml.dom and of SymPy's printer do not fit each other

    def _print_Symbol(self, sym: sp.Symbol, style: str = "plain"):  # noqa: ANN202
        name = "t" if sym == TIME else species_of(sym.name)
        head, *rest = name.split("_")
        if not head or not rest:
            return self._identifier(name)
        node = self.dom.createElement("msub")
        node.appendChild(self._identifier(head))
        node.appendChild(self._identifier(" ".join(part for part in rest if part)))
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
        text = " ".join(_LETTERS.get(part, part) for part in text.split(" "))
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
    """Return every equation of a model: ``kind``, ``id``, ``name``, ``unit``, ``mathml``."""
    equations = read_equations(model.sbml)
    rows: list[dict[str, str]] = []
    for state, row in zip(equations.states, range(len(equations.states)), strict=True):
        if state in equations.rate_rules:
            rate = equations.rate_rules[state]
        else:
            rate = sp.Add(*(
                coefficient * equations.fluxes[name]
                for coefficient, name in zip(
                    equations.stoichiometry.row(row), equations.fluxes, strict=True)
            ))  # fmt: skip
        name = species_of(state)
        label = f"n_{name}" if state != name and not model.quantities[name].is_amount else name
        change = f"<mrow><mi>d</mi>{mathml(symbol(label))}</mrow>"
        left = f"<mfrac>{change}<mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"
        rows.append(_row("balance", model, name, left, rate))
    for name in equations.rules:
        left = mathml(symbol(name))
        rows.append(_row("rule", model, name, left, equations.definitions[name]))
    for name, formula in equations.fluxes.items():
        rows.append(
            _row("rate", model, name, f"<msub><mi>v</mi><mtext>{name}</mtext></msub>", formula)
        )
    return rows


def _row(kind: str, model: Model, name: str, left: str, right: sp.Basic) -> dict[str, str]:
    body = f"<mrow>{left}<mo>=</mo>{mathml(right)}</mrow>"
    quantity = model.quantities.get(name)
    label = quantity.name if quantity else str(model.reactions.at[name, "name"])
    return {"kind": kind, "id": name, "name": label, "unit": model.unit(name),
            "mathml": f'<math display="block">{body}</math>'}  # fmt: skip
