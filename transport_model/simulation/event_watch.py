"""A model's own events as they happen, so that a course in which they never end is stopped."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Events of a course; at fifty microseconds each, a quarter of a minute.
MOST_EVENTS = 300_000
#: An event accumulates whose intervals shrink by this factor or more, so often, to this share.
SHRINKS, IN_A_ROW, TO = 0.999, 8, 1e-5
#: The engine has followed an accumulation to its end where intervals came down to this share, each
#: shorter by about the same factor, which changes less than so; otherwise it has lost some events.
RESOLVED, STEADY = 1e-9, 4.0

#: A course is stuck at a comparison that changes so often in a row, with the states each time where
#: they were the last time, within this share of their size and of the course's length, or within
#: what libRoadRunner takes for the same time [model time].
CHANGES, SAME, BRIEF, AT_ONCE = 20, 1e-6, 1e-6, 1e-9
#: Or that changes to and fro within this share of the time, or of the course's length, with rates
#: that differ by this share on its two sides. Of more changes libRoadRunner may not tell for hours.
NO_TIME, DIFFER, ROUNDING = 1e-12, 1e-3, 1e-15
#: Or that the integrator got no further past than this share of a course.
STUCK = 1e-5
#: Characters of a formula in a message.
LONGEST = 80

_AT_EVER_SHORTER = ("happens at ever shorter intervals near time {:.6g}: a course has no"
                    " continuation there")  # fmt: skip
_BACK_AND_FORTH = ("changes back and forth near time {:.6g}, where the rates on either side push"
                   " the course to the other; let them change smoothly across it")  # fmt: skip


@dataclass
class _Rhythm:
    """How often an event has happened, and how its intervals shrink."""

    count: int = 0
    last: float = 0.0
    gap: float = 0.0
    first: float = 0.0
    shrunk: int = 0
    factor: float = 1.0

    @property
    def is_open(self) -> bool:
        """Whether the event accumulates, and has not been followed to where that ends."""
        accumulates = self.shrunk >= IN_A_ROW and self.gap <= TO * self.first
        return accumulates and self.gap > RESOLVED * self.first

    def loses_events(self, time: float) -> bool:
        """Note that the event happens; tell whether others before it have been run over.

        They are where the event accumulates, and its intervals do not shrink evenly any more.
        """
        gap, self.last = time - self.last, time
        self.count += 1
        if gap <= 0.0 or self.count < 2:
            return False
        factor = gap / self.gap if self.gap else 1.0
        lost = self.is_open and not self.factor / STEADY <= factor <= self.factor * STEADY
        if gap <= SHRINKS * self.gap:
            self.shrunk += 1
        else:
            self.shrunk, self.first = 0, gap
        self.gap, self.factor = gap, factor
        return lost


@dataclass
class _Comparison:
    """When a comparison has changed last, the states and rates then, and how often all was so."""

    last: float = -math.inf
    states: np.ndarray = field(default_factory=lambda: np.array(math.nan))
    rates: np.ndarray = field(default_factory=lambda: np.array(math.nan))
    in_a_row: int = 0
    count: int = 0
    is_stuck: bool = False

    def change(
        self, time: float, states: np.ndarray, rates: np.ndarray, size: float, length: float
    ) -> None:
        """Note that the comparison changes, in a course of some length with states of some size."""
        gap, moved = time - self.last, np.abs(states - self.states)
        same = bool(np.all(moved <= SAME * size))
        self.in_a_row = self.in_a_row + 1 if same and gap <= max(AT_ONCE, BRIEF * length) else 1
        fast = np.maximum(np.abs(rates), np.abs(self.rates)).max(initial=0.0)
        # Not by events, which may change it at one time, or the states
        at_once = 0 < gap <= NO_TIME * max(abs(time), length) and bool(
            np.all(moved <= 2 * gap * fast + ROUNDING * np.abs(states))
        )
        differ = bool(np.any(np.abs(rates - self.rates) > DIFFER * fast))
        self.is_stuck = self.in_a_row >= CHANGES or (at_once and differ)
        self.count += 1
        self.last, self.states, self.rates = time, states, rates


class EventWatch:
    """Counts events, and ends a course whose events would not let it come to its end.

    Parameters
    ----------
    events
        Ids of events, and what they are called.
    changes
        Ids of events that tell changes of a comparison, and its formula.
    states
        Ids of all that moves: without a number there, the integrator ends by itself.
    most, most_changes
        How often a course may have an event, and a comparison change.
    """

    def __init__(
        self,
        events: Mapping[str, str],
        changes: Mapping[str, str],
        states: Sequence[str],
        most: int,
        most_changes: float = math.inf,
    ) -> None:
        self._events, self._changes = events, changes
        self._states, self._most, self._most_changes = states, most, most_changes
        self._length = self._size = 0.0
        self._rhythms: dict[str, _Rhythm] = {}
        self._comparisons: dict[str, _Comparison] = {}
        self._signals: list[int] = []
        self._rated: list[str] = []
        #: What a course was ended for, in a sentence; empty where it was not. And the event.
        self.reason = self.event = ""
        #: Whether it was ended because it could not get past a comparison.
        self.is_stuck = False

    def begin(self, model: Any, length: float, also: Callable[[Any], None] | None = None) -> None:
        """Start a course of libRoadRunner's model of some length [model time].

        Of each of its events `also` is told.
        """
        self._length = length
        if self._changes and not self._rated:
            self._rated = [name for name in self._states if _has_rate(model, name)]
        self._size = 0.0
        self._states_of(model)
        self._rhythms, self._comparisons = {}, {}
        self._signals = []
        self.reason = self.event = ""
        self.is_stuck = False

        def note(model: Any, _index: int, event: str) -> None:
            if also is not None:
                also(model)
            self._note(model, event)

        def note_change(model: Any, _index: int, event: str) -> None:
            self._note_change(model, event)

        for name in self._events:
            model.getEvent(name).setOnAssignment(note)
        for name in self._changes:
            model.getEvent(name).setOnTrigger(note_change)

    def _note(self, model: Any, event: str) -> None:
        if not self.reason:
            rhythm = self._rhythms.setdefault(event, _Rhythm())
            time = model.getTime()
            if rhythm.loses_events(time):
                self._end(event, _AT_EVER_SHORTER.format(time))
            elif rhythm.count > self._most:
                self._end(event,
                          f"has happened {self._most:,} times by time {time:.6g}; simulate"
                          " less at a time, or write what it does as a rate")  # fmt: skip
        self._stop_if_ended(model)

    def _note_change(self, model: Any, watch: str) -> None:
        if not self.reason:
            text = self._changes[watch]
            compared = self._comparisons.setdefault(text, _Comparison())
            states = self._states_of(model)
            rates = np.array([model[f"{name}'"] for name in self._rated])
            with np.errstate(all="ignore"):  # a warning that is an error would end the process
                compared.change(model.getTime(), states, rates, self._size, self._length)
            if compared.is_stuck and "==" not in text:  # which holds for a moment alone
                self._is_stuck_at(text, compared.last)
            elif compared.count > self._most_changes:
                self.reason = f"'{_short(text)}' has changed {self._most_changes:,} times"
        self._stop_if_ended(model)

    def _states_of(self, model: Any) -> np.ndarray:
        """Return the states as they stand; note the largest size of any so far."""
        states = np.array([model[name] for name in self._states])
        self._size = float(np.nanmax(np.abs(states), initial=self._size))
        return states

    def _is_stuck_at(self, text: str, time: float) -> None:
        self.is_stuck = True
        self.reason = f"'{_short(text)}' {_BACK_AND_FORTH.format(time)}"

    def _stop_if_ended(self, model: Any) -> None:
        """Take the states away, which ends the course."""
        if self.reason or self._signals:
            for name in self._states:
                model[name] = float("nan")

    def given_up(self, model: Any) -> None:
        """Note that the integrator gave up; find whether it was stuck at a comparison."""
        for text, compared in self._comparisons.items():
            if not self.reason and abs(model.getTime() - compared.last) <= STUCK * self._length:
                self._is_stuck_at(text, compared.last)

    def close(self, time: float) -> None:
        """End a course at a time; an event that accumulated, and came no more, has been lost."""
        for event, rhythm in self._rhythms.items():
            if rhythm.is_open and time > rhythm.last + rhythm.gap and not self.reason:
                self._end(event, _AT_EVER_SHORTER.format(rhythm.last))

    def _end(self, event: str, reason: str) -> None:
        self.event = self._events[event]
        self.reason = f"{self.event} {reason}"

    @contextmanager
    def signals_put_off(self) -> Iterator[None]:
        """Let no signal raise while libRoadRunner calls back, which would end the process.

        The next event ends the course, and the signal is handled then.
        """
        has_calls = self._events or self._changes
        if not has_calls or threading.current_thread() is not threading.main_thread():
            yield
            return
        handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
        handlers = {each: handler for each, handler in handlers.items() if callable(handler)}
        for each in handlers:
            signal.signal(each, lambda number, _frame: self._signals.append(number))
        try:
            yield
        finally:
            for each, handler in handlers.items():
                signal.signal(each, handler)
            for number in self._signals[:1]:
                self._signals = []
                handlers[signal.Signals(number)](number, None)


def _has_rate(model: Any, name: str) -> bool:
    """Whether libRoadRunner tells a state's rate; a complaint while it calls back is fatal."""
    try:
        return bool(np.isreal(model[f"{name}'"]))
    except RuntimeError:
        return False


def _short(formula: str) -> str:
    return formula if len(formula) <= LONGEST else f"{formula[: LONGEST - 1]}…"
