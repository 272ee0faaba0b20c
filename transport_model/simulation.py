"""Time courses with libRoadRunner's CVODE."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from transport_model.errors import InputError, SimulationError
from transport_model.inputs import (
    SLOPE,
    Input,
    Ramp,
    Step,
    break_times,
    changed_ids,
    check_inputs,
    with_slopes,
)
from transport_model.model import Model
from transport_model.quantities import document_of, started_or_set
from transport_model.runner import Runner, failure, runner_for

#: CVODE's relative tolerance; with it a one-hour course of ``cell`` is right to 1e-9.
RELATIVE_TOLERANCE = 1e-10
#: Points of one course; more would not fit the memory of a laptop.
MAX_POINTS = 1_000_000
#: Absolute tolerance of a state, relative to its own starting size.
ABSOLUTE_SCALE = 1e-3


def simulate(
    model: Model,
    end: float,
    points: int,
    *,
    start: float = 0.0,
    inputs: Sequence[Input] = (),
    relative_tolerance: float = RELATIVE_TOLERANCE,
) -> pd.DataFrame:
    """Integrate a model from its starting values.

    Parameters
    ----------
    model
        What to run; nothing of it changes.
    end
        Last time point, in the model's unit of time (s).
    points
        Number of equally spaced points, the first and the last included.
    start
        First time point.
    inputs
        Steps and ramps. The integrator stops and starts anew at each, so that no step of its own
        runs over one.
    relative_tolerance
        CVODE's relative tolerance. The absolute tolerance of each state is that times a
        thousandth of its starting amount, because a cell's charge and its water differ by six
        decades.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``time``; a column per species (a concentration, or an amount where the model
        says so), amount ``n_<id>``, rule and reaction, and per quantity that an event, an initial
        assignment or an input sets. A time at which an input jumps or bends occurs twice: before
        and after.

    Raises
    ------
    InputError
        `end`, `points` or a computed starting value makes no sense.
    SimulationError
        The integrator gave up, or the course left the finite numbers.
    """
    if not math.isfinite(end) or end <= start:
        raise InputError(f"end must be a time after {start:g}, not {end:g}")
    if not 2 <= points <= MAX_POINTS:
        raise InputError(f"points must be 2 to {MAX_POINTS:,}, not {points:,}")
    if not 0 < relative_tolerance < 1:
        raise InputError(f"relative_tolerance must lie between 0 and 1, not {relative_tolerance:g}")
    check_inputs(model, inputs, start, end)
    ramped = [item.id for item in inputs if isinstance(item, Ramp)]
    selections = selections_of(model)
    for name in changed_ids(inputs):
        quantity = model.quantities[name]
        bare = quantity.kind == "parameter" or quantity.is_amount
        selections.setdefault(name, name if bare else f"[{name}]")
    if ramped:
        model = replace(model, sbml=with_slopes(model.sbml, sorted(set(ramped))))
    runner = runner_for(model.sbml, conserved=False)
    runner.restart(model)
    refuse_negative_start(model, runner)
    runner.engine.timeCourseSelections = ["time", *selections.values()]
    runner.set_tolerances(relative_tolerance, absolute_tolerances(runner, relative_tolerance))
    grid = np.linspace(start, end, points)
    breaks = break_times(inputs, start, end)
    # A grid point that a break misses by rounding alone is the break
    close = 1e-9 * (grid[1] - grid[0])
    pieces = []
    try:
        if any(isinstance(item, Step) and item.time == start for item in inputs):
            pieces.append(np.array([[start, *(runner.engine[s] for s in selections.values())]]))
        for first, last in itertools.pairwise(breaks):
            _apply(runner, inputs, selections, first)
            inner = grid[(grid > first + close) & (grid < last - close)]
            pieces.append(np.array(runner.engine.simulate(times=[first, *inner, last])))
        if any(isinstance(item, Step) and item.time == end for item in inputs):
            _apply(runner, inputs, selections, end)
            pieces.append(np.array([[end, *(runner.engine[s] for s in selections.values())]]))
    except RuntimeError as error:
        raise failure(error, model, f"integration to {end:g}") from None
    result = np.concatenate(pieces)
    frame = pd.DataFrame(
        result[:, 1:], index=pd.Index(result[:, 0], name="time"), columns=list(selections)
    )
    states = [name for name, q in model.quantities.items() if q.kind == "floating"]
    broken = [name for name in states if not np.isfinite(frame[name]).all()]
    if broken:
        raise SimulationError(f"model '{model.name}': {', '.join(broken)} left the finite numbers")
    return frame


def _apply(
    runner: Runner, inputs: Sequence[Input], selections: Mapping[str, str], time: float
) -> None:
    """Set what jumps or bends at a time."""
    engine = runner.engine
    for item in inputs:
        if isinstance(item, Step):
            if item.time == time:
                for name, value in item.values.items():
                    engine[selections[name]] = value
        elif item.end == time:
            engine[SLOPE + item.id] = 0.0
            engine[selections[item.id]] = item.to
    for item in inputs:  # a ramp starts from where another has just ended
        if isinstance(item, Ramp) and item.start == time:
            engine[SLOPE + item.id] = (item.to - engine[selections[item.id]]) / (item.end - time)


def selections_of(model: Model) -> dict[str, str]:
    """Return libRoadRunner's selection for every column of a result, in the order of results.

    The same columns as :func:`~transport_model.evaluation.result_columns`.
    """
    species = {n: q for n, q in model.quantities.items() if q.kind in {"floating", "boundary"}}
    read = {name: name if q.is_amount else f"[{name}]" for name, q in species.items()}
    columns = {name: read[name] for name, q in species.items() if q.kind == "floating"}
    columns |= model.amount_columns
    for kind in ("isRate", "isAssignment"):
        for rule in document_of(model.sbml).getModel().getListOfRules():
            if getattr(rule, kind)():
                name: str = rule.getVariable()
                columns.setdefault(name, read.get(name, name))
    for name in started_or_set(model.sbml):
        columns.setdefault(name, name)
    columns |= {name: name for name in model.reaction_ids}
    return {**columns, **{name: text for name, text in read.items() if name not in columns}}


def absolute_tolerances(runner: Runner, relative: float) -> dict[str, float]:
    """Return an absolute tolerance for each of CVODE's states, in its own amount."""
    names = runner.engine.getIndependentFloatingSpeciesIds()
    sizes = {name: abs(runner.engine[name]) for name in names}
    present = [size for size in sizes.values() if size > 0]
    typical = float(np.median(present)) if present else 1.0
    return {
        name: relative * ABSOLUTE_SCALE * (size if size > 0 else typical)
        for name, size in sizes.items()
    }


def refuse_negative_start(model: Model, runner: Runner) -> None:
    """Raise InputError if a start that the model computes lies outside its domain."""
    for name, quantity in model.quantities.items():
        if quantity.kind == "floating" and quantity.computed == "initial assignment":
            value = runner.engine[name if quantity.is_amount else f"[{name}]"]
            if value < model.domain(name)[0]:
                raise InputError(
                    f"the starting value of '{name}' ({quantity.name}), which the model computes,"
                    f" would be {value:.4g} {quantity.unit}".rstrip()
                )
