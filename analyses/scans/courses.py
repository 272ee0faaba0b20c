"""Time courses as points of a scan: how long, what happens on the way, what is kept of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from transport_model.simulation.courses import RELATIVE_TOLERANCE, Courses
from transport_model.simulation.inputs import Input, Step, check_inputs

from ..reductions import Reduction, read_reduction

if TYPE_CHECKING:
    from transport_model.many_courses import ManyCourses


@dataclass(frozen=True)
class Course:
    """A time course that every point of a scan takes, and what is kept of it.

    Attributes
    ----------
    end
        Last time point, in the model's unit of time (s); the first is zero.
    points
        Number of equally spaced points, both ends included.
    reduce
        What to keep: :class:`~transport_model.analyses.reductions.Reduction` or its text, in a
        sequence, or by column name in a mapping.
    inputs
        Steps and ramps, the same for every point.
    relative_tolerance
        CVODE's, as for :func:`transport_model.simulate`.

    Raises
    ------
    InputError
        There is nothing to keep, two columns have one name, or a time lies outside the course.
    """

    end: float
    points: int
    reduce: Mapping[str, Reduction | str] | Sequence[Reduction | str]
    inputs: Sequence[Input] = ()
    relative_tolerance: float = RELATIVE_TOLERANCE

    def __post_init__(self) -> None:
        if isinstance(self.reduce, str):
            raise InputError(f"reduce takes a list, such as ['{self.reduce}']")
        if not self.reduce:
            raise InputError("a course needs something to keep of it, such as 'Na_i:final'")
        for reduction in self.reductions.values():
            for time in reduction.times:
                if not 0 <= time <= self.end:
                    raise InputError(
                        f"'{reduction.text}': the course runs from 0 to {self.end:g},"
                        f" and has no value at {time:g}"
                    )

    @property
    def reductions(self) -> dict[str, Reduction]:
        """Every reduction by the name of its column."""
        if isinstance(self.reduce, Mapping):
            return {name: _reduction(item) for name, item in self.reduce.items()}
        found: dict[str, Reduction] = {}
        for reduction in map(_reduction, self.reduce):
            if reduction.column in found:
                raise InputError(f"'{reduction.text}' is asked for more than once")
            found[reduction.column] = reduction
        return found

    def units(self, model: Model) -> dict[str, str]:
        """Return the unit of every column it makes.

        Parameters
        ----------
        model
            The model that is simulated.

        Returns
        -------
        dict
            Units by column.
        """
        time = model.units["time"]
        return {
            name: item.unit(model.unit(item.of), time) for name, item in self.reductions.items()
        }

    def description(self) -> dict[str, Any]:
        """Return everything that determines the results, as plain JSON values."""
        return {
            "end": float(self.end),
            "points": int(self.points),
            "relative_tolerance": float(self.relative_tolerance),
            "reduce": {name: item.description() for name, item in self.reductions.items()},
            "inputs": [_input_description(item) for item in self.inputs],
        }


def _reduction(item: Reduction | str) -> Reduction:
    return item if isinstance(item, Reduction) else read_reduction(item)


def _input_description(item: Input) -> dict[str, Any]:
    if isinstance(item, Step):
        values = {name: float(value) for name, value in item.values.items()}
        return {"step": {"time": float(item.time), "values": values}}
    return {
        "ramp": {
            "id": item.id,
            "start": float(item.start),
            "end": float(item.end),
            "to": float(item.to),
        }
    }


def reduced_courses(
    model: Model,
    design: pd.DataFrame,
    course: Course,
    kernel: bool,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Follow a course from the values of every row of a checked design.

    Parameters
    ----------
    model, design, course
        What is followed, from where, and what is kept.
    kernel
        Whether machine code follows them; rows that it does not bring to their end are
        libRoadRunner's all the same.
    threads
        Of a kernel.
    progress
        Called with the number of rows just done.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`: a column per reduction, ``converged``, ``status`` and ``residual``
        (NaN: a course has none). A row whose course failed holds NaN.

    Raises
    ------
    UnknownIdError
        A reduction or an input names nothing in the model's results.
    InputError
        The course makes no sense for the model, or a column has the name of another.
    UnsupportedModelError, ComputationError
        There is no kernel of the model for this course.
    """
    given = list(map(str, design.columns))
    reductions = course.reductions
    for name in reductions:
        if name in (*given, "converged", "status", "residual"):
            raise InputError(f"the column '{name}' of a course has the name of another column")
    courses = Courses(
        model,
        course.end,
        course.points,
        inputs=course.inputs,
        own_breaks=True,
        outputs=list(dict.fromkeys(item.of for item in reductions.values())),
        relative_tolerance=course.relative_tolerance,
    )
    values = np.full((len(design), len(reductions)), np.nan)
    labels = np.full(len(design), "", dtype=object)
    if kernel:
        _by_kernel(model, design, course, values, labels, threads, progress)
    left = np.flatnonzero(labels == "")
    _one_by_one(model, design.iloc[left], courses, reductions, values, labels, left,
                None if kernel else progress)  # fmt: skip
    result = pd.DataFrame(values, index=design.index, columns=list(reductions))
    result["converged"] = labels == str(Status.OK)
    result["status"] = labels
    result["residual"] = np.nan
    return result


def kernel_courses(model: Model, columns: Sequence[str], course: Course) -> ManyCourses:
    """Return a course for machine code, compiled if need be.

    Returns
    -------
    ManyCourses
        For designs with the given columns.

    Raises
    ------
    UnsupportedModelError, ComputationError
        There is none.
    """
    from transport_model.many_courses import many_courses

    inputs = check_inputs(model, course.inputs, 0.0, float(course.end))
    outputs = dict.fromkeys(item.of for item in course.reductions.values())
    times = np.linspace(0.0, float(course.end), int(course.points))
    return many_courses(model, columns, times, inputs, list(outputs))


def _by_kernel(
    model: Model,
    design: pd.DataFrame,
    course: Course,
    values: np.ndarray,
    labels: np.ndarray,
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> None:
    """Fill in the rows that a kernel brings to their end."""
    many = kernel_courses(model, list(map(str, design.columns)), course)
    kept = [(item, many.outputs.index(item.of)) for item in course.reductions.values()]

    def use(rows: slice, arrived: np.ndarray, found: np.ndarray) -> None:
        good = arrived & np.isfinite(found).all(axis=(0, 1))
        with np.errstate(all="ignore"):
            for place, (item, at) in enumerate(kept):
                values[rows, place] = item.of_many(many.plan.times, found[at].T)
        values[rows][~good] = np.nan
        labels[rows][good] = str(Status.OK)

    many.follow(design, course.relative_tolerance, use, threads=threads, progress=progress)


def _one_by_one(
    model: Model,
    design: pd.DataFrame,
    courses: Courses,
    reductions: Mapping[str, Reduction],
    values: np.ndarray,
    labels: np.ndarray,
    places: np.ndarray,
    progress: Callable[[int], object] | None,
) -> None:
    """Fill in the rows at some places by libRoadRunner."""
    given = list(map(str, design.columns))
    kept = [(item, 1 + courses.columns.index(item.of)) for item in reductions.values()]
    points = np.array([pd.to_numeric(design[name]).to_numpy(float) for name in given])
    for place, point in zip(places, points.T, strict=True):
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
                columns = np.ascontiguousarray(table.T)
                values[place] = [reduce(columns[0], columns[at]) for reduce, at in kept]
                labels[place] = str(Status.OK)
        if progress is not None:
            progress(1)
