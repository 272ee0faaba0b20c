"""Given marched downstream: what leaves a segment of the tubule flows into the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.errors import UnknownIdError

from ...scans.scan import Engine, one_by_one, usable_kernel
from .geometry import Part, Tubule
from .inputs import SOLUTES, Given

if TYPE_CHECKING:
    from transport_model.kernels.kernel import Kernel

#: Statuses of a segment besides those of a steady state: less than :data:`LEAST` of the filtrate
#: leaves it, and nothing flows in because something upstream went wrong.
DRY, NO_INFLOW = "dry", "no inflow"
LEAST = 1e-3
#: Given that a thread takes at a time.
CHUNK = 256
#: Ids of what flows into a segment, and of what leaves it.
_INFLOW = ("Q_in", *(f"{name}_in" for name in SOLUTES))
_OUTFLOW = ("Q_out", *(f"{name}_a" for name in SOLUTES))
#: libRoadRunner's instances are shared, and take one thread at a time.
_ALONE = threading.Lock()


@dataclass(frozen=True)
class Marched:
    """What came of the march.

    Attributes
    ----------
    names
        Ids of what was computed.
    values
        Of shape (nephrons, segments, names); NaN where the status is not ``ok``.
    status, residuals
        Of shape (nephrons, segments).
    """

    names: tuple[str, ...]
    values: np.ndarray
    status: np.ndarray
    residuals: np.ndarray

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[:, :, self.names.index(name)]


def march(
    model: Model,
    nephrons: Given,
    geometry: Tubule,
    segments: int,
    outputs: Sequence[str],
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> Marched:
    """Solve every segment of every nephron.

    Parameters
    ----------
    model
        Of a segment.
    nephrons
        As :func:`.inputs.read_nephrons` returns them.
    geometry
        Of the tubule.
    segments
        How many.
    outputs
        Columns of the model's results to keep, besides what the march needs itself.
    threads
        How many to use; by default as many as there are cores.
    progress
        Called with the number of nephrons just done.

    Raises
    ------
    UnknownIdError
        An output names nothing that a segment computes.
    """
    from transport_model.kernels.store import cores

    kernel = usable_kernel(model, [*_INFLOW, *nephrons.columns], Engine.AUTO)
    _check_outputs(model, kernel, outputs)
    layout = geometry.layout(segments)
    states = [] if kernel is None else list(kernel.independent)
    names = tuple(dict.fromkeys([*outputs, *_OUTFLOW, *states]))

    def part(first: int) -> Marched:
        some = nephrons.some(slice(first, first + CHUNK))
        return _march(_Segment(model, kernel, names), some, layout)

    starts = range(0, len(nephrons), CHUNK)
    marched = []
    with ThreadPoolExecutor(threads or cores()) as pool:
        for chunk in pool.map(part, starts):
            marched.append(chunk)
            if progress is not None:
                progress(len(chunk.values))
    return Marched(
        names,
        np.concatenate([chunk.values for chunk in marched]),
        np.concatenate([chunk.status for chunk in marched]),
        np.concatenate([chunk.residuals for chunk in marched]),
    )


def _check_outputs(model: Model, kernel: Kernel | None, outputs: Sequence[str]) -> None:
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.evaluation import result_columns

    known = kernel.outputs if kernel else result_columns(read_equations(model.sbml), model)
    for name in outputs:
        if name not in known:
            raise UnknownIdError.of(name, known, f"the results of '{model.name}'")


def _march(
    segment: _Segment, nephrons: Given, layout: Sequence[tuple[Part, float, float]]
) -> Marched:
    count, names = len(nephrons), segment.names
    values = np.full((count, len(layout), len(names)), np.nan)
    status = np.full((count, len(layout)), NO_INFLOW, dtype=object)
    residuals = np.full((count, len(layout)), np.nan)
    outflow = [names.index(name) for name in _OUTFLOW]
    alive = np.arange(count)
    flow, fluid = nephrons.SNGFR, np.column_stack(list(nephrons.filtrate.values()))
    for place, (part, share, _) in enumerate(layout):
        cells = nephrons.cells[alive] * share
        given = {name: column[alive] for name, column in nephrons.given(part).items()}
        design = pd.DataFrame(
            np.column_stack([flow / cells, fluid, *given.values()]),
            columns=[*_INFLOW, *given],
        )
        start = values[alive, place - 1] if place else None
        least = LEAST * nephrons.SNGFR[alive] / cells
        found, said, left = segment.solve(design, start, least)
        status[alive, place], residuals[alive, place] = said, left
        good = said == Status.OK
        alive, cells = alive[good], cells[good]
        values[alive, place] = found[good]
        flow, fluid = found[good][:, outflow[0]] * cells, found[good][:, outflow[1:]]
    return Marched(names, values, status, residuals)


@dataclass(frozen=True)
class _Segment:
    """Solves a segment for many nephrons at once."""

    model: Model
    kernel: Kernel | None
    names: tuple[str, ...]

    def solve(
        self, design: pd.DataFrame, before: np.ndarray | None, least: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return values, statuses and relative imbalances by nephron.

        Parameters
        ----------
        design
            What each is given.
        before
            Values of the segment upstream, near which the cells are looked for.
        least
            Outflow per cell below which a lumen counts as dry.
        """
        found = np.full((len(design), len(self.names)), np.nan)
        status = np.full(len(design), Status.FAILED, dtype=object)
        residuals = np.full(len(design), np.nan)
        if len(design) and self.kernel is not None:
            status[:], residuals[:] = self._by_kernel(design, before, found)
        again = np.flatnonzero(status != Status.OK)
        if len(again) and self.kernel is not None:
            status[again[self._is_dry(design.iloc[again], least[again])]] = DRY
        again = np.flatnonzero((status != Status.OK) & (status != DRY))
        if len(again):
            with _ALONE:
                rows = one_by_one(self.model, design.iloc[again], self.names, None)
            found[again] = rows[list(self.names)].to_numpy(dtype=float)
            status[again], residuals[again] = rows["status"], rows["residual"]
        runs_dry = (status == Status.OK) & ~(found[:, self.names.index("Q_out")] >= least)
        status[runs_dry] = DRY
        return found, status, residuals

    def _by_kernel(
        self, design: pd.DataFrame, before: np.ndarray | None, found: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        from transport_model.kernels.kernel import STATUS

        assert self.kernel is not None
        status, residuals = self.kernel.solve(
            self.model, design, found, outputs=self.names, threads=1,
            starts=self._starts(design, before),
        )  # fmt: skip
        return np.array(STATUS, dtype=object)[status], residuals

    def _starts(self, design: pd.DataFrame, before: np.ndarray | None) -> np.ndarray:
        """Return states to search from: cells as upstream, a lumen full of what flows in."""
        assert self.kernel is not None
        states = list(self.kernel.independent)
        if before is None:
            starts = np.tile(np.array([*self.kernel.independent.values()]), (len(design), 1))
        else:
            starts = before[:, [self.names.index(name) for name in states]].copy()
        for name, column in self._filled(design).items():
            if name in states:
                starts[:, states.index(name)] = column
        return starts

    def _filled(self, design: pd.DataFrame) -> dict[str, np.ndarray]:
        """Return the amounts in a lumen through which everything passes."""
        tau, v_w = (
            design[name].to_numpy() if name in design else self.model.quantities[name].value
            for name in ("tau_a", "v_w")
        )
        volume = design["Q_in"].to_numpy() * tau
        amounts = {f"n_{name}_a": design[f"{name}_in"].to_numpy() * volume for name in SOLUTES}
        return {"water_a": volume / v_w, **amounts}

    def _is_dry(self, design: pd.DataFrame, least: np.ndarray) -> np.ndarray:
        """Whether lumens without a steady state would be dry even with more to hold water back.

        They are given impermeant solute for a hundredth of the water below which a lumen counts as
        dry. Since more of it holds more water back, a lumen that is dry with it is dry without.
        """
        fluid = design[[f"{name}_in" for name in SOLUTES]].sum(axis=1).to_numpy()
        more = 0.01 * least * fluid / design["Q_in"].to_numpy()
        found = np.full((len(design), len(self.names)), np.nan)
        thicker = design.assign(X_in=design["X_in"] + more, Na_in=design["Na_in"] + more)
        status, _ = self._by_kernel(thicker, None, found)
        return (status == Status.OK) & (found[:, self.names.index("Q_out")] < least)
