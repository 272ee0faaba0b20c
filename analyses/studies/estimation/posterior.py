"""Draws from the posterior of a problem, by emcee's ensemble of walkers.

The chain is made in blocks, each of which follows from the end of the one before, random numbers
among it: a chain that was stopped goes on as if it had not been, and a longer one continues it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transport_model.columns import with_units
from transport_model.errors import InputError
from transport_model.simulation.inputs import whole_number

from .fit import Estimate
from .kept import Kept
from .objective import Objective
from .problem import Problem

#: Steps of a block.
BLOCK = 20
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


#: What applies a function to many things, as `map` does.
Mapping = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def sample_posterior(
    estimate: Estimate,
    draws: int,
    *,
    seed: int = 0,
    folder: str | Path | None = None,
    progress: Callable[[int], object] | None = None,
    map: Mapping = map,
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
    folder
        Keeps the chain as it grows; a second run goes on from there.
    progress
        Called with the number of draws after each block of steps.
    map
        What moves the walkers of a step: ``map`` itself, or that of a pool of processes.

    Returns
    -------
    Posterior
        Draws, quantiles, and whether the chain was long enough.

    Raises
    ------
    InputError
        The extra ``estimation`` is missing, `draws` makes no sense, or the folder holds results of
        another problem.
    """
    draws, seed = whole_number(draws, "draws"), whole_number(seed, "seed")
    if draws < 1 or seed < 0:
        raise InputError("draws must be at least 1, and the seed not negative")
    if importlib.util.find_spec("emcee") is None:
        raise InputError("a posterior needs an extra: pip install 'transport-model[estimation]'")
    from emcee.autocorr import integrated_time  # pyright: ignore[reportMissingImports]

    problem, best = estimate.problem, estimate.best
    origin = {"problem": problem.digest, "best": best.tolist(), "seed": seed}
    kept = Kept(None if folder is None else Path(folder), origin)
    walkers = 2 * (len(best) + 1)
    block = _first_block(problem, best, walkers, seed)
    chain, accepted = [], []
    for number in range(-(-2 * draws // (walkers * BLOCK))):
        block = kept.result(f"block_{number:05d}", partial(_block, problem, block, map))
        chain.append(block["chain"])
        accepted.append(block["accepted"])
        if progress is not None:
            progress(walkers * BLOCK)
    steps = np.concatenate(chain)  # of shape (steps, walkers, coordinates)
    later = steps[len(steps) // 2 :].reshape(-1, len(best))
    table = pd.DataFrame([problem.values(row) for row in later], columns=list(problem.estimated))
    quantiles = table.quantile([0.025, 0.5, 0.975]).T.set_axis(["2.5%", "median", "97.5%"], axis=1)
    time = float(np.max(integrated_time(steps, tol=0)))
    return Posterior(
        with_units(table.rename_axis("draw"), dict(estimate.parameters["unit"])),
        quantiles.rename_axis("id"),
        time,
        len(steps) > LONG_ENOUGH * time,
        float(np.mean(accepted)),
    )


def _first_block(problem: Problem, best: np.ndarray, walkers: int, seed: int) -> dict[str, Any]:
    """Return where the walkers start, as the end of a block."""
    places = _around(Objective(problem), best, walkers, np.random.default_rng(seed))
    kind, keys, *rest = np.random.RandomState(seed).get_state(legacy=True)
    return {"chain": [places.tolist()], "values": None, "random": [kind, keys.tolist(), *rest]}


def _block(problem: Problem, before: dict[str, Any], map: Mapping) -> dict[str, Any]:
    """Return the block of steps that follows one."""
    import emcee  # pyright: ignore[reportMissingImports]

    places = np.array(before["chain"][-1])
    walkers, count = places.shape
    log_posterior = partial(_log_posterior, problem)
    sampler = emcee.EnsembleSampler(walkers, count, log_posterior, pool=_Pool(map))
    values = None if before["values"] is None else np.array(before["values"])
    state = emcee.State(places, log_prob=values, random_state=tuple(before["random"]))
    end = sampler.run_mcmc(state, BLOCK)
    kind, keys, *rest = sampler.random_state
    return {"chain": np.asarray(sampler.get_chain()).tolist(),
            "values": np.asarray(end.log_prob).tolist(),
            "accepted": float(np.mean(sampler.acceptance_fraction)),
            "random": [kind, np.asarray(keys).tolist(), *rest]}  # fmt: skip


@dataclass(frozen=True)
class _Pool:
    """What emcee takes for a pool of processes."""

    map: Mapping


def _log_posterior(problem: Problem, coordinates: np.ndarray) -> float:
    return _objective(problem).log_posterior(coordinates)


@lru_cache(maxsize=1)
def _objective(problem: Problem) -> Objective:
    """Return a problem's misfit, made once in each process."""
    return Objective(problem)


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
