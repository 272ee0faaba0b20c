"""Editions of a report, and the choice of its chapters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from transport_model.errors import InputError, did_you_mean

from .chapter import Planned


class Edition(StrEnum):
    """How much a report says."""

    #: Three pages for a course: the cell, five claims, questions with answers.
    LESSON = "lesson"
    #: An article; long tables are folded.
    PAPER = "paper"
    #: An article with every table open, and every column of its data described.
    FULL = "full"


class Format(StrEnum):
    """What a report is written as."""

    HTML = "html"
    PDF = "pdf"


def edition_named(name: str) -> Edition:
    """Return an edition by its name.

    Raises
    ------
    InputError
        There is none; those that exist are listed.
    """
    return Edition(_known(name, Edition, "edition"))


def formats_named(names: str | Iterable[str]) -> tuple[Format, ...]:
    """Return formats by their names: ``html,pdf`` or a list of them.

    Raises
    ------
    InputError
        One does not exist, or none is named.
    """
    listed = names.split(",") if isinstance(names, str) else list(names)
    found = tuple(Format(_known(name.strip(), Format, "format")) for name in dict.fromkeys(listed))
    if not found:
        raise InputError(f"no format is named (there are: {', '.join(Format)})")
    return found


def chosen(plan: Sequence[Planned], names: Iterable[str] | None) -> list[Planned]:
    """Return the chapters of a plan that are named, in the plan's order; all of them for None.

    Raises
    ------
    InputError
        One does not exist, or none is named; those that exist are listed.
    """
    if names is None:
        return list(plan)
    there, wanted = [planned.anchor for planned in plan], list(names)
    for name in wanted:
        if name not in there:
            raise InputError(f"no chapter '{name}'{did_you_mean(name, there)} (there are:"
                             f" {', '.join(there)})")  # fmt: skip
    if not wanted:
        raise InputError(f"no chapter is named (there are: {', '.join(there)})")
    return [planned for planned in plan if planned.anchor in wanted]


def _known(name: str, kind: type[StrEnum], what: str) -> str:
    if name not in list(kind):
        near = did_you_mean(name, list(kind))
        raise InputError(f"no {what} '{name}'{near} (there are: {', '.join(kind)})")
    return name
