"""Points drawn from the distributions of uncertain inputs, independently of one another."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...scans.designs.base import Columns, Design
from ..uncertain_inputs import UncertainInputs


class RandomPoints(Design):
    """Points number `first` up to `last` of an endless random sample."""

    def __init__(self, inputs: UncertainInputs, first: int, last: int, seed: int) -> None:
        self.inputs, self.first, self.last, self.seed = inputs, first, last, seed
        super().__init__(inputs.columns, last - first)

    def shares(self, start: int, stop: int) -> np.ndarray:
        """Return the shares of rows, a column per axis of the inputs."""
        width = self.inputs.dimensions
        # A number takes one step of the generator: row and column tell how many to skip
        stream = np.random.PCG64(self.seed).advance((self.first + start) * width)
        return np.random.Generator(stream).random((stop - start, width))

    def _made(self, start: int, stop: int) -> Columns:
        return self.inputs.at(self.shares(start, stop))

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the ends of the distributions."""
        return self.inputs.bounds()

    def description(self) -> dict[str, Any]:
        """Return the inputs, the points and the seed."""
        return {"design": "random points", "first": self.first, "last": self.last,
                "seed": self.seed, "generator": "PCG64", **self.inputs.description()}  # fmt: skip
