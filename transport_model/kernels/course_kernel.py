"""Time courses of many points by a model's course kernel, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transport_model.kernels.calling import (
    COURSE_ARGUMENTS,
    DONE,
    EXPLICIT,
    IS_STIFF,
    SET_INPUT,
    SET_KEPT,
    SET_STATE,
    STIFF,
)
from transport_model.kernels.schedule import Schedule, Targets
from transport_model.kernels.store import (
    Compiled,
    compiled,
    cores,
    replaced,
    width_for,
)
from transport_model.kernels.vectors import aligned, in_vectors, places_of, repeated
from transport_model.model import Model

if TYPE_CHECKING:
    from transport_model.kernels.model_values import ModelValues

#: What this kernel computes, in its key.
KIND = "time courses"
#: Courses handed to a thread at a time, and numbers that they may hold.
CHUNK, MOST_NUMBERS = 1024, 4_000_000


@dataclass(frozen=True)
class CourseKernel:
    """A model's compiled integrators.

    Attributes
    ----------
    inputs
        Value of every input of a point by id: what the SBML says.
    outputs
        Columns of the results.
    targets
        What can be set during a course.
    width
        Points a vector.
    explicit, stiff
        The integrators, as :mod:`transport_model.kernels.calling` describes them.
    """

    inputs: dict[str, float]
    outputs: tuple[str, ...]
    targets: Targets
    width: int
    explicit: Callable[..., None]
    stiff: Callable[..., None]

    def follow(
        self,
        model: Model,
        design: pd.DataFrame,
        plan: Schedule,
        outputs: Sequence[str],
        tolerance: float,
        use: Callable[[slice, np.ndarray, np.ndarray], object],
        *,
        threads: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Follow the course of every row of `design`, block by block.

        A row is followed by the explicit method until it turns out to be stiff, and then by the
        other one from the start. What a row comes to depends on its own values alone.

        Parameters
        ----------
        model
            Values for what the design does not give.
        design
            One row per course, one column per quantity, in model units.
        plan
            When values are wanted, and what is set on the way.
        outputs
            Which of :attr:`outputs` to compute.
        tolerance
            Relative tolerance.
        use
            Called for each block, in any order, with its rows, whether each came to its end, and
            the courses, of shape (outputs, stops, rows).
        threads
            How many to use; by default all cores that this process may use.
        progress
            Called with the number of rows just done.
        """
        names = list(self.inputs)
        base = np.array([{**self.inputs, **model.changes}[name] for name in names], dtype=float)
        where = np.array([names.index(str(name)) for name in design.columns], dtype=np.int64)
        picked = [self.outputs.index(name) for name in outputs]
        numbers = max(1, len(picked) * len(plan.times))
        chunk = max(self.width, min(CHUNK, MOST_NUMBERS // numbers) // self.width * self.width)

        table = design.to_numpy(dtype=float)

        def part(low: int) -> int:
            rows = slice(low, min(low + chunk, len(design)))
            points = table[rows]
            status, courses = self._call(self.explicit, points, where, base, plan, picked,
                                         tolerance)  # fmt: skip
            again = np.flatnonzero(status == IS_STIFF)
            if len(again):
                rest = self._call(self.stiff, points[again], where, base, plan, picked, tolerance)
                status[again], courses[:, :, again] = rest
            use(rows, status == DONE, courses)
            return len(points)

        with ThreadPoolExecutor(threads or cores()) as pool:
            for done in pool.map(part, range(0, len(design), chunk)):
                if progress is not None:
                    progress(done)

    def _call(
        self,
        method: Callable[..., None],
        points: np.ndarray,
        columns: np.ndarray,
        base: np.ndarray,
        plan: Schedule,
        picked: Sequence[int],
        tolerance: float,
    ) -> tuple[np.ndarray, np.ndarray]:
        count, width, stops = len(points), self.width, len(plan.times)
        blocks = -(-count // width)
        results, status = aligned(len(picked) * stops * blocks * width), aligned(blocks * width)
        arrays = (
            in_vectors(points.T, width),
            columns,
            repeated(base, width),
            repeated([tolerance], width),
            repeated(plan.times, width),
            repeated(plan.ends, width),
            plan.first,
            np.ascontiguousarray(plan.whats),
            repeated(plan.values.ravel(), width),
            places_of(picked, len(self.outputs)),
            results,
            status,
        )
        method(*(array.ctypes.data for array in arrays), blocks, len(columns), stops)
        courses = results.reshape(len(picked), stops, blocks * width)[:, :, :count]
        return status[:count].astype(np.int64), courses


def course_kernel_for(model: Model, columns: Sequence[str] = ()) -> CourseKernel:
    """Return the course kernel of a model for designs with the given columns.

    Parameters
    ----------
    model
        The model; of the values set on it only which they are counts.
    columns
        Ids that designs will set.

    Returns
    -------
    CourseKernel
        Shared by all who ask in this process.

    Raises
    ------
    UnsupportedModelError
        The model has events, names the time, or has a construct that kernels do not take.
    ComputationError
        The kernel does not compile.

    Warns
    -----
    KernelWarning
        It cannot be kept.
    """
    return _kernel(model.name, model.sbml, replaced(model, columns))


@lru_cache(maxsize=16)
def _kernel(name: str, sbml: str, given: frozenset[str]) -> CourseKernel:
    def make() -> tuple[bytes, dict[str, Any]]:
        from transport_model.kernels.course_code import course_code
        from transport_model.kernels.model_values import model_values

        model = Model(name, sbml)
        values = model_values(model, given)
        width = width_for(len(values.independent))
        return course_code(values, width), _description(model, values, width)

    return compiled(KIND, sbml, given, make, _of)


def _description(model: Model, values: ModelValues, width: int) -> dict[str, Any]:
    from transport_model.mathematics.equations import read_equations

    equations = read_equations(model.sbml)
    return {
        "inputs": {name: equations.values.get(name, float("nan")) for name in values.inputs},
        "outputs": list(values.outputs),
        "targets": _targets(model, values),
        "width": width,
    }


def _targets(model: Model, values: ModelValues) -> dict[str, tuple[int, int, int]]:
    """Return what can be set during a course: numbers that hold then, and states."""
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.state_names import amount

    constants = set(read_equations(model.sbml).constants)
    inputs = {name: place for place, name in enumerate(values.inputs) if name in constants}
    kept = {name: place for place, name in enumerate(values.kept) if name in constants}
    states = {name: place for place, name in enumerate(values.states)}
    volumes = {name: place for place, name in enumerate(values.volumes)}
    found: dict[str, tuple[int, int, int]] = {}
    for name, quantity in model.quantities.items():
        if name in kept:
            found[name] = (SET_KEPT, kept[name], -1)
        elif name in inputs:
            found[name] = (SET_INPUT, inputs[name], -1)
        elif name in states:
            found[name] = (SET_STATE, states[name], -1)
        elif amount(name) in states:
            if quantity.is_amount:
                found[name] = (SET_STATE, states[amount(name)], -1)
            elif quantity.compartment in volumes:
                volume = volumes[quantity.compartment]
                found[name] = (SET_STATE, states[amount(name)], volume)
    return found


def _of(found: Compiled) -> CourseKernel:
    """Return the kernel whose machine code was found."""
    told = found.description
    return CourseKernel(
        inputs={str(name): float(value) for name, value in told["inputs"].items()},
        outputs=tuple(map(str, told["outputs"])),
        targets={
            str(name): (int(kind), int(target), int(other))
            for name, (kind, target, other) in told["targets"].items()
        },
        width=int(told["width"]),
        explicit=found.code.function(EXPLICIT, COURSE_ARGUMENTS),
        stiff=found.code.function(STIFF, COURSE_ARGUMENTS),
    )
