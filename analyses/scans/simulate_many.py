"""Whole time courses of many points, in one long table."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import column_units, with_units
from transport_model.errors import UnknownIdError
from transport_model.model import check_model
from transport_model.simulation.inputs import Input, check_inputs, course_times, row_times
from transport_model.simulation.tolerances import RELATIVE_TOLERANCE

from .following import Way, course_columns, follow_all
from .scan import Engine, checked_design, usable_courses

#: Name of the column that tells how each course ended.
STATUS = "status"


def simulate_many(
    model: Model,
    design: pd.DataFrame,
    end: float,
    points: int,
    *,
    start: float = 0.0,
    inputs: Sequence[Input] = (),
    outputs: Sequence[str] | None = None,
    engine: Engine | str = Engine.AUTO,
    relative_tolerance: float = RELATIVE_TOLERANCE,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Integrate a model from the values of every row of a design.

    What is kept of courses, rather than all of them, is had of :func:`transport_model.scan` with a
    :class:`~transport_model.Course`, in far less memory.

    Parameters
    ----------
    model
        Values for what the design does not give.
    design
        One row per course, one column per quantity, in model units.
    end, points, start, inputs, relative_tolerance
        As for :func:`transport_model.simulate`; the same for every row.
    outputs
        Columns to return; by default all that :func:`transport_model.simulate` does.
    engine
        ``"kernel"`` follows courses with code compiled for this model (some tens of microseconds a
        course, about two seconds to compile once and for all); what it does not bring to its end
        goes to libRoadRunner. ``"roadrunner"`` follows them one by one (some milliseconds each).
        ``"auto"`` takes the kernel where there is one and the work is worth it. States are the same
        by both to ten times the tolerance, relative to the largest of each in its course.
    threads
        For the kernel; all cores by default. Results do not depend on it.
    progress
        Called now and then with the number of rows done since the last call.

    Returns
    -------
    pandas.DataFrame
        The table that :func:`transport_model.simulate` returns for each row, below one another:
        indexed by the row's label in `design` and ``time``, with the same columns and units. A
        last column ``status`` holds ``ok``, or in all times of a course that failed how it did;
        its values are NaN then. (Where the model has a ``status``, underscores follow.)

    Raises
    ------
    UnknownIdError
        A column, an output or an input names nothing in the model.
    InputError
        The design is empty, a value is no finite number or outside its quantity's domain, or the
        course makes no sense.
    UnsupportedModelError
        ``engine="kernel"``, and there is none for this model and these inputs.
    ComputationError
        ``engine="kernel"``, and none can be compiled here.

    Warns
    -----
    KernelWarning
        A kernel cannot be compiled here, and ``"auto"`` does without; or cannot be kept.
    """
    check_model(model)
    table = checked_design(model, design, outputs)
    engine = Engine.named(engine)
    start, end, points = course_times(start, end, points)
    inputs = check_inputs(model, inputs, start, end)
    known = course_columns(model, inputs)
    for name in outputs or ():
        if name not in known:
            raise UnknownIdError.of(name, known, f"the course of '{model.name}'")
    columns = [name for name in known if outputs is None or name in outputs]
    way = Way(end, points, start, inputs, relative_tolerance, columns)
    times = np.array(row_times(inputs, np.linspace(start, end, points)))
    values = np.full((len(table), len(times), len(columns)), np.nan)

    def use(places: np.ndarray, good: np.ndarray, _: np.ndarray, found: np.ndarray) -> None:
        values[places[good]] = found[..., good].transpose(2, 1, 0)

    many = usable_courses(model, list(map(str, table.columns)), way, engine, len(table))
    labels = follow_all(model, table, way, many, use, threads=threads, progress=progress)
    course = pd.DataFrame(values.reshape(-1, len(columns)), columns=columns, copy=False)
    course.index = _index(design.index, times)
    status = STATUS
    while status in known:
        status += "_"
    course[status] = np.repeat(labels, len(times))
    return with_units(course, column_units(model, ["time", *columns]))


def _index(rows: pd.Index, times: np.ndarray) -> pd.MultiIndex:
    """Return an index of rows and times, in the order of both."""
    names = [name if name is not None else f"row{'' if rows.nlevels == 1 else place}"
             for place, name in enumerate(rows.names)]  # fmt: skip
    levels = [rows.get_level_values(place).repeat(len(times)) for place in range(rows.nlevels)]
    return pd.MultiIndex.from_arrays([*levels, np.tile(times, len(rows))], names=[*names, "time"])
