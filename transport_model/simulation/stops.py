"""Integration that stops where a model switches by the time alone."""

from __future__ import annotations

import bisect
import math
import sys
from collections.abc import Collection
from typing import Any

import numpy as np

from transport_model.errors import InputError, SimulationError, UnsupportedModelError
from transport_model.mathematics.switches import APART, MAX_SWITCHES
from transport_model.mathematics.time_breaks import switches_of
from transport_model.model import Model
from transport_model.quantities import ids_set_by_event
from transport_model.simulation.event_watch import MOST_EVENTS, EventWatch
from transport_model.simulation.integration import Integration
from transport_model.simulation.runner import Runner

#: How often a course is followed whose events set times that lie ahead, each time with more stops.
MAX_ROUNDS = 100


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
    most, most_changes
        How often a course may have an event, and a comparison change.
    unwatched
        Ids of events that may happen as often as they like.
    at_a_stretch
        As for :class:`Integration`.
    """

    def __init__(
        self,
        runner: Runner,
        model: Model,
        ends: tuple[float, float],
        close: float,
        kept: bool,
        most: int = MOST_EVENTS,
        most_changes: float = math.inf,
        unwatched: Collection[str] = (),
        at_a_stretch: int = sys.maxsize,
    ) -> None:
        self._runner = runner
        self._model = model
        self._ends = ends
        self._close = close
        self._kept = kept
        self._switches = switches_of(model.sbml)
        self._breaks: tuple[tuple[float, ...], list[float], set[float]] | None = None
        self._read = [self._selection(name) for name in self._switches.names]
        self._delays = runner.has_delays
        self._set_by_events = not set(self._switches.names).isdisjoint(ids_set_by_event(model.sbml))
        watched = {name: words for name, words in runner.events.items() if name not in unwatched}
        self._watch = EventWatch(watched, runner.changes, runner.moving, most, most_changes)
        self._integration = Integration(
            runner, model.name, ends[1] - ends[0], at_a_stretch, self._watch.signals_put_off
        )
        self._set: list[tuple[float, tuple[float, ...]]] = []
        self._more: list[float] = []
        #: Times that an event on the way made a switch's, and that were run over.
        self.missed: set[float] = set()

    def begin(self, more: Collection[float] = ()) -> None:
        """Start a course, which stops at `more` besides."""
        self._more = sorted(more)
        self.missed = set()
        self._set.clear()
        self._integration.begin()
        read = self._read if self._set_by_events else []

        def note(model: Any) -> None:
            self._set.append((model.getTime(), tuple(model[name] for name in read)))

        length = self._ends[1] - self._ends[0]
        self._watch.begin(self._runner.engine.model, length, note if read else None)

    @property
    def endless(self) -> str:
        """The event for which the course was ended, or nothing."""
        return self._watch.event

    @property
    def stuck(self) -> str:
        """What the course could not get past, or nothing."""
        return self._watch.reason if self._watch.is_stuck else ""

    def ahead(self) -> int:
        """Return how many stops a course over all of its times has, as the engine stands."""
        if not (self._switches.switches or self._switches.bends):
            return 0
        try:
            return len(self._times(tuple(self._runner.engine[name] for name in self._read))[0])
        except InputError:
            return MAX_SWITCHES + 1

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
        SimulationError
            An event happens so often, or at such short intervals, that there is no end of it, a
            comparison changes back and forth, or the integrator takes too many steps.
        """
        try:
            if not (self._switches.switches or self._switches.bends):
                pieces = [self._integration.over(times)]
            else:
                pieces = self._stretches(times)
        except RuntimeError:
            self._watch.given_up(self._runner.engine.model)
            self._refuse_endless()
            raise
        finally:
            if self._switches.bends:
                self._runner.engine.integrator.maximum_time_step = 0.0
        self._watch.close(times[-1])
        self._refuse_endless()
        return pieces

    def _refuse_endless(self) -> None:
        if self._watch.reason:
            raise SimulationError(f"model '{self._model.name}': {self._watch.reason}")

    def _stretches(self, times: list[float]) -> list[np.ndarray]:
        engine = self._runner.engine
        pieces: list[np.ndarray] = []
        now, done = times[0], 1
        while done < len(times):
            found, is_moment = self._next(now)
            stop = min(found, times[-1])
            until = bisect.bisect_left(times, stop - self._close, done)
            stretch = [now, *times[done:until]]
            # The integrator adds up differences; only that of two numbers this near is exact
            near = stop / 2 if stop > 0 else 2 * stop
            if stretch[-1] != 0 != stop and stretch[-1] < near:
                stretch.append(near)
            stretch.append(stop)
            at_stop = len(stretch) - 1
            # It never gets away from a jump that lies right ahead: it starts anew behind it
            if stop < times[-1] and not is_moment:
                stretch.append(stop + 64 * float(np.spacing(max(abs(now), abs(stop)))))
            if self._switches.bends:  # a longer step would run over what lies between two stops
                engine.integrator.maximum_time_step = stop - now
            rows = self._integration.over(stretch)
            self._look_back(stop)
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
        times, moments = self._times(tuple(self._runner.engine[name] for name in self._read))
        behind = now + APART * max(map(abs, self._ends))
        stop = min((found[after] for found in (times, self._more)
                    if (after := bisect.bisect_right(found, behind)) < len(found)),
                   default=math.inf)  # fmt: skip
        return stop, stop in moments

    def _times(self, held: tuple[float, ...]) -> tuple[list[float], set[float]]:
        """Return the times of all switches, and of moments, as they follow from values."""
        if self._breaks is None or self._breaks[0] != held:
            values = dict(zip(self._switches.names, held, strict=True))
            moments = set(self._switches.times(values, *self._ends, moments=True))
            if moments and self._delays:  # libRoadRunner forgets what is put off at one
                raise UnsupportedModelError(
                    f"model '{self._model.name}' has delayed events beside a condition that holds"
                    f" at one moment alone (time {min(moments):g}); write that with >= instead"
                    " of =="
                )
            times = set(self._switches.times(values, *self._ends))
            times.update(self._switches.bend_times(values, *self._ends))
            self._breaks = held, sorted(times), moments
        return self._breaks[1:]

    def _look_back(self, stop: float) -> None:
        """Note what events on the way to a stop made switches, and was run over."""
        apart = APART * max(map(abs, self._ends))
        for time, held in self._set:
            times, _ = self._times(held)
            between = bisect.bisect(times, time + apart), bisect.bisect(times, stop - apart)
            self.missed.update(times[slice(*between)])
        self._set.clear()

    def _selection(self, name: str) -> str:
        quantity = self._model.quantities.get(name)
        is_bare = quantity is None or quantity.kind != "boundary" or quantity.is_amount
        return name if is_bare else f"[{name}]"
