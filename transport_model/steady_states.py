"""Steady states, each with a certificate that no solver had a hand in."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import notebook
from transport_model.certificate import SMALLEST_SHARE, Status
from transport_model.columns import column_name
from transport_model.errors import SteadyStateError, UnknownIdError
from transport_model.key_facts import key_facts
from transport_model.mathematics.certification import Certificate, Examiner
from transport_model.mathematics.late_times import lost_compartment
from transport_model.mathematics.state_names import species_of
from transport_model.model import Model, check_model
from transport_model.simulation.following import Following
from transport_model.simulation.late import Late
from transport_model.units import per_unit

#: Times [model time] at which a course is looked at, until a balance is found near it.
HORIZONS = (1e2, 1e4, 1e6, 1e8, 1e10)
#: Slowest time constants of a certified state for which a course is given to come to it.
PATIENCE = 40.0
#: Relative distance at which a course has come to a state.
ARRIVED = 1e-4
#: Relative distance at which it has come as close as its own tolerance lets it.
SETTLED = 1e-5
#: Relative size by which a start is moved to see whether rounding decides where it leads.
NUDGE = 1e-7
#: Parting of neighbouring courses on the way from which that is tried, and looks taken to tell.
PARTED, SAMPLED = 1e3, 16
#: Guesses at a period that are tried, and looks at a course that tell whether it turns.
GUESSES, FEW = 3, 20
#: Where a balance within a cycle is looked for, between its mean and its points.
INSIDE = (1.0, 0.25, 0.5, 0.1)
#: Growth over the later half of the looks at a course that counts as growth.
GROWTH = 10.0
#: And at least this much of it over the last few looks.
STILL = 1.02
#: States named in a message.
NAMED = 6


@dataclass(frozen=True)
class SteadyState:
    """A certified steady state. ``state["V_m"]`` is ``state.values["V_m"]``.

    Attributes
    ----------
    model
        The model with the values at which this is a steady state.
    values
        Everything that a result holds, by id; NaN for what follows the time for ever.
    certificate
        What was checked.
    """

    model: Model
    values: pd.Series
    certificate: Certificate

    @property
    def converged(self) -> bool:
        """Whether every check of the certificate passed."""
        return self.certificate.status is Status.OK

    @property
    def status(self) -> str:
        """``ok``, or the first check that failed."""
        return str(self.certificate.status)

    @property
    def residual(self) -> float:
        """Largest relative imbalance of a species."""
        return self.certificate.residual

    @property
    def error(self) -> float:
        """Bound of the relative error of every state."""
        return self.certificate.error

    @property
    def net_current(self) -> float:
        """Net flow of charge out of the cell [extent/time]; of two faces the larger one in size."""
        return self.certificate.net_current

    @property
    def net_currents(self) -> Mapping[str, float]:
        """Net flow of positive charge onto each face [extent/time], by what counts it."""
        return self.certificate.net_currents

    @property
    def stable(self) -> bool:
        """Whether small disturbances die out."""
        return self.certificate.stable

    def __getitem__(self, name: str) -> float:
        if name not in self.values.index:
            where = f"the steady state of '{self.model.name}'"
            raise UnknownIdError.of(str(name), map(str, self.values.index), where)
        return float(self.values[name])

    def _ipython_key_completions_(self) -> list[str]:
        return [str(name) for name in self.values.index]

    def _repr_html_(self) -> str:
        model, found = self.model, self.certificate
        names = [str(name) for name in self.values.index]
        facts = [(name, self[name], model.unit(name), column_name(model, name))
                 for name in key_facts(model, names)]  # fmt: skip
        of_time, flow = model.units["time"], per_unit(model.units["extent"], model.units["time"])
        checks = [("relative imbalance", self.residual, ""), ("relative error", self.error, ""),
                  *((what, current, flow) for what, current in found.currents_in_words.items()),
                  ("slowest time constant", found.slowest, of_time)]  # fmt: skip
        told = [f"{what} {notebook.number(value)} {unit}".rstrip()
                for what, value, unit in checks if np.isfinite(value)]  # fmt: skip
        return "".join([
            notebook.heading(model.name, "steady state"),
            notebook.line(notebook.badge(self.status, self.converged),
                          notebook.badge("stable" if self.stable else "not stable", self.stable)),
            notebook.note("; ".join(told)),
            notebook.table(["id", "value", "unit", "name"], facts),
            notebook.note(f"{len(facts)} of {len(names)} quantities; all are in .values"),
        ])  # fmt: skip


@dataclass(frozen=True)
class _Balance:
    """A balanced state and its certificate."""

    states: np.ndarray
    certificate: Certificate


def steady_state(model: Model) -> SteadyState:
    """Find the steady state that a model's starting values lead to, and certify it.

    CVODE follows the course; from where it has come, Newton's method with exact derivatives finds
    the balance. The certificate says whether it is one. It is the state that the start leads to
    only if the course then comes to it: within a relative distance of 1e-4, and closer all the
    time. A course that does not is followed to ever later times. Where neighbouring courses part
    on the way, starts beside the model's own are followed too: if they lead elsewhere, rounding
    decides, and no state is claimed.

    Events and times at which the model switches are followed past the last of them. The state is
    that of the model as it is then, with what events have set, and it is certified where no event
    can happen any more and no rate follows the time beyond rounding.

    Parameters
    ----------
    model
        Parameters, and the start: from it follow the conserved sums and the state that is reached.

    Returns
    -------
    SteadyState
        Every value, and the certificate of what was checked.

    Raises
    ------
    SteadyStateError
        The course leads to no certified state. ``status`` says why, ``states`` holds the balanced
        states that were found, and the message says what the course does instead.
    UnsupportedModelError
        The model switches by the time again and again, or cannot be written down symbolically.
    InputError
        A computed starting value is negative.
    """
    check_model(model)
    examiner = Examiner(model)
    course = Following(model, examiner.equations)
    late = Late(course, examiner)
    found: list[_Balance] = []
    balance: _Balance | None = None
    for horizon in late.horizons(HORIZONS):
        if course.time >= horizon:
            continue
        if not course.to(horizon):
            late.moving(course.last)
            break
        if late.renew():
            examiner, found, balance = late.examiner, [], None
        if late.moving(course.last):
            continue
        balance = _balance(examiner, course.last)
        if balance.certificate.status not in _BALANCED:
            continue
        if not any(_same(examiner, balance, other) for other in found):
            found.append(balance)
        if balance.certificate.status is Status.OK and _arrives(examiner, course, balance):
            if late.renew() or late.moving(balance.states):
                examiner, found, balance = late.examiner, [], None
                continue
            if _rounding_decides(examiner, course, balance):
                raise _error(examiner, Status.NOT_REACHED, [balance],
                             "a start next to this one leads elsewhere")  # fmt: skip
            return _state(examiner, balance)
    if late.reason:
        does = late.reason
        if not course.stuck:
            lost = _lost_compartment(examiner, course)
            does = lost or course.cause() or f"{does}; simulate it instead"
        raise _error(examiner, Status.NOT_REACHED, [], does)
    raise _failure(examiner, course, found, balance)


#: Statuses of a state whose balance and conserved sums are right, stable or not.
_BALANCED = (Status.OK, Status.UNSTABLE, Status.NEUTRAL)


def _balance(examiner: Examiner, near: np.ndarray) -> _Balance:
    """Return a balance near a place: Newton's, or the place, if it is of a family of balances."""
    # Along a family nothing holds Newton's method, and the course alone says where in it to be.
    # Where hardly any force restores a balance, or rates have no slope, the certificate fails
    with np.errstate(all="ignore"):
        states = examiner.balanced(near)
        found = _Balance(states, examiner.examine(states))
        if found.certificate.status in (Status.OK, Status.UNSTABLE):
            return found
        here = _Balance(near, examiner.examine(near))
        return here if here.certificate.status in (Status.OK, Status.NEUTRAL) else found


def _state(examiner: Examiner, balance: _Balance) -> SteadyState:
    values = pd.Series(examiner.values(balance.states), name="value", dtype=float)
    return SteadyState(examiner.model, values, balance.certificate)


def _same(examiner: Examiner, one: _Balance, other: _Balance) -> bool:
    """Whether two balanced states are one: no further apart than their errors."""
    error = one.certificate.error + other.certificate.error
    return examiner.distance(one.states, other.states) <= 2 * error + 1e-9


def _arrives(examiner: Examiner, course: Following, balance: _Balance) -> bool:
    """Whether the course, followed on from where it is, comes to a certified state."""
    close = max(SETTLED, balance.certificate.error)
    before = examiner.distance(course.last, balance.states)
    for time in (2 * course.time, course.time + PATIENCE * balance.certificate.slowest):
        if not course.to(time):
            return False
        after = examiner.distance(course.last, balance.states)
        if after <= close or (before <= ARRIVED and after <= before / 2):
            return True
    return False


def _rounding_decides(examiner: Examiner, course: Following, balance: _Balance) -> bool:
    """Whether a course that starts next to the model's own start ends in another state."""
    # Only where neighbouring courses part on the way, by a thousandfold or more altogether
    times, looks = np.array(course.times), np.array(course.looks)
    picked = np.unique(np.linspace(0, len(looks) - 1, SAMPLED).astype(int))
    if float(np.trapezoid(examiner.expansion(looks[picked]), times[picked])) < np.log(PARTED):
        return False
    sizes = NUDGE * np.maximum(np.abs(looks[0]), np.abs(looks).max() * SMALLEST_SHARE)
    own = np.abs(looks[0]) / 4  # a trace is not moved below zero, which is another course
    sizes = np.where(own > 0, np.minimum(sizes, own), sizes)
    lean = 1 + np.arange(looks.shape[1]) / looks.shape[1]
    for nudge in (lean, lean[::-1], -lean, -lean[::-1]):
        course.restart(np.where(looks[0] > 0, nudge, np.abs(nudge)) * sizes)
        if not course.to(times[-1]) or examiner.distance(course.last, balance.states) > ARRIVED:
            return True
    return False


def _failure(
    examiner: Examiner, course: Following, found: list[_Balance], last: _Balance | None
) -> SteadyStateError:
    """Say where the course goes instead, and which balanced states there are."""
    rests = [b for b in found if b.certificate.status is not Status.OK]
    near = [
        balance
        for balance in rests
        if any(examiner.distance(look, balance.states) <= ARRIVED for look in course.looks)
    ]
    if near:
        return _error(examiner, near[0].certificate.status, near, "the course comes to rest there")
    grown = _growing(examiner, course)
    period = _oscillation(examiner, course, found)
    if period is not None:
        unit = examiner.model.units["time"]
        unstable = [b.certificate.status for b in found if b.certificate.status is not Status.OK]
        does = f"the course oscillates, period {period:.4g} {unit}".rstrip()
        status = unstable[0] if unstable else Status.NOT_REACHED
        return _error(examiner, status, found, does, period)
    growth = f"'{grown}' still grows at time {course.time:.4g}" if grown else ""
    does = _lost_compartment(examiner, course) or growth
    if found:
        return _error(examiner, Status.NOT_REACHED, found, does)
    if last is None:
        return _error(examiner, Status.GAVE_UP, found, does or course.cause())
    residual = last.certificate.residual
    does = f"relative imbalance {residual:.1e}; {does}" if np.isfinite(residual) else does
    return _error(examiner, last.certificate.status, found, does.rstrip("; "))


def _error(
    examiner: Examiner,
    status: Status,
    found: Sequence[_Balance],
    does: str,
    period: float | None = None,
) -> SteadyStateError:
    """Return the error that names what the course does and the first two of the states found."""
    states = [_state(examiner, balance) for balance in found]
    named = [f"{kind} at {' and at '.join(_place(examiner, state) for state in alike)}"
             for kind, alike in itertools.groupby(states[:2], _kind)]  # fmt: skip
    text = f"model '{examiner.model.name}' has no certified steady state"
    if all(state.certificate.status is not status for state in states[:2]):  # which say so
        text += f": {status}"
    return SteadyStateError("; ".join(part for part in (text, does, *named) if part), str(status),
                            states, period)  # fmt: skip


def _kind(state: SteadyState) -> str:
    return "stable" if state.converged else state.status


def _place(examiner: Examiner, state: SteadyState) -> str:
    ids = [name for name, q in examiner.model.quantities.items()
           if q.kind == "floating" or q.computed == "rate rule"]  # fmt: skip
    shown = ", ".join(f"{name} = {state.values[name]:.4g}" for name in ids[:NAMED])
    return shown + (", …" if len(ids) > NAMED else "")


def _oscillation(examiner: Examiner, course: Following, found: list[_Balance]) -> float | None:
    """Return the period of a sustained oscillation; add the balance inside it to those found."""
    if not _turns(examiner, course):
        return None
    # Where the course stands, and then from early on, when a centre's orbit has not drifted yet
    for again in (False,) if course.switches else (False, True):
        if again:
            course.restart()
            course.to(HORIZONS[0])
        if not found:
            balance = _balance(examiner, course.last)
            found += [balance] if balance.certificate.status in _BALANCED else []
        guesses = [2 * np.pi / abs(value.imag)
                   for balance in found for value in balance.certificate.eigenvalues
                   if value.imag > 0 and value.real > -0.1 * value.imag]  # fmt: skip
        for guess in (*guesses[:GUESSES], course.time / 10):
            cycle = course.oscillation(guess)
            if cycle is None:
                continue
            within = [cycle.mean + share * (point - cycle.mean)
                      for share in INSIDE for point in cycle.points]  # fmt: skip
            for near in (cycle.mean, *within):
                balance = _balance(examiner, near)
                if balance.certificate.status in _BALANCED:
                    if not any(_same(examiner, balance, other) for other in found):
                        found.append(balance)
                    break
            return cycle.period
    return None


def _turns(examiner: Examiner, course: Following) -> bool:
    """Whether some state goes up and down over the later looks, beyond what integration leaves."""
    late = np.array(course.looks[-FEW:])
    if len(late) < FEW:
        return True
    steps = np.diff(late, axis=0)
    steps[np.abs(steps) <= 10 * ARRIVED * examiner.sizes(late[-1], SMALLEST_SHARE)] = 0.0
    return bool(((steps > 0).any(axis=0) & (steps < 0).any(axis=0)).any())


def _lost_compartment(examiner: Examiner, course: Following) -> str:
    """Say which compartment has no size at last, where the course stands; or nothing."""
    return lost_compartment(examiner.model.sbml, course.last, examiner.constants, examiner.start)


def _growing(examiner: Examiner, course: Following) -> str:
    """Return the first state that grew tenfold, and grew on, over the later looks; or nothing."""
    times, sizes = np.array(course.times), np.abs(np.array(course.looks))
    if len(times) < FEW:
        return ""
    grew = (np.diff(sizes[-len(sizes) // 3 :], axis=0) > 0).all(axis=0)
    before = np.maximum(sizes[len(sizes) // 2], sizes[-1].max() * SMALLEST_SHARE)
    grew &= (sizes[-1] > GROWTH * before) & (sizes[-1] > STILL * sizes[-min(10, len(sizes))])
    # What comes to rest grows ever less: beside the last decade, the last looks tell
    decade = min(int(np.searchsorted(times, times[-1] / 10)), len(times) - FEW // 2)
    with np.errstate(all="ignore"):
        rates = [np.log(sizes[-1] / sizes[at]) / np.log(times[-1] / times[at])
                 for at in (decade, -3)]  # fmt: skip
    grew &= rates[1] >= rates[0] / 2
    return species_of(examiner.equations.states[int(grew.argmax())]) if grew.any() else ""
