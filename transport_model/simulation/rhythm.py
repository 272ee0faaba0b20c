"""Whether a course goes round and round: with a period, or in turns that are never the same."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

#: Relative difference of like turns, in how long they take and about what mean, and in how far each
#: state swings, of an oscillation that has a period; and how often such a pattern has to be seen.
REGULAR, SWING, REPEATED = 0.02, 0.1, 4
#: Share of its swing that one without a period may lose meanwhile.
LOST = 0.5
#: States by which an oscillation is looked for, those that swing most.
TRIED = 5


@dataclass(frozen=True)
class Oscillation:
    """A sustained oscillation.

    Attributes
    ----------
    period
        [time]; None of one that does not repeat itself, as of chaos.
    turn
        How long a turn takes [time]; a period may have several.
    mean
        The states' mean over a period, or over a turn.
    points
        A few states on the way round, (points, states).
    """

    period: float | None
    turn: float
    mean: np.ndarray
    points: np.ndarray


def oscillation(times: np.ndarray, states: np.ndarray) -> Oscillation | None:
    """Return the oscillation that is seen over the later half of a course, if there is one.

    Parameters
    ----------
    times
        Evenly spaced.
    states
        (points, states).
    """
    late = states[len(states) // 2 :]
    size = np.abs(late).max(axis=0, initial=0.0)
    swing = np.ptp(late, axis=0) / np.where(size > 0, size, 1.0)
    swinging = states[:, swing >= REGULAR]
    irregular = None
    for column in np.argsort(-swing)[:TRIED]:
        if swing[column] < REGULAR:
            break
        starts, at = _turns(times, states[:, column])
        if len(starts) <= REPEATED:
            continue
        lengths = np.diff(at)
        turns = _pattern(lengths, swinging, starts)
        turn = float(lengths[len(lengths) % max(turns, 1) :].mean())
        once = states[starts[-1 - max(turns, 1)] : starts[-1]]
        cycle = Oscillation(turns * turn if turns else None, turn, once.mean(axis=0),
                            once[:: len(once) // 8 + 1])  # fmt: skip
        if turns:
            return cycle
        ends = np.ptp(late[: len(late) // 2, column]), np.ptp(late[len(late) // 2 :, column])
        if irregular is None and ends[1] > LOST * ends[0]:
            irregular = cycle
    return irregular


def _turns(times: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where turns begin over the later half, by a state's rise through its middle.

    As indices, and as times between them.
    """
    half = len(values) // 2
    middle = (values[half:].min() + values[half:].max()) / 2
    rising = half + np.flatnonzero((values[half:-1] < middle) & (values[half + 1 :] >= middle))
    share = (middle - values[rising]) / (values[rising + 1] - values[rising])
    return rising, times[rising] + share * (times[rising + 1] - times[rising])


def _pattern(lengths: np.ndarray, states: np.ndarray, starts: np.ndarray) -> int:
    """Return how many turns make up a period, 0 if no number does: turns that are alike again."""
    pieces = [states[a:b] for a, b in itertools.pairwise(starts)]
    swings = np.array([np.ptp(piece, axis=0) for piece in pieces])
    means = np.array([piece.mean(axis=0) for piece in pieces])
    widest = swings.max(axis=0)
    for turns in range(1, len(lengths) // REPEATED + 1):
        rows = len(lengths) // turns
        by_period = [each[-rows * turns :].reshape(rows, turns, -1)
                     for each in (lengths, swings, _without_trend(means))]  # fmt: skip
        most = (REGULAR * lengths.mean(), SWING * widest, REGULAR * widest)
        if all((np.ptp(each, axis=0) <= bound).all()
               for each, bound in zip(by_period, most, strict=True)):  # fmt: skip
            return turns
    return 0


def _without_trend(values: np.ndarray) -> np.ndarray:
    """Return columns less what grows evenly: a product that piles up does not end a rhythm."""
    places = np.arange(len(values)) - (len(values) - 1) / 2
    slopes = places @ values / (places @ places)
    return values - np.outer(places, slopes)
