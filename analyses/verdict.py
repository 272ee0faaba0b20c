"""The words in which studies, experiments and referees judge."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import pandas as pd

from transport_model import notebook
from transport_model.notebook import Cell

#: Rows that a notebook shows, those that go against first.
MOST_SHOWN = 25


class Verdict(StrEnum):
    """What is said of a subject, a target, a claim, or another engine."""

    #: A law, a target or an experiment's claim is met.
    HOLDS = "holds"
    #: A cycle is out of balance by no more than the digits of its constants in print leave open.
    WITHIN_ROUNDING = "within rounding of print"
    #: A reaction or a cycle breaks thermodynamics.
    BROKEN = "broken"
    #: A step or a flow runs one way only, which no law of balance judges.
    NO_REVERSE = "no reverse"
    #: A target lies outside its tolerance.
    MISSES = "misses"
    #: A target lies outside its tolerance, and contradicts others that are met.
    CONFLICT = "in conflict"
    #: An experiment's claim is not met.
    REFUTED = "refuted"
    #: Nothing can be said of a subject of an audit.
    NOT_CHECKED = "not checked"
    #: An experiment that only measures.
    NO_CLAIM = "no claim"
    #: An engine's numbers are ours.
    AGREES = "agrees"
    #: They are not.
    DIFFERS = "differs"
    #: An engine gave no numbers.
    FAILED = "failed"
    #: An engine is not there to be asked.
    NOT_INSTALLED = "not installed"
    #: An engine is not asked, because its results are known to be wrong.
    KNOWN_WRONG = "known to be wrong"

    @property
    def good(self) -> bool | None:
        """Whether it speaks for its subject; None where it speaks neither for it nor against."""
        if self in {Verdict.HOLDS, Verdict.AGREES}:
            return True
        against = {Verdict.BROKEN, Verdict.MISSES, Verdict.REFUTED, Verdict.DIFFERS, Verdict.FAILED}
        return False if self in against else None


class VerdictTable(pd.DataFrame):
    """A table whose rows are judged in a column ``verdict``; a notebook shows that first."""

    @property
    def _constructor(self) -> Callable[..., VerdictTable]:
        return VerdictTable

    def _repr_html_(self) -> str:
        if "verdict" not in self.columns:
            return str(super()._repr_html_())  # pyright: ignore[reportCallIssue]
        frame = self.reset_index() if self.index.name else self
        verdicts = [Verdict(word) for word in frame["verdict"]]
        counts = frame["verdict"].astype(str).value_counts()
        told = [notebook.badge(f"{count} {word}", Verdict(word).good)
                for word, count in counts.items()]  # fmt: skip
        order = sorted(range(len(frame)), key=lambda row: verdicts[row].good is not False)
        shown = order[:MOST_SHOWN]
        others = [str(name) for name in frame.columns if name != "verdict"]
        rows = [(Cell(notebook.badge(str(verdicts[row]), verdicts[row].good)),
                 *frame[others].iloc[row]) for row in shown]  # fmt: skip
        return "".join([
            notebook.line(*told),
            notebook.table(["verdict", *others], rows),
            notebook.note(f"{len(shown)} of {len(frame)} rows, those that go against first")
            if len(shown) < len(frame) else "",
        ])  # fmt: skip
