"""A model's rates, their exact derivatives, and all it computes, at one point or many.

States ``x`` and constants ``p`` are vectors in the order of :class:`Equations`; a second axis, if
there is one, runs over points.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from transport_model.kept import remembered
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.program import (
    array_source,
    computed_names,
    derivative_program,
    formulas_of,
    function_of,
    value_program,
    velocity_names,
)
from transport_model.mathematics.time_breaks import FOREVER

if TYPE_CHECKING:
    import sympy as sp


def velocities_and_jacobian(
    sbml: str, states: np.ndarray, constants: np.ndarray, time: float = FOREVER
) -> tuple[np.ndarray, np.ndarray]:
    """Return all velocities and their derivatives by the states, ∂v/∂x.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    states, constants
        Values in the order of :class:`Equations`, of shape (states,) and (constants,).
    time
        Late, unless said otherwise: when all that the time decides has been decided.

    Returns
    -------
    tuple of numpy.ndarray
        Fluxes, then rate rules, of shape (velocities,) [extent/time, or unit/time]; and the exact
        derivatives, of shape (velocities, states).
    """
    equations = read_equations(sbml)
    targets = tuple(velocity_names(equations))
    return values_and_derivatives(sbml, targets, equations.states, states, constants, time)


def jacobians_along(sbml: str, states: np.ndarray, constants: np.ndarray) -> np.ndarray:
    """Return ∂v/∂x at many points: states shaped (states, points), result (points, v, states)."""
    equations = read_equations(sbml)
    targets, times = tuple(velocity_names(equations)), np.full(states.shape[1], FOREVER)
    return derivatives_along(sbml, targets, equations.states, states, constants, times)[1]


def derivatives_along(
    sbml: str,
    targets: tuple[str, ...],
    variables: tuple[str, ...],
    states: np.ndarray,
    constants: np.ndarray,
    times: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of `targets` and their derivatives by `variables` at many points.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    targets, variables
        Names of :class:`Equations`; the target ``net(x)`` is how fast the state x changes.
    states
        Of shape (states, points).
    constants
        Of shape (constants,), or (constants, points) where inputs change some on the way.
    times
        Of shape (points,).

    Returns
    -------
    tuple of numpy.ndarray
        Values of shape (points, targets) and derivatives of shape (points, targets, variables).
    """
    function = _derivatives(sbml, targets, variables)
    with np.errstate(all="ignore"):
        computed = function(states, constants, times[None, :])
    points = np.empty((len(computed), len(times)))
    for row, each in enumerate(computed):
        points[row] = each
    count = len(targets)
    slopes = points[count:].reshape(count, len(variables), len(times))
    return points[:count].T, np.moveaxis(slopes, 2, 0)


def net_rate(state: str) -> str:
    """Return the name under which :func:`derivatives_along` finds how fast a state changes."""
    return f"net({state})"


def values_and_derivatives(
    sbml: str,
    targets: tuple[str, ...],
    variables: tuple[str, ...],
    states: np.ndarray,
    constants: np.ndarray,
    time: float = FOREVER,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of `targets` and their derivatives with respect to `variables`.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    targets, variables
        Names of :class:`Equations`.
    states, constants
        Values in its order, of shape (states,) and (constants,).
    time
        Late, unless said otherwise.

    Returns
    -------
    tuple of numpy.ndarray
        Values of shape (targets,) and derivatives of shape (targets, variables).
    """
    function = _derivatives(sbml, targets, variables)
    with np.errstate(all="ignore"):
        computed = np.array(function(states, constants, np.full(1, time)), dtype=float)
    count = len(targets)
    return computed[:count], computed[count:].reshape(count, len(variables))


def quantities_at(
    sbml: str, states: np.ndarray, constants: np.ndarray, time: float = FOREVER
) -> tuple[tuple[str, ...], list[Any]]:
    """Return the names and values of everything: states, constants, definitions, fluxes."""
    equations = read_equations(sbml)
    names = (*equations.states, *equations.constants, *computed_names(equations))
    with np.errstate(all="ignore"):
        return names, [*states, *constants, *_values(sbml)(states, constants, np.full(1, time))]


@lru_cache(maxsize=64)
def _derivatives(
    sbml: str, targets: tuple[str, ...], variables: tuple[str, ...]
) -> Callable[..., list[Any]]:
    return function_of(_derivative_source(sbml, targets, variables))


@remembered
def _derivative_source(sbml: str, targets: tuple[str, ...], variables: tuple[str, ...]) -> str:
    equations = read_equations(sbml)
    formulas = formulas_of(equations)
    if any(target.startswith("net(") for target in targets):
        formulas |= _net_rates(equations)
    program = derivative_program(formulas, targets, variables)
    return array_source(program, _inputs(equations))


@lru_cache(maxsize=32)
def _values(sbml: str) -> Callable[..., list[Any]]:
    return function_of(_value_source(sbml))


@remembered
def _value_source(sbml: str) -> str:
    equations = read_equations(sbml)
    formulas = formulas_of(equations)
    return array_source(value_program(formulas, tuple(formulas)), _inputs(equations))


def _net_rates(equations: Equations) -> dict[str, sp.Expr]:
    """Return how fast each state changes, in terms of the velocities."""
    import sympy as sp

    from transport_model.mathematics.symbols import symbol

    fluxes = [symbol(name) for name in equations.fluxes]
    found = {}
    for row, state in enumerate(equations.states):
        terms = zip(equations.stoichiometry.row(row), fluxes, strict=True)
        moved = sp.Add(*(coefficient * flux for coefficient, flux in terms))
        found[net_rate(state)] = equations.rate_rules.get(state, moved)
    return found


def _inputs(equations: Equations) -> dict[str, tuple[str, ...]]:
    return {"x": equations.states, "p": equations.constants, "t": ("csymbol(time)",)}
