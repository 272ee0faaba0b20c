"""Scans: the steady state, or a time course, at every row of a design."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.columns import column_units, with_units
from transport_model.errors import (
    ComputationError,
    InputError,
    KernelWarning,
    SteadyStateError,
    UnknownIdError,
    UnsupportedModelError,
    one_line,
)
from transport_model.model import check_model
from transport_model.ranges import warn_outside

from .designs.base import check_design, extremes

if TYPE_CHECKING:
    from transport_model.kernels.kernel import Kernel
    from transport_model.many_courses import ManyCourses

    from .courses import Course
    from .following import Way

#: What a scan says of each row besides the model's own quantities.
VERDICT_COLUMNS = ["converged", "status", "residual"]
#: A column on request, beside them: the bound of the relative error of a row's states.
ERROR = "error"
#: Points, and courses, from which compiling a kernel takes less time than it saves.
WORTH_COMPILING, COURSES_WORTH_COMPILING = 1000, 500


class Engine(StrEnum):
    """What solves the points of a scan."""

    #: The kernel where there is one and the work is worth it, libRoadRunner otherwise.
    AUTO = "auto"
    #: Code compiled for the model: microseconds a point.
    KERNEL = "kernel"
    #: libRoadRunner, one point after another: a millisecond a point.
    ROADRUNNER = "roadrunner"

    @classmethod
    def named(cls, name: str) -> Engine:
        """Return the engine of a name; InputError if there is none."""
        try:
            return cls(name)
        except ValueError:
            raise InputError(f"engine must be auto, kernel or roadrunner, not '{name}'") from None


def scan(
    model: Model,
    design: pd.DataFrame,
    *,
    course: Course | None = None,
    engine: Engine | str = Engine.AUTO,
    outputs: Sequence[str] | None = None,
    threads: int | None = None,
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Solve the steady state, or follow a time course, at each row of a design.

    Parameters
    ----------
    model
        Values for what the design does not give.
    design
        One row per point, one column per quantity, in model units.
    course
        Run this from the values of each row instead of looking for a steady state; a row's results
        are what its reductions make of :func:`transport_model.simulate`'s.
    engine
        ``"kernel"`` solves all points with code compiled for this model (a microsecond a point,
        about two seconds to compile once and for all; some tens of microseconds where a model may
        have several states, and for a course); what it does not bring to its end goes to
        libRoadRunner. ``"roadrunner"`` solves them one by one (a few milliseconds a point).
        ``"auto"`` takes the kernel where there is one and the work is worth it.
    outputs
        Columns to return besides the design; all by default. ``"error"``, which is none of them by
        default, is the bound of the relative error of a row's states, as
        :attr:`~transport_model.SteadyState.error` has it; about a millisecond a point, by whichever
        engine. Of a course, columns of reductions.
    threads
        For the kernel; all cores by default. Results do not depend on it.
    progress
        Called now and then with the number of points done since the last call.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`, one row each: its columns; species [concentration], amounts
        ``n_<id>``, rules and fluxes; ``converged``, ``status`` and ``residual``. A point without
        a certified steady state holds NaN and says why. Where the design gives the starting value
        of what moves, that column is called ``start_of_<id>``. With a course, a column per
        reduction stands in place of the quantities, and ``residual`` is NaN. Units of the columns
        in ``attrs["units"]``.

    Raises
    ------
    UnknownIdError
        A column, an output or a reduction names nothing in the model.
    InputError
        The design is empty, a value is no finite number or outside its quantity's domain, or the
        course makes no sense.
    UnsupportedModelError
        No steady state is defined for the model, or ``engine="kernel"`` and there is none for it.
    ComputationError
        ``engine="kernel"`` and none can be compiled here.

    Warns
    -----
    KernelWarning
        A kernel cannot be compiled here, and ``"auto"`` does without; or cannot be kept.
    """
    check_model(model)
    checked = checked_design(model, design, outputs)
    warn_outside(
        model.name, extremes({str(n): c.to_numpy() for n, c in checked.items()}), model.unit
    )
    engine = Engine.named(engine)
    if course is not None:
        table = _follow(model, design, course, engine, outputs, threads, progress)
        of_reductions = course.units(model)
        return with_units(table, {**column_units(model, table.columns), **of_reductions})
    table = _solved(model, design, engine, outputs, threads, progress)
    return with_units(table, column_units(model, table.columns))


def checked_design(
    model: Model, design: pd.DataFrame, outputs: Sequence[str] | None
) -> pd.DataFrame:
    """Return a design as names and floats; raise InputError unless it and `outputs` make sense."""
    if not isinstance(design, pd.DataFrame):
        raise InputError(f"a design is a table, not {type(design).__name__}")
    a_list = isinstance(outputs, Sequence) and not isinstance(outputs, str)
    if outputs is not None and not (a_list and all(isinstance(name, str) for name in outputs)):
        raise InputError(f"outputs is a list of columns' names, not {outputs!r:.40}")
    return check_design(design, model=model)


def _solved(
    model: Model,
    design: pd.DataFrame,
    engine: Engine,
    outputs: Sequence[str] | None,
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> pd.DataFrame:
    columns = list(map(str, design.columns))
    kernel = None
    if engine is Engine.KERNEL or (engine is Engine.AUTO and _kernel_pays(model, design)):
        kernel = usable_kernel(model, columns, engine)
    if kernel is None:
        return one_by_one(model, design, outputs, progress)
    return _by_kernel(kernel, model, design, outputs, threads, progress)


def usable_kernel(model: Model, columns: Sequence[str], engine: Engine) -> Kernel | None:
    """Return the kernel of a model for designs with the given columns.

    Returns
    -------
    Kernel or None
        None where there is none, and ``engine="auto"`` does without.

    Raises
    ------
    UnsupportedModelError, ComputationError
        There is none, and ``engine="kernel"`` asks for it.

    Warns
    -----
    KernelWarning
        There could be one, but it cannot be compiled here.
    """
    from transport_model.kernels.kernel import kernel_for

    try:
        return kernel_for(model, columns)
    except (UnsupportedModelError, ComputationError) as error:
        if engine is Engine.KERNEL:
            raise
        if isinstance(error, ComputationError):
            text = one_line(f"points are solved one by one, which takes longer: {error}")
            warnings.warn(text, KernelWarning, stacklevel=2)
    return None


def _follow(
    model: Model,
    design: pd.DataFrame,
    course: Course,
    engine: Engine,
    outputs: Sequence[str] | None,
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> pd.DataFrame:
    from .courses import reduced_courses

    known = course.reductions
    for name in outputs or ():
        if name not in known and name not in design.columns:
            raise UnknownIdError.of(name, [*known, *map(str, design.columns)], "this course")
    given = list(map(str, design.columns))
    for name in known:
        if name in (*given, *VERDICT_COLUMNS):
            raise InputError(f"the column '{name}' of a course has the name of another column")
    many = usable_courses(model, given, course.way, engine, len(design))
    table = reduced_courses(model, design, course, many, threads, progress)
    unwanted = [name for name in known if outputs is not None and name not in outputs]
    return pd.concat([_points(model, design), table.drop(columns=unwanted)], axis=1)


def usable_courses(
    model: Model, columns: Sequence[str], way: Way, engine: Engine, count: int
) -> ManyCourses | None:
    """Return machine code for courses from designs with the given columns and number of rows.

    Returns
    -------
    ManyCourses or None
        None where `engine` wants none, or ``"auto"`` does without: there is none, or the rows are
        too few to be worth it.

    Raises
    ------
    UnsupportedModelError, ComputationError
        There is none, and ``engine="kernel"`` asks for it.

    Warns
    -----
    KernelWarning
        There could be one, but it cannot be compiled here.
    """
    few = engine is Engine.AUTO and count < COURSES_WORTH_COMPILING
    if engine is Engine.ROADRUNNER or few:
        return None
    try:
        return way.by_kernel(model, columns)
    except (UnsupportedModelError, ComputationError) as error:
        if engine is Engine.KERNEL:
            raise
        if isinstance(error, ComputationError):
            text = one_line(f"courses are followed one by one, which takes longer: {error}")
            warnings.warn(text, KernelWarning, stacklevel=2)
    return None


def _kernel_pays(model: Model, design: pd.DataFrame) -> bool:
    from transport_model.kernels.kernel import is_cached

    return len(design) >= WORTH_COMPILING or is_cached(model, list(map(str, design.columns)))


def _by_kernel(
    kernel: Kernel,
    model: Model,
    design: pd.DataFrame,
    outputs: Sequence[str] | None,
    threads: int | None,
    progress: Callable[[int], object] | None,
) -> pd.DataFrame:
    from transport_model.kernels.kernel import STATUS

    given = list(map(str, design.columns))
    outputs, with_error = _without_error(outputs, kernel.columns, given)
    wanted = _chosen(kernel.columns, outputs, given, model)
    # The error follows from all states
    solved = [name for name in kernel.outputs if name in wanted or with_error]
    results = np.full((len(design), len(solved)), np.nan)
    status, residuals = kernel.solve(
        model, design, results, outputs=solved, threads=threads, progress=progress
    )
    # What names the time is no output of a kernel, and NaN in a steady state
    block = results
    if solved != wanted:
        block = np.full((len(design), len(wanted)), np.nan)
        for place, name in enumerate(wanted):
            if name in solved:
                block[:, place] = results[:, solved.index(name)]
    errors = _errors(model, design, results, solved, status == 0) if with_error else None
    labels = np.array([str(item) for item in STATUS], dtype=object)[status]
    again = np.flatnonzero(status != 0)
    if len(again):
        asked = wanted if errors is None else [*wanted, ERROR]
        rows = one_by_one(model, design.iloc[again], asked, None)
        if errors is not None:
            errors[again] = rows[ERROR].to_numpy()
        block[again] = rows[wanted].to_numpy(dtype=float)
        labels[again] = rows["status"].to_numpy()
        residuals[again] = rows["residual"].to_numpy()
    table = pd.DataFrame(block, index=design.index, columns=wanted, copy=False)
    table["converged"] = np.isfinite(residuals) & (labels == Status.OK)
    table["status"] = labels
    table["residual"] = residuals
    if errors is not None:
        table[ERROR] = errors
    return pd.concat([_points(model, design), table], axis=1)


def _errors(
    model: Model,
    design: pd.DataFrame,
    results: np.ndarray,
    names: Sequence[str],
    solved: np.ndarray,
) -> np.ndarray:
    """Return the error of the states of each solved row, as a single solve's certificate has it."""
    from transport_model.mathematics.certification import Examiner

    given = list(map(str, design.columns))
    errors = np.full(len(design), np.nan)
    points = design.to_numpy(dtype=float)
    for row in np.flatnonzero(solved):
        point = dict(zip(given, points[row].tolist(), strict=True))
        examiner = Examiner(model.with_values(**point))
        states = examiner.states_of(dict(zip(names, results[row].tolist(), strict=True)))
        errors[row] = examiner.examine(states).error
    return errors


def _without_error(
    outputs: Sequence[str] | None, columns: Sequence[str], given: Sequence[str]
) -> tuple[Sequence[str] | None, bool]:
    """Return the outputs that the model has, and whether the error of the states is another."""
    if outputs is None or ERROR not in outputs or ERROR in columns or ERROR in given:
        return outputs, False
    return [name for name in outputs if name != ERROR], True


def one_by_one(
    model: Model,
    design: pd.DataFrame,
    outputs: Sequence[str] | None,
    progress: Callable[[int], object] | None,
) -> pd.DataFrame:
    """Return what :func:`scan` does, each row solved by itself along its course."""
    from transport_model import steady_state
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.evaluation import result_columns

    given = list(map(str, design.columns))
    equations = read_equations(model.sbml)
    columns = result_columns(equations, model)
    outputs, with_error = _without_error(outputs, columns, given)
    columns = _chosen(columns, outputs, given, model)
    values = np.full((len(design), len(columns)), np.nan)
    errors = np.full(len(design), np.nan)
    verdicts: list[tuple[bool, str, float]] = []
    for row, point in enumerate(design.itertuples(index=False, name=None)):
        try:
            state = steady_state(model.with_values(**dict(zip(given, point, strict=True))))
        except SteadyStateError as error:
            verdicts.append((False, error.status, np.nan))
        except UnsupportedModelError:
            raise
        except (ComputationError, InputError) as error:
            verdicts.append((False, f"{Status.NO_START}: {error}", np.nan))
        else:
            values[row] = state.values[columns].to_numpy()
            errors[row] = state.error
            verdicts.append((True, state.status, state.residual))
        if progress is not None:
            progress(1)
    results = pd.DataFrame(values, index=design.index, columns=columns)
    verdict = pd.DataFrame(verdicts, index=design.index, columns=VERDICT_COLUMNS)
    if with_error:
        verdict[ERROR] = errors
    return pd.concat([_points(model, design), results, verdict], axis=1)


def _chosen(
    columns: Sequence[str], outputs: Sequence[str] | None, given: Sequence[str], model: Model
) -> list[str]:
    """Return the result columns that are wanted and not in the design, in their usual order."""
    for name in outputs or ():
        if name not in columns and name not in given:
            raise UnknownIdError.of(name, [*columns, *given], f"the results of '{model.name}'")
    held = set(given) - set(model.start_columns)
    return [n for n in columns if n not in held and (outputs is None or n in outputs)]


def _points(model: Model, design: pd.DataFrame) -> pd.DataFrame:
    """Return the design as it stands in a result: a starting value is no result of its species."""
    return design.rename(columns=dict(model.start_columns))
