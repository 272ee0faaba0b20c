"""What of a model still follows the time late in a course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from transport_model.certificate import SMALLEST_SHARE
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.linearization import quantities_at, velocities_and_jacobian
from transport_model.mathematics.program import velocity_names
from transport_model.mathematics.rates_nearby import ROUNDING
from transport_model.mathematics.time_breaks import (
    FOREVER,
    moving_switches_of,
    switches_of,
)
from transport_model.quantities import read_quantities

#: By this time [model time] a computed value has come to rest, or it never does.
LATE = 1e10
#: Later times, as multiples of one: in no common phase of any period.
LATER = (1.0, 1.3719, 2.1347, 3.8731, 7.7373, 31.193, 177.71)
#: Rounding errors by which a rate may differ at two times and count as the same.
ROUNDINGS = 64


def late_times(sbml: str, values: Mapping[str, float], since: float) -> list[float]:
    """Return times from one on that show what still follows the time, and whatever phase it has.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    values
        Values of everything, by name.
    since
        Times after it count: a pulse that is over and a decay that has ended do not.
    """
    coming = moving_switches_of(sbml).coming(values, since)
    return [*(factor * since for factor in LATER), *coming]


def moving_rates(
    sbml: str,
    states: np.ndarray,
    constants: np.ndarray,
    sizes: np.ndarray,
    times: Sequence[float],
) -> list[str]:
    """Return the velocities that follow the time, where the states stand still.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    states, constants
        Values in the order of :class:`Equations`.
    sizes
        What a change of each state is relative to.
    times
        From :func:`late_times`.

    Returns
    -------
    list of str
        Names as in :func:`~transport_model.mathematics.program.velocity_names`: those whose value,
        or a slope by a state, differs between two times beyond rounding.
    """
    equations = read_equations(sbml)
    if not equations.depends_on_time:
        return []
    rates, slopes = velocities_and_jacobian(sbml, states, constants, FOREVER)
    flow = np.abs(slopes) * sizes
    doubt = ROUNDINGS * ROUNDING * (np.abs(rates) + flow.sum(axis=1))
    moving = ~np.isfinite(rates)
    for time in times:
        other, others = velocities_and_jacobian(sbml, states, constants, time)
        with np.errstate(all="ignore"):
            moving |= ~(np.abs(other - rates) <= doubt)
            change = (np.abs(others - slopes) * sizes).max(axis=1, initial=0.0)
            moving |= np.isfinite(doubt) & (change > doubt)
    return [name for name, moves in zip(velocity_names(equations), moving, strict=True) if moves]


def moving_values(
    sbml: str, states: np.ndarray, constants: np.ndarray, equations: Equations
) -> set[str]:
    """Return the computed quantities that never stop to follow the time."""
    if not equations.following_time:
        return set()
    names, values = quantities_at(sbml, states, constants)
    given = dict(zip(names, map(float, values), strict=True))
    found = set()
    times = [*(factor * LATE for factor in LATER), *switches_of(sbml).coming(given, LATE)]
    for time in times:
        _, others = quantities_at(sbml, states, constants, time)
        for name, value, other in zip(names, values, others, strict=True):
            if other != value and not abs(other - value) <= ROUNDINGS * ROUNDING * abs(value):
                found.add(name)
    return found & equations.following_time


def lost_compartment(
    sbml: str, states: np.ndarray, constants: np.ndarray, start: Mapping[str, float]
) -> str:
    """Say which compartment shrinks to nothing, or grows without end; or return nothing.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    states, constants
        Values late in a course, in the order of :class:`Equations`.
    start
        Values at its start, by name.
    """
    quantities = read_quantities(sbml)
    for name, found in zip(*quantities_at(sbml, states, constants), strict=True):
        if name not in quantities or quantities[name].kind != "compartment":
            continue
        size = float(found)
        if not SMALLEST_SHARE * start[name] < size < np.inf:
            does = "grows without end" if size == np.inf else "shrinks to nothing"
            return f"compartment '{name}' {does}; simulate it instead, or hold its size"
    return ""
