"""Sobol' indices: the share of an output's variance that each input accounts for.

The first-order index S1 of an input is the share that goes when it alone is known; the total index
ST the share that stays when all others are known; the second-order index S2 of two the share that
they make only together. Estimators: S1 and S2 of Saltelli et al. 2010
(doi:10.1016/j.cpc.2009.09.018), ST of Jansen 1999 (doi:10.1016/S0010-4655(98)00154-4), all about
the mean.
"""

from __future__ import annotations

from functools import partial
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from ..uncertain_inputs import UncertainInputs
from .answers import Answers, Progress
from .growing import Sample, grown
from .result import GlobalSensitivity, Row
from .saltelli import SCRAMBLINGS, SaltelliDesign

#: Points of each scrambling to begin with; their number doubles from stage to stage.
FIRST_POINTS = 16
#: Resamplings of a bootstrap.
RESAMPLINGS = 1000
#: Names of the indices.
FIRST, TOTAL, PAIR = "S1", "ST", "S2"


def sobol_indices(
    answers: Answers,
    inputs: UncertainInputs,
    *,
    width: float = 0.05,
    budget: int = 2_000_000,
    seed: int = 1,
    pairs: bool = False,
    progress: Progress | None = None,
) -> GlobalSensitivity:
    """Estimate Sobol' indices until their intervals are narrow enough.

    The sample grows: its points double, and none is drawn or computed again. Indices and their
    errors come from 32 independently scrambled sequences, between which the bootstrap resamples.

    Parameters
    ----------
    answers
        What is computed, such as :func:`scan_answers` returns it.
    inputs
        What is uncertain. Indices are told of its factors.
    width
        Wanted width of the widest interval of 95 %, between 0 and 1; those of pairs, which are
        wider, are not waited for.
    budget
        Most points to compute.
    seed
        An integer; the same gives the same result.
    pairs
        Second-order indices as well, for almost twice as many points.
    progress
        Called with the number of points computed since the last call.

    Returns
    -------
    GlobalSensitivity
        Indices ``S1``, ``ST`` and, of pairs, ``S2``.

    Raises
    ------
    InputError
        The width or the budget makes no sense, or the budget is too small for the first stage.
    ComputationError
        More than a hundredth of the points have no answer.
    """
    design = partial(SaltelliDesign, inputs, seed=seed, pairs=pairs)
    sample = Sample(answers, design)
    rows = design(0, 1).width
    factors = list(inputs.factors)

    def indices(place: int) -> list[Row]:
        stages = [stage[:, place].reshape(SCRAMBLINGS, -1, rows) for stage in sample.stages]
        return _indices(np.concatenate(stages, axis=1), factors, pairs, seed)

    return grown(
        "sobol", sample, indices,
        first=FIRST_POINTS, cost=lambda points: SCRAMBLINGS * points * rows,
        width=width, budget=budget, seed=seed, progress=progress,
    )  # fmt: skip


def _indices(values: NDArray[np.float64], factors: list[str], pairs: bool, seed: int) -> list[Row]:
    """Return the indices of one output from its values by scrambling, point and mixture."""
    count = len(factors)
    # A point is left out, with all its mixtures, if one of them has no answer
    whole = np.asarray(np.isfinite(values).all(axis=2))
    mean = values[whole][:, [0, -1]].mean()
    centred = np.where(whole[..., None], values - mean, 0.0)
    weights = whole / np.maximum(whole.sum(axis=1, keepdims=True), 1)
    one, other, mixed = centred[..., 0], centred[..., -1], centred[..., 1 : 1 + count]

    def averaged(terms: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.einsum("sp...,sp->s...", terms, weights)

    variance = averaged((one**2 + other**2) / 2)
    first = averaged(other[..., None] * (mixed - one[..., None]))
    total = averaged((one[..., None] - mixed) ** 2 / 2)
    found = [Row(kind, name, *ends) for kind, terms in ((FIRST, first), (TOTAL, total))
             for name, ends in zip(factors, _with_interval(terms, variance, seed), strict=True)
             ]  # fmt: skip
    if not pairs:
        return found
    back, product = centred[..., 1 + count : 1 + 2 * count], averaged(one * other)
    for i, j in combinations(range(count), 2):
        both = averaged(back[..., i] * mixed[..., j]) - product - first[:, i] - first[:, j]
        ((value, low, high),) = _with_interval(both[:, None], variance, seed)
        found.append(Row(PAIR, f"{factors[i]} × {factors[j]}", value, low, high, awaited=False))
    return found


def _with_interval(
    terms: NDArray[np.float64], variance: NDArray[np.float64], seed: int
) -> list[tuple[float, float, float]]:
    """Return ratios of means over the scramblings, each with the ends of its interval.

    The scramblings are few: the bootstrap's standard error is taken for that of a sample of their
    number, and Student's quantile for the normal one.
    """
    rng = np.random.default_rng([seed, SCRAMBLINGS])
    times = rng.multinomial(SCRAMBLINGS, np.full(SCRAMBLINGS, 1 / SCRAMBLINGS), size=RESAMPLINGS)
    ratios = (times @ terms) / (times @ variance)[:, None]
    values = terms.mean(axis=0) / variance.mean()
    few = np.sqrt(SCRAMBLINGS / (SCRAMBLINGS - 1))
    reach = stats.t.ppf(0.975, SCRAMBLINGS - 1) * few * ratios.std(axis=0)
    return list(zip(*np.stack([values, values - reach, values + reach]).tolist(), strict=True))
