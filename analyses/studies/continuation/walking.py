"""The way along a curve, to one side of its first point, and what is met there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from transport_model.certificate import Status

from .family import Family
from .sizes import Sizes
from .special_points import Kind, Special
from .stepping import FIRST, SMALLEST, Curve, Spot, between, corrected, step_from, turned_to

#: Halvings of the last step to where a curve ends.
HALVINGS = 40
#: Shorter steps that are tried where a point has no certificate, as next to a fold.
AGAIN = (0.6, 0.35, 0.2)
#: Points after which a curve may have come back to its start, and cosine of the way that it has.
ROUND, SAME_WAY = 5, 0.9


@dataclass(frozen=True)
class Point:
    """A point of a curve.

    Attributes
    ----------
    spot
        Where it is.
    length
        Relative distance from the curve's start, along the curve.
    unstable
        How many eigenvalues have a positive real part; -1 if that cannot be told.
    error
        Relative error of the point.
    row
        What a table has of it.
    why
        Why it is not certified; empty if it is.
    tests
        Numbers that change their signs at special points.
    """

    spot: Spot
    length: float
    unstable: int = -1
    error: float = float("nan")
    row: Mapping[str, object] | None = None
    why: str = ""
    tests: tuple[float, ...] = ()


class Followed(Curve, Protocol):
    """A curve along which points are judged."""

    @property
    def family(self) -> Family:
        """The equations."""
        ...

    @property
    def known(self) -> Sizes:
        """What is known of the states' sizes."""
        ...

    def examined(self, spot: Spot, length: float) -> Point:
        """Return the point at a spot, certified or with the reason why it is not."""
        ...

    def special_between(self, one: Point, other: Point) -> list[Special]:
        """Return the special points between two points."""
        ...


class Walk:
    """A way along a curve.

    Parameters
    ----------
    curve
        What is followed.
    first
        Where it begins.
    way
        1 in the direction of its tangent, -1 against it.
    most
        Points, at most.
    progress
        Called with what is being done, at every point.

    Attributes
    ----------
    points
        The points, without the first.
    marks
        The special points with their distances from the first; the last is the end.
    closed
        Whether it came back to its start.
    """

    def __init__(
        self,
        curve: Followed,
        first: Point,
        way: int,
        most: int,
        progress: Callable[[str], object] | None,
    ) -> None:
        self.curve, self.way = curve, way
        self.points: list[Point] = []
        self.marks: list[tuple[Special, float]] = []
        self.closed = False
        self._first, self._most = first, most
        self._progress = progress or (lambda _: None)
        self._told = replace(first, spot=replace(first.spot, tangent=way * first.spot.tangent))
        self._follow(self._told)

    def _follow(self, last: Point) -> None:
        length = FIRST
        while True:
            if why := self._over(last):
                return self._end(last, why)
            step = self._step(last.spot, length)
            if step is None:
                return self._end(last, "no steady state was found further on")
            here, length = self._examined(last, step[0]), step[1]
            # Next to a fold a point may be known too roughly; a negative one stays one
            for share in AGAIN if here.why not in ("", Status.NEGATIVE.meaning) else ():
                shorter = self._step(last.spot, share * last.spot.length_to(step[0].z))
                tried = here if shorter is None else self._examined(last, shorter[0])
                if shorter is not None and not tried.why:
                    here, length = tried, shorter[1]
                    break
            if here.why:
                return self._break_off(last, here)
            self._look_between(here)
            self._take(here)
            last = here

    def _over(self, last: Point) -> str:
        """Return why a curve is not followed beyond a point, or nothing."""
        found, count = self._way_out(last.spot)
        if found == 0:
            axis = self.curve.family.axes[count]
            upper = last.spot.tangent[self.curve.family.count + count] > 0
            return f"the {'upper' if upper else 'lower'} end of the range of '{axis.name}'"
        if len(self.points) >= self._most:
            return f"{self._most} points were taken"
        if self.closed:
            return "the curve is closed: it came back to its start"
        grown = self.curve.known.grown(last.spot.z)
        return f"'{grown}' grows without end" if grown else ""

    def _way_out(self, spot: Spot) -> tuple[float, int]:
        """Return how far along the tangent a parameter's range ends, and which parameter's."""
        count = self.curve.family.count
        shares, speeds = spot.z[count:], spot.tangent[count:]
        with np.errstate(all="ignore"):
            ways = np.where(speeds == 0, np.inf, ((speeds > 0) - shares) / speeds)
        return float(ways.min()), int(ways.argmin())

    def _step(self, spot: Spot, length: float) -> tuple[Spot, float] | None:
        """Return the next spot, on a range's end if that is near, and the length to go on with."""
        count = self.curve.family.count
        out, which = self._way_out(spot)
        if out <= length:
            guess = spot.z + out * spot.tangent
            place = count + which
            guess[place] = side = float(spot.tangent[place] > 0)
            unit = np.zeros(len(guess))
            unit[place] = 1.0
            found = corrected(self.curve, guess, unit, spot.sizes)
            landed = None if found is None else turned_to(self.curve, spot, found[0], out)
            if landed is not None:
                landed.z[place] = side
                return landed, length
            length = out / 2

        def is_inside(z: np.ndarray) -> bool:
            return bool(((z[count:] >= 0) & (z[count:] <= 1)).all())

        return step_from(self.curve, spot, length, is_inside)

    def _examined(self, last: Point, spot: Spot) -> Point:
        return self.curve.examined(spot, last.length + self.way * last.spot.length_to(spot.z))

    def _take(self, here: Point) -> None:
        before = self.points[-1] if self.points else self._first
        self.points.append(here)
        self.curve.known.pass_by(here.spot.z)
        values = self.curve.family.values(here.spot.z)
        shown = ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
        self._progress(f"{shown}, {len(self.points)} points")
        if len(self.points) > ROUND:
            first, sizes = self._first.spot, here.spot.sizes
            gone = (first.z - here.spot.z) / sizes
            ahead, whence = here.spot.tangent / sizes, self.way * first.tangent / sizes
            same = ahead @ whence >= SAME_WAY * np.linalg.norm(ahead) * np.linalg.norm(whence)
            near = np.linalg.norm(gone) <= here.spot.length_to(before.spot.z)
            self.closed = bool(near and gone @ ahead >= 0 and same)

    def _look_between(self, here: Point) -> None:
        """Mark the special points up to a point from the last at which stability was told."""
        if here.unstable < 0:
            return
        last, self._told = self._told, here
        for special in self.curve.special_between(last, here):
            distance = last.length + self.way * last.spot.length_to(special.z)
            self.marks.append((special, distance))

    def _break_off(self, last: Point, bad: Point) -> None:
        """End the curve between the last point and one that has no certificate."""
        good = last
        for _ in range(HALVINGS):
            middle = between(self.curve, good.spot, bad.spot)
            if middle is None or good.spot.length_to(bad.spot.z) < SMALLEST / 1000:
                break
            tried = self._examined(last, middle)
            good, bad = (good, tried) if tried.why else (tried, bad)
        self._look_between(bad)
        if good is not last:
            self._take(good)
        self._end(good, bad.why)

    def _end(self, last: Point, why: str) -> None:
        self.marks.append((Special(Kind.END, last.spot.z, last.error, why=why), last.length))


def both_ways(
    curve: Followed, first: Point, most: int, progress: Callable[[str], object] | None
) -> tuple[list[Point], list[tuple[Special, float]]]:
    """Return the points of a curve to either side of its first, in order, and the special ones."""
    up = Walk(curve, first, 1, most, progress)
    if up.closed:
        return [first, *up.points], up.marks
    down = Walk(curve, first, -1, most, progress)
    return [*reversed(down.points), first, *up.points], [*reversed(down.marks), *up.marks]
