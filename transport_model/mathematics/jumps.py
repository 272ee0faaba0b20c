"""Places where a formula jumps, and whether a course passes one; and seams that nothing shows.

A course moves smoothly with a parameter unless a rate jumps at a place that the parameter decides:
at a threshold of a state, or at a time that follows from the parameter. Where the two sides of a
branch meet, nothing jumps; and a branch that guards a division is never taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.program import array_function, formulas_of, value_program
from transport_model.mathematics.symbols import symbol

#: Branches whose values differ by less, relative to themselves, meet.
MEET, SMALLEST = 1e-7, 1e-12
#: Where it is looked.
SAMPLES = (0.11, 0.53, 0.87)
#: Branches that differ by less so far to either side of where they meet are one function there.
ONE, ABOUT = 1e-12, 0.05


def jumping_along(
    sbml: str, moved: frozenset[str], states: np.ndarray, constants: np.ndarray, times: np.ndarray
) -> str | None:
    """Return the first formula that jumps on a course, at a place that moves, or None.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    moved
        Constants that are moved; the states move with them.
    states, constants, times
        The course, as for :func:`derivatives_along`.
    """
    names, function = _deciding(sbml, moved)
    if not names:
        return None
    with np.errstate(all="ignore"):
        sides = function(states, constants, times[None, :])
    for name, side in zip(names, sides, strict=True):
        if np.ptp(np.broadcast_to(side, times.shape)) != 0:
            return name
    return None


@lru_cache(maxsize=32)
def _deciding(sbml: str, moved: frozenset[str]) -> tuple[tuple[str, ...], Callable[..., list[Any]]]:
    """Return the formulas that may jump, and a function that tells the side on which each is."""
    equations = read_equations(sbml)
    moving = {symbol(name) for name in (*equations.states, *moved)}
    formulas, names = dict(formulas_of(equations)), []
    for name, formula in formulas_of(equations).items():
        for side in _sides(formula, moving):
            formulas[f"side({len(names)})"] = side
            names.append(name)
        if formula.free_symbols & moving:
            moving.add(symbol(name))
    program = value_program(formulas, [f"side({number})" for number in range(len(names))])
    inputs = {"x": equations.states, "p": equations.constants, "t": ("csymbol(time)",)}
    return tuple(names), array_function(program, inputs)


def _sides(formula: sp.Expr, moving: set[Any]) -> list[sp.Expr]:
    steps = formula.atoms(sp.floor, sp.ceiling, sp.sign, sp.Heaviside)
    found: list[sp.Expr] = [step for step in steps if step.free_symbols & moving]
    for branches in formula.atoms(sp.Piecewise):
        pairs: Any = branches.args
        for (here, condition), (beyond, _) in itertools.pairwise(pairs):
            for relation in condition.atoms(Relational):
                if relation.free_symbols & moving and not _meet(relation, here, beyond):
                    found.append(sp.sign(relation.lhs - relation.rhs))
    return sorted(found, key=str)


def _meet(relation: Any, here: sp.Expr, beyond: sp.Expr) -> bool:
    """Whether two branches have one value where the sides of a relation are equal.

    Looked at where all but one of the quantities have some value; a series that takes over from
    a quotient near zero meets it to its last terms.
    """
    places = _places(relation, here, beyond)
    return bool(places) and all(
        _agree(here, beyond, {**at, place: root}, MEET, SMALLEST) for at, place, root in places
    )


def is_seamless(relation: Any, here: sp.Expr, beyond: sp.Expr) -> bool:
    """Whether two branches are one function about where the sides of a relation are equal.

    So they are where a series takes over from a quotient that loses its digits. What is not seen
    there is no loss to an integrator; where branches only meet, it may step over a peak whole.
    Branches may be conditions, and a relation of numbers true or false: these are no function.
    """
    is_of_numbers = isinstance(relation, Relational) and not (here.is_Boolean or beyond.is_Boolean)
    if not is_of_numbers:
        return False
    names = sorted((relation.free_symbols | here.free_symbols | beyond.free_symbols), key=str)
    plain = {item: sp.Symbol(f"q{row}", real=True) for row, item in enumerate(names)}
    return _is_seamless(relation.xreplace(plain), here.xreplace(plain), beyond.xreplace(plain))


@lru_cache(maxsize=256)
def _is_seamless(relation: Any, here: sp.Expr, beyond: sp.Expr) -> bool:
    places = _places(relation, here, beyond)
    return bool(places) and all(
        _agree(here, beyond, {**at, place: root + side * (abs(root) or 1)}, ONE, 0.0)
        for at, place, root in places
        for side in (-ABOUT, 0, ABOUT)
    )


def _agree(
    here: sp.Expr, beyond: sp.Expr, at: dict[Any, Any], share: float, smallest: float
) -> bool:
    """Whether two branches have one value at a place, to a share of it and to the smallest.

    One that is true or false there has none.
    """
    results = [branch.subs(at) for branch in (here, beyond)]
    if any(isinstance(result, BooleanAtom) for result in results):
        return False
    values = [complex(result.evalf()) for result in results]
    return abs(values[0] - values[1]) <= share * (abs(values[0]) + abs(values[1])) + smallest


def _places(
    relation: Any, here: sp.Expr, beyond: sp.Expr
) -> list[tuple[dict[Any, Any], Any, sp.Expr]]:
    """Return places where the sides of a relation are equal, or none.

    All but one of the quantities have some value there, and the one its own.
    """
    difference = relation.lhs - relation.rhs
    symbols = sorted(difference.free_symbols | here.free_symbols | beyond.free_symbols, key=str)
    found = []
    for shift in SAMPLES:
        some = {item: 0.5 + (shift + 0.37 * row) % 1 for row, item in enumerate(symbols)}
        roots = _roots(difference, [item for item in symbols if difference.has(item)], some)
        if not roots:
            return []
        found += [(some, place, root) for place, root in roots]
    return found


def _roots(
    difference: sp.Expr, places: list[Any], some: dict[Any, float]
) -> list[tuple[Any, sp.Expr]]:
    """Return one symbol with each root of a difference, the others being as in `some`."""
    for place in places:
        others = {item: value for item, value in some.items() if item != place}
        try:
            found = sp.solve(difference.subs(others), place)
        except NotImplementedError:
            continue
        if found:
            return [(place, root) for root in found]
    return []
