"""libRoadRunner's integrator, called so that it can be interrupted and its steps are counted.

While it integrates it hears no signal. So it is let go some thousand steps, and called again: CVODE
goes on from where it was, and the course is the same to the last bit.
"""

from __future__ import annotations

import bisect
import itertools
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import numpy as np

from transport_model.errors import SimulationError
from transport_model.simulation.runner import Runner, rates_of

#: Formulas evaluated between two calls, in about a fifth of a second; in a whole course, in about a
#: minute. And steps that a course may take whatever the model: in all, and per point of it.
PIECE, MOST, LEAST_STEPS, PER_POINT = 1_000_000, 300_000_000, 100_000, 200
#: Pieces that go by at first without a pause, which would make each row of a course dearer.
AT_FIRST = 20
#: Steps for each of which the slopes by one state are looked up once.
PER_SLOPE = 50
#: CVODE's own bound from one time to the next.
AT_A_STRETCH = 20_000
#: A course is stuck that comes no further in so many steps than this share of its length.
STUCK = 1e-5
_TOO_MANY = "CV_TOO_MUCH_WORK"


class Integration:
    """Integration of a model's course, whose steps are counted.

    Parameters
    ----------
    runner
        The model's; its engine reads what it is set to.
    name
        What the model is called.
    length
        Of the whole course [model time].
    at_a_stretch
        Steps from one time to the next at which it gives up; by default those of the whole course,
        the fewer the larger the model is.
    guarded
        Makes what surrounds every call of the engine.
    """

    def __init__(
        self,
        runner: Runner,
        name: str,
        length: float,
        at_a_stretch: int = sys.maxsize,
        guarded: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._runner, self._name = runner, name
        self._length, self._guarded = length, guarded
        formulas = runner.formulas * (1 + len(runner.moving) / PER_SLOPE)
        self._piece = int(PIECE / formulas) + 1
        self._most = max(LEAST_STEPS, MOST / formulas)
        self._at_a_stretch = at_a_stretch
        self._taken = 0

    def begin(self) -> None:
        """Start a course."""
        self._taken = 0

    def over(self, times: Sequence[float]) -> np.ndarray:
        """Integrate over times, the first of which is where the engine stands.

        Returns
        -------
        numpy.ndarray
            A row per time, a column per selection of the engine.

        Raises
        ------
        RuntimeError
            The integrator gave up, or comes no further.
        SimulationError
            It takes more steps than a course may.
        """
        engine, can_pause = self._runner.engine, self._runner.can_pause
        least = PER_POINT if can_pause else AT_A_STRETCH
        steps = min(max(least, AT_FIRST * self._piece // len(times)), self._at_a_stretch)
        try:
            engine.integrator.maximum_num_steps = steps
            with self._guarded():
                return np.array(engine.simulate(times=times))
        except RuntimeError as error:
            if _TOO_MANY not in str(error):
                raise
            if not can_pause:
                self._taken = steps
                raise RuntimeError(f"{self._too_many()}, or ask for more points") from None
            return self._rest(times)
        finally:
            engine.integrator.maximum_num_steps = AT_A_STRETCH

    def _rest(self, times: Sequence[float]) -> np.ndarray:
        """Go on from where too many steps between two times have ended a simulation."""
        engine = self._runner.engine
        first = bisect.bisect_right(times, engine.model.getTime())
        rows = [*np.array(engine.getSimulationData())[:first]]
        engine.integrator.maximum_num_steps = self._piece
        most = max(self._most, PER_POINT * len(times))
        for before, time in itertools.pairwise(times[first - 1 :]):
            self._stretch(before, time, most)
            rows.append(engine.getSelectedValues())
            rows[-1][0] = time
        return np.array(rows)

    def _stretch(self, start: float, end: float, most: float) -> None:
        """Go on from one time to the next, in pieces."""
        before = taken = self._taken
        looked = start
        while True:
            try:
                with self._guarded():
                    self._runner.engine.oneStep(start, end - start, False)
            except RuntimeError as error:
                if _TOO_MANY not in str(error):
                    raise
                self._taken += self._piece
                if self._taken > most:
                    raise SimulationError(f"model '{self._name}': {self._too_many()}") from None
                if self._taken - taken < AT_A_STRETCH:
                    continue
                reached = float(self._runner.engine.model.getTime())
                is_stuck = reached - looked <= STUCK * self._length
                if is_stuck or self._taken - before >= self._at_a_stretch:
                    raise RuntimeError(self._too_many()) from None
                looked, taken = reached, self._taken
            else:
                return

    def _too_many(self) -> str:
        engine, moving = self._runner.engine, self._runner.moving
        time = float(engine.model.getTime())
        states = np.abs([engine[name] for name in moving])
        with np.errstate(all="ignore"):
            speeds = np.where(states > 0, np.abs(rates_of(self._runner)) / states, 0.0)
        return (
            f"the integrator has taken {self._taken:,} steps by time {time:.6g}, where"
            f" '{moving[int(speeds.argmax())]}' changes fastest; simulate less at a time"
        )
