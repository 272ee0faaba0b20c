"""Reductions: the one number that a scan or an experiment takes of a course.

One rule holds wherever a quantity jumps: its value at that time is the one after the jump, the
limit from the right. So a window from a jump on begins with what the jump leads to, and one up to
a jump ends with it; what was before a jump is measured at an earlier time. Between two points a
course is a straight line. A number is NaN where it rests on a value that is none.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from transport_model.errors import InputError, did_you_mean

#: Share of a course's last time within which two times are one.
SAME = 1e-12
#: Words of release 0.1, which protocols and scans did not share, and what they are now.
OLD_WORDS = {"start": "initial", "end": "final", "integral": "area"}

#: Times, and values by course and time.
Points = tuple[np.ndarray, np.ndarray]
#: Times between which a crossing lies.
Bracket = tuple[float, float]


class Take(StrEnum):
    """What can be taken of a course, or of a window of it."""

    INITIAL = "initial"
    FINAL = "final"
    CHANGE = "change"
    MIN = "min"
    MAX = "max"
    MEAN = "mean"
    AREA = "area"
    TIME_OF_MIN = "time_of_min"
    TIME_OF_MAX = "time_of_max"
    HALF_TIME = "half_time"
    TIME_CONSTANT = "time_constant"
    TIME_TO = "time_to"
    VALUE = "value"

    @classmethod
    def named(cls, word: str, where: str = "") -> Take:
        """Return what a word says; one of an earlier release with a note of today's.

        Raises
        ------
        InputError
            There is no such word.
        """
        if word in OLD_WORDS:
            note = f"{where}'{word}' is now '{OLD_WORDS[word]}'"
            warnings.warn(note, DeprecationWarning, stacklevel=4)
        try:
            return cls(OLD_WORDS.get(word, word))
        except ValueError:
            hint = did_you_mean(word, cls) or ";"
            raise InputError(f"no reduction '{word}'{hint} there are: {', '.join(cls)}") from None

    @property
    def number(self) -> str:
        """What the number is called that it needs, or an empty string."""
        return {Take.TIME_TO: "level", Take.VALUE: "at"}.get(self, "")

    @property
    def is_time(self) -> bool:
        """Whether it is a time, counted from the window's start."""
        return self.startswith("time_") or self is Take.HALF_TIME


_SIMPLE: Mapping[Take, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    Take.INITIAL: lambda t, y: y[:, 0],
    Take.FINAL: lambda t, y: y[:, -1],
    Take.VALUE: lambda t, y: y[:, -1],
    Take.CHANGE: lambda t, y: y[:, -1] - y[:, 0],
    Take.MIN: lambda t, y: y.min(axis=1),
    Take.MAX: lambda t, y: y.max(axis=1),
    Take.AREA: lambda t, y: np.trapezoid(y, t, axis=1),
    Take.MEAN: lambda t, y: np.trapezoid(y, t, axis=1) / (t[-1] - t[0]),
    Take.TIME_OF_MIN: lambda t, y: t[y.argmin(axis=1)] - t[0],
    Take.TIME_OF_MAX: lambda t, y: t[y.argmax(axis=1)] - t[0],
}
#: Share of the way from the first value to the last at which a crossing is looked for.
_SHARE = {Take.HALF_TIME: 0.5, Take.TIME_CONSTANT: 1 - math.exp(-1)}


@dataclass(frozen=True)
class Reduction:
    """What is taken of one quantity's course: one number.

    Attributes
    ----------
    of
        A column of the course, or a formula.
    take
        ``initial``, ``final``, ``change`` (final less initial), ``min``, ``max``, ``time_of_min``,
        ``time_of_max`` (the first, among the course's points), ``area`` (the integral over time by
        trapezoids), ``mean`` (the area over the duration), ``half_time`` and ``time_constant`` (the
        time to cover a half, or 1 - 1/e, of the way from initial to final), ``time_to`` (when
        `level` is first reached; NaN if it never is) or ``value`` (at the time `at`). Times are
        counted from the window's start.
    level
        For ``time_to``, in the quantity's unit.
    at
        For ``value``, in the model's unit of time.
    start, end
        The window [the model's unit of time]; by default the whole course.

    Raises
    ------
    InputError
        No such reduction, or a number is missing, superfluous or not finite.
    """

    of: str
    take: Take | str
    level: float | None = None
    at: float | None = None
    start: float | None = None
    end: float | None = None

    def __post_init__(self) -> None:
        take = self.take if isinstance(self.take, Take) else Take.named(self.take)
        object.__setattr__(self, "take", take)
        for name in ("level", "at", "start", "end"):
            number = getattr(self, name)
            if number is None and name == take.number:
                example = f"{self.of}:{take}:10"
                raise InputError(f"the reduction '{take}' needs a number, as in '{example}'")
            if number is not None and name in ("level", "at") and name != take.number:
                raise InputError(f"the reduction '{take}' takes no {name}")
            if number is not None and not math.isfinite(number):
                raise InputError(f"'{name}' of a reduction must be a finite number, not {number}")

    @property
    def _take(self) -> Take:
        return Take(self.take)

    @property
    def times(self) -> tuple[float, ...]:
        """The times it names."""
        return tuple(t for t in (self.at, self.start, self.end) if t is not None)

    @property
    def column(self) -> str:
        """What its column in a result is called: ``V_m_max``, ``V_m_time_to_-30``."""
        return "_".join(self._parts)

    @property
    def text(self) -> str:
        """The form that :func:`read_reduction` reads: ``V_m:max``, ``V_m:time_to:-30``."""
        return ":".join(self._parts)

    @property
    def _parts(self) -> list[str]:
        parts = [self.of, str(self.take)]
        if self._take.number:
            number = float(getattr(self, self._take.number))
            short = f"{number:g}"
            parts.append(short if float(short) == number else repr(number))
        return parts

    def __call__(self, times: np.ndarray, values: np.ndarray) -> float:
        """Reduce a course: `values` at `times`, both shaped (points,)."""
        return float(self.of_many(times, values[None, :])[0])

    def of_many(self, times: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Reduce courses over the same times.

        Parameters
        ----------
        times
            Of shape (points,); a time at which something jumps occurs twice.
        values
            Of shape (courses, points).

        Returns
        -------
        numpy.ndarray
            A number for each course.
        """
        return self._reduced(times, values)[0]

    def bracketed(self, times: np.ndarray, values: np.ndarray) -> tuple[float, Bracket | None]:
        """Return the number, and the interval that it lies in if it is a crossing.

        Parameters
        ----------
        times, values
            Both shaped (points,); a time at which something jumps occurs twice.
        """
        numbers, before, t = self._reduced(times, values[None, :])
        low = int(before[0])
        is_between = low >= 0 and t[low + 1] > t[low]
        bracket = (float(t[low]), float(t[low + 1])) if is_between else None
        return float(numbers[0]), bracket

    def _reduced(
        self, times: np.ndarray, values: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the numbers, the points before crossings (or -1), and the times of the window."""
        take = self._take
        nowhere = np.full(len(values), -1)
        start = float(times[0]) if self.start is None else self.start
        end = float(times[-1]) if self.end is None else self.end
        if self.at is not None:
            start = end = self.at
        t, y = _window(times, values, start, end)
        if take in _SIMPLE:
            return _SIMPLE[take](t, y), nowhere, t
        if self.level is not None:
            return *_crossings(t, y - self.level), t
        first, way = y[:, :1], y[:, -1:] - y[:, :1]
        numbers, before = _crossings(t, y - (first + _SHARE[take] * way))
        moves = way[:, 0] != 0
        return np.where(moves, numbers, np.nan), np.where(moves, before, -1), t

    def unit(self, own: str, time: str) -> str:
        """Return the unit of the number, given the quantity's and that of time; empty: unknown."""
        if self._take.is_time:
            return time
        if self.take is not Take.AREA or not own or not time:
            return own if self.take is not Take.AREA else ""
        if (own, time) == ("pW", "s"):
            return "pJ"
        if own == "1":
            return time
        return own.removesuffix(f"/{time}") if own.endswith(f"/{time}") else f"{own}·{time}"

    def description(self) -> dict[str, Any]:
        """Return the reduction as plain JSON values."""
        numbers = {name: getattr(self, name) for name in ("level", "at", "start", "end")}
        given = {name: float(number) for name, number in numbers.items() if number is not None}
        return {"of": self.of, "take": str(self.take), **given}


def read_reduction(text: str) -> Reduction:
    """Read a reduction: ``Na_i:final``, ``J_sglt:area``, ``V_m:time_to:-30``, ``V_m:value:60``.

    Parameters
    ----------
    text
        Column, word and number, as above.

    Returns
    -------
    Reduction
        What is taken of a course, once the column is known to be one.

    Raises
    ------
    InputError
        The text has another form, or there is no such reduction.
    """
    of, *rest = (part.strip() for part in text.split(":"))
    if not of or not 1 <= len(rest) <= 2 or not all(rest):
        raise InputError(
            f"a reduction is written QUANTITY:WHAT, such as Na_i:final or V_m:time_to:-30;"
            f" not '{text}'"
        )
    take = Take.named(rest[0])
    if len(rest) == 1:
        return Reduction(of, take)
    try:
        number = float(rest[1])
    except ValueError:
        raise InputError(f"'{text}': '{rest[1]}' is not a number") from None
    if not take.number:
        raise InputError(f"'{text}': the reduction '{take}' takes no number")
    return Reduction(of, take, **{take.number: number})


def _window(times: np.ndarray, values: np.ndarray, start: float, end: float) -> Points:
    """Return the points from `start` to `end`, of two at one time where either is the second."""
    same = SAME * float(times[-1])
    first, last = np.searchsorted(times, [start + same, end + same], side="right") - 1
    t, y = times[first : last + 1], values[:, first : last + 1]
    if start - t[0] > same:
        t = np.concatenate([[start], t[1:]])
        y = np.concatenate([_between(times, values, int(first), start), y[:, 1:]], axis=1)
    if end - t[-1] > same:
        t = np.append(t, end)
        y = np.concatenate([y, _between(times, values, int(last), end)], axis=1)
    return t, y


def _between(times: np.ndarray, values: np.ndarray, left: int, at: float) -> np.ndarray:
    share = (at - times[left]) / (times[left + 1] - times[left])
    before, after = values[:, left, None], values[:, left + 1, None]
    return before + share * (after - before)


def _crossings(t: np.ndarray, above: np.ndarray) -> Points:
    """Return the times from the start to where each row first changes its sign, and where it does.

    The second is the point before the change: -1 where there is none, or the row begins at zero.
    """
    rows = np.arange(len(above))
    changed = np.sign(above[:, 1:]) != np.sign(above[:, :1])
    low = changed.argmax(axis=1) if changed.shape[1] else np.zeros(len(above), dtype=int)
    found = changed.any(axis=1)
    # A value that is not a number is on neither side
    until = np.arange(above.shape[1]) <= low[:, None] + 1
    found &= np.isfinite(np.where(until, above, 0.0)).all(axis=1)
    high = np.minimum(low + 1, above.shape[1] - 1)
    with np.errstate(all="ignore"):
        share = above[rows, low] / (above[rows, low] - above[rows, high])
        numbers = t[low] + share * (t[high] - t[low]) - t[0]
    at_once = above[:, 0] == 0
    numbers = np.where(at_once, 0.0, np.where(found, numbers, np.nan))
    return numbers, np.where(found & ~at_once, low, -1)
