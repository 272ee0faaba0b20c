"""Control and response coefficients along a scan, and ranked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.columns import column_units, with_units
from transport_model.errors import (
    ComputationError,
    InputError,
    SteadyStateError,
    UnknownIdError,
    UnsupportedModelError,
)
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import result_columns
from transport_model.model import check_model

from ..scans.designs.base import check_design
from .control import control_coefficients, response_coefficients

#: Columns of theorems that a row of control coefficients keeps to.
THEOREMS = ("summation", "connectivity")


def control_along(
    model: Model,
    design: pd.DataFrame,
    outputs: Sequence[str],
    *,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Compute control coefficients at the steady state of each row of a design.

    Parameters
    ----------
    model
        Values for what the design does not give.
    design
        One row per point, one column per quantity, in model units.
    outputs
        Reactions, species and rules. A rule has no relative coefficient, but the change d y / d ln
        v in its own unit.
    progress
        Called with the number of points done since the last call.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`, one row each: its columns; a column ``<output> by <reaction>`` per
        output and reaction; ``summation`` and ``connectivity``, the largest departures from the
        theorems; ``converged`` and ``status``. A point without a steady state holds NaN, as does a
        coefficient of what vanishes. Units in ``attrs["units"]``.

    Raises
    ------
    UnknownIdError, InputError
        An output or a column names nothing in the model, or there is nothing to compute.
    UnsupportedModelError
        As :func:`transport_model.control_coefficients`.
    """
    check_model(model)
    if not model.reaction_ids:
        raise InputError(f"model '{model.name}' has no reactions: nothing to control")
    read = read_equations(model.sbml)
    known = [*read.fluxes, *read.definitions]
    outputs = _checked(model, outputs, [name for name in known if not name.startswith("amount(")])

    def solved(point: Model) -> tuple[dict[str, float], dict[str, float]]:
        found = control_coefficients(point)
        table = pd.concat([found.flux, found.concentration, found.potential])
        theorems = {name: float(getattr(found, name)) for name in THEOREMS}
        return _flat(table.loc[list(outputs)]), theorems

    units = {
        f"{name} by {step}": model.unit(name) if name in read.rules else "1"
        for name in outputs
        for step in read.fluxes
    }
    return _along(model, design, units, THEOREMS, solved, progress)


def responses_along(
    model: Model,
    design: pd.DataFrame,
    parameters: Sequence[str],
    outputs: Sequence[str],
    *,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Compute response coefficients d ln y / d ln p at the steady state of each row of a design.

    Parameters
    ----------
    model
        Values for what the design does not give.
    design
        One row per point, one column per quantity, in model units.
    parameters
        Ids of parameters, compartments and boundary species.
    outputs
        Results of a steady state: species, fluxes, potentials, energies and other rules.
    progress
        Called with the number of points done since the last call.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`, one row each: its columns; a column ``<output> by <parameter>`` per
        output and parameter; ``converged`` and ``status``. A point without a steady state holds
        NaN, as does a coefficient of what vanishes. Units in ``attrs["units"]``.

    Raises
    ------
    UnknownIdError, InputError
        A parameter, an output or a column names nothing in the model, or there is nothing to
        compute.
    UnsupportedModelError
        As :func:`transport_model.response_coefficients`.
    """
    check_model(model)
    read = read_equations(model.sbml)
    columns = result_columns(read, model)
    outputs = _checked(model, outputs, [name for name in columns if name not in read.constants])
    if isinstance(parameters, str) or not parameters:
        raise InputError("parameters is a list of ids, such as ['P_Na', 'K_o']")

    def solved(point: Model) -> tuple[dict[str, float], dict[str, float]]:
        return _flat(response_coefficients(point, parameters).loc[list(outputs)]), {}

    units = {f"{name} by {parameter}": "1" for name in outputs for parameter in parameters}
    return _along(model, design, units, (), solved, progress)


def ranked_coefficients(table: pd.DataFrame, most: int | None = None) -> pd.DataFrame:
    """Rank the causes of each result by the size of their coefficients, the strongest first.

    Parameters
    ----------
    table
        A row per result and a column per cause: response coefficients, or a table of
        :class:`transport_model.ControlAnalysis`, such as its elasticities.
    most
        Causes of each result, at most; all by default.

    Returns
    -------
    pandas.DataFrame
        A row per result and cause: ``result``, ``rank`` from 1 on, ``cause``, ``coefficient``.
        What has no coefficient, or one of zero, is left out.

    Raises
    ------
    InputError
        It is no table, or `most` is no number of causes.
    """
    if not isinstance(table, pd.DataFrame):
        raise InputError(f"needs a table of coefficients, not {type(table).__name__}")
    if most is not None and (not isinstance(most, int) or most < 1):
        raise InputError(f"most is a number of causes, 1 or more, not {most!r:.40}")
    rows = []
    for result, values in table.iterrows():
        there = values[values.notna() & (values != 0)].astype(float)
        order = there.abs().sort_values(ascending=False, kind="stable").index[:most]
        rows += [(str(result), rank, str(cause), float(there[cause]))
                 for rank, cause in enumerate(order, 1)]  # fmt: skip
    found = pd.DataFrame(rows, columns=["result", "rank", "cause", "coefficient"])
    return with_units(found, {"coefficient": "1"})


def _checked(model: Model, outputs: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the outputs, each once; an error if there is none, or one that is not known."""
    if isinstance(outputs, str) or not isinstance(outputs, Sequence) or not outputs:
        raise InputError(f"outputs is a list of columns' names, not {outputs!r:.40}")
    for name in outputs:
        if name not in known:
            raise UnknownIdError.of(str(name), known, f"the results of '{model.name}'")
    return list(dict.fromkeys(outputs))


def _flat(table: pd.DataFrame) -> dict[str, float]:
    """Return a table of coefficients as one row."""
    return {
        f"{result} by {cause}": float(value)
        for result, row in table.iterrows()
        for cause, value in row.items()
    }


def _along(
    model: Model,
    design: pd.DataFrame,
    units: dict[str, str],
    theorems: Sequence[str],
    solved: Callable[[Model], tuple[dict[str, float], dict[str, float]]],
    progress: Callable[[int], object] | None,
) -> pd.DataFrame:
    if not isinstance(design, pd.DataFrame):
        raise InputError(f"a design is a table, not {type(design).__name__}")
    check_design(design, model=model)
    given = [str(name) for name in design.columns]
    rows: list[dict[str, object]] = []
    for point in design.itertuples(index=False, name=None):
        row: dict[str, object] = dict.fromkeys((*units, *theorems), np.nan)
        try:
            coefficients, kept = solved(model.with_values(**dict(zip(given, point, strict=True))))
        except SteadyStateError as error:
            row |= {"converged": False, "status": error.status}
        except UnsupportedModelError:
            raise
        except (ComputationError, InputError) as error:
            row |= {"converged": False, "status": f"{Status.NO_START}: {error}"}
        else:
            row |= {**coefficients, **kept, "converged": True, "status": str(Status.OK)}
        rows.append(row)
        if progress is not None:
            progress(1)
    points = design.rename(columns=dict(model.start_columns))
    table = pd.concat([points, pd.DataFrame(rows, index=design.index)], axis=1)
    pure = dict.fromkeys(theorems, "1")
    return with_units(table, {**column_units(model, points.columns), **units, **pure})
