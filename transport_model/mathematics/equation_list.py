"""A model's equations in one order, as values that MathML, LaTeX and Markdown are printed from.

A kinetic law is spelled out once, as the rate of its reaction; balances name it, v with the
reaction's id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sympy as sp

from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.state_names import species_of
from transport_model.model import Model
from transport_model.units import per_unit


class EquationKind(StrEnum):
    """What an equation says of its left side, in the order in which equations are listed."""

    #: How fast a state changes.
    BALANCE = "balance"
    #: The kinetic law of a reaction.
    RATE = "rate"
    #: What a rule defines.
    RULE = "rule"
    #: What a quantity starts at, where that is computed.
    START = "start"


#: Headings over the equations of each kind.
HEADINGS = {
    EquationKind.BALANCE: "Balances",
    EquationKind.RATE: "Reaction rates",
    EquationKind.RULE: "Definitions",
    EquationKind.START: "Starting values",
}
#: Parts of ids that are set as Greek letters.
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "phi": "φ", "eta": "η",
         "dG": "ΔG"}  # fmt: skip


@dataclass(frozen=True)
class Term:
    """A reaction's part in a balance, sign · size · v: the sign is 1 or -1, the size has none."""

    sign: int
    size: sp.Expr
    reaction: str


@dataclass(frozen=True)
class ModelEquation:
    """One equation of a model.

    Attributes
    ----------
    kind
        What stands on the left: dx/dt, v, x or x(0).
    id
        Of the quantity or reaction that it is of.
    name
        Its name, or an empty string.
    unit
        Unit of both sides.
    of_amount
        Whether the left side is the derivative of the amount n(x) of a species that is given as a
        concentration.
    right
        The right side: a formula, or the parts of reactions in their order.
    """

    kind: EquationKind
    id: str
    name: str
    unit: str
    of_amount: bool
    right: sp.Expr | tuple[Term, ...]


def equation_list(model: Model) -> list[ModelEquation]:
    """Return every equation of a model: balances, rates, rules, computed starting values.

    Raises
    ------
    UnsupportedModelError
        The model's mathematics has no symbolic form.
    """
    read = read_equations(model.sbml)
    started = [name for name, item in model.quantities.items()
               if item.computed == "initial assignment" and name not in model.changes]  # fmt: skip
    return [
        *(_balance(model, read, index) for index in range(len(read.states))),
        *(_equation(model, EquationKind.RATE, name, law) for name, law in read.fluxes.items()),
        *(_equation(model, EquationKind.RULE, n, read.definitions[n]) for n in read.rules),
        *(_equation(model, EquationKind.START, name, read.start[name]) for name in started),
    ]


@dataclass(frozen=True)
class Typesetting:
    """How a language of formulas writes what equations are made of.

    Attributes
    ----------
    formula, symbol, rate
        Write a formula, the symbol of an id, and v with a reaction's id.
    derivative, amount, start, bracketed
        Templates, ``{}`` in place of what is derived, counted, at the start or in brackets.
    plus, minus, times, zero
        Signs with the space about them, and an empty sum.
    """

    formula: Callable[[sp.Basic], str]
    symbol: Callable[[str], str]
    rate: Callable[[str], str]
    derivative: str
    amount: str
    start: str
    bracketed: str
    plus: str
    minus: str
    times: str
    zero: str

    def left(self, equation: ModelEquation) -> str:
        """Write the left side of an equation."""
        if equation.kind == EquationKind.RATE:
            return self.rate(equation.id)
        symbol = self.symbol(equation.id)
        if equation.kind == EquationKind.BALANCE:
            symbol = self.amount.format(symbol) if equation.of_amount else symbol
            return self.derivative.format(symbol)
        return self.start.format(symbol) if equation.kind == EquationKind.START else symbol

    def right(self, equation: ModelEquation) -> str:
        """Write the right side of an equation."""
        right = equation.right
        return self._sum(right) if isinstance(right, tuple) else self.formula(right)

    def _sum(self, terms: Sequence[Term]) -> str:
        text = ""
        for term in terms:
            text += self.minus if term.sign < 0 else self.plus if text else ""
            if term.size != 1:
                size = self.formula(term.size)
                size = self.bracketed.format(size) if term.size.is_Add else size
                text += size + self.times
            text += self.rate(term.reaction)
        return text.strip() or self.zero


def split_id(name: str) -> tuple[str, tuple[str, ...]]:
    """Return an id as its symbol and the parts of its subscript: ``Na_i`` as ``Na`` and ``i``."""
    head, *rest = name.split("_")
    subscript = tuple(part for part in rest if part)
    return (head, subscript) if head and subscript else (name, ())


def _balance(model: Model, read: Equations, index: int) -> ModelEquation:
    state = read.states[index]
    name = species_of(state)
    if state in read.rate_rules:
        return _equation(model, EquationKind.BALANCE, name, read.rate_rules[state])
    quantity = model.quantities.get(name)
    right = _terms(zip(read.stoichiometry.row(index), read.fluxes, strict=True))
    of_amount = quantity is not None and not quantity.is_amount
    return _equation(model, EquationKind.BALANCE, name, right, of_amount)


def _terms(row: Iterable[tuple[sp.Expr, str]]) -> tuple[Term, ...]:
    # A count may be a symbol, of which SymPy knows whether it is written with a minus
    return tuple(
        Term(-1, -count, reaction) if count.could_extract_minus_sign() else Term(1, count, reaction)
        for count, reaction in row
        if count != 0
    )


def _equation(
    model: Model,
    kind: EquationKind,
    name: str,
    right: sp.Expr | tuple[Term, ...],
    of_amount: bool = False,
) -> ModelEquation:
    quantity = model.quantities.get(name)
    label = quantity.name if quantity else ""
    if quantity is None and name in model.reaction_ids:
        label = str(model.reactions.at[name, "name"])
    unit = model.unit(name)
    if kind == EquationKind.BALANCE:
        unit = per_unit(model.units["substance"] if of_amount else unit, model.units["time"])
    return ModelEquation(kind, name, label, unit, of_amount, right)
