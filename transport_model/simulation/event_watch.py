"""A model's own events as they happen, so that a course in which they never end is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from transport_model.quantities import document_of

#: Events of a course; at fifty microseconds each, a quarter of a minute.
MOST_EVENTS = 300_000
#: An event accumulates whose intervals shrink by this factor or more, so often, to this share.
SHRINKS, IN_A_ROW, TO = 0.999, 8, 1e-5
#: The engine has followed an accumulation to its end where intervals came down to this share, each
#: shorter by about the same factor, which changes less than so; otherwise it has lost some events.
RESOLVED, STEADY = 1e-9, 4.0

_AT_EVER_SHORTER = ("happens at ever shorter intervals near time {:.6g}: a course has no"
                    " continuation there")  # fmt: skip


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


class EventWatch:
    """Counts events, and ends a course whose events would not let it come to its end.

    Parameters
    ----------
    sbml
        Of the model.
    states
        Ids of all that moves: without a number there, the integrator ends by itself.
    most
        Events that a course may have.
    """

    def __init__(self, sbml: str, states: list[str], most: int) -> None:
        self._states, self._most = states, most
        events = document_of(sbml).getModel().getListOfEvents()
        #: Ids of the events; libRoadRunner has none without a trigger's formula.
        self.own = {
            event.getId()
            for event in events
            if event.getId() and event.isSetTrigger() and event.getTrigger().isSetMath()
        }
        self._rhythms: dict[str, _Rhythm] = {}
        self._signals: list[int] = []
        #: What a course was ended for, in words, and the event; empty where it was not.
        self.reason = self.event = ""

    def begin(self) -> None:
        """Start a course."""
        self._rhythms = {}
        self._signals = []
        self.reason = self.event = ""

    def note(self, model: Any, event: str) -> None:
        """Note an event of libRoadRunner's model, whose states are taken away to end the course."""
        if event in self.own and not self.reason:
            rhythm = self._rhythms.setdefault(event, _Rhythm())
            time = model.getTime()
            if rhythm.loses_events(time):
                self._end(event, _AT_EVER_SHORTER.format(time))
            elif rhythm.count > self._most:
                self._end(event, f"has happened {self._most:,} times by time {time:.6g}; simulate"
                                 " less at a time, or write what it does as a rate")  # fmt: skip
        if self.reason or self._signals:
            for name in self._states:
                model[name] = float("nan")

    def close(self, time: float) -> None:
        """End a course at a time; an event that accumulated, and came no more, has been lost."""
        for event, rhythm in self._rhythms.items():
            if rhythm.is_open and time > rhythm.last + rhythm.gap and not self.reason:
                self._end(event, _AT_EVER_SHORTER.format(rhythm.last))

    def _end(self, event: str, reason: str) -> None:
        self.event, self.reason = f"event '{event}'", reason

    @contextmanager
    def signals_put_off(self) -> Iterator[None]:
        """Let no signal raise while libRoadRunner calls back, which would end the process.

        The next event ends the course, and the signal is handled then.
        """
        if not self.own or threading.current_thread() is not threading.main_thread():
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
