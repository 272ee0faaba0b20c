"""What measurements tell of parameters: profiles, and the Fisher matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from transport_model.errors import InputError

from .fit import Estimate
from .kept import Kept
from .objective import Objective
from .problem import Problem, check_ids

#: First step of a profile in standard deviations, and how much longer each next one is.
FIRST, GROWTH = 0.5, 1.6
#: Least and most of a range of bounds that counts as a standard deviation.
NARROW, WIDE = 1e-9, 0.1


@dataclass(frozen=True)
class Profiles:
    """How far each parameter can go, all others refitted.

    Attributes
    ----------
    intervals
        A row per parameter: ``value``, ``low`` and ``high`` where the likelihood ratio reaches
        the level (NaN: not within the bounds), ``determined`` (both ends are), and ``unit``.
    samples
        ``parameter``, ``value``, and ``rise`` of twice the objective over its best.
    level
        Of the intervals, as 0.95.
    rise
        That ends an interval.
    """

    intervals: pd.DataFrame
    samples: pd.DataFrame
    level: float
    rise: float


@dataclass(frozen=True)
class Identifiability:
    """What the Fisher matrix says, near the best parameters.

    Attributes
    ----------
    ranking
        A row per parameter, the best determined first: ``value``, and ``deviation``, its standard
        deviation on its scale (a unit of `log10` is a factor of ten); infinite where it is part
        of an undetermined direction.
    eigenvalues
        Of the Fisher matrix, the largest first.
    directions
        A column per eigenvalue; how much of each parameter is in it.
    undetermined
        Numbers of the directions along which the measurements allow all that the bounds allow.
    fisher
        The matrix, on the scales of the parameters, with the curvature of priors.
    """

    ranking: pd.DataFrame
    eigenvalues: np.ndarray
    directions: pd.DataFrame
    undetermined: tuple[int, ...]
    fisher: pd.DataFrame


def profile_likelihood(
    estimate: Estimate,
    parameters: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
    map: Callable[[Callable[[str], Any], Iterable[str]], Iterable[Any]] = map,
) -> Profiles:
    """Follow the likelihood along each parameter, all others refitted.

    The interval ends where twice the objective has risen by the quantile of chi2 with one degree of
    freedom (Raue et al. 2009, Bioinformatics 25:1923).

    Parameters
    ----------
    estimate
        Of :func:`fit`.
    parameters
        Ids; by default all that are estimated.
    level
        Of the intervals.
    folder
        Keeps each profile; a second run goes on from there.
    progress
        Called with 1 after each parameter.
    map
        What follows the profiles: ``map`` itself, or that of a pool of processes.

    Returns
    -------
    Profiles
        Intervals and samples, in plain values.

    Raises
    ------
    UnknownIdError, InputError
        An id is not estimated, or the level is none.
    """
    problem = estimate.problem
    if not 0 < level < 1:
        raise InputError(f"level must lie between 0 and 1, not {level:g}")
    wanted = list(problem.estimated if parameters is None else dict.fromkeys(parameters))
    check_ids(wanted, problem.estimated, f"what '{problem.name}' estimates")
    rise = float(chi2.ppf(level, 1))
    origin = {"problem": problem.digest, "best": estimate.best.tolist(), "level": level}
    kept = Kept(None if folder is None else Path(folder), origin)
    widths = dict(zip(problem.estimated, _widths(problem, estimate.best), strict=True))
    work = partial(_kept_profile, problem, kept, estimate.best, widths, rise)
    rows, samples = {}, []
    for name, found in zip(wanted, map(work, wanted), strict=True):
        place = problem.estimated.index(name)
        low, high, *at = (_plain(problem, place, value)
                          for value in (found["low"], found["high"], *found["at"]))  # fmt: skip
        determined = bool(np.isfinite([low, high]).all())
        value = estimate.parameters.loc[name, "value"]
        rows[name] = [value, low, high, determined, estimate.parameters.loc[name, "unit"]]
        samples.append(pd.DataFrame({"parameter": name, "value": at, "rise": found["rise"]}))
        if progress is not None:
            progress(1)
    columns = ["value", "low", "high", "determined", "unit"]
    intervals = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("id")
    return Profiles(intervals, pd.concat(samples, ignore_index=True), level, rise)


def _kept_profile(
    problem: Problem, kept: Kept, best: np.ndarray, widths: dict[str, float], rise: float, name: str
) -> dict[str, Any]:
    return kept.result(name, lambda: _profiled(problem, best, name, widths[name], rise))


def _profiled(
    problem: Problem, best: np.ndarray, name: str, width: float, rise: float
) -> dict[str, Any]:
    objective, place = Objective(problem), problem.estimated.index(name)
    low, high = problem.bounds
    offsets = [_steps(width, best[place] - low[place]), _steps(width, high[place] - best[place])]
    free = np.ones(len(best), dtype=bool)
    found = objective.landscape.profile(best, free, place, offsets, rise, refined=True)
    least = objective.rows(best).misfit
    low, high = (None if np.isnan(end) else end for end in (found.low, found.high))
    return {"low": low, "high": high, "at": found.points[:, place].tolist(),
            "rise": (found.misfits - least).tolist()}  # fmt: skip


def _steps(width: float, room: float) -> np.ndarray:
    """Return steps that grow from a part of a standard deviation to the bound."""
    if room <= 0:
        return np.zeros(0)
    count = max(int(np.ceil(np.log(max(room / (FIRST * width), 1.0)) / np.log(GROWTH))), 0)
    steps = FIRST * width * GROWTH ** np.arange(count)
    return np.append(steps[steps < room], room)


def _widths(problem: Problem, best: np.ndarray) -> np.ndarray:
    """Return standard deviations of the coordinates, kept within what the bounds make sensible."""
    low, high = problem.bounds
    variances = np.diag(np.linalg.pinv(Objective(problem).fisher(best), hermitian=True))
    deviations = np.sqrt(np.maximum(variances, 0.0))
    return np.clip(deviations, NARROW * (high - low), WIDE * (high - low))


def _plain(problem: Any, place: int, coordinate: float | None) -> float:
    if coordinate is None:
        return float("nan")
    every = problem.middle
    every[place] = coordinate
    return float(problem.values(every)[place])


def identifiability(estimate: Estimate) -> Identifiability:
    """Tell which parameters, and which combinations of them, the measurements determine.

    Parameters
    ----------
    estimate
        Of :func:`fit`.

    Returns
    -------
    Identifiability
        Eigenvalues and directions of the Fisher matrix, and a ranking of parameters.

    Raises
    ------
    SimulationError, SteadyStateError
        The best parameters' courses could not be followed.
    """
    problem = estimate.problem
    names = list(problem.estimated)
    fisher = Objective(problem).fisher(estimate.best)
    values, vectors = np.linalg.eigh(fisher)
    values, vectors = values[::-1], vectors[:, ::-1]
    low, high = problem.bounds
    room = np.abs(vectors.T) @ (high - low)
    open_ends = values * room**2 <= 1.0
    known = vectors[:, ~open_ends]
    variances = (known**2) @ (1 / values[~open_ends])
    lost = (vectors[:, open_ends] ** 2).sum(axis=1) > 1e-6
    deviations = np.where(lost, np.inf, np.sqrt(variances))
    ranking = pd.DataFrame({"value": estimate.parameters["value"], "deviation": deviations,
                            "scale": problem.scales}, index=pd.Index(names, name="id"))  # fmt: skip
    return Identifiability(
        ranking.sort_values("deviation", kind="stable"),
        values,
        pd.DataFrame(vectors, index=pd.Index(names, name="id")),
        tuple(int(number) for number in np.flatnonzero(open_ends)),
        pd.DataFrame(fisher, index=names, columns=names),
    )
