"""Scans: the steady state at every row of a design."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from transport_model import Model, steady_state
from transport_model.equations import read_equations
from transport_model.errors import ComputationError, InputError, SteadyStateError
from transport_model.evaluation import result_columns

#: What a scan says of each row besides the model's own quantities.
VERDICT_COLUMNS = ["converged", "status", "residual"]


def scan(
    model: Model,
    design: pd.DataFrame,
    *,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Solve the steady state at each row of a design.

    Parameters
    ----------
    model
        Values for what the design does not give.
    design
        One row a point, one column a quantity, in model units.
    progress
        Called after each point with the number of points done since the last call.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`, one row each: its columns; species [concentration], amounts
        ``n_<id>``, rules and fluxes; ``converged``, ``status`` and ``residual``. A point without
        a certified steady state holds NaN and says why.

    Raises
    ------
    UnknownIdError
        A column names nothing in the model.
    InputError
        The design is empty, or a value is no finite number or outside its quantity's domain.
    """
    check_design(model, design)
    columns = result_columns(read_equations(model.sbml), model)
    values = np.full((len(design), len(columns)), np.nan)
    verdicts: list[tuple[bool, str, float]] = []
    for row, point in enumerate(design.itertuples(index=False, name=None)):
        try:
            state = steady_state(
                model.with_values(**dict(zip(map(str, design.columns), point, strict=True)))
            )
        except SteadyStateError as error:
            verdicts.append((False, error.status, np.nan))
        except (ComputationError, InputError) as error:
            verdicts.append((False, f"no start: {error}", np.nan))
        else:
            values[row] = state.values.to_numpy()
            verdicts.append((True, state.status, state.residual))
        if progress is not None:
            progress(1)
    results = pd.DataFrame(values, index=design.index, columns=columns)
    verdict = pd.DataFrame(verdicts, index=design.index, columns=VERDICT_COLUMNS)
    own = [column for column in columns if column not in design.columns]
    return pd.concat([design, results[own], verdict], axis=1)


def check_design(model: Model, design: pd.DataFrame) -> None:
    """Raise InputError unless every value of a design can be set on the model."""
    if design.empty:
        raise InputError("the design has no points")
    repeated = design.columns[design.columns.duplicated()]
    if len(repeated):
        raise InputError(f"column '{repeated[0]}' occurs more than once in the design")
    for name in map(str, design.columns):
        column = pd.to_numeric(design[name], errors="coerce").to_numpy(dtype=float)
        if not np.isfinite(column).all():
            row = int(np.flatnonzero(~np.isfinite(column))[0])
            model.checked(
                name, 0.0 if name not in model.quantities else model.quantities[name].value
            )
            raise InputError(
                f"row {row + 1} of the design: '{name}' must be a finite number,"
                f" not {design[name].iloc[row]!r}"
            )
        for extreme in (column.argmin(), column.argmax()):
            model.checked(name, column[extreme])
