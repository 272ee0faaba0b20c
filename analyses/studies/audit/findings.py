"""What an audit finds: its rows, and how a comparison becomes one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...verdict import Verdict

#: Tolerances: relative, of constants and energies; and of a net flux to the one-way flux.
CONSTANT, FLUX = 1e-9, 1e-10
#: A tolerance of constants above which their agreement says little: a factor of two.
WEAK = 1.0
#: The largest logarithm whose exponential is a number.
LARGEST_LOGARITHM = 709.0


@dataclass(frozen=True)
class Finding:
    """One row of an audit, and the reactions that it reaches."""

    check: str
    subject: str
    conditions: str
    expected: float
    got: float
    factor: float
    tolerance: float
    verdict: Verdict
    note: str = ""
    reactions: tuple[str, ...] = ()


def skipped_finding(
    check: str, subject: str, note: str, conditions: str = "", reactions: Iterable[str] = ()
) -> Finding:
    """Say why something was not checked."""
    return Finding(check, subject, conditions, math.nan, math.nan, math.nan, math.nan,
                   Verdict.NOT_CHECKED, note, tuple(reactions))  # fmt: skip


def cycle_finding(
    subject: str, conditions: str, logs: tuple[float, float], note: str, reactions: Iterable[str],
    *, one_way: bool, rounding: tuple[float, float] = (0.0, 0.0),
) -> Finding:  # fmt: skip
    """Compare the constants of a cycle, expected and got, by their logarithms.

    With a step that runs `one_way` there is no product of ratios to compare. `rounding` is how far
    down and up the digits in print leave open what was got.
    """
    if one_way:
        expected = math.exp(logs[0]) if logs[0] <= LARGEST_LOGARITHM else math.inf
        return Finding("cycle", subject, conditions, expected, math.nan, math.nan, CONSTANT,
                       Verdict.NO_REVERSE, note, tuple(reactions))  # fmt: skip
    off = math.inf if math.isnan(logs[1]) else abs(logs[1] - logs[0])
    expected, got = (math.inf if x > LARGEST_LOGARITHM else math.exp(x) for x in logs)
    factor = math.exp(off) if off <= LARGEST_LOGARITHM else math.inf
    left_open = rounding[1] if logs[1] < logs[0] else -rounding[0]
    verdict, tolerance = Verdict.HOLDS, CONSTANT
    if off > CONSTANT:
        verdict = Verdict.BROKEN if off > left_open + CONSTANT else Verdict.WITHIN_ROUNDING
        tolerance = max(CONSTANT, math.expm1(left_open))
    if tolerance > CONSTANT:
        allowed = f"{1 + tolerance:.{max(2, 1 - math.floor(math.log10(tolerance)))}f}"
        weak = verdict is Verdict.WITHIN_ROUNDING and tolerance > WEAK
        note = "; ".join(filter(None, (note, f"the digits in print allow a factor of {allowed}",
                                       "so few digits say little" if weak else "")))  # fmt: skip
    return Finding("cycle", subject, conditions, expected, got, factor, tolerance, verdict, note,
                   tuple(reactions))  # fmt: skip


def zero_flux_finding(
    check: str, subject: str, conditions: str, part: np.ndarray, whole: np.ndarray, note: str = "",
    reactions: Iterable[str] = (),
) -> Finding:  # fmt: skip
    """Ask that `part` be nothing of `whole` at every state."""
    if not np.isfinite([part, whole]).all():
        return skipped_finding(
            check, subject, "it has no value at some states", conditions, reactions
        )
    if not whole.all():
        return skipped_finding(
            check, subject, "it carries no flux either way", conditions, reactions
        )
    share = np.abs(part) / whole
    worst, many = float(share.max()), int((share > FLUX).sum())
    note = "; ".join(filter(None, (note, f"at {many} of {share.size} states" if many else "")))
    return Finding(check, subject, conditions, 0.0, worst, worst, FLUX,
                   Verdict.BROKEN if many else Verdict.HOLDS, note, tuple(reactions))  # fmt: skip
