"""Indices from one random sample: of the whole distribution, and of ranks.

PAWN: how far the distribution of an output moves when an input is known to lie in a tenth of its
own, as the median over the tenths of the largest difference between the two cumulative
distributions (Pianosi & Wagener 2018, doi:10.1016/j.envsoft.2018.07.019). It asks nothing of
variances, so that outputs with long tails or two humps are judged fairly. Even an input without any
influence gets some, by chance; how much, a row for :data:`CHANCE` tells.

Rank correlation: Spearman's ``rho``, and ``prcc``, that of what the other inputs leave over. They
tell the sign of an influence that goes one way.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..uncertain_inputs import UncertainInputs
from .answers import Answers, Progress
from .growing import Sample, grown
from .random_points import RandomPoints
from .result import GlobalSensitivity, Row

#: Points to begin with.
FIRST_POINTS = 1024
#: Parts into which an input's distribution is cut.
PARTS = 10
#: Resamplings of a bootstrap.
RESAMPLINGS = 100
#: The input that no output depends on.
CHANCE = "(chance)"

#: Prepares a sample, columns of shares and values; returns indices if points count so many times.
Estimator = Callable[
    [NDArray[np.float64], NDArray[np.float64]],
    Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]],
]


def pawn_indices(
    answers: Answers,
    inputs: UncertainInputs,
    *,
    width: float = 0.05,
    budget: int = 100_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> GlobalSensitivity:
    """Estimate PAWN indices, moment-independent ones.

    Parameters
    ----------
    answers, inputs, width, budget, seed, progress
        As :func:`sobol_indices` has them. Indices are told of what is drawn independently: inputs,
        and those tied together; groups have none.

    Returns
    -------
    GlobalSensitivity
        Index ``pawn``, with a row for chance.

    Raises
    ------
    InputError, ComputationError
        As :func:`sobol_indices`.
    """
    return _from_random_points("pawn", _pawn, [CHANCE], answers, inputs, width=width,
                               budget=budget, seed=seed, progress=progress)  # fmt: skip


def rank_correlations(
    answers: Answers,
    inputs: UncertainInputs,
    *,
    width: float = 0.05,
    budget: int = 100_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> GlobalSensitivity:
    """Estimate rank correlations of outputs with inputs.

    Parameters, errors and rows are those of :func:`pawn_indices`; the indices ``rho`` and ``prcc``
    lie between −1 and 1.
    """
    return _from_random_points("rank", _correlations, [], answers, inputs, width=width,
                               budget=budget, seed=seed, progress=progress)  # fmt: skip


def _from_random_points(
    method: str,
    estimator: Estimator,
    more: list[str],
    answers: Answers,
    inputs: UncertainInputs,
    *,
    width: float,
    budget: int,
    seed: int,
    progress: Progress | None,
) -> GlobalSensitivity:
    sample = Sample(answers, partial(RandomPoints, inputs, seed=seed))
    names = [*inputs.axes, *more]

    def indices(place: int) -> list[Row]:
        values = np.concatenate([stage[:, place] for stage in sample.stages])
        shares = RandomPoints(inputs, 0, len(values), seed).shares(0, len(values))
        rng = np.random.default_rng([seed, len(values)])
        shares = np.column_stack([shares, rng.random((len(values), len(more)))])
        there = np.asarray(np.isfinite(values))
        shares, values = shares[there], values[there]
        of = estimator(shares, values)
        best = of(np.ones(len(values)))
        even = np.full(len(values), 1 / len(values))
        again = [of(rng.multinomial(len(values), even).astype(float)) for _ in range(RESAMPLINGS)]
        rows = []
        for index, found in best.items():
            # The standard error, not quantiles: points drawn twice push distances up
            reach = stats.norm.ppf(0.975) * np.std([one[index] for one in again], axis=0)
            rows += [Row(index, name, value, value - far, value + far)
                     for name, value, far in zip(names, found.tolist(), reach.tolist(), strict=True)
                     ]  # fmt: skip
        return rows

    return grown(method, sample, indices, first=FIRST_POINTS, cost=lambda points: points,
                 width=width, budget=budget, seed=seed, progress=progress)  # fmt: skip


def _pawn(
    shares: NDArray[np.float64], values: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return, for each column, the median over parts of Kolmogorov–Smirnov distances."""
    count = len(values)
    order = np.argsort(values, kind="stable")
    ends = np.append(np.diff(values[order]) > 0, True)  # equal values rise together
    parts = np.empty(shares.shape, dtype=int)
    for column, share in enumerate(shares.T):
        parts[np.argsort(share, kind="stable"), column] = np.arange(count) * PARTS // count
    parts, place = parts[order], np.arange(PARTS)

    def indices(times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        weights = times[order]
        overall = np.cumsum(weights)[ends, None] / weights.sum()
        found = []
        for part in parts.T:
            below = np.cumsum((part[:, None] == place) * weights[:, None], axis=0)[ends]
            found.append(np.median(np.abs(below / below[-1] - overall).max(axis=0)))
        return {"pawn": np.array(found)}

    return indices


def _correlations(
    shares: NDArray[np.float64], values: NDArray[np.float64]
) -> Callable[[NDArray[np.float64]], dict[str, NDArray[np.float64]]]:
    """Return rank correlations, and those of what the other columns leave over."""
    ranks = stats.rankdata(np.column_stack([shares, values]), axis=0)

    def indices(times: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        centred = ranks - np.average(ranks, axis=0, weights=times)
        covariance = centred.T @ (centred * times[:, None])
        spread = np.sqrt(np.diag(covariance))
        table = covariance / np.outer(spread, spread)
        inverse = np.linalg.pinv(table, hermitian=True)
        size = np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
        return {"rho": table[:-1, -1], "prcc": -inverse[:-1, -1] / size}

    return indices
