"""What still happens to a model late in its course: events, switches, rates that name the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.late_times import LATE
from transport_model.mathematics.time_breaks import moving_switches_of
from transport_model.simulation.following import MOST_STOPS, Following

#: A course is followed to this multiple of the last time at which its model switches.
BEYOND = 1.5
#: Growth of the largest state from which what is next to nothing is another.
LARGER = 10.0
#: By this time [model time] events have ended what switches again and again, or it goes on.
LONG = 1e4


class Late:
    """Watches a course until nothing but its states moves it.

    Parameters
    ----------
    course
        The course, at its start.
    examiner
        The examiner of the model at its start.

    Attributes
    ----------
    examiner
        Of the model as the course has left it: with what events have set.
    reason
        What moved the model when it was last asked, or nothing.

    Raises
    ------
    UnsupportedModelError
        The model switches by the time for ever.
    """

    def __init__(self, course: Following, examiner: Examiner) -> None:
        self.examiner = examiner
        self.reason = ""
        self._course = course
        self._happened: dict[str, int] = {}
        self._renewed = 0.0
        self._values: dict[str, float] = {}
        self._switches = moving_switches_of(examiner.model.sbml)
        self._last = self._switches.last(examiner.start) if course.switches else None
        if not examiner.equations.has_events:  # which might end it
            self._refuse_if_endless(course.last)
            self.reason = examiner.moving(course.last, LATE)

    def horizons(self, usual: Sequence[float]) -> Iterator[float]:
        """Yield the times to which to follow the course: none before the last switch known."""
        last = self._last
        if self.reason:
            return
        if last is None:
            yield from usual
            return
        if last > LATE:
            self.reason = f"the model still switches at time {last:.4g}"
            return
        yield from sorted({BEYOND * last, *(time for time in usual if time > last)})

    def renew(self) -> bool:
        """Take over what events have set, and how large the course has been on its way.

        Returns
        -------
        bool
            Whether there was anything to take over since the last time.
        """
        happened, before = self._course.happened, self._renewed
        executed = any(time >= before for time in self._course.due.values())
        largest = self._course.largest
        if happened != self._happened or executed:
            self._happened, self._renewed = happened, self._course.time
            self._values = self._course.values()
        elif largest <= LARGER * max(
            self.examiner.largest, np.abs(self._course.last).max(initial=0)
        ):
            return False  # the start, or the state itself, is large enough to measure by
        self.examiner = Examiner(self.examiner.model, self._values, largest)
        return True

    def moving(self, states: np.ndarray) -> bool:
        """Whether more than the states moves the model, were it at these; `reason` says what."""
        course = self._course
        self.reason = course.stuck
        if self.reason or not course.switches:
            return bool(self.reason)
        due = [event for event, time in course.due.items() if time >= course.time]
        if due:
            self.reason = f"{due[0]} is still due"
        elif course.often:
            self.reason = f"{course.often} keeps happening"
        elif (last := self._switches.last(self.examiner.start, course.time)) is not None:
            self.reason = f"the model still switches at time {last:.4g}"
        elif course.stops > MOST_STOPS:
            self.reason = f"the model switches more than {MOST_STOPS:,} times before it rests"
        else:
            self.reason = self.examiner.moving(states, course.time)
            if self.reason and course.time >= LONG:  # events may end it until then
                self._refuse_if_endless(states)
        return bool(self.reason)

    def _refuse_if_endless(self, states: np.ndarray) -> None:
        """Raise UnsupportedModelError where switches that come again and again move a model."""
        if self._switches.is_endless and self.examiner.moving(states, LATE):
            raise UnsupportedModelError(
                f"model '{self.examiner.model.name}' switches by the time again and again: no"
                " steady state; simulate it instead"
            )
