"""What a course does that comes to no certified steady state."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from transport_model.balances import BALANCED, Balance, SteadyState, balance_near, same, state_of
from transport_model.certificate import SMALLEST_SHARE, Status
from transport_model.errors import LONGEST, SteadyStateError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.late_times import lost_compartment
from transport_model.mathematics.state_names import species_of
from transport_model.simulation.following import Following, Oscillation

#: Relative distance at which a course has come to a state.
ARRIVED = 1e-4
#: Guesses at a period that are tried, and looks at a course that tell whether it turns.
GUESSES, FEW = 3, 20
#: Time from the start [model time] within which the orbit about a centre does not drift.
EARLY = 1e2
#: Where a balance within a cycle is looked for, between its mean and its points.
INSIDE = (1.0, 0.25, 0.5, 0.1)
#: Growth over the later half of the looks at a course that counts as growth.
GROWTH = 10.0
#: And at least this much of it over the last few looks.
STILL = 1.02
#: Species named of a state in a message, at most.
NAMED = 6


def failure(
    examiner: Examiner, course: Following, found: list[Balance], last: Balance | None
) -> SteadyStateError:
    """Say where the course goes instead, and which balanced states there are."""
    rests = [b for b in found if b.certificate.status is not Status.OK]
    near = [
        balance
        for balance in rests
        if any(examiner.distance(look, balance.states) <= ARRIVED for look in course.looks)
    ]
    if near:
        return refusal(examiner, near[0].certificate.status, near, "the course comes to rest there")
    grown = _growing(examiner, course)
    cycle = _oscillation(examiner, course, found)
    if cycle is not None and cycle.period is not None:
        unit = examiner.model.units["time"]
        unstable = [b.certificate.status for b in found if b.certificate.status is not Status.OK]
        does = f"the course oscillates, period {cycle.period:.4g} {unit}".rstrip()
        status = unstable[0] if unstable else Status.NOT_REACHED
        return refusal(examiner, status, found, does, cycle.period)
    does = _lost_compartment(examiner, course) or _growth(grown, course) or course.cause()
    if not does and cycle is not None:
        does = "the course goes up and down without a period"
    elif not does:
        course.to_where_it_gave_up()
        does = _growth(_growing(examiner, course), course)
    # A member of a family that the course is not near is nothing to be told of
    alone = [balance for balance in found if balance.certificate.status is not Status.NEUTRAL]
    if found:
        does = does or f"the course is still on its way at time {course.time:.4g}"
        return refusal(examiner, Status.NOT_REACHED, alone, does)
    if last is None:
        return refusal(examiner, Status.GAVE_UP, found, does)
    residual = last.certificate.residual
    does = f"relative imbalance {residual:.1e}; {does}" if np.isfinite(residual) else does
    return refusal(examiner, last.certificate.status, found, does.rstrip("; "))


def endless(examiner: Examiner, course: Following, reason: str) -> SteadyStateError:
    """Say why a course that events or the time move for ever, or that is stuck, does not rest."""
    does = reason
    if not course.stuck:
        lost = _lost_compartment(examiner, course)
        does = lost or course.cause() or f"{reason}; simulate it instead"
    return refusal(examiner, Status.NOT_REACHED, [], does)


def refusal(
    examiner: Examiner,
    status: Status,
    found: Sequence[Balance],
    does: str,
    period: float | None = None,
) -> SteadyStateError:
    """Return the error that names what the course does and the first two of the states found."""
    states = [state_of(examiner, balance) for balance in found]
    text = f"model '{examiner.model.name}' has no certified steady state"
    if all(state.certificate.status is not status for state in states[:2]):  # which say so
        text += f": {status}"
    message = ""
    for count in range(NAMED, 0, -1):
        message = "; ".join(part for part in (text, does, *_named(examiner, states, count)) if part)
        if len(message) <= LONGEST:
            break
    return SteadyStateError(message, str(status), states, period)


def _named(examiner: Examiner, states: Sequence[SteadyState], count: int) -> list[str]:
    """Return where the first two states are, by this many species of each."""
    named = []
    for kind, alike in itertools.groupby(states[:2], _kind):
        places = dict.fromkeys(_place(examiner, state, count) for state in alike)
        named.append(f"{kind} at {' and at '.join(places)}")
    return named


def _kind(state: SteadyState) -> str:
    return "stable" if state.converged else state.status


def _place(examiner: Examiner, state: SteadyState, count: int) -> str:
    ids = [name for name, q in examiner.model.quantities.items()
           if q.kind == "floating" or q.computed == "rate rule"]  # fmt: skip
    gone = examiner.vanishing(examiner.states_of(state.values))
    zeros = {species_of(name) for name in itertools.compress(examiner.equations.states, gone)}
    shown = ", ".join(f"{name} = {0 if name in zeros else state.values[name]:.4g}"
                      for name in ids[:count])  # fmt: skip
    return shown + (", …" if len(ids) > count else "")


def _oscillation(examiner: Examiner, course: Following, found: list[Balance]) -> Oscillation | None:
    """Return a sustained oscillation; add the balance inside it to those found."""
    if not _turns(examiner, course):
        return None
    irregular = None
    # Where the course stands, and then from early on, when a centre's orbit has not drifted yet
    for again in (False,) if course.switches else (False, True):
        if again:
            course.restart()
            course.to(EARLY)
        if course.time == 0.0:  # more turns than it had steps for
            course.to_where_it_gave_up()
        if not found:
            balance = balance_near(examiner, course.last)
            found += [balance] if balance.certificate.status in BALANCED else []
        guesses = [2 * np.pi / abs(value.imag)
                   for balance in found for value in balance.certificate.eigenvalues
                   if value.imag > 0 and value.real > -0.1 * value.imag]  # fmt: skip
        for guess in (*guesses[:GUESSES], course.time / 10):
            cycle = course.oscillation(guess)
            if cycle is not None and cycle.period is not None:
                _add_balance_inside(examiner, cycle, found)
                return cycle
            irregular = irregular or cycle
    if irregular is not None:
        _add_balance_inside(examiner, irregular, found)
    return irregular


def _add_balance_inside(examiner: Examiner, cycle: Oscillation, found: list[Balance]) -> None:
    within = [cycle.mean + share * (point - cycle.mean)
              for share in INSIDE for point in cycle.points]  # fmt: skip
    for near in (cycle.mean, *within):
        balance = balance_near(examiner, near)
        if balance.certificate.status in BALANCED:
            if not any(same(examiner, balance, other) for other in found):
                found.append(balance)
            return


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


def _growth(grown: str, course: Following) -> str:
    return f"'{grown}' still grows at time {course.time:.4g}" if grown else ""


def _growing(examiner: Examiner, course: Following) -> str:
    """Return the first state that grew tenfold, and grew on, over the later looks; or nothing."""
    times, sizes = np.array(course.times), np.abs(np.array(course.looks))
    if len(times) < FEW:
        return ""
    grew = (np.diff(sizes[-FEW // 2 :], axis=0) > 0).all(axis=0)
    before = np.maximum(sizes[len(sizes) // 2], sizes[-1].max() * SMALLEST_SHARE)
    grew &= (sizes[-1] > GROWTH * before) & (sizes[-1] > STILL * sizes[-min(10, len(sizes))])
    # What comes to rest grows ever less: beside the last decade, the last looks tell
    decade = min(int(np.searchsorted(times, times[-1] / 10)), len(times) - FEW // 2)
    with np.errstate(all="ignore"):
        rates = [np.log(sizes[-1] / sizes[at]) / np.log(times[-1] / times[at])
                 for at in (decade, -3)]  # fmt: skip
    grew &= rates[1] >= rates[0] / 2
    return species_of(examiner.equations.states[int(grew.argmax())]) if grew.any() else ""
