"""Which measurement next would tell most about a prediction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from transport_model.errors import InputError

from .fit import Estimate
from .objective import Objective, information_rows
from .problem import Problem, check_ids

#: Eigenvalues below this share of the largest are zero.
_ZERO = 1e-12
#: What a row of candidates has besides.
_COLUMNS = {"before": "", "observable_parameters": "", "noise_parameters": ""}
_PREDICTION = "the_prediction"


@dataclass(frozen=True)
class Informative:
    """How much each candidate would narrow a prediction.

    Attributes
    ----------
    value
        The prediction at the best parameters.
    deviation
        Its standard deviation now; infinite where the measurements leave it open.
    candidates
        The candidates, the most informative first, with ``deviation``, that of the prediction
        once they are measured, and ``narrowing``, the share of its variance that goes.
    """

    value: float
    deviation: float
    candidates: pd.DataFrame


def informative_measurements(
    estimate: Estimate, candidates: pd.DataFrame, prediction: Mapping[str, object]
) -> Informative:
    """Rank candidate measurements by how much they would narrow a prediction.

    The variance of a prediction g(θ) is ∇gᵀ F⁻¹ ∇g, where F is the Fisher matrix of what has been
    measured, with the curvature of priors. A measurement adds its information to F; what it would
    show does not matter, to first order.

    Parameters
    ----------
    estimate
        Of :func:`fit`; derivatives are taken at its best.
    candidates
        A row per measurement that could be made: ``observable``, ``condition``, ``time``, and, as
        far as needed, ``before``, ``observable_parameters`` and ``noise_parameters``.
    prediction
        ``quantity`` (an observable of the problem, or a result of its model), ``condition``,
        ``time``, and, if needed, ``before`` and ``observable_parameters``.

    Returns
    -------
    Informative
        The prediction, and the ranking.

    Raises
    ------
    UnknownIdError, InputError
        An id names nothing, or a column is missing.
    SimulationError, SteadyStateError
        A candidate or the prediction could not be computed.
    """
    problem = estimate.problem
    if candidates.empty:
        raise InputError("there are no candidates to choose from")
    wanted = _as_measurements(problem, candidates)
    gradient, value = _gradient(problem, prediction, estimate.best)
    now = Objective(problem).fisher(estimate.best)
    objective = Objective(replace(problem, measurements=wanted))
    rows = np.stack(information_rows(objective, objective.predictions(estimate.best)), axis=1)
    before = _variance(now, gradient)
    after = np.array([_variance(now + each.T @ each, gradient) for each in rows])
    with np.errstate(invalid="ignore"):
        share = (
            1 - after / before if np.isfinite(before) else np.where(np.isfinite(after), 1.0, 0.0)
        )
    table = candidates.assign(deviation=np.sqrt(after), narrowing=share)
    ranked = table.sort_values("deviation", kind="stable")
    return Informative(value, float(np.sqrt(before)), ranked)


def _as_measurements(problem: Problem, candidates: pd.DataFrame) -> pd.DataFrame:
    for column in ("observable", "condition", "time"):
        if column not in candidates:
            raise InputError(f"candidates need a column '{column}'")
    table = candidates.assign(
        **{column: default for column, default in _COLUMNS.items() if column not in candidates},
        measurement=1.0,
    ).reset_index(drop=True)
    check_ids(list(table["observable"]), list(problem.observables.index), "the observables")
    used = [name for column in ("condition", "before") for name in table[column] if name]
    check_ids(used, list(problem.conditions.index), "the conditions")
    times = table["time"].astype(float)
    if (times < 0).any() or times.isna().any():
        raise InputError("the time of a candidate must be zero or more")
    return table.assign(time=times)


def _gradient(
    problem: Problem, prediction: Mapping[str, object], at: np.ndarray
) -> tuple[np.ndarray, float]:
    row = {key: value for key, value in prediction.items() if key != "quantity"}
    quantity = str(prediction.get("quantity", ""))
    if quantity not in problem.observables.index:
        known = [*problem.observables.index, *problem.model.quantities, *problem.model.reaction_ids]
        check_ids([quantity], known, f"'{problem.name}'")
        own = pd.DataFrame([{"formula": quantity, "transformation": "lin", "noise": "1",
                             "distribution": "normal"}], index=[_PREDICTION])  # fmt: skip
        problem = replace(problem, observables=pd.concat([problem.observables, own]))
        quantity = _PREDICTION
    table = _as_measurements(problem, pd.DataFrame([{**row, "observable": quantity}]))
    predicted = Objective(replace(problem, measurements=table)).predictions(at)
    return predicted.value_slopes[0], float(predicted.values[0])


def _variance(fisher: np.ndarray, gradient: np.ndarray) -> float:
    """Return ∇gᵀ F⁻¹ ∇g; infinite where a direction that matters has no information."""
    values, vectors = np.linalg.eigh(fisher)
    along = vectors.T @ gradient
    zero = values <= _ZERO * max(values[-1], np.finfo(float).tiny)
    if (np.abs(along[zero]) > 1e-6 * np.linalg.norm(gradient)).any():
        return float("inf")
    return float((along[~zero] ** 2 / values[~zero]).sum())
