"""The points of Sobol' indices: two samples, and mixtures of them, from scrambled sequences.

Two independent samples A and B of n points each, and for every factor the points of A with that
factor's values taken from B (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018). Both come from a
Sobol' sequence, scrambled anew :data:`SCRAMBLINGS` times: the estimates of the scramblings are
independent of one another, and how they differ tells the error, which one sequence alone does not.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import qmc

from transport_model.errors import InputError

from ...scans.designs.base import Columns, Design
from ..uncertain_inputs import UncertainInputs

#: Independently scrambled sequences.
SCRAMBLINGS = 32


class SaltelliDesign(Design):
    """Points number `first` up to `last` of every scrambling, each with its mixtures.

    Rows of a point stand together: A; A with each factor from B; with `pairs` B with each factor
    from A; B.
    """

    def __init__(
        self, inputs: UncertainInputs, first: int, last: int, seed: int, *, pairs: bool = False
    ) -> None:
        self.inputs, self.first, self.last, self.seed, self.pairs = inputs, first, last, seed, pairs
        if 2 * inputs.dimensions > qmc.Sobol.MAXDIM:
            raise InputError(f"a Sobol' sequence has no room for {inputs.dimensions:,} inputs")
        factors = len(inputs.factors)
        #: Rows of a point.
        self.width = (2 if pairs else 1) * factors + 2
        super().__init__(inputs.columns, SCRAMBLINGS * (last - first) * self.width)

    def _both(self, scrambling: int) -> tuple[Columns, Columns]:
        """Return the points of A and those of B of one scrambling, by column."""
        if self._kept is None or self._kept[0] != scrambling:
            count = self.inputs.dimensions
            rng = np.random.default_rng([self.seed, scrambling])
            sequence = qmc.Sobol(2 * count, bits=32, rng=rng)
            if self.first:
                sequence.fast_forward(self.first)
            shares = sequence.random(self.last - self.first)
            self._kept = (scrambling, self.inputs.at(shares[:, :count]),
                          self.inputs.at(shares[:, count:]))  # fmt: skip
        return self._kept[1], self._kept[2]

    def _made(self, start: int, stop: int) -> Columns:
        block = (self.last - self.first) * self.width
        pieces = []
        for scrambling in range(start // block, (stop - 1) // block + 1):
            origin = scrambling * block
            pieces.append(self._mixed(scrambling, max(start - origin, 0),
                                      min(stop - origin, block)))  # fmt: skip
        return {name: np.concatenate([piece[name] for piece in pieces]) for name in self.columns}

    def _mixed(self, scrambling: int, start: int, stop: int) -> Columns:
        one, other = self._both(scrambling)
        point, place = np.divmod(np.arange(start, stop), self.width)
        made = {}
        for number, ids in enumerate(self.inputs.factors.values(), 1):
            # From B: the factor's own mixture, what is B but for another factor, and B itself
            swapped = (place == number) | (place == self.width - 1)
            if self.pairs:
                swapped |= (place > len(self.inputs.factors)) & (
                    place != len(self.inputs.factors) + number
                )
            for name in ids:
                made[name] = np.where(swapped, other[name][point], one[name][point])
        return made

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ends of the distributions."""
        return self.inputs.bounds()

    def description(self) -> dict[str, Any]:
        """Return the inputs, the points and the seed."""
        return {"design": "saltelli", "first": self.first, "last": self.last, "seed": self.seed,
                "scramblings": SCRAMBLINGS, "pairs": self.pairs,
                **self.inputs.description()}  # fmt: skip
