"""Times at which a model switches by itself: pulses, doses and events that name the time.

An integrator that takes long steps runs over a pulse, and meets an event at ``time == 10`` only if
it happens to stop there. Both are written in the equations: the times follow from them, as roots of
what a condition compares and as jumps of floors, as far as these are made of the time and of
quantities that only events and inputs change. What states have a part in is left to the integrator.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import libsbml
import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.equations import TIME, FormulaReader, symbol
from transport_model.mathematics.switches import APART, Function, Switch, joined, refuse_too_many
from transport_model.reading.mathematics import with_functions_expanded

_WAVES = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)
#: How far a model is looked at whose course has no end, in its unit of time.
FOREVER = 1e12


@dataclass(frozen=True)
class Switches:
    """Every switch of a model that the time alone can throw.

    Attributes
    ----------
    names
        Ids of what their times depend on: quantities that only events and inputs change.
    switches
        Each once.
    """

    names: tuple[str, ...]
    switches: tuple[Switch, ...]

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


def last_time_break(sbml: str, values: Mapping[str, float], start: float = 0.0) -> float | None:
    """Return the last time at which anything in a model can switch by the time alone.

    Parameters
    ----------
    sbml, values
        As for :func:`time_breaks`.
    start
        Nothing before it counts.

    Returns
    -------
    float or None
        None where nothing does; infinity where it goes on for ever, as a remainder of the time
        does. Where events change `values`, what is said holds until they do.
    """
    switches = switches_of(sbml)
    if any(switch.is_endless for switch in switches.switches):
        return math.inf
    # Stretches that overlap, so that no time is the end of one alone
    looks = [start, *(start + span for span in np.geomspace(1e-3, FOREVER, 16))]
    found = [switches.times(values, before, 1.001 * after)
             for before, after in itertools.pairwise(looks)]  # fmt: skip
    return max((times[-1] for times in found if times), default=None)


@lru_cache(maxsize=32)
def switches_of(sbml: str) -> Switches:
    """Return every switch of an SBML text that the time alone can throw."""
    if "symbols/time" not in sbml:
        return Switches((), ())
    document = with_functions_expanded(sbml)
    return _Finder(document.getModel()).read()


class _Finder:
    """Finds the switches of a model in which functions are written out."""

    def __init__(self, model: libsbml.Model) -> None:
        self.model = model
        self.reader = FormulaReader(model)
        ruled = {rule.getVariable() for rule in model.getListOfRules()}
        sized = {item.getId() for item in model.getListOfCompartments()} - ruled
        self.settled = {*sized}
        self.settled |= {item.getId() for item in model.getListOfParameters()} - ruled
        for species in model.getListOfSpecies():
            still = species.getBoundaryCondition() or species.getConstant()
            if still and species.getId() not in ruled and species.getCompartment() in sized:
                self.settled.add(species.getId())
        self.rules = {
            symbol(rule.getVariable()): self._formula(rule)
            for rule in model.getListOfRules()
            if rule.isAssignment()
        }
        self.known: dict[sp.Symbol, Any] = {}

    def read(self) -> Switches:
        elements: list[Any] = [rule for rule in self.model.getListOfRules() if rule.isRate()]
        elements += [reaction.getKineticLaw() for reaction in self.model.getListOfReactions()]
        elements += [event.getTrigger() for event in self.model.getListOfEvents()]
        elements += [event.getPriority() for event in self.model.getListOfEvents()]
        formulas = [*self.rules.values(), *(self._formula(e) for e in elements if e is not None)]
        found: dict[tuple[Any, Any, str], None] = {}
        for formula in formulas:
            for left, right, kind in _compared(formula) if formula is not None else ():
                sides = self._spelled_out(left), self._spelled_out(right)
                if None not in sides and _names_time(*sides):
                    found[(*sides, kind)] = None
        used = {s for left, right, _ in found for s in left.free_symbols | right.free_symbols}
        names = sorted(s.name for s in used - {TIME})
        return Switches(tuple(names), tuple(_switch(item, names) for item in found))

    def _formula(self, element: Any) -> sp.Expr | None:
        """Return a formula, or None if it has no symbolic form, so that nothing is known of it."""
        try:
            return self.reader.formula(element, "a formula")
        except UnsupportedModelError:
            return None

    def _spelled_out(self, formula: Any) -> Any:
        """Return a formula of the time and of what is settled alone, or None if it is not one."""
        parts = {}
        for used in formula.free_symbols:
            if used == TIME or used.name in self.settled:
                continue
            if used not in self.known:
                self.known[used] = None  # a circle leads nowhere
                rule = self.rules.get(used)
                self.known[used] = None if rule is None else self._spelled_out(rule)
            if self.known[used] is None:
                return None
            parts[used] = self.known[used]
        return formula.xreplace(parts)


def _switch(item: tuple[Any, Any, str], names: Sequence[str]) -> Switch:
    left, right, kind = item
    inner = dict.fromkeys(
        part for side in (left, right) for part in _compared(side) if _names_time(*part[:2])
    )
    waves = {wave.args[0] for side in (left, right) for wave in side.atoms(*_WAVES)}
    shown = f"{left} {kind} {right}".replace(str(TIME), "time")
    return Switch(
        text=f"'{shown[:100]}'",
        left=_function(left, names),
        right=_function(right, names),
        is_whole=kind == "whole",
        is_equality=kind == "==",
        inner=tuple(_switch(part, names) for part in inner),
        waves=tuple(_function(wave, names) for wave in sorted(waves, key=str) if _names_time(wave)),
    )


def _function(formula: Any, names: Sequence[str]) -> Function:
    given: Any = sp.IndexedBase("given", real=True)
    places = {symbol(name): given[index] for index, name in enumerate(names)}
    return cast(Function, sp.lambdify([TIME, given], formula.xreplace(places), "numpy"))


def _names_time(*formulas: Any) -> bool:
    return any(TIME in formula.free_symbols for formula in formulas)


def _compared(formula: Any) -> Iterator[tuple[Any, Any, str]]:
    """Yield what a formula compares with what, and how; ``whole`` stands for a floor."""
    for each in formula.atoms(Relational):
        if isinstance(each.lhs, sp.Expr) and isinstance(each.rhs, sp.Expr):
            yield each.lhs, each.rhs, each.rel_op
    for choice in formula.atoms(sp.Max, sp.Min):
        for one, other in itertools.combinations(choice.args, 2):
            yield one, other, "or"
    for each in formula.atoms(sp.Abs, sp.sign):
        yield each.args[0], sp.Integer(0), "or"
    for each in formula.atoms(sp.floor, sp.ceiling):
        yield each.args[0], sp.Integer(0), "whole"
