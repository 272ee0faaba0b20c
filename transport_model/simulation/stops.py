"""Integration that stops where a model switches by the time alone."""

from __future__ import annotations

import bisect
import math

import numpy as np

from transport_model.mathematics.switches import APART
from transport_model.mathematics.time_breaks import switches_of
from transport_model.model import Model
from transport_model.simulation.runner import Runner


class Stops:
    """Where one model's courses over the same times stop, whatever the values.

    Parameters
    ----------
    runner
        The model's.
    model
        What it runs.
    ends
        First and last time of a course.
    close
        Times at most this far apart are one.
    kept
        Whether stops get rows of their own.
    """

    def __init__(
        self, runner: Runner, model: Model, ends: tuple[float, float], close: float, kept: bool
    ) -> None:
        self._runner = runner
        self._model = model
        self._ends = ends
        self._close = close
        self._kept = kept
        self._switches = switches_of(model.sbml)
        self._breaks: tuple[tuple[float, ...], list[float], set[float]] | None = None

    def follow(self, times: list[float]) -> list[np.ndarray]:
        """Integrate over times, the first of which is where the engine stands.

        Returns
        -------
        list of numpy.ndarray
            Blocks of rows, one row per time and, if they are wanted, per stop in between.

        Raises
        ------
        RuntimeError
            The integrator gave up.
        """
        engine = self._runner.engine
        if not self._switches.switches:
            return [np.array(engine.simulate(times=times))]
        pieces: list[np.ndarray] = []
        now, done = times[0], 1
        while done < len(times):
            found, is_moment = self._next(now)
            stop = min(found, times[-1])
            until = bisect.bisect_left(times, stop - self._close, done)
            stretch = [now, *times[done:until]]
            # The integrator adds up differences; only that of two numbers this near is exact
            if 0 < stretch[-1] < stop / 2:
                stretch.append(stop / 2)
            stretch.append(stop)
            at_stop = len(stretch) - 1
            # It never gets away from a jump that lies right ahead: it starts anew behind it
            if stop < times[-1] and not is_moment:
                stretch.append(stop + 64 * float(np.spacing(stop)))
            rows = np.array(engine.simulate(times=stretch))
            pieces.append(rows[1 if pieces else 0 : until - done + 1])
            now = stretch[-1]
            is_asked = until < len(times) and times[until] <= now + self._close
            if is_asked or self._kept:
                pieces.append(rows[at_stop : at_stop + 1])
            if is_asked:
                pieces[-1][0, 0] = times[until]
            done = until + is_asked
        return pieces

    def _next(self, now: float) -> tuple[float, bool]:
        """Return the next stop, or infinity, and whether something holds then and not beside it."""
        # Events and inputs may have changed what the times follow from
        names = self._switches.names
        held = tuple(self._runner.engine[self._selection(name)] for name in names)
        if self._breaks is None or self._breaks[0] != held:
            values = dict(zip(names, held, strict=True))
            moments = set(self._switches.times(values, *self._ends, moments=True))
            self._breaks = held, self._switches.times(values, *self._ends), moments
        _, times, moments = self._breaks
        after = bisect.bisect_right(times, now + APART * max(map(abs, self._ends)))
        return (times[after], times[after] in moments) if after < len(times) else (math.inf, False)

    def _selection(self, name: str) -> str:
        quantity = self._model.quantities.get(name)
        is_bare = quantity is None or quantity.kind != "boundary" or quantity.is_amount
        return name if is_bare else f"[{name}]"
