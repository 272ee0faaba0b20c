"""What still happens to a model late in its course: events, switches, rates that name the time."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.late_times import LATE
from transport_model.mathematics.time_breaks import last_time_break
from transport_model.simulation.following import Following

#: A course is followed to this multiple of the last time at which its model switches.
BEYOND = 1.5


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
        self._last = self._last_break() if course.switches else None
        if self._last == math.inf:
            raise UnsupportedModelError(
                f"model '{examiner.model.name}' switches by the time again and again: no steady"
                " state; simulate it instead"
            )
        if not examiner.equations.has_events:  # which might end it
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
        """Take over what events have set; tell whether any has happened since the last time."""
        happened, before = self._course.happened, self._renewed
        executed = any(time >= before for time in self._course.due.values())
        if happened == self._happened and not executed:
            return False
        self._happened, self._renewed = happened, self._course.time
        self.examiner = Examiner(self.examiner.model, self._course.values())
        return True

    def moving(self, states: np.ndarray) -> bool:
        """Whether more than the states moves the model, were it at these; `reason` says what."""
        course = self._course
        self.reason = ""
        if not course.switches:
            return False
        due = [event for event, time in course.due.items() if time >= course.time]
        if due:
            self.reason = f"{due[0]} is still due"
        elif course.often:
            self.reason = f"{course.often} keeps happening"
        elif (last := self._last_break(course.time)) is not None:
            self.reason = f"the model still switches at time {last:.4g}"
        else:
            self.reason = self.examiner.moving(states, course.time)
        return bool(self.reason)

    def _last_break(self, since: float = 0.0) -> float | None:
        return last_time_break(self.examiner.model.sbml, self.examiner.start, since)
