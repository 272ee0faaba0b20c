"""The words in which studies, experiments and referees judge."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is said of a subject, a target, a claim, or another engine."""

    #: A law, a target or an experiment's claim is met.
    HOLDS = "holds"
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
