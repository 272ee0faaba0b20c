"""Steady states of many points by a model's kernel, on all cores.

A kernel is machine code written from the SBML (:mod:`transport_model.kernels.writing`), and kept
(:mod:`transport_model.kernels.store`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transport_model.catalogue import about
from transport_model.kernels.blocks import STATUS, Blocks, Method
from transport_model.kernels.calling import ARGUMENTS, ENTRY
from transport_model.kernels.store import (
    Compiled,
    compiled,
    cores,
    is_compiled,
    replaced,
    width_for,
)
from transport_model.model import Model, check_model, load_model

if TYPE_CHECKING:
    pass

if TYPE_CHECKING:
    from transport_model.kernels.model_values import ModelValues

#: Starts from which a new kernel looks for other steady states, and how far they stray.
PROBES, PROBE_SPREAD, PROBE_SEED = 256, 1000.0, 20250101
#: What this kernel computes, in its key.
KIND = "steady states"


@dataclass(frozen=True)
class Kernel:
    """A model's compiled solver.

    Attributes
    ----------
    inputs
        Value of every input of a point by id: what the SBML says.
    columns
        All columns of a scan's table besides the design.
    outputs
        Those that the kernel computes; what names the time is none of them.
    independent
        Independent states, and their starting values at the SBML's own parameters.
    linear
        Whether the rates are linear in the states, so that every start leads to one balance.
    known
        Whether this is a shipped cell, for which tests compare Newton's method with courses.
    """

    inputs: dict[str, float]
    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    independent: dict[str, float]
    linear: bool
    known: bool
    blocks: Blocks

    def solve(
        self,
        model: Model,
        design: pd.DataFrame,
        results: np.ndarray,
        *,
        outputs: Sequence[str] | None = None,
        starts: np.ndarray | None = None,
        threads: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Solve every row of `design`.

        Parameters
        ----------
        model
            Values for what the design does not give.
        design
            One row per point, one column per quantity, in model units.
        results
            Filled in place, of shape (points, outputs); rows without a certified state are left
            alone.
        outputs
            Which of :attr:`outputs` to return; all by default.
        starts
            Independent states to search from, of shape (points, states), for any balanced state;
            otherwise the one that the model's own start leads to.
        threads
            How many to use; by default all cores that this process may use. The results do not
            depend on it.
        progress
            Called with the number of points just done.

        Returns
        -------
        tuple of numpy.ndarray
            Status of each point as an index into :data:`STATUS`, and its relative imbalance, both
            of shape (points,).
        """
        names = list(self.inputs)
        base = np.array([{**self.inputs, **model.changes}[name] for name in names], dtype=float)
        where = np.array([names.index(str(name)) for name in design.columns], dtype=np.int64)
        wanted = self.outputs if outputs is None else outputs
        picked = [self.outputs.index(name) for name in wanted]
        own = np.array(list(self.inputs.values()))
        # With a capacity of zero a network is another one, of which nothing is known
        cut = bool(((base == 0) & (own != 0)).any())
        origin = np.empty((0, 0)) if starts is None else np.asarray(starts, dtype=float)
        count, chunk = len(design), self.blocks.chunk
        table = design.to_numpy(dtype=float)
        status = np.full(count, len(STATUS) - 1, dtype=np.int64)
        residuals = np.full(count, np.nan)

        def part(low: int) -> int:
            rows = slice(low, min(low + chunk, count))
            direct = np.full(rows.stop - low, self.linear or bool(origin.size))
            if self.known and not cut:
                zero = table[rows] == 0
                direct |= ~(zero & (own[where] != 0)).any(axis=1) if zero.any() else True
            for method, chosen in ((Method.NEWTON, direct), (Method.COURSE, ~direct)):
                if not chosen.any():
                    continue
                here = rows if chosen.all() else low + np.flatnonzero(chosen)
                begun = origin[here] if origin.size else origin
                solved = self.blocks.solve(table[here], where, base, begun, picked, method)
                status[here], residuals[here] = solved.status, solved.residuals
                good = solved.status == 0
                if isinstance(here, slice) and good.all():
                    results[here] = solved.results
                else:
                    at = np.arange(low, rows.stop)[chosen]
                    results[at[good]] = solved.results[good]
            return len(direct)

        with ThreadPoolExecutor(threads or cores()) as pool:
            for done in pool.map(part, range(0, count, chunk)):
                if progress is not None:
                    progress(done)
        return status, residuals


def kernel_for(model: Model, columns: Sequence[str] = ()) -> Kernel:
    """Return the kernel of a model for designs with the given columns, compiled if need be.

    Parameters
    ----------
    model
        The model; of the values set on it only which they are counts.
    columns
        Ids that designs will set.

    Returns
    -------
    Kernel
        Shared by all who ask in this process.

    Raises
    ------
    UnsupportedModelError
        The model has no steady state by definition, or a construct that kernels do not take.
    ComputationError
        The kernel does not compile.

    Warns
    -----
    KernelWarning
        It cannot be kept.
    """
    return _kernel(model.name, model.sbml, replaced(model, columns))


def is_cached(model: Model, columns: Sequence[str] = ()) -> bool:
    """Whether :func:`kernel_for` will answer without compiling."""
    return is_compiled(KIND, model.sbml, replaced(model, columns))


@lru_cache(maxsize=16)
def _kernel(name: str, sbml: str, given: frozenset[str]) -> Kernel:
    def make() -> tuple[bytes, dict[str, Any]]:
        from transport_model.kernels.model_values import model_values
        from transport_model.kernels.writing import kernel_code

        model = Model(name, sbml)
        values = model_values(model, given)
        width = width_for(len(values.independent))
        return kernel_code(values, width), _description(model, values, width)

    kernel = compiled(KIND, sbml, given, make, _of)
    return replace(kernel, known=_is_shipped_cell(name, sbml))


def _is_shipped_cell(name: str, sbml: str) -> bool:
    return name in about().index and load_model(name).sbml == sbml


def _description(model: Model, values: ModelValues, width: int) -> dict[str, Any]:
    """Return what is to be known of a kernel besides its machine code."""
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.evaluation import result_columns
    from transport_model.mathematics.program import values_at_start
    from transport_model.mathematics.state_names import species_of

    equations = read_equations(model.sbml)
    start = values_at_start(model.sbml, {})
    columns = {target: name for name, target in values.outputs.items()}
    leaves = {i: values.graph.leaf(values.states[i]) for i in values.independent}
    return {
        "inputs": {name: equations.values.get(name, float("nan")) for name in values.inputs},
        "columns": result_columns(equations, model),
        "outputs": list(values.outputs),
        "linear": values.linear,
        "width": width,
        "independent": {
            columns.get(leaves[i], species_of(values.states[i])): start[values.states[i]]
            for i in values.independent
        },
    }


def _of(found: Compiled) -> Kernel:
    """Return the kernel whose machine code was found."""
    told = found.description
    inputs = {str(name): float(value) for name, value in told["inputs"].items()}
    outputs = tuple(map(str, told["outputs"]))
    independent = {str(n): float(v) for n, v in told["independent"].items()}
    function = found.code.function(ENTRY, ARGUMENTS)
    return Kernel(
        inputs=inputs,
        columns=tuple(map(str, told["columns"])),
        outputs=outputs,
        independent=independent,
        linear=bool(told["linear"]),
        known=False,
        blocks=Blocks(function, int(told["width"]), len(inputs), len(outputs), len(independent)),
    )


def distinct_states(
    model: Model, kernel: Kernel, starts: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the outputs of every distinct certified state, and how every search ended.

    The independent states start at their own values times a random factor, the logarithm of which
    is uniform; the conserved sums stay those of the model. The shapes are (states found, outputs)
    and (starts,).
    """
    rng = np.random.default_rng(seed)
    own = np.array(list(kernel.independent.values()))
    own = np.where(own == 0, np.abs(own).max(initial=1.0), own)
    factors = PROBE_SPREAD ** rng.uniform(-1, 1, (starts, len(own)))
    results = np.full((starts, len(kernel.outputs)), np.nan)
    status, _ = kernel.solve(
        model, pd.DataFrame(index=range(starts)), results, starts=own * factors
    )
    states = [i for i, name in enumerate(kernel.outputs) if name in kernel.independent]
    distinct: list[np.ndarray] = []
    for row in results[status == 0]:
        scale = 1e-6 * np.maximum(np.abs(row[states]), 1e-9 * np.abs(row[states]).max(initial=0.0))
        if not any((np.abs(row[states] - other[states]) <= scale).all() for other in distinct):
            distinct.append(row)
    return np.array(distinct).reshape(len(distinct), len(kernel.outputs)), status


def distinct_steady_states(
    model: Model, *, starts: int = PROBES, seed: int = PROBE_SEED
) -> pd.DataFrame:
    """Look for every steady state that shares a model's parameters and conserved sums.

    Parameters
    ----------
    model
        Parameters, and the conserved sums of its own start.
    starts
        Number of random starts; a state whose basin none of them hits is not found.
    seed
        Of the random starts.

    Returns
    -------
    pandas.DataFrame
        A row per distinct certified, stable state, with the columns of a kernel's outputs. One row
        says that no other state was found, not that there is none.

    Raises
    ------
    UnsupportedModelError
        The model has no kernel.
    """
    check_model(model)
    kernel = kernel_for(model)
    found, _ = distinct_states(model, kernel, starts, seed)
    return pd.DataFrame(found, columns=list(kernel.outputs))
