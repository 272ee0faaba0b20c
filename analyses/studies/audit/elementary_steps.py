"""Elementary steps: reactions that run by mass action, with their two constants.

    v = forward * product of reactants - backward * product of products,

with constants that do not depend on the step's own species. Steps are told by their mathematics,
whatever the annotation says.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from transport_model import Model
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.program import needed_for
from transport_model.mathematics.symbols import symbol

from ..chemistry import Chemistry, Counts


@dataclass(frozen=True)
class ElementaryStep:
    """A mass-action reaction, or two opposite one-way reactions taken as one.

    ``change`` is the net stoichiometry of the forward direction; the two rate constants are in the
    symbols of :class:`Equations`.
    """

    reactions: tuple[str, ...]
    change: Counts
    forward: sp.Expr
    backward: sp.Expr

    @property
    def name(self) -> str:
        """The reaction's id, or ``forward/backward``."""
        return "/".join(self.reactions)


def read_steps(model: Model, chemistry: Chemistry) -> tuple[list[ElementaryStep], dict[str, str]]:
    """Find the mass-action reactions, and say why the others are none, by id.

    Opposite one-way reactions become one step. A species that counts the charge on a membrane
    stands for electrical work; a law may depend on it as it likes.
    """
    equations = read_equations(model.sbml)
    laws, order = equations.fluxes, list(chemistry.reactions)
    items = model.quantities.values()
    parameters = {q.id: q.value for q in items if q.kind == "parameter" and not q.computed}
    steps: list[ElementaryStep] = []
    refused: dict[str, str] = {}
    one_way: dict[tuple, list[ElementaryStep]] = {}
    for name, reaction in chemistry.reactions.items():
        before, after = map(chemistry.material, (reaction.before, reaction.after))
        if not reaction.fixed:
            refused[name] = "its stoichiometry is computed"
        elif not before or not after:
            refused[name] = "where its substances come from or go to is not written"
        elif constants := rate_constants(equations, laws[name], before, after, parameters):
            step = ElementaryStep((name,), reaction.change, *constants)
            sides = tuple(tuple(sorted(side.items())) for side in (before, after))
            (one_way.setdefault(sides, []) if step.backward == 0 else steps).append(step)
        else:
            refused[name] = f"its rate is not k·{_product(before)} − k'·{_product(after)}"
    while one_way:
        (before, after), ahead = one_way.popitem()
        back = one_way.pop((after, before), [])
        if len(ahead) == 1 == len(back):
            first, last = sorted((ahead[0], back[0]), key=lambda s: order.index(s.name))
            pair = (first.name, last.name)
            steps.append(ElementaryStep(pair, first.change, first.forward, last.forward))
        elif back:
            why = "which reaction is its reverse cannot be told"
            refused.update(dict.fromkeys((step.name for step in (*ahead, *back)), why))
        else:
            steps += ahead
    return sorted(steps, key=lambda step: order.index(step.reactions[0])), refused


def rate_constants(
    equations: Equations, law: sp.Expr, before: Counts, after: Counts, given: Mapping[str, float]
) -> tuple[sp.Expr, sp.Expr] | None:
    """Return the forward and backward constant of a kinetic law, or None if it is no mass action.

    Only rules that depend on the reaction's own species are written out; one that is no polynomial
    in them ends the search, so that large rate laws cost nothing. `given` has parameters' values.
    """
    own = [symbol(name) for name in dict.fromkeys((*before, *after))]
    inner: dict[sp.Symbol, sp.Expr] = {}
    values = {symbol(n): sp.Float(x) for n, x in given.items() if math.isfinite(x)}
    rules = {n: f for n, f in equations.definitions.items() if symbol(n) not in own}
    rules["the law"] = law
    formula: Any = law
    for name in needed_for(rules, ["the law"]):
        formula = rules[name].xreplace(inner)
        if formula.has(*own):
            formula = _whole_powers(formula, values)
            if not formula.is_polynomial(*own):
                return None
            inner[symbol(name)] = formula
    powers: dict[tuple, sp.Expr] = dict(sp.Poly(formula, *own).as_dict())
    ahead, back = (tuple(side.get(s.name, 0) for s in own) for side in (before, after))
    if ahead == back or set(powers) - {ahead, back}:
        return None
    return powers.get(ahead, sp.Integer(0)), -powers.get(back, sp.Integer(0))


def _whole_powers(formula: Any, values: Mapping[sp.Symbol, sp.Float]) -> Any:
    """Write orders as whole numbers, where they are parameters or real numbers of that value."""

    def order(power: Any) -> sp.Expr:
        number = power.exp.xreplace(values)
        whole = number.is_Float and float(number).is_integer()
        return sp.Integer(int(number)) if whole else power.exp

    return formula.replace(lambda part: part.is_Pow, lambda part: part.base ** order(part))


def _product(side: Counts) -> str:
    return "·".join(name if count == 1 else f"{name}^{count}" for name, count in side.items())
