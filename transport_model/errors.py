"""What can go wrong, in the words of the person it happens to."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

#: Most characters of a message; the program's name comes before it on the line.
LONGEST = 280
#: Characters kept of its end, which says what to do.
_END = 100
#: Most characters of a path in a message, so that two of them have room.
_PATH = 56


class TransportModelError(Exception):
    """Base of every error this project raises on purpose; its message is one line, not too long."""

    def __init__(self, message: str = "") -> None:
        super().__init__(one_line(message))


def one_line(message: str) -> str:
    """Return a message as one line of at most ``LONGEST`` characters, cut in the middle if longer.

    What a file or an argument says may be repeated in a message: it may be long, and hold
    characters that no terminal shows.
    """
    beginning = message
    if len(message) > LONGEST:
        beginning = f"{message[: LONGEST - _END - 1]}…{message[-_END:]}"
    if beginning.isprintable():
        return beginning
    return "".join(character if character.isprintable() else " " for character in beginning)


def short_path(path: Path | str) -> str:
    """Return a path as a message names it: its end, where it is long."""
    text = str(path)
    return text if len(text) <= _PATH else f"…{text[1 - _PATH :]}"


class InputError(TransportModelError, ValueError):
    """What was handed in is wrong; the message says what would be right."""


class RangeWarning(UserWarning):
    """A value lies outside the range that is known for it; the computation goes on."""


class KernelWarning(UserWarning):
    """A kernel cannot be compiled, or not be kept; the computation goes on, and takes longer."""


class UnknownIdError(InputError, KeyError):
    """An id names nothing in the model, or in a result of it."""

    __str__ = Exception.__str__  # a KeyError puts its message in quotes

    @classmethod
    def of(cls, unknown: str, known: Iterable[str], where: str) -> UnknownIdError:
        """Build the error for `unknown`, naming the nearest of the `known` ids."""
        return cls(f"no quantity '{unknown}' in {where}{did_you_mean(unknown, known)}")


def did_you_mean(unknown: str, known: Iterable[str]) -> str:
    """Return ``; did you mean '…'?`` with the nearest of what is known, or nothing if none is.

    Nearest is what means the same in another cell (:func:`same_elsewhere`), then the like spelling.
    """
    names = list(known)
    if len(unknown) > LONGEST:  # no name is near it, and to find that out takes long
        return ""
    if same := same_elsewhere(unknown, names):
        return f"; did you mean {' or '.join(map(repr, same))}?"
    near = difflib.get_close_matches(unknown, names, n=1, cutoff=0.5)
    if not near:  # difflib is case-sensitive; people are not
        folded = {name.lower(): name for name in names}
        near = [folded[key] for key in difflib.get_close_matches(unknown.lower(), folded, n=1)]
    if not near:  # what a reaction calls its own parameter: 'k' of 'bind' is 'bind_k'
        near = [name for name in names if name.endswith(f"_{unknown}")]
    return f"; did you mean '{near[0]}'?" if near else ""


#: What tells one face or carrier from its fellows: the outside, the membrane, a lumen, the blood;
#: the number of a symporter.
_FACE, _CARRIER = re.compile(r"_[omab]$"), re.compile(r"(?<=sglt)[12](?=_|$)", re.IGNORECASE)


def same_elsewhere(name: str, known: Iterable[str]) -> list[str]:
    """Return the known ids that mean what `name` means in a cell with other faces or carriers.

    ``Na_o`` of a cell in one bath is ``Na_a`` and ``Na_b`` of one between two, ``V_m`` is ``V_a``
    and ``V_b``, ``P_Na`` is ``P_Na_a``, ``n_SGLT`` is ``n_SGLT1`` and ``n_SGLT2``; and back.
    """

    def meaning(text: str) -> str:
        return _CARRIER.sub("", _FACE.sub("", text))

    return sorted(other for other in known if other != name and meaning(other) == meaning(name))


class ModelFileError(InputError):
    """A model file is missing, empty, unreadable or not valid."""


class UnsupportedModelError(InputError):
    """A model uses a construct that this package does not handle."""


class ComputationError(TransportModelError, RuntimeError):
    """The question was sound, the answer could not be computed."""


class SimulationError(ComputationError):
    """A time course could not be integrated."""


class SteadyStateError(ComputationError):
    """The start of a model leads to no certified steady state.

    Attributes
    ----------
    status
        How the search failed, a :class:`transport_model.certificate.Status`.
    states
        Balanced states that were found all the same, each a
        :class:`transport_model.SteadyState`: unstable or neutral ones near which the
        course stays, or stable ones that it does not come to.
    period
        Of a course that oscillates without end, in the model's unit of time; None of any other.
    """

    def __init__(
        self, message: str, status: str, states: Sequence[Any] = (), period: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.states = tuple(states)
        self.period = period

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (str(self), self.status, self.states, self.period)
