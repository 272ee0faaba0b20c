"""Steady states, each with a certificate that no solver had a hand in."""

from __future__ import annotations

import numpy as np

from transport_model.balances import BALANCED, Balance, SteadyState, balance_near, same, state_of
from transport_model.certificate import SMALLEST_SHARE, Status
from transport_model.mathematics.certification import Examiner
from transport_model.model import Model, check_model
from transport_model.simulation.following import Following
from transport_model.simulation.late import Late
from transport_model.unsteady import ARRIVED, endless, failure, refusal

__all__ = ["SteadyState", "steady_state"]

#: Times [model time] at which a course is looked at, until a balance is found near it.
HORIZONS = (1e2, 1e4, 1e6, 1e8, 1e10)
#: Slowest time constants of a certified state for which a course is given to come to it.
PATIENCE = 40.0
#: Relative distance at which it has come as close as its own tolerance lets it.
SETTLED = 1e-5
#: Relative size by which a start is moved to see whether rounding decides where it leads.
NUDGE = 1e-7
#: Parting of neighbouring courses on the way from which that is tried, and looks taken to tell.
PARTED, SAMPLED = 1e3, 16


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
    found: list[Balance] = []
    balance: Balance | None = None
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
        balance = balance_near(examiner, course.last)
        if balance.certificate.status is Status.DRIFTED and course.finer(horizon):
            balance = balance_near(examiner, course.last)
        if balance.certificate.status not in BALANCED:
            continue
        if not any(same(examiner, balance, other) for other in found):
            found.append(balance)
        if balance.certificate.status is Status.OK and _arrives(examiner, course, balance):
            if late.renew() or late.moving(balance.states):
                examiner, found, balance = late.examiner, [], None
                continue
            if _rounding_decides(examiner, course, balance):
                raise refusal(examiner, Status.NOT_REACHED, [balance],
                             "a start next to this one leads elsewhere")  # fmt: skip
            return state_of(examiner, balance)
    if late.reason:
        raise endless(examiner, course, late.reason)
    raise failure(examiner, course, found, balance)


def _arrives(examiner: Examiner, course: Following, balance: Balance) -> bool:
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


def _rounding_decides(examiner: Examiner, course: Following, balance: Balance) -> bool:
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
