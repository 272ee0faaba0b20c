"""Times at which a model switches by itself: pulses, doses and events that name the time.

An integrator that takes long steps runs over a pulse, and meets an event at ``time == 10`` only if
it happens to stop there. Both are written in the equations: the times follow from them, as roots of
what a condition compares and as jumps of floors, as far as these are made of the time and of
quantities that only events and inputs change. What states have a part in is left to the integrator.

A smooth pulse can be as narrow: ``exp(-((time - 50)/0.1)^2)``. Where the argument of an exponential
or of a sigmoid is near zero, begins or ceases to count, or turns, the integration stops as well; so
for powers, ``b^n = exp(n ln(b))``. Then the integrator sees what is there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import libsbml
import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.numpy import NumPyPrinter

from transport_model.errors import InputError, UnsupportedModelError
from transport_model.mathematics.equations import TIME, FormulaReader, symbol
from transport_model.mathematics.switches import (
    APART,
    MAX_SWITCHES,
    Function,
    Switch,
    joined,
    refuse_too_many,
)
from transport_model.reading.mathematics import with_functions_expanded

_SHARP = (sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch, sp.atan)
#: Powers that have no narrow peak, and values of a sharp function's argument round its own; at the
#: outer ones an exponential is nothing beside one.
_GENTLE, _LEVELS = (1, 2, 3, 4, sp.Rational(1, 2)), (-36, -1, 0, 1, 36)
_WAVES = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)
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
    return _Finder(with_functions_expanded(sbml).getModel()).read(every=True)


@lru_cache(maxsize=32)
def moving_switches_of(sbml: str) -> Switches:
    """Return those switches of an SBML text that rates, triggers, volumes or flows follow."""
    if "symbols/time" not in sbml:
        return Switches((), ())
    return _Finder(with_functions_expanded(sbml).getModel()).read(every=False)


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

    def read(self, *, every: bool) -> Switches:
        """Return all switches; or those alone that have a part in how the model moves."""
        elements: list[Any] = [rule for rule in self.model.getListOfRules() if rule.isRate()]
        elements += [reaction.getKineticLaw() for reaction in self.model.getListOfReactions()]
        elements += [event.getTrigger() for event in self.model.getListOfEvents()]
        elements += [event.getPriority() for event in self.model.getListOfEvents()]
        formulas = [self._formula(element) for element in elements if element is not None]
        formulas += list(self.rules.values()) if every else self._used_by(formulas)
        found: dict[tuple[Any, Any, str], None] = {}
        for formula in formulas:
            for left, right, kind in _compared(formula) if formula is not None else ():
                sides = self._spelled_out(left), self._spelled_out(right)
                if None not in sides and _names_time(*sides):
                    found[(*sides, kind)] = None
        bends = self._bends([formula for formula in formulas if formula is not None])
        sides = [side for left, right, _ in (*found, *bends) for side in (left, right)]
        used = {used for side in sides for used in side.free_symbols}
        names = sorted(s.name for s in used - {TIME})
        made = [tuple(_switch(item, names) for item in items) for items in (found, bends)]
        return Switches(tuple(names), *made)

    def _used_by(self, formulas: Sequence[Any]) -> list[Any]:
        """Return the rules that formulas use, and those of volumes and stoichiometries."""
        plain = {symbol(item.getId()) for kind in (self.model.getListOfParameters(),
                                                   self.model.getListOfSpecies())
                 for item in kind}  # fmt: skip
        wanted = [name for name in self.rules if name not in plain]
        used: dict[Any, Any] = {}
        wanted += [name for each in formulas if each is not None for name in each.free_symbols]
        while wanted:
            name = wanted.pop()
            if name in self.rules and name not in used:
                used[name] = self.rules[name]
                wanted += [] if used[name] is None else used[name].free_symbols
        return list(used.values())

    def _bends(self, formulas: Sequence[Any]) -> list[tuple[Any, Any, str]]:
        """Return what is to be compared with what to find the peaks and flanks in formulas."""
        found: dict[tuple[Any, Any, str], None] = {}
        for formula in formulas:
            for part in formula.atoms(*_SHARP, sp.Pow):
                if isinstance(part, sp.Pow) and part.exp in _GENTLE:
                    continue
                inner = self._spelled_out(part.args[0])
                power = self._spelled_out(part.exp) if isinstance(part, sp.Pow) else None
                if None not in (inner, power) and _names_time(power):
                    inner, power = power * sp.log(inner), None
                if inner is None or not _names_time(inner):
                    continue
                levels = [sp.Integer(level) for level in _LEVELS]
                if power is not None:
                    levels = [sp.exp(level / power) for level in levels if level != 0]
                    levels += [-level for level in levels]
                for one, other in [*((inner, level) for level in levels), (_slope(inner), 0)]:
                    if _names_time(one, other := sp.sympify(other)):
                        found[(one, other, "or")] = None
        return list(found)

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


def _slope(formula: Any) -> Any:
    """Return a derivative by the time between the jumps of a formula; zero where none is known."""
    jumps = {part: sp.Dummy(real=True) for part in formula.atoms(sp.floor, sp.ceiling)}
    slope = formula.xreplace(jumps).diff(TIME)
    if slope.has(sp.Derivative, sp.Subs, sp.Heaviside, sp.DiracDelta):
        return sp.Integer(0)
    return slope.xreplace({dummy: part for part, dummy in jumps.items()})


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
    places: dict[Any, Any] = {symbol(name): given[index] for index, name in enumerate(names)}
    # NumPy takes no whole numbers beyond its own
    places |= {n: sp.Float(n) for n in formula.atoms(sp.Integer) if abs(n) > 2**53}
    return cast(Function, sp.lambdify([TIME, given], formula.xreplace(places), "numpy",
                                      printer=_DividingPrinter))  # fmt: skip


class _DividingPrinter(NumPyPrinter):
    """Writes a third of something as a division, which is exact where the engine's is."""

    def _print_Mul(self, expr: sp.Mul) -> str:
        number, rest = expr.as_coeff_Mul()
        if not isinstance(number, sp.Rational) or number.q == 1:
            return str(super()._print_Mul(expr))
        return f"({self._print(number.p * rest)})/{number.q}"


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
