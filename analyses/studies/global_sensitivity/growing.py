"""Samples that grow until what is estimated from them is known well enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from transport_model.errors import InputError

from ...scans.designs.base import Design
from .answers import Answers, Progress, check_failures
from .result import GlobalSensitivity, Row, table_of

#: An output varies if its standard deviation is more than this share of its size.
VARIES = 1e-10


class Sample:
    """Answers at the points of a design that can be continued.

    Attributes
    ----------
    stages
        What was computed each time the sample grew: a row per point, a column per output; NaN
        without an answer.
    failures
        How many points have none, by the reason.
    """

    def __init__(self, answers: Answers, design: Callable[[int, int], Design]) -> None:
        self._answers, self._design = answers, design
        self.outputs = answers.outputs
        self.stages: list[np.ndarray] = []
        self.failures: Counter[str] = Counter()
        self._size = 0

    def grow_to(self, size: int, progress: Progress | None) -> None:
        """Compute what is missing to a size, in the units in which the design counts."""
        design = self._design(self._size, size)
        answered = self._answers.at(design, f"{self._size}-{size}", progress)
        check_failures(answered, design)
        self.failures += answered.failures
        self.stages.append(answered.values)
        self._size = size

    def varies(self, place: int) -> bool:
        """Whether the output in a column does."""
        values = np.concatenate([stage[:, place] for stage in self.stages])
        found = values[np.isfinite(values)]
        return bool(found.size) and bool(found.std() > VARIES * np.abs(found).max())


def grown(
    method: str,
    sample: Sample,
    rows_of: Callable[[int], Sequence[Row]],
    *,
    first: int,
    cost: Callable[[int], int],
    width: float,
    budget: int,
    seed: int,
    progress: Progress | None,
) -> GlobalSensitivity:
    """Double a sample until intervals are narrow, or the next size would be above the budget.

    Parameters
    ----------
    method
        What the result calls it.
    sample
        Empty.
    rows_of
        Returns the rows of the table of indices of the output in a column, which varies; each ends
        with whether its interval is waited for.
    first
        Size to begin with.
    cost
        Points of a size.
    width, budget, seed, progress
        As :func:`~.sobol.sobol_indices` has them.
    """
    if not 0 < width < 1:
        raise InputError(f"the width of an interval lies between 0 and 1, not {width:g}")
    if budget < cost(first):
        raise InputError(f"{method} takes at least {cost(first):,} points here; the budget is"
                         f" {budget:,}")  # fmt: skip
    size = first
    while True:
        sample.grow_to(size, progress)
        moving = [place for place in range(len(sample.outputs)) if sample.varies(place)]
        rows = [(sample.outputs[place], row) for place in moving for row in rows_of(place)]
        widths = [row.high - row.low for _, row in rows if row.awaited]
        widest = max(widths, default=0.0)
        if widest <= width or cost(2 * size) > budget:
            break
        size *= 2
    return GlobalSensitivity(
        method=method,
        table=table_of(rows),
        points=cost(size),
        failures=sample.failures,
        width=float(widest),
        settled=bool(widest <= width),
        constant=tuple(n for place, n in enumerate(sample.outputs) if place not in moving),
        seed=seed,
    )
