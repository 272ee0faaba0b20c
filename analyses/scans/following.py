"""Courses of all rows of a design: by machine code, and what that leaves by libRoadRunner."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.errors import (
    InputError,
    SimulationError,
    UnknownIdError,
    UnsupportedModelError,
)
from transport_model.simulation.columns import selections_of
from transport_model.simulation.inputs import (
    Input,
    changed_ids,
    check_inputs,
    checked_tolerance,
    course_times,
)

if TYPE_CHECKING:
    from transport_model.many_courses import ManyCourses
    from transport_model.simulation.courses import Courses

#: Takes some rows, by their places in the design, whether the course of each came to its end, the
#: times, and the courses, shaped (outputs, times, rows).
Use = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], object]


def course_columns(model: Model, inputs: Sequence[Input]) -> list[str]:
    """Return the columns of a course with some inputs, in the order of results."""
    return list(dict.fromkeys([*selections_of(model), *changed_ids(inputs)]))


@dataclass(frozen=True)
class Way:
    """The way of a course: what :func:`transport_model.simulate` is told besides the model.

    Attributes
    ----------
    end, points, start, inputs, relative_tolerance
        As for :func:`transport_model.simulate`.
    outputs
        Columns to compute.
    own_breaks
        Whether the times at which the model itself switches get rows of their own.

    Raises
    ------
    InputError
        A time, the number of points or the tolerance makes no sense.
    """

    end: float
    points: int
    start: float
    inputs: Sequence[Input]
    relative_tolerance: float
    outputs: Sequence[str]
    own_breaks: bool = False

    def __post_init__(self) -> None:
        course_times(self.start, self.end, self.points)
        checked_tolerance(self.relative_tolerance)

    def by_kernel(self, model: Model, columns: Sequence[str]) -> ManyCourses:
        """Return the way for machine code, compiled if need be, from designs with some columns.

        Raises
        ------
        UnknownIdError, InputError
            An output or an input names nothing in the model, or makes no sense for it.
        UnsupportedModelError, ComputationError
            There is none.
        """
        from transport_model.many_courses import many_courses

        start, end, points = course_times(self.start, self.end, self.points)
        inputs = check_inputs(model, self.inputs, start, end)
        known = course_columns(model, inputs)
        for name in self.outputs:
            if name not in known:
                raise UnknownIdError.of(name, known, f"the results of '{model.name}'")
        times = np.linspace(start, end, points)
        return many_courses(model, columns, times, inputs, self.outputs)

    def by_roadrunner(self, model: Model) -> Courses:
        """Return the way for libRoadRunner, compiled there if need be."""
        from transport_model.simulation.courses import Courses

        return Courses(
            model,
            self.end,
            self.points,
            start=self.start,
            inputs=self.inputs,
            own_breaks=self.own_breaks,
            outputs=list(self.outputs),
            relative_tolerance=self.relative_tolerance,
        )


def follow_all(
    model: Model,
    design: pd.DataFrame,
    way: Way,
    many: ManyCourses | None,
    use: Use,
    *,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> np.ndarray:
    """Follow the course of every row of a checked design.

    Parameters
    ----------
    model, design, way
        What is followed, from where, and how.
    many
        Machine code that follows it; rows that it does not bring to their end are libRoadRunner's
        all the same. None leaves all to libRoadRunner.
    use
        What is done with courses, some at a time, in any order.
    threads
        Of a kernel.
    progress
        Called with the number of rows just done.

    Returns
    -------
    numpy.ndarray
        A status word for each row.

    Raises
    ------
    UnknownIdError
        An output or an input names nothing in the model's results.
    InputError
        The course makes no sense for the model.
    """
    labels = np.full(len(design), "", dtype=object)
    if many is not None:
        times = many.plan.times

        def finished(rows: slice, arrived: np.ndarray, found: np.ndarray) -> None:
            good = arrived & np.isfinite(found).all(axis=(0, 1))
            use(np.arange(rows.start, rows.stop), good, times, found)
            labels[rows][good] = str(Status.OK)

        many.follow(design, way.relative_tolerance, finished, threads=threads, progress=progress)
        progress = None
    left = np.flatnonzero(labels == "")
    if many is None or len(left):
        _one_by_one(model, design, left, way.by_roadrunner(model), way.outputs, use, labels,
                    progress)  # fmt: skip
    return labels


def _one_by_one(
    model: Model,
    design: pd.DataFrame,
    places: np.ndarray,
    courses: Courses,
    outputs: Sequence[str],
    use: Use,
    labels: np.ndarray,
    progress: Callable[[int], object] | None,
) -> None:
    """Follow the rows at some places by libRoadRunner."""
    given = list(map(str, design.columns))
    kept = [1 + courses.columns.index(name) for name in outputs]
    for place, point in zip(places, design.to_numpy(dtype=float)[places], strict=True):
        try:
            courses.restart({**model.changes, **dict(zip(given, point.tolist(), strict=True))})
            table = courses.follow()
        except SimulationError:
            labels[place] = str(Status.GAVE_UP)
        except (UnknownIdError, UnsupportedModelError):
            raise  # what is wrong with the model is so in every row
        except InputError as error:
            labels[place] = f"{Status.NO_START}: {error}"
        else:
            if courses.not_finite(table) or courses.lost(table):
                labels[place] = str(Status.NOT_FINITE)
            else:
                found = np.ascontiguousarray(table.T)
                use(np.array([place]), np.ones(1, dtype=bool), found[0], found[kept][:, :, None])
                labels[place] = str(Status.OK)
        if progress is not None:
            progress(1)
