"""Time courses as points of a scan: how long, what happens on the way, what is kept of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.certificate import Status
from transport_model.errors import (
    InputError,
    SimulationError,
    UnknownIdError,
    UnsupportedModelError,
    did_you_mean,
)
from transport_model.simulation.courses import RELATIVE_TOLERANCE, Courses
from transport_model.simulation.inputs import Input, Step


def _area(times: np.ndarray, values: np.ndarray) -> float:
    return float(np.trapezoid(values, times))


def _crossing(times: np.ndarray, values: np.ndarray, level: float) -> float:
    """Return the first time at which values reach a level, between points by a straight line."""
    above = values - level
    with np.errstate(invalid="ignore"):
        reached = np.flatnonzero((above[:-1] * above[1:] <= 0) | (above[:-1] == 0))
    if not len(reached):
        return math.nan
    at = int(reached[0])
    if above[at] == 0:
        return float(times[at])
    share = above[at] / (above[at] - above[at + 1])
    return float(times[at] + share * (times[at + 1] - times[at]))


def _value_at(times: np.ndarray, values: np.ndarray, at: float) -> float:
    """Return the value at a time, between points by a straight line; after a jump, if one is."""
    right = int(np.searchsorted(times, at, side="right"))
    if right == len(times) or times[right - 1] == at:
        return float(values[right - 1])
    share = (at - times[right - 1]) / (times[right] - times[right - 1])
    return float(values[right - 1] + share * (values[right] - values[right - 1]))


#: What can be taken of a course, by name: functions of its times, its values and a number.
_TAKE: Mapping[str, Callable[[np.ndarray, np.ndarray, float], float]] = {
    "final": lambda t, y, _: float(y[-1]),
    "initial": lambda t, y, _: float(y[0]),
    "change": lambda t, y, _: float(y[-1] - y[0]),
    "min": lambda t, y, _: float(y.min()),
    "max": lambda t, y, _: float(y.max()),
    "mean": lambda t, y, _: _area(t, y) / float(t[-1] - t[0]),
    "area": lambda t, y, _: _area(t, y),
    "time_of_min": lambda t, y, _: float(t[y.argmin()]),
    "time_of_max": lambda t, y, _: float(t[y.argmax()]),
    "time_to": _crossing,
    "value": _value_at,
}
#: Which of them need a number, and what it is called.
_NUMBER = {"time_to": "level", "value": "at"}
#: Names of everything that can be taken of a course.
REDUCTIONS = tuple(_TAKE)


@dataclass(frozen=True)
class Reducer:
    """What is kept of one quantity's course: one number.

    Attributes
    ----------
    of
        A column that :func:`transport_model.simulate` returns.
    take
        ``final``, ``initial``, ``change`` (final less initial), ``min``, ``max``,
        ``time_of_min``, ``time_of_max`` (the first, among the course's points), ``area``
        (trapezoids, in the quantity's unit times the model's of time), ``mean`` (the area over
        the duration), ``time_to`` (when `level` is first reached, on a straight line between
        points; NaN if it never is) or ``value`` (at the time `at`, on such a line; after the jump
        where an input makes one).
    level
        For ``time_to``, in the quantity's unit.
    at
        For ``value``, in the model's unit of time.

    Raises
    ------
    InputError
        No such reducer, or a number is missing, superfluous or not finite.
    """

    of: str
    take: str
    level: float | None = None
    at: float | None = None

    def __post_init__(self) -> None:
        if self.take not in _TAKE:
            hint = did_you_mean(self.take, REDUCTIONS) or ";"
            raise InputError(f"no reducer '{self.take}'{hint} there are: {', '.join(REDUCTIONS)}")
        needed = _NUMBER.get(self.take)
        for name, number in (("level", self.level), ("at", self.at)):
            if number is None and name == needed:
                example = f"{self.of}:{self.take}:10"
                raise InputError(f"the reducer '{self.take}' needs a number, as in '{example}'")
            if number is not None and name != needed:
                raise InputError(f"the reducer '{self.take}' takes no {name}")
            if number is not None and not math.isfinite(number):
                raise InputError(f"'{name}' of a reducer must be a finite number, not {number}")

    @property
    def number(self) -> float:
        """The level or time it needs; NaN if it needs none."""
        given = self.level if self.level is not None else self.at
        return math.nan if given is None else float(given)

    @property
    def column(self) -> str:
        """What its column in a result is called: ``V_m_max``, ``V_m_time_to_-30``."""
        return "_".join(self._parts)

    @property
    def text(self) -> str:
        """The form that :func:`reducer_of` reads: ``V_m:max``, ``V_m:time_to:-30``."""
        return ":".join(self._parts)

    @property
    def _parts(self) -> list[str]:
        if self.take not in _NUMBER:
            return [self.of, self.take]
        short = f"{self.number:g}"
        exact = short if float(short) == self.number else repr(self.number)
        return [self.of, self.take, exact]

    def __call__(self, times: np.ndarray, values: np.ndarray) -> float:
        """Reduce a course: `values` at `times`, both shaped (points,)."""
        return _TAKE[self.take](times, values, self.number)

    def unit(self, model: Model) -> str:
        """Return the unit of the result, or an empty string if it is not known."""
        time, own = model.units["time"], model.unit(self.of)
        if self.take.startswith("time_"):
            return time
        if self.take != "area" or not own or not time:
            return own if self.take != "area" else ""
        return own.removesuffix(f"/{time}") if own.endswith(f"/{time}") else f"{own}·{time}"

    def description(self) -> dict[str, Any]:
        """Return the reducer as plain JSON values."""
        number = {_NUMBER[self.take]: self.number} if self.take in _NUMBER else {}
        return {"of": self.of, "take": self.take, **number}


def reducer_of(text: str) -> Reducer:
    """Read a reducer: ``Na_i:final``, ``J_sglt:area``, ``V_m:time_to:-30``, ``V_m:value:60``.

    Parameters
    ----------
    text
        Column, word and number, as above.

    Returns
    -------
    Reducer
        What is taken of a course, once the column is known to be one.

    Raises
    ------
    InputError
        The text has another form, or there is no such reducer.
    """
    of, *rest = (part.strip() for part in text.split(":"))
    if not of or not 1 <= len(rest) <= 2 or not all(rest):
        raise InputError(
            f"a reducer is written QUANTITY:WHAT, such as Na_i:final or V_m:time_to:-30;"
            f" not '{text}'"
        )
    take, *numbers = rest
    if not numbers:
        return Reducer(of, take)
    try:
        number = float(numbers[0])
    except ValueError:
        raise InputError(f"'{text}': '{numbers[0]}' is not a number") from None
    if take in _TAKE and take not in _NUMBER:
        raise InputError(f"'{text}': the reducer '{take}' takes no number")
    return Reducer(of, take, **{_NUMBER.get(take, "level"): number})


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
        What to keep: :class:`Reducer` or its text, in a sequence, or by column name in a mapping.
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
    reduce: Mapping[str, Reducer | str] | Sequence[Reducer | str]
    inputs: Sequence[Input] = ()
    relative_tolerance: float = RELATIVE_TOLERANCE

    def __post_init__(self) -> None:
        if isinstance(self.reduce, str):
            raise InputError(f"reduce takes a list, such as ['{self.reduce}']")
        if not self.reduce:
            raise InputError("a course needs something to keep of it, such as 'Na_i:final'")
        for reducer in self.reducers.values():
            if reducer.at is not None and not 0 <= reducer.at <= self.end:
                raise InputError(
                    f"'{reducer.text}': the course runs from 0 to {self.end:g},"
                    f" and has no value at {reducer.at:g}"
                )

    @property
    def reducers(self) -> dict[str, Reducer]:
        """Every reducer by the name of its column."""
        if isinstance(self.reduce, Mapping):
            return {name: _reducer(item) for name, item in self.reduce.items()}
        found: dict[str, Reducer] = {}
        for reducer in map(_reducer, self.reduce):
            if reducer.column in found:
                raise InputError(f"'{reducer.text}' is asked for more than once")
            found[reducer.column] = reducer
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
        return {name: reducer.unit(model) for name, reducer in self.reducers.items()}

    def description(self) -> dict[str, Any]:
        """Return everything that determines the results, as plain JSON values."""
        return {
            "end": float(self.end),
            "points": int(self.points),
            "relative_tolerance": float(self.relative_tolerance),
            "reduce": {name: item.description() for name, item in self.reducers.items()},
            "inputs": [_input_description(item) for item in self.inputs],
        }


def _reducer(item: Reducer | str) -> Reducer:
    return item if isinstance(item, Reducer) else reducer_of(item)


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
    progress: Callable[[int], object] | None = None,
) -> pd.DataFrame:
    """Follow a course from the values of every row of a checked design.

    Returns
    -------
    pandas.DataFrame
        Indexed like `design`: a column per reducer, ``converged``, ``status`` and ``residual``
        (NaN: a course has none). A row whose course failed holds NaN.

    Raises
    ------
    UnknownIdError
        A reducer or an input names nothing in the model's results.
    InputError
        The course makes no sense for the model, or a column has the name of another.
    """
    given = list(map(str, design.columns))
    reducers = course.reducers
    for name in reducers:
        if name in (*given, "converged", "status", "residual"):
            raise InputError(f"the column '{name}' of a course has the name of another column")
    courses = Courses(
        model,
        course.end,
        course.points,
        inputs=course.inputs,
        outputs=list(dict.fromkeys(reducer.of for reducer in reducers.values())),
        relative_tolerance=course.relative_tolerance,
    )
    kept = [(reducer, 1 + courses.columns.index(reducer.of)) for reducer in reducers.values()]
    points = np.column_stack([pd.to_numeric(design[name]).to_numpy(float) for name in given])
    values = np.full((len(design), len(kept)), np.nan)
    labels = np.full(len(design), str(Status.OK), dtype=object)
    for row, point in enumerate(points):
        try:
            courses.restart({**model.changes, **dict(zip(given, point.tolist(), strict=True))})
            table = courses.follow()
        except SimulationError:
            labels[row] = str(Status.GAVE_UP)
        except (UnknownIdError, UnsupportedModelError):
            raise  # what is wrong with the model is so in every row
        except InputError as error:
            labels[row] = f"{Status.NO_START}: {error}"
        else:
            if courses.not_finite(table):
                labels[row] = str(Status.NOT_FINITE)
            else:
                columns = np.ascontiguousarray(table.T)
                values[row] = [take(columns[0], columns[at]) for take, at in kept]
        if progress is not None:
            progress(1)
    result = pd.DataFrame(values, index=design.index, columns=list(reducers))
    result["converged"] = labels == str(Status.OK)
    result["status"] = labels
    result["residual"] = np.nan
    return result
