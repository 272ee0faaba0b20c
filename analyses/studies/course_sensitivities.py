"""How a time course moves with parameters and starting values, exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import with_units
from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import result_columns, start_derivatives
from transport_model.mathematics.linearization import derivatives_along
from transport_model.mathematics.program import formulas_of
from transport_model.mathematics.state_names import amount
from transport_model.model import check_model
from transport_model.simulation.inputs import MAX_POINTS, Input, number, whole_number
from transport_model.simulation.variations import Directions, Moved, moved_course
from transport_model.units import per_unit


def course_sensitivities(
    model: Model,
    end: float,
    points: int,
    parameters: Sequence[str],
    *,
    outputs: Sequence[str] | None = None,
    start: float = 0.0,
    inputs: Sequence[Input] = (),
) -> pd.DataFrame:
    """Compute how a time course moves with parameters and starting values.

    The states' sensitivities obey the variational equation ``ds/dt = (∂f/∂x) s + ∂f/∂p`` along
    the course, which is solved with exact derivatives to about 1e-8 of the largest sensitivity.
    What a parameter does to the start is in it: in ``cell`` the amount of K⁺ follows ``n_X``.

    Parameters
    ----------
    model
        What to run.
    end
        Last time point, in the model's unit of time (s).
    points
        Number of equally spaced points, the first and the last included.
    parameters
        Ids of parameters, compartments, boundary species and, for their starting values, of
        floating species and quantities under a rate rule.
    outputs
        Columns of :func:`simulate`; by default all.
    start
        First time point.
    inputs
        Steps and ramps of constants.

    Returns
    -------
    pandas.DataFrame
        Indexed by ``time``; a column per output and parameter, named by both: unit of the one per
        unit of the other, ``attrs["units"]`` by ``"<output> by <parameter>"``. A time at which an
        input jumps or bends occurs twice.

    Raises
    ------
    UnknownIdError
        An id names nothing in the model.
    InputError
        The model computes a parameter itself, an input sets it, or `end` or `points` makes no
        sense.
    UnsupportedModelError
        The model has events, or a rate jumps on the way where a state or a parameter decides.
    SimulationError
        The course could not be followed.
    """
    check_model(model)
    start, end = number(start, "start"), number(end, "end")
    points = whole_number(points, "points")
    if not np.isfinite([start, end]).all() or end <= start:
        raise InputError(f"end must be a time after {start:g}, not {end:g}")
    if not 2 <= points <= MAX_POINTS:
        raise InputError(f"points must be 2 to {MAX_POINTS:,}, not {points:,}")
    ids = checked_parameters(model, parameters)
    equations = read_equations(model.sbml)
    known = result_columns(equations, model)
    wanted = list(known if outputs is None else dict.fromkeys(outputs))
    for name in wanted:
        if name not in known:
            raise UnknownIdError.of(name, known, f"the results of '{model.name}'")
    times = np.linspace(start, end, points)
    states, constants = start_derivatives(model, ids)
    sizes = np.array([abs(model.quantities[name].value) or 1.0 for name in ids])
    moved = moved_course(model, times, Directions(states, constants, sizes), inputs=inputs)
    inner = inner_names(model, equations, wanted)
    slopes = moved_quantities(model.sbml, inner, moved, constants)[1]
    columns = pd.MultiIndex.from_product([wanted, ids], names=["quantity", "parameter"])
    index = pd.Index(moved.times, name="time")
    table = pd.DataFrame(slopes.reshape(len(index), -1), index=index, columns=columns)
    units = {f"{of} by {by}": per_unit(model.unit(of), model.unit(by)) for of, by in columns}
    return with_units(table, {**{k: u for k, u in units.items() if u}, "time": model.unit("time")})


def checked_parameters(model: Model, parameters: Sequence[str]) -> tuple[str, ...]:
    """Return ids that can be moved, each once.

    Raises
    ------
    UnknownIdError, InputError
        An id names nothing, or something the model computes; the law is named.
    """
    if isinstance(parameters, str) or not len(parameters):
        raise InputError("parameters must be a list of ids, such as ['P_Na']")
    for name in parameters:
        quantity = model.quantities.get(name)
        if quantity is not None and not quantity.settable:
            law = model.rules["formula"].get(name, quantity.computed)
            raise InputError(f"'{name}' is computed by the model, by the law {name} = {law:.100}")
        model.validated_value(name, quantity.value if quantity is not None else 0.0)
    return tuple(dict.fromkeys(parameters))


def inner_names(model: Model, equations: Equations, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of :class:`Equations` under which the columns of results are computed."""
    known = {*formulas_of(equations), *equations.states, *equations.constants}
    species = [model.amount_columns.get(column, column) for column in columns]
    return tuple(
        name if name in known and column not in model.amount_columns else amount(name)
        for column, name in zip(columns, species, strict=True)
    )


def moved_quantities(
    sbml: str, names: tuple[str, ...], moved: Moved, constants: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return quantities along a moved course, and how they move.

    Parameters
    ----------
    sbml
        The model's text.
    names
        Of :class:`Equations`.
    moved
        The course.
    constants
        How the constants move, a column per direction.

    Returns
    -------
    tuple of numpy.ndarray
        Of shape (rows, names) and (rows, names, directions).
    """
    equations = read_equations(sbml)
    held = [row for row, slopes in enumerate(constants) if slopes.any()]
    variables = (*equations.states, *(equations.constants[row] for row in held))
    values, slopes = derivatives_along(
        sbml, names, variables, moved.states.T, moved.constants.T, moved.times
    )
    count = len(equations.states)
    with np.errstate(invalid="ignore"):  # a rule without a number there has no slope either
        return values, slopes[:, :, :count] @ moved.slopes + slopes[:, :, count:] @ constants[held]
