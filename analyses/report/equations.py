"""A model's equations as MathML that browsers render by themselves, in the order of sense."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.printing.mathml import MathMLPresentationPrinter

from transport_model import Model
from transport_model.mathematics.equation_list import (
    EquationKind,
    ModelEquation,
    Typesetting,
    equation_list,
)
from transport_model.mathematics.state_names import species_of
from transport_model.mathematics.symbols import TIME

from .symbols import Symbol, of_amount, symbols_of

#: Reactions that definitions have in common before they are those of the whole model.
FEW = 3
#: Denominators that are written as such are smaller, and numerators than its square.
LONG = 10_000
#: Characters of an equation that a screen reader is given.
SPOKEN = 300
_SPACE = '<mspace width="0.17em"></mspace>'
_TYPOGRAPHY = {
    "<mo>-</mo>": "<mo>−</mo>",
    "<mo>\u2062</mo>": _SPACE,
    "&ExponentialE;": "e",
    "<mo><</mo>": "<mo>&lt;</mo>",
    "<mn>1.0</mn><mo>\u00b7</mo>": "",
    "<mn>1.0</mn><mo>&#xB7;</mo>": "",
    "<mo>&#xB7;</mo><msup><mn>10": "<mo>×</mo><msup><mn>10",
    "<mn>-": "<mn>−",
}


@dataclass(frozen=True)
class PrintedEquation:
    """An equation on the page: its number, what it is of, its unit, and the formula twice.

    Attributes
    ----------
    mathml, spoken
        A ``math`` element, and plain text for those who listen.
    """

    number: int
    words: str
    unit: str
    mathml: str
    spoken: str


@dataclass(frozen=True)
class Part:
    """Equations under one heading."""

    heading: str
    equations: tuple[PrintedEquation, ...]


def printed_equations(model: Model) -> tuple[Part, ...]:
    """Return every equation of a model under headings, numbered.

    Balances stand first, then what several reactions share, reaction by reaction its definitions
    and its rate, what no rate needs, and starting values. Quantities that are defined by the same
    expression share an equation. A rate that is but another name of a quantity is printed as that.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    listed = equation_list(model)
    of_kind = {kind: [e for e in listed if e.kind is kind] for kind in EquationKind}
    renamed = {e.id: e.right.name for e in of_kind[EquationKind.RATE]
               if isinstance(e.right, sp.Symbol) and e.right.name in model.quantities}  # fmt: skip
    rates = [e for e in of_kind[EquationKind.RATE] if e.id not in renamed]
    groups: list[tuple[str, Sequence[Sequence[ModelEquation]]]] = [
        ("Balances", [[e] for e in of_kind[EquationKind.BALANCE]]),
        *_definitions(model, of_kind, rates),
        ("Starting values", [[e] for e in of_kind[EquationKind.START]]),
    ]
    setting, number, parts = _Setting(model, renamed), 0, []
    for heading, members in groups:
        lines = []
        for same in members:
            number += 1
            lines.append(setting.printed(number, same, heading))
        if lines:
            parts.append(Part(heading, tuple(lines)))
    return tuple(parts)


def _definitions(
    model: Model, of_kind: Mapping[EquationKind, list[ModelEquation]], rates: list[ModelEquation]
) -> list[tuple[str, Sequence[Sequence[ModelEquation]]]]:
    """Return definitions by the reactions that need them, those of the whole model first."""
    rules = of_kind[EquationKind.RULE]
    needs = {rule.id: _names(rule.right) for rule in rules}
    users: dict[str, set[str]] = {rule.id: set() for rule in rules}
    for rate in of_kind[EquationKind.RATE]:
        for name in _behind(_names(rate.right), needs):
            users[name].add(rate.id)
    same: dict[sp.Basic, list[ModelEquation]] = {}
    for rule in rules:
        assert isinstance(rule.right, sp.Basic)
        same.setdefault(rule.right, []).append(rule)
    groups: dict[frozenset[str], list[list[ModelEquation]]] = {}
    for members in same.values():
        by = frozenset(set().union(*(users[rule.id] for rule in members)))
        groups.setdefault(by, []).append(members)
    for rate in rates:
        groups.setdefault(frozenset({rate.id}), []).append([rate])
    order = list(model.reaction_ids)
    names = {name: str(model.reactions["name"][name] or name) for name in order}
    common = [line for by, lines in groups.items() if len(by) > FEW for line in lines]
    others = groups.pop(frozenset(), [])
    few = sorted(
        (by for by in groups if len(by) <= FEW),
        key=lambda by: (min(map(order.index, by)), -len(by)),
    )
    return [
        ("Used by many reactions", common),
        *((_joined([names[n] for n in order if n in by]), groups[by]) for by in few),
        ("Derived quantities", others),
    ]


def _joined(names: Sequence[str]) -> str:
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return text[:1].upper() + text[1:]


def _names(right: object) -> set[str]:
    return {symbol.name for symbol in right.free_symbols} if isinstance(right, sp.Basic) else set()  # pyright: ignore[reportAttributeAccessIssue]


def _behind(names: Iterable[str], needs: Mapping[str, set[str]]) -> set[str]:
    """Return the definitions that names are made of, wholly."""
    found: set[str] = set()
    waiting = [name for name in names if name in needs]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in needs[name] if other in needs]
    return found


class _Printer(MathMLPresentationPrinter):
    """Presentation MathML with the symbols of print in the place of ids."""

    dom: Any  # the types of xml.dom and of SymPy's printer do not fit each other

    def __init__(self, symbols: Mapping[str, Symbol]) -> None:
        super().__init__({"mul_symbol": "\u2062", "ln_notation": True})
        self.symbols = symbols

    def _print_Symbol(self, sym: sp.Symbol, style: str = "plain"):  # noqa: ANN202
        if sym == TIME:
            return self._identifier("t")
        name = species_of(sym.name)
        return self.symbol_node(self.symbols.get(name, Symbol(name, ())))

    def symbol_node(self, symbol: Symbol) -> Any:
        """Return the node of a symbol."""
        base = self._identifier(symbol.base)
        if symbol.in_brackets:
            inner, base = base, self.dom.createElement("mrow")
            for node in (self._operator("["), inner, self._operator("]")):
                base.appendChild(node)
        if not symbol.subscript:
            return base
        node = self.dom.createElement("msub")
        node.appendChild(base)
        node.appendChild(self._identifier(",".join(symbol.subscript)))
        return node

    def _print_exp(self, expr: Any):  # noqa: ANN202
        (exponent,) = expr.args
        if not exponent.has(sp.Add) and not sp.fraction(exponent)[1].free_symbols:
            return self._print_Pow(sp.Pow(sp.E, exponent, evaluate=False))
        row = self.dom.createElement("mrow")
        row.appendChild(self._identifier("exp"))
        inner = self.dom.createElement("mrow")
        for node in (self._operator("("), self._print(exponent), self._operator(")")):
            inner.appendChild(node)
        row.appendChild(inner)
        return row

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
        row = self.dom.createElement("mrow")
        row.appendChild(self._operator("{"))
        row.appendChild(table)
        return row

    def _operator(self, text: str):  # noqa: ANN202
        node = self.dom.createElement("mo")
        node.appendChild(self.dom.createTextNode(text))
        return node

    def _identifier(self, text: str):  # noqa: ANN202
        node = self.dom.createElement("mi" if len(text) == 1 else "mtext")
        node.appendChild(self.dom.createTextNode(text))
        return node


class SymbolPrinter:
    """Writes symbols and formulas of one model as the inside of a MathML ``math`` element."""

    def __init__(self, model: Model) -> None:
        self.symbols = symbols_of(model)
        self._printer = _Printer(self.symbols)

    def formula(self, formula: sp.Basic) -> str:
        """Write a formula; of its numbers, ratios of large ones as decimals."""
        long = {n: sp.Float(repr(float(n))) for n in formula.atoms(sp.Rational)
                if n.q >= LONG or abs(n.p) >= LONG**2}  # fmt: skip
        return _finished(self._printer._print(formula.xreplace(long)).toxml())

    def symbol(self, symbol: Symbol) -> str:
        """Write a symbol."""
        return _finished(self._printer.symbol_node(symbol).toxml())


def _finished(text: str) -> str:
    for printed, wanted in _TYPOGRAPHY.items():
        text = text.replace(printed, wanted)
    return text


_BRACKETED = "<mrow><mo>(</mo>{}<mo>)</mo></mrow>"
_DERIVATIVE = "<mfrac><mrow><mi>d</mi>{}</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"


class _Setting:
    """Sets equations of one model; reactions of `renamed` are called by their quantity."""

    def __init__(self, model: Model, renamed: Mapping[str, str]) -> None:
        self._write, self._renamed = SymbolPrinter(model), renamed
        self._setting = Typesetting(
            self._write.formula, self._named, self._rate,
            derivative=_DERIVATIVE, amount="{}", start="{}" + _BRACKETED.format("<mn>0</mn>"),
            bracketed=_BRACKETED, plus="<mo>+</mo>", minus="<mo>−</mo>", times=_SPACE,
            zero="<mn>0</mn>",
        )  # fmt: skip

    def printed(self, number: int, same: Sequence[ModelEquation], under: str) -> PrintedEquation:
        """Return equations of one right side as one, which does not say its heading again."""
        first = same[0]
        lefts = [self._left(equation) for equation in same]
        body = "<mo>=</mo>".join([*lefts, f"<mrow>{self._setting.right(first)}</mrow>"])
        spoken = f"{' = '.join(e.id for e in same)} = {_plain(first)}"
        return PrintedEquation(
            number,
            "; ".join(
                name
                for name in dict.fromkeys(e.name or e.id for e in same)
                if _joined([name]) != under
            ),
            "" if first.unit == "1" else first.unit,
            f'<math display="block"><mrow>{body}</mrow></math>',
            textwrap.shorten(spoken, SPOKEN, placeholder=" …"),
        )

    def _left(self, equation: ModelEquation) -> str:
        if equation.of_amount:
            amount = of_amount(self._write.symbols[equation.id], equation.id)
            return _DERIVATIVE.format(self._write.symbol(amount))
        return self._setting.left(equation)

    def _named(self, name: str) -> str:
        return self._write.symbol(self._write.symbols.get(name, Symbol(name, ())))

    def _rate(self, reaction: str) -> str:
        if reaction in self._renamed:
            return self._named(self._renamed[reaction])
        return self._write.symbol(Symbol("v", (reaction,)))


def _plain(equation: ModelEquation) -> str:
    if isinstance(equation.right, sp.Basic):
        return str(equation.right)
    terms = [
        f"{'-' if term.sign < 0 else '+'} {term.size} v({term.reaction})" for term in equation.right
    ]
    return " ".join(terms) or "0"
