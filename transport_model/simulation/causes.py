"""Why an integrator gave up: what the rates do where it stood."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from transport_model.errors import SimulationError
from transport_model.simulation.runner import Runner, rates_of

#: How far before the time at which it gave up, and before that, as shares of the time until then.
NEAR, FAR = 1e-7, 1e-2
#: Steps ahead that are tried, as shares of that time: the shortest, and the longest.
SHORTEST, LONGEST = 1e-15, 1e-4
#: A rate is without bound that is so much larger near that time, and it jumps where it changes by
#: this share between two states that are the same to so many halvings.
LARGER, JUMP, HALVINGS = 1e3, 0.1, 40
#: Growth of the largest state after which a course is followed again, and how far apart the two
#: may end.
GROWN, PARTED = 1e6, 1e-2
#: States named in a message.
NAMED = 2


def cause(runner: Runner, start: float, until: float, follow: Callable[[float], object]) -> str:
    """Return what the rates do where the integrator gave up, as a sentence, or nothing.

    Parameters
    ----------
    runner
        Its engine stands where the integrator left it. A restart puts it back.
    start, until
        When the course started, and when the integrator gave up.
    follow
        Restarts the engine and goes to a time.

    Raises
    ------
    SimulationError
        On the way it was found what stops the course.
    """
    try:
        with np.errstate(all="ignore"):
            return _cause(runner, start, until, follow)
    except SimulationError:
        raise
    except RuntimeError:  # libRoadRunner does not let every state be set
        return ""


def _cause(runner: Runner, start: float, until: float, follow: Callable[[float], object]) -> str:
    place = _Place(runner)
    if place.is_finite and (lost := _lost(place, 0.0, until)):
        return lost
    length, reach = until - start, LONGEST
    rates = []
    for share in (FAR, NEAR):
        try:
            follow(until - share * length)
        except SimulationError:
            raise
        except RuntimeError:  # there is nothing of the course, or no more of it
            break
        found = _Place(runner)
        if not found.is_finite:
            break
        place, reach = found, max(LONGEST, 3 * share)
        rates.append(np.abs(place.rates(0.0)))
    if not rates:
        follow(start)
        place = _Place(runner)
    return _ahead(place, reach * length, until) or _growth(runner, rates, until)


def _ahead(place: _Place, reach: float, until: float) -> str:
    before = 0.0
    steps = np.geomspace(SHORTEST / LONGEST * reach, reach, 24) if reach > 0 else ()
    for step in (0.0, *steps):
        if lost := _lost(place, step, until):
            return lost
        jumping = place.jump(before, step)
        if jumping is not None:
            return f"{place.where('jumps', jumping, step, until)}, and nothing leads past that"
        before = step
    return ""


def _lost(place: _Place, step: float, until: float) -> str:
    lost = np.flatnonzero(~np.isfinite(place.rates(step)))
    return place.where("has no finite value", lost[0], step, until) if len(lost) else ""


def _growth(runner: Runner, rates: list[np.ndarray], until: float) -> str:
    if len(rates) < 2 or not rates[1].max(initial=0.0) > LARGER * rates[0].max(initial=0.0):
        return ""
    most = runner.moving[int(rates[1].argmax())]
    return f"the rate of '{most}' grows without bound near time {until:.6g}"


def passed_pole(
    course: np.ndarray, watched: Sequence[tuple[int, str]], again: Callable[[], np.ndarray]
) -> str:
    """Say which state has grown by no rate of the model, or return nothing.

    Where rates have no bound, as of x' = -1/x at zero, the integrator may step over the place, and
    goes on with whatever speed it had.

    Parameters
    ----------
    course
        Rows of a course.
    watched
        Columns and ids of the states.
    again
        Follows the course by other steps.
    """
    at = [column for column, _ in watched]
    ends = np.abs(course[[0, -1]][:, at]) if at else np.zeros((2, 1))
    if not ends[1].max() > GROWN * ends[0].max() > 0:
        return ""
    try:
        with np.errstate(invalid="ignore"):  # where it has left the numbers, that is found later
            parted = np.abs(np.abs(again()[-1, at]) - ends[1]) > PARTED * ends[1].max()
    except SimulationError:
        raise
    except RuntimeError:
        parted = ends[1] == ends[1].max()
    if not parted.any():
        return ""
    return f"'{watched[int(parted.argmax())][1]}' passes a place where rates have no bound"


class _Place:
    """States that move on from a place along the rates there."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._time = float(runner.engine.model.getTime())
        self._states = np.array([runner.engine[name] for name in runner.moving])
        self._rates = rates_of(runner)

        self.is_finite = bool(np.isfinite(self._states).all())

    def where(self, does: str, index: np.intp, step: float, until: float) -> str:
        """Say what a state's rate does after a step."""
        values = self._states + step * self._rates if step else self._states
        shown = zip(self._runner.moving[:NAMED], values, strict=False)
        more = ", …" if len(values) > NAMED else ""
        at = ", ".join(f"{name} = {value:.3g}" for name, value in shown)
        state = self._runner.moving[index]
        return f"the rate of '{state}' {does} near time {until:.6g} ({at}{more})"

    def rates(self, step: float) -> np.ndarray:
        """Return the rates after a step."""
        engine = self._runner.engine
        engine.model.setTime(self._time + step)
        values = self._states + step * self._rates if step else self._states
        for name, value in zip(self._runner.moving, values, strict=True):
            engine[name] = value
        return rates_of(self._runner)

    def jump(self, low: float, high: float) -> np.intp | None:
        """Return which rate jumps between two steps, or None."""
        below, above = self.rates(low), self.rates(high)
        if not self._differ(below, above).any():
            return None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            between = self.rates(middle)
            if self._differ(below, between).any():
                high, above = middle, between
            else:
                low, below = middle, between
        jumps = np.flatnonzero(self._differ(below, above))
        return jumps[0] if len(jumps) else None

    @staticmethod
    def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        size = np.maximum(np.abs(one), np.abs(other)).max(initial=0.0)
        return np.abs(one - other) > JUMP * size
