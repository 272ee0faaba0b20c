"""Time courses as points of a scan: how long, what happens on the way, what is kept of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.errors import InputError
from transport_model.simulation.inputs import Input, Step
from transport_model.simulation.tolerances import RELATIVE_TOLERANCE

from ..reductions import Reduction, read_reduction
from .following import Way, follow_all

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

    @property
    def way(self) -> Way:
        """How it is followed, and what of it has to be computed."""
        return Way(
            self.end,
            self.points,
            0.0,
            self.inputs,
            self.relative_tolerance,
            list(dict.fromkeys(item.of for item in self.reductions.values())),
            own_breaks=True,
        )

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
    many: ManyCourses | None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Follow a course from the values of every row of a checked design.

    Parameters
    ----------
    model, design, course
        What is followed, from where, and what is kept.
    many
        Machine code that follows them, or None.
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
        The course makes no sense for the model.
    """
    reductions = course.reductions
    way = course.way
    kept = [(item, way.outputs.index(item.of)) for item in reductions.values()]
    values = np.full((len(design), len(reductions)), np.nan)

    def use(places: np.ndarray, good: np.ndarray, times: np.ndarray, found: np.ndarray) -> None:
        with np.errstate(all="ignore"):
            for column, (item, at) in enumerate(kept):
                values[places, column] = item.of_many(times, found[at].T)
        values[places[~good]] = np.nan

    labels = follow_all(model, design, way, many, use, threads=threads, progress=progress)
    result = pd.DataFrame(values, index=design.index, columns=list(reductions))
    result["converged"] = labels == str(Status.OK)
    result["status"] = labels
    result["residual"] = np.nan
    return result
