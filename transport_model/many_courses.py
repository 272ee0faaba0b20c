"""Time courses of many points by machine code, with the inputs that libRoadRunner takes, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    """

    model: Model
    kernel: CourseKernel
    plan: Schedule
    outputs: tuple[str, ...]

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
        self.kernel.follow(self.model, design, self.plan, self.outputs, tolerance, use,
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
    for name in outputs:
        if name not in kernel.outputs:
            raise UnsupportedModelError(f"a kernel does not return '{name}' of a course")
    targets = kernel.targets
    stops = []
    begin, end = float(times[0]), float(times[-1])
    steps = {item.time for item in inputs if isinstance(item, Step)}
    if begin in steps:
        stops.append(Stop(begin, begin, ()))
    for piece in course_pieces(inputs, times):
        done = tuple(_operations(piece[0], inputs, slopes, targets))
        stops += [Stop(time, piece[-1], () if place else done) for place, time in enumerate(piece)]
    if end in steps:
        stops.append(Stop(end, end, tuple(_operations(end, inputs, slopes, targets))))
    return ManyCourses(model, kernel, schedule_of(stops), tuple(outputs))


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
