"""The best parameters of a problem, from many starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transport_model import notebook
from transport_model.columns import with_units
from transport_model.errors import ComputationError, InputError, TransportModelError
from transport_model.simulation.inputs import whole_number

from .kept import Kept
from .objective import Objective
from .priors import start_point
from .problem import MOST_SHOWN, Problem, read_petab

#: How near to a bound, as a share of the range, a value lies on it.
ON_BOUND = 1e-6
#: Starts whose objective is this near to the best have found the same.
SAME = 0.1


@dataclass(frozen=True)
class Estimate:
    """The best parameters that were found.

    Attributes
    ----------
    problem
        What was solved.
    parameters
        A row per estimated parameter: ``value``, ``unit``, ``scale``, ``low`` and ``high``
        (bounds), and whether it lies ``on_bound``.
    starts
        A row per start, the best first: ``objective``, ``evaluations``, ``status``, and where it
        ended, on the scales of the parameters.
    residuals
        A row per measurement: what was measured and what the model says, the noise, and the
        deviation in units of it, on the scale of the observable.
    objective
        Minus the logarithm of likelihood and priors, up to the priors' constant.
    log_likelihood
        Of the measurements.
    """

    problem: Problem
    parameters: pd.DataFrame
    starts: pd.DataFrame
    residuals: pd.DataFrame
    objective: float
    log_likelihood: float

    @property
    def best(self) -> np.ndarray:
        """The best coordinates, on the scales of the parameters."""
        return self.starts.loc[self.starts.index[0], list(self.problem.estimated)].to_numpy(float)

    @property
    def found_again(self) -> int:
        """How many starts have found the best."""
        return int((self.starts["objective"] <= self.objective + SAME).sum())

    def _repr_html_(self) -> str:
        rows = [(name, row["value"], row["unit"], "on its bound" if row["on_bound"] else "")
                for name, row in self.parameters.iterrows()]  # fmt: skip
        told = f"objective {self.objective:.6g}, log-likelihood {self.log_likelihood:.6g}"
        return "".join([
            notebook.heading(self.problem.name, "estimate"),
            notebook.note(f"{told}; {self.found_again} of {len(self.starts)} starts found it"),
            notebook.table(["id", "value", "unit", ""], rows[:MOST_SHOWN]),
            notebook.note("tables: .parameters, .starts, .residuals"),
        ])  # fmt: skip


def fit(
    problem: Problem | str | Path,
    *,
    starts: int = 10,
    seed: int = 0,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
    map: Callable[[Callable[[int], Any], Iterable[int]], Iterable[Any]] = map,
) -> Estimate:
    """Estimate the parameters of a model from measurements.

    From each start a trust-region search goes down, with exact gradients: sensitivities along
    courses and of steady states. Starts are drawn one by one from the seed, so that more of them
    continue the same sequence.

    Parameters
    ----------
    problem
        Of :func:`read_petab`, or the path of a PEtab problem.
    starts
        How many searches.
    seed
        Of their starts.
    folder
        Keeps the result of each start; a second run goes on from there.
    progress
        Called with 1 after each start.
    map
        What runs the searches: ``map`` itself, or that of a pool of processes.

    Returns
    -------
    Estimate
        The best parameters, all starts, and residuals.

    Raises
    ------
    InputError
        The problem makes no sense, or the folder holds results of another one.
    ComputationError
        No start led anywhere; the message says why the first did not.
    """
    if not isinstance(problem, Problem):
        problem = read_petab(problem)
    starts, seed = whole_number(starts, "starts"), whole_number(seed, "seed")
    if starts < 1 or seed < 0:
        raise InputError("starts must be at least 1, and the seed not negative")
    objective = Objective(problem)
    origin = {"problem": problem.digest, "seed": seed}
    kept = Kept(None if folder is None else Path(folder), origin)
    rows = []
    for row in map(partial(_started, problem, kept, seed), range(starts)):
        rows.append(row)
        if progress is not None:
            progress(1)
    table = pd.DataFrame(rows).set_index("start")
    table = table.sort_values("objective", kind="stable", na_position="last")
    if not np.isfinite(table["objective"].iloc[0]):
        first = table["status"].sort_index().iloc[0]
        raise ComputationError(f"all {starts} starts of '{problem.name}' {first}")
    return _estimate(objective, table)


def _started(problem: Problem, kept: Kept, seed: int, number: int) -> dict[str, Any]:
    """Return the row of one start."""
    found = kept.result(f"start_{number:05d}", lambda: _search(problem, seed, number))
    ends = dict(zip(problem.estimated, found["at"], strict=True))
    value = float("nan") if found["objective"] is None else found["objective"]
    return {"start": number, "objective": value, "evaluations": found["evaluations"],
            "status": found["status"], **ends}  # fmt: skip


def _search(problem: Problem, seed: int, number: int) -> dict[str, Any]:
    objective = Objective(problem)
    start = start_point(problem, np.random.default_rng([seed, number]))
    free = np.ones(len(start), dtype=bool)
    result = {"from": start.tolist(), "at": start.tolist(), "objective": None, "evaluations": 1}
    try:
        objective.predictions(start)
        found = objective.landscape.lowest(start, free)
    except TransportModelError as error:
        return {**result, "status": f"failed: {error}"}
    value = -objective.log_posterior(found.at)
    return {**result, "at": found.at.tolist(), "objective": value,
            "evaluations": found.evaluations, "status": "found"}  # fmt: skip


def _estimate(objective: Objective, starts: pd.DataFrame) -> Estimate:
    problem = objective.problem
    best = starts.loc[starts.index[0], list(problem.estimated)].to_numpy(float)
    given = problem.parameters.loc[list(problem.estimated)]
    low, high = problem.bounds
    near = ON_BOUND * (high - low)
    parameters = pd.DataFrame({
        "value": problem.values(best), "unit": given["unit"], "scale": given["scale"],
        "low": given["low"], "high": given["high"],
        "on_bound": (best - low <= near) | (high - best <= near),
    })  # fmt: skip
    return Estimate(problem, parameters, starts, _residuals(objective, best),
                    float(starts["objective"].iloc[0]), objective.log_likelihood(best))  # fmt: skip


def _residuals(objective: Objective, at: np.ndarray) -> pd.DataFrame:
    predicted = objective.predictions(at, slopes=False)
    table = objective.problem.measurements
    columns = ["observable", "condition", "before", "time", "measurement"]
    found = table[columns].assign(
        model=predicted.values, noise=predicted.noise,
        deviation=objective.deviations(predicted), log_likelihood=objective.terms(predicted),
    )  # fmt: skip
    return with_units(found, {"time": objective.problem.model.unit("time")})
