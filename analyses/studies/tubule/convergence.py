"""How many segments it takes: the error of a tubule that is cut into pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import units_of, with_units
from transport_model.errors import ComputationError, InputError
from transport_model.model import check_model

from .geometry import Tubule
from .tubule import FOLLOWED, tubule

#: Numbers of segments whose results are extrapolated, each twice the one before.
DOUBLED = (10, 20, 40, 80)
#: What is looked at.
_QUANTITIES = (*(f"FR_{name}" for name in FOLLOWED), "V_te_last", "ATP", "Na_per_ATP")
#: Segments beyond which nobody goes.
_MOST = 1280


def tubule_convergence(
    model: Model,
    design: pd.DataFrame | None = None,
    *,
    geometry: Tubule | None = None,
    segments: Sequence[int] = DOUBLED,
) -> pd.DataFrame:
    """Return how results depend on the number of segments, and where they tend to.

    A segment is well mixed, so that its cells see what leaves it: a plug flow solved by implicit
    Euler's method, whose error falls as one over the number of segments. Richardson's extrapolation
    takes that error away.

    Parameters
    ----------
    model, design, geometry
        As for :func:`tubule`.
    segments
        At least three numbers, each twice the one before.

    Returns
    -------
    pandas.DataFrame
        A row per nephron and result, the fractions reabsorbed among them; a column per number of
        segments; ``limit``, extrapolated from the last two; and ``order``, the power of one over
        the number of segments with which the last three approach it: near 1 where they have begun
        to.

    Raises
    ------
    InputError
        The numbers do not double. Else as :func:`tubule`.
    ComputationError
        A nephron has a segment without a certified steady state.
    """
    check_model(model)
    doubles = [2 * a == b for a, b in pairwise(segments)]
    if len(segments) < 3 or not all(doubles):
        raise InputError(f"segments are at least three numbers, each twice the one before,"
                         f" not {segments!r:.60}")  # fmt: skip
    runs = [_results(model, design, geometry, count) for count in segments]
    table = pd.DataFrame(dict(zip(segments, (run.stack() for run in runs), strict=True)))
    before, middle, last = (table[count] for count in segments[-3:])
    table["limit"] = 2 * last - middle
    with np.errstate(divide="ignore", invalid="ignore"):
        table["order"] = np.log2((middle - before) / (last - middle))
    units = units_of(runs[0])
    table.index = table.index.set_names([runs[0].index.name or "nephron", "result"])
    return with_units(table, {"order": "1", **{name: units[name] for name in _QUANTITIES}})


def segments_needed(
    model: Model,
    tolerance: float,
    design: pd.DataFrame | None = None,
    *,
    geometry: Tubule | None = None,
) -> int:
    """Return how many segments it takes for fractions reabsorbed of a given accuracy.

    Parameters
    ----------
    model, design, geometry
        As for :func:`tubule`; the nephron that needs most decides.
    tolerance
        Largest error of ``FR_water`` to ``FR_Glc``, as a difference of fractions.

    Returns
    -------
    int
        10, 20, 40, … The error at `n` segments is taken for twice the difference between `n` and
        `2 n`, as Richardson does.

    Raises
    ------
    InputError
        The tolerance is not positive. Else as :func:`tubule`.
    ComputationError
        A nephron has a segment without a certified steady state, or it takes more than 1280.
    """
    check_model(model)
    if not isinstance(tolerance, int | float) or not 0 < tolerance < np.inf:
        raise InputError(f"a tolerance is a positive number, not {tolerance!r:.40}")
    fractions = [f"FR_{name}" for name in FOLLOWED]
    count, error = DOUBLED[0], np.inf
    coarse = _results(model, design, geometry, count)[fractions].to_numpy()
    while count <= _MOST:
        fine = _results(model, design, geometry, 2 * count)[fractions].to_numpy()
        error = 2 * float(np.abs(fine - coarse).max())
        if error <= tolerance:
            return count
        count, coarse = 2 * count, fine
    raise ComputationError(
        f"fractions reabsorbed are still {error:.1g} from their limit with {_MOST} segments"
    )


def _results(
    model: Model, design: pd.DataFrame | None, geometry: Tubule | None, segments: int
) -> pd.DataFrame:
    summary = tubule(model, design, geometry=geometry, segments=segments, outputs=()).summary
    failed = summary.loc[~summary["converged"], "status"]
    if len(failed):
        raise ComputationError(
            f"nephron {failed.index[0]} has a segment without a steady state: {failed.iloc[0]}"
            f" ({segments} segments)"
        )
    return with_units(summary[list(_QUANTITIES)], units_of(summary))
