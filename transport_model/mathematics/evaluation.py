"""A model's numbers at given points: starting values, and rules and rates without solving."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from transport_model.columns import column_units, with_units
from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.program import (
    Program,
    array_function,
    derivative_program,
    evaluator,
    values_at_start,
)
from transport_model.mathematics.state_names import amount
from transport_model.model import Model, check_model
from transport_model.quantities import ids_set_by_start_or_event


def start_values(model: Model) -> dict[str, float]:
    """Return the value of every quantity at the start of a run, by id.

    Parameters
    ----------
    model
        With the values set on it.

    Returns
    -------
    dict
        Values in model units, by id and by the names of :class:`Equations`.

    Raises
    ------
    InputError
        A computed start is negative where only zero or more is possible.
    """
    start = values_at_start(model.sbml, model.changes)
    check_starts(model, start)
    return start


def computed_starts(model: Model) -> list[str]:
    """Return the floating species whose start the model computes."""
    return [
        name
        for name, quantity in model.quantities.items()
        if quantity.kind == "floating" and quantity.computed == "initial assignment"
    ]


def check_starts(model: Model, values: Mapping[str, float]) -> None:
    """Raise InputError if a start that the model computes lies outside its domain."""
    for name in computed_starts(model):
        if values[name] < model.domain(name)[0]:
            quantity = model.quantities[name]
            called = f" ({quantity.name})" if quantity.name else ""
            raise InputError(
                f"the starting value of '{name}'{called}, which the model computes,"
                f" would be {values[name]:.4g} {quantity.unit}".rstrip()
            )


def evaluate_start(
    model: Model, frame: pd.DataFrame, time: np.ndarray | float = 0.0
) -> dict[str, Any]:
    """Return every quantity at the start of a run, for each row of values set on the model."""
    columns = {name: np.asarray(frame[name], dtype=float) for name in frame.columns}
    read = read_equations(model.sbml)
    changed = set(model.changes) | set(columns)
    compute = evaluator(model.sbml, frozenset(changed & set(read.start)))
    base = {**read.values, **model.changes}
    values = np.empty((len(compute.inputs), len(frame)))
    for row, name in enumerate(compute.inputs):
        values[row] = columns.get(name, base.get(name, np.nan))
    return compute(values, time)


def result_columns(equations: Equations, model: Model) -> list[str]:
    """Return the columns of every result.

    Floating species, their amounts, other quantities under a rate rule, rules, what events or
    initial assignments set, reactions, and last what does not move: boundary species.

    Parameters
    ----------
    equations
        Those of the model.
    model
        The model.

    Returns
    -------
    list of str
        Each id once.
    """
    kinds = {name: quantity.kind for name, quantity in model.quantities.items()}
    floating = [name for name, kind in kinds.items() if kind == "floating"]
    rules = [name for name in equations.rules if kinds.get(name) != "floating"]
    rated = [name for name in equations.rate_rules if kinds.get(name) != "floating"]
    others = [
        name for name in ids_set_by_start_or_event(model.sbml) if name not in (*rated, *rules)
    ]
    boundary = [
        name
        for name, kind in kinds.items()
        if kind == "boundary" and name not in rules and name not in rated
    ]
    return [*floating, *model.amount_columns, *rated, *rules, *others, *equations.fluxes, *boundary]


def evaluate(model: Model, frame: pd.DataFrame) -> pd.DataFrame:
    """Compute every rule and rate at given states, without solving anything.

    Parameters
    ----------
    model
        Values for what `frame` does not give: parameters, and starting values of species.
    frame
        One row per state; columns are ids of species and parameters, in model units. Columns that
        the model computes (rules, amounts, rates) are ignored, so that a result of
        :func:`simulate` can be handed in as it is. A column or an index ``time`` is the time;
        without one it is zero.

    Returns
    -------
    pandas.DataFrame
        Indexed like `frame`; species, amounts ``n_<id>``, rules and reaction rates, their units
        in ``attrs["units"]``. Where a formula has no value, NaN or infinity.

    Raises
    ------
    UnknownIdError
        A column names nothing in the model.
    InputError
        `frame` is no table, or a column holds text.
    UnsupportedModelError
        The model uses a construct that cannot be evaluated outside libRoadRunner.
    """
    check_model(model)
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"evaluate needs a table, not {type(frame).__name__}")
    equations = read_equations(model.sbml)
    columns = result_columns(equations, model)
    known = {*model.quantities, *columns, "time"}
    for name in frame.columns:
        if name not in known:
            raise UnknownIdError.of(str(name), known, f"model '{model.name}'")
    state = {*model.quantities, *equations.rate_rules, *ids_set_by_start_or_event(model.sbml)}
    inputs = [name for name in frame.columns if name in state and name not in equations.rules]
    try:
        given = frame[inputs].astype(float)
        time = np.asarray(_times(model, frame), dtype=float)
    except (TypeError, ValueError):
        raise InputError("a column of the table holds text where a number belongs") from None
    values = evaluate_start(model, given, time)
    named = {
        **values,
        **{f"n_{name}": values[amount(name)] for name in model.amount_columns.values()},
    }
    table = pd.DataFrame({name: named[name] for name in columns}, index=frame.index)
    return with_units(table, column_units(model, columns))


def _times(model: Model, frame: pd.DataFrame) -> Any:
    if "time" in frame.columns and "time" not in model.quantities:
        return frame["time"]
    return frame.index if frame.index.name == "time" else 0.0


def start_derivatives(model: Model, ids: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return how starting states and constants move with the quantities `ids`.

    Exact, through every formula that computes a start: in ``cell`` the amount of K⁺ follows
    ``n_X`` and ``z_X``.

    Returns
    -------
    tuple of numpy.ndarray
        Derivatives of the states and of the constants of :class:`Equations`, of shape
        (states, ids) and (constants, ids).
    """
    equations = read_equations(model.sbml)
    changed = frozenset(set(model.changes) & set(equations.start))
    base = {**equations.values, **model.changes}
    compute, inputs = _start_derivative(model.sbml, changed, ids)
    values = np.array([base[name] for name in inputs], dtype=float)
    with np.errstate(all="ignore"):
        slopes = np.array(compute(values, np.zeros(1)), dtype=float).reshape(-1, len(ids) + 1)
    moved = dict(zip(_computed(equations, changed), slopes[:, 1:], strict=True))
    unit = {name: np.eye(len(ids))[index] for index, name in enumerate(ids)}
    still = np.zeros(len(ids))

    def rows(names: Sequence[str]) -> np.ndarray:
        found = [moved.get(name, unit.get(name, still)) for name in names]
        return np.array(found).reshape(len(names), len(ids))

    return rows(equations.states), rows(equations.constants)


def _computed(equations: Equations, changed: frozenset[str]) -> list[str]:
    wanted = (*equations.states, *equations.constants)
    return [name for name in wanted if name in equations.start and name not in changed]


@lru_cache(maxsize=32)
def _start_derivative(
    sbml: str, changed: frozenset[str], ids: tuple[str, ...]
) -> tuple[Callable[..., list[Any]], tuple[str, ...]]:
    equations = read_equations(sbml)
    formulas = {name: f for name, f in equations.start.items() if name not in changed}
    inputs = (*equations.values, *changed)
    targets = _computed(equations, changed)
    program = derivative_program(formulas, targets, ids)
    # row by row: a target, then its derivatives
    count = len(targets)
    results: list[Any] = []
    for index in range(count):
        slopes = program.results[count + index * len(ids) : count + (index + 1) * len(ids)]
        results += [program.results[index], *slopes]
    rows = Program(program.graph, tuple(results))
    return array_function(rows, {"given": inputs, "time": ("csymbol(time)",)}), inputs
