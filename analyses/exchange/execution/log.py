"""What became of every part of an archive that was run, as BioSimulators' log files say it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SUCCEEDED, FAILED, SKIPPED = "SUCCEEDED", "FAILED", "SKIPPED"


@dataclass
class Entry:
    """One part: a task, a report or a plot.

    Attributes
    ----------
    status
        ``SUCCEEDED``, ``FAILED``, or ``SKIPPED`` where what it needs failed.
    reason
        Why it failed or was skipped.
    duration
        Of its computation, in seconds.
    more
        What the log says besides of parts of its kind.
    """

    status: str = SKIPPED
    reason: str = ""
    duration: float | None = None
    output: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def as_mapping(self) -> dict[str, Any]:
        """Return the entry under the names of a log file."""
        reason = {"type": "ComputationError", "message": self.reason} if self.reason else None
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

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield every task and output, with what it is in words."""
        yield from ((f"task '{key}'", entry) for key, entry in self.tasks.items())
        yield from ((f"output '{key}'", entry) for key, entry in self.outputs.items())

    @property
    def status(self) -> str:
        """``SUCCEEDED`` if everything did."""
        well = all(entry.status == SUCCEEDED for _, entry in self.entries())
        return SUCCEEDED if well else FAILED

    @property
    def reasons(self) -> list[str]:
        """Why parts failed, each reason once."""
        found = (e.reason for _, e in self.entries() if e.status == FAILED)
        return list(dict.fromkeys(found))

    def as_mapping(self) -> dict[str, Any]:
        """Return the document's part of a log file."""
        whole = Entry(self.status, "; ".join(self.reasons), self.duration, "\n".join(self.remarks))
        return {
            **whole.as_mapping(),
            "location": self.location,
            "tasks": _listed(self.tasks),
            "outputs": _listed(self.outputs),
        }


def _listed(entries: Mapping[str, Entry]) -> list[dict[str, Any]]:
    return [{"id": key, **entry.as_mapping()} for key, entry in entries.items()]


def write_log(documents: list[DocumentLog], path: Path) -> None:
    """Write a log file, in YAML."""
    import yaml

    failed = any(document.status != SUCCEEDED for document in documents)
    reasons = [reason for document in documents for reason in document.reasons]
    whole = Entry(FAILED if failed else SUCCEEDED, "; ".join(reasons),
                  sum(document.duration for document in documents))  # fmt: skip
    content = {**whole.as_mapping(), "sedDocuments": [d.as_mapping() for d in documents]}
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")
