"""Time courses of many points by machine code, with the inputs that libRoadRunner takes, too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from transport_model.errors import UnsupportedModelError
from transport_model.kernels.course_kernel import CourseKernel, course_kernel_for
from transport_model.kernels.schedule import (
    SET_SLOPE,
    Operation,
    Schedule,
    Stop,
    Targets,
    schedule_of,
)
from transport_model.model import Model
from transport_model.simulation.inputs import Input, Ramp, Step, course_pieces, with_slopes


@dataclass(frozen=True)
class ManyCourses:
    """A course that many points take, ready to be followed by a kernel.

    Attributes
    ----------
    model
        What is followed; where quantities are ramped they are states of it.
    kernel
        Its machine code.
    plan
        When values are wanted, and what is set.
    outputs
        Columns to compute.
    stepped
        Those of them that steps alone change, and their values at each stop; NaN before the first
        step.
    """

    model: Model
    kernel: CourseKernel
    plan: Schedule
    outputs: tuple[str, ...]
    stepped: Mapping[str, np.ndarray]

    def follow(
        self,
        design: pd.DataFrame,
        tolerance: float,
        use: Callable[[slice, np.ndarray, np.ndarray], object],
        *,
        threads: int | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Follow the course of every row; see :meth:`CourseKernel.follow`."""
        computed = [name for name in self.outputs if name not in self.stepped]

        def with_stepped(rows: slice, arrived: np.ndarray, found: np.ndarray) -> None:
            whole = np.empty((len(self.outputs), *found.shape[1:]))
            for place, name in enumerate(self.outputs):
                if name in computed:
                    whole[place] = found[computed.index(name)]
                    continue
                before: Any = self.model.quantities[name].value
                if name in design.columns:
                    before = design[name].to_numpy(dtype=float)[rows]
                values = self.stepped[name][:, None]
                whole[place] = np.where(np.isnan(values), before, values)
            use(rows, arrived, whole)

        self.kernel.follow(self.model, design, self.plan, computed, tolerance,
                           with_stepped if self.stepped else use,
                           threads=threads, progress=progress)  # fmt: skip


def many_courses(
    model: Model,
    columns: Sequence[str],
    times: np.ndarray,
    inputs: Sequence[Input],
    outputs: Sequence[str],
) -> ManyCourses:
    """Return a course of a model for designs with the given columns, compiled if need be.

    Parameters
    ----------
    model
        The model.
    columns
        Ids that designs set.
    times
        Rising times at which values are wanted, from the start to the end.
    inputs
        Steps and ramps, as :func:`~transport_model.simulation.inputs.check_inputs` returns them.
    outputs
        Columns to compute.

    Raises
    ------
    UnsupportedModelError
        The model has events or names the time, or an output or an input is none of a kernel's.
    ComputationError
        The kernel does not compile.
    """
    ramped = sorted({item.id for item in inputs if isinstance(item, Ramp)})
    slopes: dict[str, str] = {}
    if ramped:
        text, slopes = with_slopes(model.sbml, ramped)
        model = replace(model, sbml=text)
    kernel = course_kernel_for(model, columns)
    jumping = {name for item in inputs if isinstance(item, Step) for name in item.values}
    for name in outputs:
        if name not in kernel.outputs and name not in jumping:
            raise UnsupportedModelError(f"a kernel does not return '{name}' of a course")
    # Rows as `row_times` has them; what is set at a time is set before the values are taken
    rows: list[tuple[float, float, bool]] = []
    begin, end = float(times[0]), float(times[-1])
    steps = {item.time for item in inputs if isinstance(item, Step)}
    if begin in steps:
        rows.append((begin, begin, False))
    for piece in course_pieces(inputs, times):
        rows += [(time, piece[-1], place == 0) for place, time in enumerate(piece)]
    if end in steps:
        rows.append((end, end, True))
    stops = [
        Stop(time, until, tuple(_operations(time, inputs, slopes, kernel.targets)) if sets else ())
        for time, until, sets in rows
    ]
    stepped = {name: _values_set(name, rows, inputs)
               for name in outputs if name not in kernel.outputs}  # fmt: skip
    return ManyCourses(model, kernel, schedule_of(stops), tuple(outputs), stepped)


def _values_set(
    name: str, rows: Sequence[tuple[float, float, bool]], inputs: Sequence[Input]
) -> np.ndarray:
    """Return what steps have set a quantity to at each row, NaN before the first of them."""
    found, value = [], np.nan
    for time, _, sets in rows:
        for item in inputs if sets else ():
            if isinstance(item, Step) and item.time == time:
                value = item.values.get(name, value)
        found.append(value)
    return np.array(found)


def _operations(
    time: float, inputs: Sequence[Input], slopes: dict[str, str], targets: Targets
) -> list[Operation]:
    """Return what is set at a time, in the order in which libRoadRunner is told."""

    def target(name: str) -> tuple[int, int, int]:
        if name not in targets:
            raise UnsupportedModelError(f"a kernel cannot set '{name}' during a course")
        return targets[name]

    found = []
    for item in inputs:
        if isinstance(item, Step):
            if item.time == time:
                found += [Operation(target(name), v) for name, v in item.values.items()]
        elif item.end == time:
            found += [Operation(target(slopes[item.id]), 0.0),
                      Operation(target(item.id), item.to)]  # fmt: skip
    for item in inputs:  # a ramp starts from where another has just ended
        if isinstance(item, Ramp) and item.start == time:
            _, slope, _ = target(slopes[item.id])
            _, state, _ = target(item.id)
            found.append(Operation((SET_SLOPE, slope, state), item.to, item.end - time))
    return found
