"""Where a model's formulas compare the time with something, and where they turn by it.

A smooth pulse can be as narrow as a switch: ``exp(-((time - 50)/0.1)^2)``. Where the argument of an
exponential or of a sigmoid is near zero, begins or ceases to count, or turns, the integration stops
as well; so for powers, ``b^n = exp(n ln(b))``. Then the integrator sees what is there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, cast

import libsbml
import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.numpy import NumPyPrinter

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.formula_reader import FormulaReader
from transport_model.mathematics.switches import Function, Switch
from transport_model.mathematics.symbols import TIME, symbol

_SHARP = (sp.exp, sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch, sp.atan)
#: Powers that have no narrow peak, and values of a sharp function's argument round its own; at the
#: outer ones an exponential is nothing beside one.
_GENTLE, _LEVELS = (1, 2, 3, 4, sp.Rational(1, 2)), (-36, -1, 0, 1, 36)
_WAVES = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)


class SwitchFinder:
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

    def read(
        self, *, every: bool
    ) -> tuple[tuple[str, ...], tuple[Switch, ...], tuple[Switch, ...]]:
        """Return all names, switches and bends; or those that have a part in how a model moves.

        As :class:`~transport_model.mathematics.time_breaks.Switches` has them.
        """
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
        switches, bends = (
            tuple(_switch(item, names) for item in items) for items in (found, bends)
        )
        return tuple(names), switches, bends

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
