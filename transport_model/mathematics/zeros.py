"""What starts at zero and stays there: nothing but rounding could move it.

An integrator's linear algebra leaves 1e-17 where the equations leave nothing, and a species that
amplifies itself makes any number of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.kept import remembered
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount
from transport_model.quantities import document_of

if TYPE_CHECKING:
    import libsbml

_NAME = re.compile(r"[A-Za-z_]\w*")


@lru_cache(maxsize=128)
def staying_zero(sbml: str, zeros: frozenset[str]) -> frozenset[str]:
    """Return those of the quantities `zeros`, all zero, whose rates are zero whatever else is.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    zeros
        Ids of species and of quantities under rate rules.

    Returns
    -------
    frozenset of str
        Empty for a model that cannot be read symbolically.
    """
    left = _without_sources(sbml, zeros)
    if not left:
        return left
    try:
        equations = read_equations(sbml)
    except (UnsupportedModelError, ModelFileError):
        return frozenset()
    import sympy as sp

    from transport_model.mathematics.symbols import symbol

    nothing = sp.Integer(0)
    while left:
        known = {symbol(name): nothing for each in left for name in (each, amount(each))}
        for name, formula in {**equations.definitions, **equations.fluxes}.items():
            if formula.xreplace(known) == 0:
                known[symbol(name)] = nothing
        moved = set()
        for row, state in enumerate(equations.states):
            name = state.removeprefix("amount(").removesuffix(")")
            if name not in left:
                continue
            rates = equations.stoichiometry.row(row)
            still = all(
                rates[column] == 0 or known.get(symbol(flux)) == 0
                for column, flux in enumerate(equations.fluxes)
            )
            rule = equations.rate_rules.get(state, nothing)
            if not still or rule.xreplace(known) != 0:
                moved.add(name)
        if not moved:
            break
        left -= moved
    return left


@remembered
def may_hold_traces(sbml: str) -> bool:
    """Whether some states would stay zero where all were: they grow again from what is left."""
    return bool(staying_zero(sbml, frozenset(_reaches(sbml))))


@remembered
def _reaches(sbml: str) -> dict[str, list[set[str]]]:
    """Return, by what reactions and rate rules move, the names in each formula that moves it."""
    model = document_of(sbml).getModel()
    rules = {r.getVariable(): _names(r.getMath()) for r in model.getListOfRules()}
    assigned = {r.getVariable() for r in model.getListOfRules() if r.isAssignment()}

    def spread(names: set[str]) -> set[str]:
        waiting, reached = list(names), set(names)
        while waiting:
            name = waiting.pop()
            new = rules[name] - reached if name in assigned else set()
            reached |= new
            waiting += new
        return reached

    moved: dict[str, list[set[str]]] = {}
    for rule in model.getListOfRules():
        if rule.isRate():
            moved.setdefault(rule.getVariable(), []).append(spread(rules[rule.getVariable()]))
    for reaction in model.getListOfReactions():
        law = reaction.getKineticLaw()
        names = spread(_names(law.getMath())) if law is not None else set()
        for reference in (*reaction.getListOfReactants(), *reaction.getListOfProducts()):
            moved.setdefault(reference.getSpecies(), []).append(names)
    return moved


def _names(formula: libsbml.ASTNode | None) -> set[str]:
    import libsbml

    return set(_NAME.findall(libsbml.formulaToL3String(formula))) if formula is not None else set()


def _without_sources(sbml: str, zeros: frozenset[str]) -> frozenset[str]:
    """Return the zeros less those that a formula without any of the zeros in it moves.

    What is left may still move; this is for the many models of which nothing is left.
    """
    reaches = _reaches(sbml)
    left = {name for name in zeros if name in reaches}
    while left:
        fed = {name for name in left if any(not names & left for names in reaches[name])}
        if not fed:
            break
        left -= fed
    return frozenset(left)
