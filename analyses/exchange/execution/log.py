"""What became of every part of an archive that was run, as BioSimulators' log files say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transport_model.errors import ComputationError

SUCCEEDED, FAILED, SKIPPED = "SUCCEEDED", "FAILED", "SKIPPED"


@dataclass
class Entry:
    """One part: a task, a report or a plot.

    Attributes
    ----------
    status
        ``SUCCEEDED``, ``FAILED``, or ``SKIPPED`` where what it needs failed.
    error
        Why it failed or was skipped.
    duration
        Of its computation, in seconds.
    output
        What was said meanwhile.
    more
        What the log says besides of parts of its kind.
    """

    status: str = SKIPPED
    error: Exception | None = None
    duration: float | None = None
    output: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, Any]:
        """Return the entry under the names of a log file."""
        error = self.error
        reason = error and {"type": type(error).__name__, "message": str(error)}
        return {
            "status": self.status,
            "exception": reason if self.status == FAILED else None,
            "skipReason": reason if self.status == SKIPPED else None,
            "output": self.output or None,
            "duration": self.duration,
            **self.more,
        }


@dataclass
class DocumentLog:
    """What became of a SED-ML document."""

    location: str
    tasks: dict[str, Entry] = field(default_factory=dict)
    outputs: dict[str, Entry] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    duration: float = 0.0

    @property
    def errors(self) -> list[Exception]:
        """Why parts failed, each reason once."""
        entries = (*self.tasks.values(), *self.outputs.values())
        found = {str(e.error): e.error for e in entries if e.status == FAILED and e.error}
        return list(found.values())

    def as_mapping(self) -> dict[str, Any]:
        """Return the document's part of a log file."""
        return {
            **_whole(self.errors, self.duration, "\n".join(self.remarks)).as_mapping(),
            "location": self.location,
            "tasks": _listed(self.tasks),
            "outputs": _listed(self.outputs),
        }


def _listed(entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    return [{"id": key, **entry.as_mapping()} for key, entry in entries.items()]


def _whole(errors: Sequence[Exception], duration: float, output: str = "") -> Entry:
    """Return the entry of something that failed if any of its parts did."""
    error = None
    if errors:
        error = errors[0] if len(errors) == 1 else ComputationError("; ".join(map(str, errors)))
    return Entry(FAILED if errors else SUCCEEDED, error, duration, output)


def write_log(documents: Sequence[DocumentLog], path: Path) -> None:
    """Write the log of a run, in YAML."""
    errors = [error for document in documents for error in document.errors]
    _write(_whole(errors, sum(document.duration for document in documents)), documents, path)


def write_refusal(error: Exception, duration: float, path: Path) -> None:
    """Write the log of a run that did not come to its tasks, `duration` in seconds."""
    _write(Entry(FAILED, error, duration), (), path)


def _write(whole: Entry, documents: Sequence[DocumentLog], path: Path) -> None:
    import yaml

    content = {**whole.as_mapping(), "sedDocuments": [d.as_mapping() for d in documents]}
    path.write_text(
        yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8", newline="\n"
    )
