"""Draws from the posterior of a problem, by emcee's ensemble of walkers."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model.columns import with_units
from transport_model.errors import InputError
from transport_model.simulation.inputs import whole_number

from .fit import Estimate
from .objective import Objective

#: Autocorrelation times that a chain has to be long, as emcee asks.
LONG_ENOUGH = 50
#: How far the walkers start from the best, in standard deviations by the Fisher matrix.
SPREAD = 0.5


@dataclass(frozen=True)
class Posterior:
    """Draws from a posterior.

    Attributes
    ----------
    draws
        A row per draw, a column per parameter, in plain values; the first half of the steps left
        out.
    quantiles
        A row per parameter: ``2.5%``, ``median``, ``97.5%``.
    autocorrelation
        Steps after which a walker has forgotten where it was; the longest of all parameters.
    converged
        Whether each walker made more than fifty times as many.
    acceptance
        Share of accepted steps.
    """

    draws: pd.DataFrame
    quantiles: pd.DataFrame
    autocorrelation: float
    converged: bool
    acceptance: float


def sample_posterior(
    estimate: Estimate,
    draws: int,
    *,
    seed: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Posterior:
    """Draw parameters from the posterior: likelihood, priors, and bounds.

    Parameters
    ----------
    estimate
        Of :func:`fit`; the walkers start around its best.
    draws
        How many are wanted, at least; twice as many are made, and the first half is left out.
    seed
        Of the walkers.
    progress
        Called with the number of draws after each step.

    Returns
    -------
    Posterior
        Draws, quantiles, and whether the chain was long enough.

    Raises
    ------
    InputError
        The extra ``estimation`` is missing, or `draws` makes no sense.
    """
    draws, seed = whole_number(draws, "draws"), whole_number(seed, "seed")
    if draws < 1 or seed < 0:
        raise InputError("draws must be at least 1, and the seed not negative")
    if importlib.util.find_spec("emcee") is None:
        raise InputError("a posterior needs an extra: pip install 'transport-model[estimation]'")
    import emcee  # pyright: ignore[reportMissingImports]

    problem, objective = estimate.problem, Objective(estimate.problem)
    count = len(problem.estimated)
    walkers = 2 * (count + 1)
    sampler = emcee.EnsembleSampler(walkers, count, objective.log_posterior)
    steps = 2 * -(-draws // walkers)
    places = _around(objective, estimate.best, walkers, np.random.default_rng(seed))
    state = emcee.State(places, random_state=np.random.RandomState(seed).get_state())
    for _ in sampler.sample(state, iterations=steps):
        if progress is not None:
            progress(walkers)
    kept = np.asarray(sampler.get_chain(discard=steps // 2, flat=True))
    values = np.array([problem.values(row) for row in kept])
    table = pd.DataFrame(values, columns=list(problem.estimated)).rename_axis("draw")
    quantiles = table.quantile([0.025, 0.5, 0.975]).T.set_axis(["2.5%", "median", "97.5%"], axis=1)
    time = float(np.max(sampler.get_autocorr_time(tol=0)))
    units = dict(estimate.parameters["unit"])
    return Posterior(
        with_units(table, units),
        quantiles.rename_axis("id"),
        time,
        steps > LONG_ENOUGH * time,
        float(np.mean(sampler.acceptance_fraction)),
    )


def _around(
    objective: Objective, best: np.ndarray, walkers: int, generator: np.random.Generator
) -> np.ndarray:
    """Return where the walkers start: about the best, within the bounds."""
    low, high = objective.problem.bounds
    values, vectors = np.linalg.eigh(objective.fisher(best))
    widths = 1 / np.sqrt(np.maximum(values, 100 / (high - low).max() ** 2))
    moves = generator.standard_normal((walkers, len(best))) * widths
    return np.clip(best + SPREAD * moves @ vectors.T, low + 1e-9 * (high - low),
                   high - 1e-9 * (high - low))  # fmt: skip
