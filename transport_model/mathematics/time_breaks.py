"""Times at which a model switches by itself: pulses, doses and events that name the time.

An integrator that takes long steps runs over a pulse, and meets an event at ``time == 10`` only if
it happens to stop there. Both are written in the equations: the times follow from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from transport_model.errors import InputError, ModelFileError, UnsupportedModelError
from transport_model.mathematics.equations import TIME, read_equations, symbol

#: Points at which a condition that is not linear in time is looked at.
LOOKS = 4001
#: Most switches of one course; a model that switches more often is to be written as a smooth one.
MAX_SWITCHES = 10_000


@dataclass(frozen=True)
class Switch:
    """An expression of the time and of constants at whose zeros a model switches.

    Attributes
    ----------
    expression
        Left side of a comparison less its right side, or what a floor is taken of.
    whole
        Whether it is every whole number at which it switches, not zero alone.
    """

    expression: sp.Expr
    whole: bool


@lru_cache(maxsize=32)
def switches_of(sbml: str, moving: frozenset[str] = frozenset()) -> tuple[Switch, ...]:
    """Return every switch of a model that the time alone can throw.

    Parameters
    ----------
    sbml
        SBML L3V2 text. Of a model that cannot be read symbolically nothing is known.
    moving
        Ids that are changed from outside on the way. A threshold that follows from them, from
        states or from what events set is left to the integrator.
    """
    try:
        equations = read_equations(sbml)
    except (UnsupportedModelError, ModelFileError):
        return ()
    still = set(equations.constants) - equations.set_by_events - moving
    allowed = {symbol(name) for name in still} | {TIME}
    resolved: dict[sp.Symbol, sp.Expr] = {}
    for name, formula in equations.definitions.items():
        known = formula.xreplace(resolved)
        if known.free_symbols <= allowed:
            resolved[symbol(name)] = cast(sp.Expr, known)
    found: dict[Switch, None] = {}
    formulas = (*equations.definitions.values(), *equations.fluxes.values(),
                *equations.rate_rules.values(), *equations.triggers)  # fmt: skip
    for formula in formulas:
        conditions: list[tuple[Any, bool]] = [
            (cast(Any, each).lhs - cast(Any, each).rhs, False) for each in formula.atoms(Relational)
        ]
        conditions += [(each.args[0], True) for each in formula.atoms(sp.floor, sp.ceiling)]
        for condition, whole in conditions:
            known = condition.xreplace(resolved)
            if TIME in known.free_symbols <= allowed:
                found[Switch(known, whole)] = None
    return tuple(found)


def time_breaks(
    switches: Sequence[Switch], values: Mapping[str, float], start: float, end: float
) -> list[float]:
    """Return the times after `start` and before `end` at which a switch is thrown, in order.

    Parameters
    ----------
    switches
        Those of a model.
    values
        Values of its constants, by name.

    Raises
    ------
    InputError
        There are more than :data:`MAX_SWITCHES`.
    """
    times: set[float] = set()
    for switch in switches:
        names = {s: values[s.name] for s in switch.expression.free_symbols if s != TIME}
        expression = switch.expression.xreplace({s: sp.Float(v, 17) for s, v in names.items()})
        slope = sp.diff(expression, TIME)
        if slope.is_number and not slope.has(sp.Derivative):
            level = float(cast(sp.Expr, expression.xreplace({TIME: sp.Integer(0)})))
            times |= set(_straight(float(slope), level, switch.whole, start, end))
        else:
            times |= set(_curved(sp.lambdify(TIME, expression, "numpy"), switch.whole, start, end))
        if len(times) > MAX_SWITCHES:
            raise InputError(
                f"the model switches more than {MAX_SWITCHES:,} times between {start:g} and"
                f" {end:g}; simulate less at a time"
            )
    apart = 1e-12 * max(abs(start), abs(end))
    kept: list[float] = []
    for time in sorted(times):
        if start + apart < time < end - apart and (not kept or time > kept[-1] + apart):
            kept.append(time)
    return kept


def _straight(slope: float, level: float, whole: bool, start: float, end: float) -> list[float]:
    if slope == 0.0:
        return []
    if not whole:
        return [-level / slope]
    ends = sorted((level + slope * start, level + slope * end))
    first, last = np.ceil(ends[0]), np.floor(ends[1])
    if not last - first < MAX_SWITCHES:
        last = first + MAX_SWITCHES
    return [float((number - level) / slope) for number in np.arange(first, last + 1)]


def _curved(function: Callable[..., Any], whole: bool, start: float, end: float) -> list[float]:
    looks = np.linspace(start, end, LOOKS)
    with np.errstate(all="ignore"):
        seen = np.broadcast_to(np.asarray(function(looks), dtype=float), looks.shape)
    side = np.floor if whole else np.sign
    sides = side(seen)
    found = []
    for at in np.flatnonzero(np.isfinite(sides[:-1] + sides[1:]) & (np.diff(sides) != 0)):
        low, high = float(looks[at]), float(looks[at + 1])
        while low < (middle := (low + high) / 2) < high:  # to the last digit
            if side(float(function(middle))) == sides[at]:
                low = middle
            else:
                high = middle
        found.append(high)
    return found
