"""The runs behind the report's figures: chapters draw them, SED-ML carries them to other tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, simulate

from ..scans.designs.designs import grid
from ..scans.scan import scan

#: The lesson in its order, by the names of the shipped protocols.
LESSON = (
    "leak_makes_potential", "potassium_near_balance", "two_pushes_on_sodium", "without_membrane",
    "store_of_energy", "uphill", "exit_closed", "secondary", "pump_stopped", "phlorizin",
    "glucose_removed", "potassium_outside", "leak_of_sodium", "failing_ATP", "low_sodium",
    "meal_and_fast",
)  # fmt: skip


@dataclass(frozen=True)
class TimeCourse:
    """One course of one model.

    Attributes
    ----------
    name
        Of the figure and of its data.
    title
        What it shows, in words.
    model
        With the values and the start of the run.
    end
        Last point [s]; the first is zero.
    points
        Equally spaced, both ends included.
    outputs
        Columns behind the figure.
    """

    name: str
    title: str
    model: Model
    end: float
    points: int
    outputs: tuple[str, ...]

    def run(self) -> pd.DataFrame:
        """Return the course, shape (points, outputs), indexed by time [s]."""
        return simulate(self.model, self.end, self.points)[list(self.outputs)]


@dataclass(frozen=True)
class Rest:
    """One steady state of one model: `outputs` of it."""

    name: str
    title: str
    model: Model
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class SteadyStateMap:
    """Steady states over a grid: `axes` are values by id, the first the outermost."""

    name: str
    title: str
    model: Model
    axes: Mapping[str, tuple[float, ...]]
    outputs: tuple[str, ...]

    def run(self) -> pd.DataFrame:
        """Return the scan of the grid, a row per point."""
        return scan(self.model, grid(**self.axes))


def resting_cell(model: Model, state: SteadyState) -> Rest:
    """Return the resting cell, its gradients and flows."""
    flows = [name for name in model.rules.index if name.startswith(("J_", "dG_", "E_"))]
    species = [n for n, q in model.quantities.items() if q.kind in {"floating", "boundary"}]
    return Rest("resting", "The resting cell, its gradients and flows",
                model.starting_from(state.values), ("V_m", *species, *flows))  # fmt: skip


def pump_stopped(model: Model, state: SteadyState) -> TimeCourse:
    """Return two hours of the resting cell after its pump stops, a point every ten seconds."""
    return TimeCourse(
        name="pump_stopped",
        title="The cell after its pump has stopped",
        model=model.starting_from(state.values).with_values(J_pump_max=0.0),
        end=2 * 3600.0,
        points=721,
        outputs=("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "cytosol", "J_sglt", "dG_Na",
                 "dG_Na_chem", "dG_Na_elec"),
    )  # fmt: skip


def glucose_by_pump(model: Model) -> SteadyStateMap:
    """Return steady states against lumen glucose [mM] and a fifth to twice the pump's capacity."""
    capacity = model.quantities["J_pump_max"].value
    return SteadyStateMap(
        name="glucose_by_pump",
        title="Uptake against lumen glucose and pump capacity",
        model=model,
        axes={
            "Glc_o": tuple(np.geomspace(0.2, 30, 25).tolist()),
            "J_pump_max": tuple((capacity * np.linspace(0.2, 2.0, 25)).tolist()),
        },
        outputs=("J_sglt", "dG_Na", "V_m", "Na_i"),
    )
