"""Compiled kernels: steady states of many points, on all cores, from a cache on disk.

A kernel is machine code written from the SBML (:mod:`transport_model.kernels.writing`). It lies in
a cache folder (:mod:`transport_model.kernels.cache`) in a directory of its own, named by a hash of
the model and of everything that had a hand in compiling it. A directory whose checksums do not
match is thrown away and built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transport_model.catalogue import variants
from transport_model.errors import ComputationError, KernelWarning, short_path
from transport_model.files import folder_beside, reason
from transport_model.kept import package_sum
from transport_model.kernels.blocks import STATUS, Blocks, Method
from transport_model.kernels.cache import alone, checksum, is_intact, places
from transport_model.kernels.calling import ARGUMENTS, ENTRY
from transport_model.kernels.machine import Loaded, this_machine
from transport_model.model import Model, check_model, load_model

if TYPE_CHECKING:
    from transport_model.kernels.model_values import ModelValues

#: Libraries that have a hand in it, from the reading of the SBML to the machine code.
_LIBRARIES = ("llvmlite", "numpy", "scipy", "sympy", "mpmath", "sbmlmath", "python-libsbml")
#: Starts from which a new kernel looks for other steady states, and how far they stray.
PROBES, PROBE_SPREAD, PROBE_SEED = 256, 1000.0, 20250101
#: Files of a kernel.
CODE, DESCRIPTION = "kernel.o", "kernel.json"
#: Numbers that the lanes of a matrix may hold: a thread's stack has several.
MOST_IN_MATRIX = 40_000


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
        status = np.full(count, len(STATUS) - 1, dtype=np.int64)
        residuals = np.full(count, np.nan)

        def part(low: int) -> int:
            rows = slice(low, min(low + chunk, count))
            points = design.iloc[rows].to_numpy(dtype=float)
            direct = np.full(len(points), self.linear or bool(origin.size))
            if self.known and not cut:
                direct |= ((points != 0) | (own[where] == 0)).all(axis=1)
            for method, chosen in ((Method.NEWTON, direct), (Method.COURSE, ~direct)):
                if not chosen.any():
                    continue
                here = rows if chosen.all() else low + np.flatnonzero(chosen)
                begun = origin[here] if origin.size else origin
                solved = self.blocks.solve(points[chosen], where, base, begun, picked, method)
                status[here], residuals[here] = solved.status, solved.residuals
                good = solved.status == 0
                if isinstance(here, slice) and good.all():
                    results[here] = solved.results
                else:
                    at = np.arange(low, rows.stop)[chosen]
                    results[at[good]] = solved.results[good]
            return len(points)

        with ThreadPoolExecutor(threads or cores()) as pool:
            for done in pool.map(part, range(0, count, chunk)):
                if progress is not None:
                    progress(done)
        return status, residuals


def cores() -> int:
    """Return how many cores this process may use: on a cluster, not all that the node has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
    return _kernel(model.name, model.sbml, _replaced(model, columns))


def is_cached(model: Model, columns: Sequence[str] = ()) -> bool:
    """Whether :func:`kernel_for` will answer without compiling."""
    try:
        key = _key(model.sbml, _replaced(model, columns))
    except ComputationError:  # nothing can be compiled here
        return False
    return any(place.is_dir() for place in places(key))


def _replaced(model: Model, columns: Sequence[str]) -> frozenset[str]:
    """Return the ids whose value in the SBML is an amount or a formula, and that are set."""
    return frozenset(
        name for name in (*model.changes, *columns) if model.quantities[name].converted
    )


@lru_cache(maxsize=16)
def _kernel(name: str, sbml: str, given: frozenset[str]) -> Kernel:
    folder, *shared = places(_key(sbml, given))
    for place in (folder, *shared):
        if (kernel := _load(place)) is not None:
            return replace(kernel, known=_is_shipped_cell(name, sbml))
    with alone(folder):
        kernel = _load(folder)
        if kernel is None:  # not there, damaged, or unreadable
            shutil.rmtree(folder, ignore_errors=True)
            code, description = _compiled(Model(name, sbml), given)
            kernel = _of(code, description)
            _keep(folder, code, description)
    return replace(kernel, known=_is_shipped_cell(name, sbml))


def _is_shipped_cell(name: str, sbml: str) -> bool:
    return name in set(variants()["file"]) and load_model(name).sbml == sbml


def _key(sbml: str, given: frozenset[str]) -> str:
    machine = this_machine()
    parts = [sbml, *sorted(given), package_sum(), platform.python_version(), platform.machine(),
             machine.name, machine.features]  # fmt: skip
    parts += [metadata.version(package) for package in _LIBRARIES]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def _compiled(model: Model, given: frozenset[str]) -> tuple[bytes, dict[str, Any]]:
    """Return a kernel's machine code, and what is to be known of it besides."""
    from transport_model.kernels.model_values import model_values
    from transport_model.kernels.writing import kernel_code

    values = model_values(model, given)
    width = width_for(len(values.independent))
    return kernel_code(values, width), _description(model, values, width)


def _keep(folder: Path, code: bytes, description: dict[str, Any]) -> None:
    """Write a kernel beside its place, then move it there; warn where that cannot be done."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not is_intact(folder):
            shutil.rmtree(folder, ignore_errors=True)
        with folder_beside(folder) as beside:
            (beside / CODE).write_bytes(code)
            _write_json(beside / DESCRIPTION, description)
            sums = {name: checksum(beside / name, folder.name) for name in (CODE, DESCRIPTION)}
            _write_json(beside / "checksums.json", sums)
    except OSError as error:
        if not is_intact(folder):  # another process finished first; otherwise a real error
            warnings.warn(
                f"kernels cannot be kept in '{short_path(folder.parent)}' ({reason(error)}), and"
                " are compiled each time; set TRANSPORT_MODEL_CACHE to a folder that can be"
                " written",
                KernelWarning,
                stacklevel=2,
            )


def width_for(independent: int) -> int:
    """Return how many points a vector has: what the machine has, fewer of large matrices.

    A power of two, which lies in memory without gaps.
    """
    most = max(2, min(this_machine().width, MOST_IN_MATRIX // independent**2))
    return 1 << (most.bit_length() - 1)


def _description(model: Model, values: ModelValues, width: int) -> dict[str, Any]:
    """Return what is to be known of a kernel besides its machine code."""
    from transport_model.mathematics.equations import read_equations, species_of
    from transport_model.mathematics.evaluation import result_columns
    from transport_model.mathematics.program import values_at_start

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


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


def _load(folder: Path) -> Kernel | None:
    """Load a kernel from its folder; None where there is no sound one.

    LLVM ends the process over machine code that is damaged, so that it gets none to see.
    """
    if not is_intact(folder):
        return None
    try:
        description: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        return _of((folder / CODE).read_bytes(), description)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ComputationError):
        return None


def _of(code: bytes, description: dict[str, Any]) -> Kernel:
    """Return the kernel of which this is the machine code."""
    inputs = {str(name): float(value) for name, value in description["inputs"].items()}
    outputs = tuple(map(str, description["outputs"]))
    independent = {str(n): float(v) for n, v in description["independent"].items()}
    function = Loaded(code).function(ENTRY, ARGUMENTS)
    return Kernel(
        inputs=inputs,
        columns=tuple(map(str, description["columns"])),
        outputs=outputs,
        independent=independent,
        linear=bool(description["linear"]),
        known=False,
        blocks=Blocks(
            function, int(description["width"]), len(inputs), len(outputs), len(independent)
        ),
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
