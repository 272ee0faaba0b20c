"""Times at which a model switches by itself: pulses, doses and events that name the time.

An integrator that takes long steps runs over a pulse, and meets an event at ``time == 10`` only if
it happens to stop there. Both are written in the equations: the times follow from them, as roots of
what a condition compares and as jumps of floors, as far as these are made of the time and of
quantities that only events and inputs change. What states have a part in is left to the integrator.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from transport_model.errors import InputError
from transport_model.mathematics.switches import (
    APART,
    MAX_SWITCHES,
    Switch,
    joined,
    refuse_too_many,
)
from transport_model.reading.mathematics import with_functions_expanded

#: How far a model is looked at whose course has no end, in its unit of time.
FOREVER = 1e12
#: How many of the next switches tell what goes on for ever.
COMING = 240


@dataclass(frozen=True)
class Switches:
    """Every switch of a model that the time alone can throw.

    Attributes
    ----------
    names
        Ids of what their times depend on: quantities that only events and inputs change.
    switches
        Each once.
    bends
        Where a smooth formula of the time may have its peak or its flank.
    """

    names: tuple[str, ...]
    switches: tuple[Switch, ...]
    bends: tuple[Switch, ...] = ()

    def times(
        self, values: Mapping[str, float], start: float, end: float, *, moments: bool = False
    ) -> list[float]:
        """Return the times of all, as :func:`time_breaks` does; `values` of `names` at least.

        With `moments`, those alone at which an equality holds: true at a time, and never beside it.
        """
        given = np.array([values[name] for name in self.names], dtype=float)
        wanted = [item for item in self.switches if item.is_equality or not moments]
        found = joined(switch.times(given, start, end) for switch in wanted)
        refuse_too_many(len(found))
        return _apart(found, start, end)

    def bend_times(self, values: Mapping[str, float], start: float, end: float) -> list[float]:
        """Return the times of all bends, in order.

        Raises
        ------
        InputError
            They are too many to stop at.
        """
        given = np.array([values[name] for name in self.names], dtype=float)
        try:
            found = joined(bend.times(given, start, end) for bend in self.bends)
            refuse_too_many(len(found))
        except InputError:
            raise InputError(
                f"smooth peaks or flanks of the time in the model's formulas come more than"
                f" {MAX_SWITCHES:,} times in this course; simulate less at a time"
            ) from None
        return _apart(found, start, end)

    @property
    def is_endless(self) -> bool:
        """Whether by its form any of them goes on for ever, as a remainder of the time does."""
        return any(switch.is_endless for switch in self.switches)

    def last(self, values: Mapping[str, float], start: float = 0.0) -> float | None:
        """Return the last time after `start` of those that end by their form, or None.

        Where events change `values`, what is said holds until they do.
        """
        ending = Switches(self.names, tuple(item for item in self.switches if not item.is_endless))
        # Stretches that overlap, so that no time is the end of one alone
        looks = [start, *(start + span for span in np.geomspace(1e-3, FOREVER, 16))]
        found = [ending.times(values, before, 1.001 * after)
                 for before, after in itertools.pairwise(looks)]  # fmt: skip
        return max((times[-1] for times in found if times), default=None)

    def coming(self, values: Mapping[str, float], start: float) -> list[float]:
        """Return some times after `start`: the next at which they switch, and those between."""
        found: list[float] = []
        span = max(1e-9 * start, 1e-3)
        while len(found) < COMING and span < FOREVER:
            try:
                found = self.times(values, start, start + span)
            except InputError:  # too many to be found so far ahead
                break
            span *= 4
        found = found[:COMING]
        return [*found, *((a + b) / 2 for a, b in itertools.pairwise([start, *found]))]


def _apart(found: set[float], start: float, end: float) -> list[float]:
    """Return times in order, without the ends and without those that are one with another."""
    apart = APART * max(abs(start), abs(end))
    kept: list[float] = []
    for time in sorted(found):
        if start + apart < time < end - apart and (not kept or time > kept[-1] + apart):
            kept.append(time)
    return kept


def time_breaks(sbml: str, values: Mapping[str, float], start: float, end: float) -> list[float]:
    """Return the times at which a model switches by the time alone, in order.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    values
        Values of its constants and of what events set, by id.
    start, end
        Times, neither of them among the result.

    Raises
    ------
    InputError
        There are more than :data:`~transport_model.mathematics.switches.MAX_SWITCHES`.
    UnsupportedModelError
        An equality of the time holds at no number that a computer knows.
    """
    return switches_of(sbml).times(values, start, end)


@lru_cache(maxsize=32)
def switches_of(sbml: str) -> Switches:
    """Return every switch of an SBML text that the time alone can throw."""
    if "symbols/time" not in sbml:
        return Switches((), ())
    return _found(sbml, every=True)


@lru_cache(maxsize=32)
def moving_switches_of(sbml: str) -> Switches:
    """Return those switches of an SBML text that rates, triggers, volumes or flows follow."""
    if "symbols/time" not in sbml:
        return Switches((), ())
    return _found(sbml, every=False)


def _found(sbml: str, *, every: bool) -> Switches:
    from transport_model.mathematics.switch_finder import SwitchFinder

    return Switches(*SwitchFinder(with_functions_expanded(sbml).getModel()).read(every=every))
