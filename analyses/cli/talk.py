"""What the program says beside its results, and how much of it, on standard error."""

from __future__ import annotations

import json
import sys
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import typer


@dataclass
class _Manner:
    """How this run of the program talks."""

    quiet: bool = False
    verbose: bool = False
    as_json: bool = False


_manner = _Manner()
#: Remarks on values, which a refusal of these values makes pointless.
_waiting: list[str] = []


def take_options(arguments: Sequence[str]) -> list[str]:
    """Set how this run talks; return the arguments without what says it.

    ``--quiet`` (``-q``), ``--verbose`` and ``--log json`` or ``--log text`` may stand before a
    command or among its options.

    Raises
    ------
    InputError
        There is no such form of log.
    """
    global _manner
    _manner = _Manner()
    _waiting.clear()
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument in {"--quiet", "-q"}:
            _manner.quiet = True
        elif argument == "--verbose":
            _manner.verbose = True
        elif argument == "--log" or argument.startswith("--log="):
            form = argument[6:] if "=" in argument else next(waiting, "")
            if form not in {"text", "json"}:
                from transport_model.errors import InputError

                raise InputError(f"--log takes text or json, not '{form}'")
            _manner.as_json = form == "json"
        else:
            rest.append(argument)
    return rest


def is_watched() -> bool:
    """Whether a person sees what is said; standard error may be closed."""
    return sys.stderr is not None and sys.stderr.isatty() and not (_manner.quiet or _manner.as_json)


def note(text: str, **facts: object) -> None:
    """Say something beside the result; for a person, broken at words.

    As JSON, `facts` go with it.
    """
    if not _manner.quiet:
        _say_what_waits()
        _say(text, facts)


def remark(text: str) -> None:
    """Say something with the next note, or beside a computation that failed."""
    _waiting.append(text)


def _say_what_waits() -> None:
    while _waiting:
        _say(_waiting.pop(0), {})


def say_verbosely(text: str) -> None:
    """Say something that only ``--verbose`` asks for."""
    if _manner.verbose:
        _say(text, {})


def complain(text: str, code: int) -> None:
    """Say what went wrong, however quiet this run is."""
    if code == 1 and not _manner.quiet:
        _say_what_waits()
    if _manner.as_json:
        _say(text, {"status": code})
    else:
        typer.echo(f"transport-model: {text}", err=True)


def _say(text: str, facts: dict[str, object]) -> None:
    if _manner.as_json:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        text = json.dumps({"time": now, "message": text, **facts}, ensure_ascii=False)
    elif is_watched():
        from rich.console import Console

        lead = len(text) - len(text.lstrip())
        text = textwrap.fill(text, Console(stderr=True).width, subsequent_indent=" " * lead,
                             break_long_words=False, break_on_hyphens=False)  # fmt: skip
    typer.echo(text, err=True)


#: Seconds before a log hears for the first time of what takes long, and between two lines.
FIRST, LATER = 5.0, 15.0


class Sparing:
    """Says how far something is, where nobody watches: only if it takes long, and then seldom."""

    def __init__(self) -> None:
        self._due = time.monotonic() + FIRST

    def say(self, text: str, **facts: object) -> None:
        """Say it if it is time."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + LATER
            note(text, **facts)
