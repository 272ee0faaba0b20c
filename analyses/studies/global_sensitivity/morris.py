"""Screening by elementary effects: which inputs matter at all, from few points.

Along a trajectory one factor after the other moves by some half of its distribution, up or down;
how far the output moves each time is an elementary effect (Morris 1991,
doi:10.1080/00401706.1991.10484804). Their mean size is ``mu_star`` (Campolongo et al. 2007,
doi:10.1016/j.envsoft.2006.10.004), their mean ``mu``, their standard deviation ``sigma``: large
beside ``mu_star`` where an effect depends on the other inputs or changes sign. All in standard
deviations of the output.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...scans.designs.base import Columns, Design
from ..uncertain_inputs import UncertainInputs
from .answers import Answers, Progress
from .growing import Sample, grown
from .result import GlobalSensitivity, Row

#: Shares of a distribution at which a factor stands, evenly spaced between these ends: those of the
#: whole may be infinite. A factor moves by half their number.
LEVELS, LOWEST, HIGHEST = 8, 0.01, 0.99
#: Trajectories to begin with, which are also drawn together later on.
FIRST_TRAJECTORIES = 16
#: Resamplings of a bootstrap.
RESAMPLINGS = 1000


def morris_screening(
    answers: Answers,
    inputs: UncertainInputs,
    *,
    width: float = 0.1,
    budget: int = 100_000,
    seed: int = 1,
    progress: Progress | None = None,
) -> GlobalSensitivity:
    """Screen inputs by their elementary effects.

    Parameters
    ----------
    answers, inputs, seed, progress
        As :func:`sobol_indices` has them.
    width
        Wanted width of the widest interval of ``mu_star``, in standard deviations of the output.
    budget
        Most points to compute.

    Returns
    -------
    GlobalSensitivity
        Indices ``mu_star``, ``mu`` and ``sigma``.

    Raises
    ------
    InputError, ComputationError
        As :func:`sobol_indices`.
    """
    factors = list(inputs.factors)
    sample = Sample(answers, partial(Trajectories, inputs, seed=seed))

    def indices(place: int) -> list[Row]:
        values = np.concatenate([stage[:, place] for stage in sample.stages])
        return _indices(values.reshape(-1, len(factors) + 1), inputs, seed)

    return grown(
        "morris", sample, indices, first=FIRST_TRAJECTORIES,
        cost=lambda count: count * (len(factors) + 1),
        width=width, budget=budget, seed=seed, progress=progress,
    )  # fmt: skip


class Trajectories(Design):
    """Trajectories number `first` up to `last`, a point of each for the start and every factor."""

    def __init__(self, inputs: UncertainInputs, first: int, last: int, seed: int) -> None:
        self.inputs, self.first, self.last, self.seed = inputs, first, last, seed
        super().__init__(inputs.columns, (last - first) * (len(inputs.factors) + 1))

    def _made(self, start: int, stop: int) -> Columns:
        if self._kept is None:
            batches = range(self.first // FIRST_TRAJECTORIES, self.last // FIRST_TRAJECTORIES)
            levels = np.concatenate([_levels(self.inputs, self.seed, b) for b in batches])
            self._kept = self.inputs.at(LOWEST + (HIGHEST - LOWEST) * levels / (LEVELS - 1))
        return {name: column[start:stop] for name, column in self._kept.items()}

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ends of the distributions."""
        return self.inputs.bounds()

    def description(self) -> dict[str, Any]:
        """Return the inputs, the trajectories and the seed."""
        return {"design": "trajectories", "first": self.first, "last": self.last,
                "seed": self.seed, "levels": LEVELS, **self.inputs.description()}  # fmt: skip


def _levels(inputs: UncertainInputs, seed: int, batch: int) -> NDArray[np.float64]:
    """Return a batch of trajectories as numbers of levels, a column per axis of the inputs."""
    from SALib.sample.morris import sample

    problem: dict[str, Any] = {
        "num_vars": inputs.dimensions, "names": list(inputs.axes),
        "bounds": [[0.0, LEVELS - 1.0]] * inputs.dimensions,
    }  # fmt: skip
    if inputs.groups:
        problem["groups"] = [inputs.factor_of(axis) for axis in inputs.axes]
    rng = np.random.default_rng([seed, batch])
    drawn = sample(problem, FIRST_TRAJECTORIES, num_levels=LEVELS, seed=rng)
    return np.asarray(drawn, dtype=float).round()


def _indices(values: NDArray[np.float64], inputs: UncertainInputs, seed: int) -> list[Row]:
    """Return the indices of one output from its values by trajectory and point."""
    batches = range(len(values) // FIRST_TRAJECTORIES)
    levels = np.concatenate([_levels(inputs, seed, batch) for batch in batches])
    levels = levels.reshape(*values.shape, -1)
    whole = np.isfinite(values).all(axis=1)
    values, levels = values[whole], levels[whole]
    steps, rises = np.diff(levels, axis=1), np.diff(values, axis=1) / values.std()
    factors = list(inputs.factors)
    effects = np.empty(rises.shape)
    for place, ids in enumerate(inputs.factors.values()):
        axes = [inputs.axes.index(name) for name in inputs.axes
                if name == factors[place] or name in ids]  # fmt: skip
        moved = (steps[..., axes] != 0).any(axis=2)
        # Up or down, as the factor's first axis goes
        effects[:, place] = (rises * np.sign(steps[..., axes[0]]))[moved]
    rng = np.random.default_rng([seed, len(batches)])
    drawn = rng.integers(len(effects), size=(RESAMPLINGS, len(effects)))
    taken = effects[drawn]
    found = []
    for index, of in (("mu_star", lambda e: np.abs(e).mean(axis=-2)),
                      ("mu", lambda e: e.mean(axis=-2)),
                      ("sigma", lambda e: e.std(axis=-2, ddof=1))):  # fmt: skip
        low, high = np.percentile(of(taken), [2.5, 97.5], axis=0)
        found += [Row(index, *item, awaited=index == "mu_star") for item in
                  zip(factors, of(effects).tolist(), low.tolist(), high.tolist(), strict=True)
                  ]  # fmt: skip
    return found
