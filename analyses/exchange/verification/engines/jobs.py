"""What an engine is asked, and how it answers in the model's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

#: Relative tolerance that engines are asked for.
RELATIVE_TOLERANCE = 1e-11

Columns = dict[str, list[float]]


class EngineError(Exception):
    """An engine cannot read or run a model; the message says why."""


@dataclass(frozen=True)
class Job:
    """One test of an engine.

    Attributes
    ----------
    test
        What it is called.
    kind
        ``course`` or ``steady state``.
    sbml
        The model with its values written into it.
    template
        The model in which every value that differs between jobs is a parameter, ``start_of_<id>``
        where it belongs to a species or a compartment: for engines that compile.
    values
        The values of those parameters by their ids.
    end, points
        The course.
    columns
        Ids of the quantities that are wanted.
    species
        Compartment of each species, and whether it is read as an amount.
    sizes
        Size of each compartment at the start.
    absolute
        Absolute tolerance.
    has_events
        Whether the model has events, which some imports drop without a word.
    folder
        Where an engine may keep what it compiled.
    """

    test: str
    kind: str
    sbml: str
    template: str
    values: Mapping[str, float]
    end: float
    points: int
    columns: Sequence[str]
    species: Mapping[str, tuple[str, bool]]
    sizes: Mapping[str, float]
    absolute: float
    has_events: bool
    folder: str

    @property
    def times(self) -> np.ndarray:
        """The time points of the course."""
        return np.linspace(0.0, self.end, self.points)

    def from_concentrations(self, found: Mapping[str, np.ndarray]) -> Columns:
        """Return columns as the model reads them, where every species came as a concentration.

        Parameters
        ----------
        found
            Numbers by id, those of compartments that change among them.
        """
        columns: Columns = {}
        for name in self.columns:
            if name in found:
                values = np.asarray(found[name], dtype=float)
                home, is_amount = self.species.get(name, ("", False))
                if is_amount:
                    values = values * found.get(home, self.sizes[home])
                columns[name] = values.tolist()
        return columns
