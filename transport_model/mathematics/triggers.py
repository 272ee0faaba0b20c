"""Whether events can happen near a state: their triggers, with what they compare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.relational import Equality, Relational, Unequality

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.formula_reader import FormulaReader
from transport_model.mathematics.program import array_function, derivative_program, formulas_of
from transport_model.mathematics.time_breaks import FOREVER
from transport_model.reading.mathematics import with_functions_expanded

#: Relative distance from a state within which a trigger must not change.
NEARBY = 1e-3


@dataclass(frozen=True)
class Trigger:
    """The trigger of one event.

    Attributes
    ----------
    event
        The event, in words.
    condition
        Its symbolic form; None where it has none, so that nothing is known of it.
    compared
        What it compares, each a difference of two sides and its name in the program.
    """

    event: str
    condition: Any
    compared: tuple[tuple[Relational, str], ...]


@dataclass(frozen=True)
class Triggers:
    """All triggers of a model."""

    triggers: tuple[Trigger, ...]
    names: tuple[str, ...]
    function: Callable[..., list[Any]]

    def undecided(
        self,
        states: np.ndarray,
        constants: np.ndarray,
        sizes: np.ndarray,
        times: Sequence[float],
    ) -> str:
        """Return the first event that may happen near a state at some times, or nothing.

        Parameters
        ----------
        states, constants
            Values in the order of :class:`~transport_model.mathematics.equations.Equations`.
        sizes
            What a change of each state is relative to.
        times
            When: what the time decides must have been decided by the first of them.
        """
        rows = [self._at(states, constants, time) for time in (*times, FOREVER)]
        for trigger in self.triggers:
            if trigger.condition is None:
                return trigger.event
            said = {_truth(trigger, *row, sizes) for row in rows}
            if len(said) > 1 or not said <= {sp.true, sp.false}:
                return trigger.event
        return ""

    def _at(
        self, states: np.ndarray, constants: np.ndarray, time: float
    ) -> tuple[dict[str, float], dict[str, np.ndarray]]:
        with np.errstate(all="ignore"):
            found = self.function(states, constants, np.full(1, time))
        computed = np.array([float(np.asarray(each).reshape(-1)[0]) for each in found])
        count = len(self.names)
        slopes = computed[count:].reshape(count, len(states))
        return (dict(zip(self.names, computed[:count], strict=True)),
                dict(zip(self.names, slopes, strict=True)))  # fmt: skip


def _truth(
    trigger: Trigger, values: dict[str, float], slopes: dict[str, np.ndarray], sizes: np.ndarray
) -> Any:
    """Return whether a trigger holds all around a state; what it hangs on where that is open."""
    known: dict[Any, Any] = {}
    for relation, name in trigger.compared:
        value = values[name]
        reach = float(NEARBY * (np.abs(slopes[name]) * sizes).sum())
        if (reach > 0 and not abs(value) > reach) or not np.isfinite(value):
            known[relation] = sp.Symbol(name)
        elif isinstance(relation, Equality):
            known[relation] = sp.true if value == 0 else sp.false
        elif isinstance(relation, Unequality):
            known[relation] = sp.false if value == 0 else sp.true
        else:
            known[relation] = relation.func(sp.Float(value), 0)
    return trigger.condition.xreplace(known)


@lru_cache(maxsize=32)
def triggers_of(sbml: str) -> Triggers:
    """Return the triggers of an SBML text."""
    equations = read_equations(sbml)
    document = with_functions_expanded(sbml)
    model: Any = document.getModel()
    reader = FormulaReader(model)
    triggers: list[Trigger] = []
    formulas: dict[str, Any] = {}
    for number, event in enumerate(model.getListOfEvents(), 1):
        trigger = event.getTrigger()
        if trigger is None or not trigger.isSetMath():
            continue  # never happens
        where = f"event '{event.getId()}'" if event.isSetId() else f"event {number}"
        try:
            condition: Any = reader.formula(trigger, f"the trigger of {where}")
        except UnsupportedModelError:
            triggers.append(Trigger(where, None, ()))
            continue
        compared = []
        for relation in sorted(condition.atoms(Relational), key=str):
            name = f"{where}, {len(compared)}"
            formulas[name] = relation.lhs - relation.rhs
            compared.append((relation, name))
        triggers.append(Trigger(where, condition, tuple(compared)))
    names = tuple(formulas)
    program = derivative_program({**formulas_of(equations), **formulas}, names, equations.states)
    inputs = {"x": equations.states, "p": equations.constants, "t": ("csymbol(time)",)}
    return Triggers(tuple(triggers), names, array_function(program, inputs))
