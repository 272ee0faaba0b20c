"""A comparison that the time decides, and the times at which it does."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from transport_model.errors import InputError, UnsupportedModelError

#: Most switches of one course; a model that switches more often is to be written as a smooth one.
MAX_SWITCHES = 100_000
#: Points at which a curved condition is looked at: at least, for each period of a wave, at most.
LOOKS, LOOKS_PER_PERIOD, MAX_LOOKS = 4001, 32, 4_000_000
#: Relative distance at which two times are one.
APART = 1e-12
#: Units in the last place behind a jump at which a limit is looked at, and how near to it it is.
BEHIND, NEARLY = 64, 1e-10

Function = Callable[[Any, np.ndarray], Any]


@dataclass(frozen=True)
class Switch:
    """What is compared with what, as functions of the time and of the values of some names.

    Attributes
    ----------
    text
        The comparison, as the model has it.
    left, right
        Its sides.
    is_whole
        Whether it switches at every whole number, not at zero alone: what a floor is taken of.
    is_equality
        Whether it is true at single moments only.
    inner
        Switches within the sides: between two of their times the sides are smooth.
    waves
        Arguments of sines and the like within the sides.
    """

    text: str
    left: Function
    right: Function
    is_whole: bool
    is_equality: bool
    inner: tuple[Switch, ...]
    waves: tuple[Function, ...]

    @property
    def is_endless(self) -> bool:
        """Whether by its form it goes on for ever."""
        return self.is_whole or bool(self.waves) or any(item.is_endless for item in self.inner)

    def times(self, values: np.ndarray, start: float, end: float) -> set[float]:
        """Return its times after `start` and before `end`, and those of what is within it."""
        inside = joined([item.times(values, start, end) for item in self.inner])
        found = set(inside)
        if self.is_equality:
            self._refuse_missed(np.array(sorted(inside)), values)
        for first, last in itertools.pairwise([start, *sorted(inside), end]):
            found |= {t for t in self._between(values, first, last) if start < t < end}
            refuse_too_many(len(found))
        return found

    def _at(self, time: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Return left minus right."""
        given = _spread(values, time)
        with np.errstate(all="ignore"):
            return np.asarray(self.left(time, given) - self.right(time, given) + 0.0 * time)

    def _refuse_missed(self, jumps: np.ndarray, values: np.ndarray) -> None:
        """Refuse a remainder that only the limit behind a jump makes equal, or numbers like 0.3.

        What other code makes of such numbers, which have no last binary digit, is its rounding's.
        """
        here = self._at(jumps, values)
        behind = self._at(jumps + BEHIND * np.spacing(jumps), values)
        near = (behind != 0) & (np.abs(behind) <= NEARLY * np.maximum(np.abs(jumps), 1.0))
        endless = np.array(
            [Fraction(f"{jump:.12g}") != Fraction(jump) for jump in jumps], dtype=bool
        )
        if (near & ((here != 0) | endless)).any():
            self._refuse()

    def _refuse(self) -> None:
        raise UnsupportedModelError(
            f"the condition {self.text} is met at no number, by rounding; write it with >=, or"
            " with whole numbers"
        )

    def _between(self, values: np.ndarray, first: float, last: float) -> Iterable[float]:
        def at(time: np.ndarray) -> np.ndarray:
            return self._at(time, values)

        if self.waves:  # which a few looks may meet in the same phase each
            return self._curved(at, values, first, last)
        looks = first + (last - first) * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
        seen = at(looks)
        if not np.isfinite(seen).all():
            return self._curved(at, values, first, last)
        slope = (seen[-1] - seen[0]) / (looks[-1] - looks[0])
        noise = 1e-12 * (np.abs(seen).max() + abs(slope) * max(abs(first), abs(last)))
        line = seen[2] + slope * (looks - looks[2])
        if not np.abs(seen - line).max() <= noise:
            return self._curved(at, values, first, last)
        if slope == 0 or abs(slope) * (last - first) <= noise < abs(seen[2]):
            return ()
        ends = seen[2] + slope * (np.array([first, last]) - looks[2])
        margin = APART * max(abs(first), abs(last))
        roots = [(looks[2] + (level - seen[2]) / slope, level)
                 for level in self._levels(ends.min(), ends.max())]  # fmt: skip
        return [self._exact(at, root, level, slope)
                for root, level in roots if first - margin < root < last + margin]  # fmt: skip

    def _levels(self, low: float, high: float) -> Iterable[float]:
        if not self.is_whole:
            return (0.0,)
        if not high - low < MAX_SWITCHES:
            refuse_too_many(MAX_SWITCHES + 1)
        return [float(level) for level in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)]

    def _exact(
        self, at: Callable[[np.ndarray], np.ndarray], time: float, level: float, slope: float
    ) -> float:
        """Return a root to the last digit: `time` is right to rounding."""
        size = max(abs(time), abs(level / slope))
        for _ in range(3):
            step = float(at(np.array([time]))[0] - level) / slope
            if abs(step) > 1e-9 * size:  # beyond a jump
                break
            time -= step
        # Other code may round the same formula otherwise: numbers that people write come first
        tidy = float(f"{time:.12g}")
        if at(np.array([tidy]))[0] == level:
            return tidy
        near = time + np.spacing(time) * np.arange(-4, 5)
        equal = near[at(near) == level]
        if len(equal):
            return float(equal[np.abs(equal - time).argmin()])
        if self.is_equality:
            self._refuse()
        return float(time)

    def _curved(
        self, at: Callable[[np.ndarray], np.ndarray], values: np.ndarray, first: float, last: float
    ) -> list[float]:
        inside = np.linspace(first, last, LOOKS + 1)[:-1] + (last - first) / (2 * LOOKS)
        turns = [0.0]
        for wave in self.waves:
            with np.errstate(all="ignore"):
                phase = np.asarray(wave(inside, _spread(values, inside)), dtype=float)
                phase = phase + 0.0 * inside
            turns.append(float(np.abs(np.diff(phase)).sum() / (2 * math.pi)))
        count = max(turns) * LOOKS_PER_PERIOD
        if not count <= MAX_LOOKS:
            refuse_too_many(MAX_SWITCHES + 1)
        looks = np.linspace(first, last, LOOKS + int(count))
        looks[0], looks[-1] = np.nextafter(first, last), np.nextafter(last, first)
        seen = at(looks)
        side = np.floor if self.is_whole else np.sign
        sides = side(seen)
        changed = np.isfinite(sides[:-1] + sides[1:]) & (np.diff(sides) != 0)
        spans = list(zip(looks[:-1][changed], looks[1:][changed], sides[:-1][changed], strict=True))
        spans += _dips(at, looks, seen) if not self.is_whole else []
        refuse_too_many(len(spans))
        found = []
        for low, high, before in spans:
            while low < (middle := (low + high) / 2) < high:  # to the last digit
                if side(float(at(np.array([middle]))[0])) == before:
                    low = middle
                else:
                    high = middle
            found.append(float(high))
        return found


def _dips(
    at: Callable[[np.ndarray], np.ndarray], looks: np.ndarray, seen: np.ndarray
) -> list[tuple[float, float, float]]:
    """Return spans with a change of side, two by two, where a curve dips through zero and back."""
    sign, size = np.sign(seen), np.abs(seen)
    same = (sign[:-2] == sign[1:-1]) & (sign[1:-1] == sign[2:])
    low = same & (size[1:-1] < size[:-2]) & (size[1:-1] < size[2:])
    spans = []
    for index in np.flatnonzero(low):
        left, right, before = looks[index], looks[index + 2], sign[index]
        for _ in range(12):  # ever finer round the lowest point
            fine = np.linspace(left, right, 9)
            values = at(fine)
            lowest = int(np.argmin(values * before))
            if values[lowest] * before <= 0:
                spans += [(looks[index], fine[lowest], before),
                          (fine[lowest], looks[index + 2], np.sign(values[lowest]))]  # fmt: skip
                break
            left, right = fine[max(lowest - 1, 0)], fine[min(lowest + 1, 8)]
    return spans


def _spread(values: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Return a row per value, as long as the times: NumPy joins numbers' truths with no arrays'."""
    return np.broadcast_to(values[:, None], (len(values), *time.shape))


def joined(sets: Iterable[set[float]]) -> set[float]:
    """Return the times of several sets."""
    return set(itertools.chain.from_iterable(sets))


def refuse_too_many(count: int) -> None:
    """Raise InputError for more than :data:`MAX_SWITCHES` times."""
    if count > MAX_SWITCHES:
        raise InputError(
            f"the model switches more than {MAX_SWITCHES:,} times in this course; simulate less at"
            " a time"
        )
