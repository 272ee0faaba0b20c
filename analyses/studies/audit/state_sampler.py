"""A model at states set at will: levels of species at random, membranes at any potential."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.mathematics.evaluation import evaluate_start

from ..chemistry import HYDROLYSIS, Chemistry, molar
from .membranes import Columns, Membranes, read_membranes


class StateSampler:
    """A model on the sampler: what its species are, and everything at states set at will."""

    def __init__(self, model: Model, chemistry: Chemistry, samples: int, seed: int) -> None:
        self.model = model
        self.chemistry = chemistry
        self.samples = samples
        self.rng = np.random.default_rng(seed)

    def at(self, columns: Mapping[str, Any], count: int) -> dict[str, np.ndarray]:
        """Evaluate everything at `count` states, in which `columns` are set."""
        values = evaluate_start(self.model, pd.DataFrame(dict(columns), index=range(count)))
        return {name: value if np.shape(value) == (count,) else np.broadcast_to(value, count)
                for name, value in values.items()}  # fmt: skip

    @cached_property
    def start(self) -> Mapping[str, float]:
        """Everything as the model stands."""
        return {name: float(value[0]) for name, value in self.at({}, 1).items()}

    @cached_property
    def free(self) -> list[str]:
        """Species that can be set to any level."""
        return [item.id for item in self.model.quantities.values()
                if item.kind in {"floating", "boundary"} and item.computed != "rule"
                and item.id not in self.chemistry.faces]  # fmt: skip

    def size(self, species: str, values: Mapping[str, Any]) -> Any:
        """Return what turns a concentration into the species' own symbol; NaN if unknown."""
        if not self.model.quantities[species].is_amount:
            return 1.0
        volume = np.asarray(values[self.chemistry.homes[species]], dtype=float)
        return np.where(volume > 0, volume, math.nan)

    @cached_property
    def membranes(self) -> Membranes:
        """The membranes and their potentials."""
        return read_membranes(self.model, self.chemistry, self.start, self.at)

    def random_volts(self) -> np.ndarray:
        """Return potentials [mV] from -150 to 100, a row for each membrane."""
        count = len(self.membranes.members)
        return self.membranes.some(self.rng.uniform(-150, 100, (count, self.samples)))

    def tenfold(self, level: float, count: int) -> np.ndarray:
        """Return random levels up to ten times below and above one; about 1 if it is zero."""
        return (level if level > 0 else 1.0) * 10 ** self.rng.uniform(-1, 1, count)

    def random_levels(self, count: int) -> Columns:
        """Return random levels of all free species."""
        return {name: self.tenfold(self.start[name], count) for name in self.free}

    @cached_property
    def hydrolysis(self) -> dict[str, int]:
        """ATP hydrolysis by substance, if the model gives its standard free energy."""
        known = set(HYDROLYSIS) <= set(self.chemistry.substances.values())
        return HYDROLYSIS if known and "dG_ATP_0" in self.model.quantities else {}

    @property
    def hydrolysis_energy(self) -> float:
        """Free energy of hydrolysis over RT, ATP and products at one unit of the model."""
        return self.start["dG_ATP_0"] / self.membranes.energy + 2 * math.log(molar(self.model))
