"""A tubule held against its targets, one row each."""

from __future__ import annotations

import pandas as pd

from transport_model import Model
from transport_model.references import origin

from ...verdict import Verdict, VerdictTable
from ..targets import Evidence
from .geometry import Tubule
from .measures import measures
from .targets import TARGETS
from .tubule import SEGMENTS

#: Columns of the table; `fitted` tells whether the model was fitted to the row.
COLUMNS = ["target", "conditions", "expected", "tolerance", "got", "unit", "verdict", "kind",
           "fitted", "source", "reference", "reason"]  # fmt: skip


def validate_tubule(
    model: Model, *, geometry: Tubule | None = None, segments: int = SEGMENTS
) -> pd.DataFrame:
    """Hold a tubule against every target of :data:`.targets.TARGETS`.

    Parameters
    ----------
    model
        Of a segment: ``load_model("segment")``.
    geometry, segments
        As for :func:`tubule`.

    Returns
    -------
    pandas.DataFrame
        Columns :data:`COLUMNS`: expected and tolerance (absolute, in `unit`), what the model says,
        the verdict, the kind of evidence, whether the model was fitted to it, and the reason for a
        miss where it is known. What is not met stands first.

    Raises
    ------
    InputError, ComputationError
        The model is none of a segment, or its nephron has no steady state.
    """
    found = measures(model, geometry=geometry, segments=segments).iloc[0]
    rows = []
    for target in TARGETS:
        got = float(found[target.measure])
        met = abs(got - target.wanted) <= target.tolerance
        against = Verdict.CONFLICT if target.kind is Evidence.CONFLICT else Verdict.MISSES
        rows.append({
            "target": target.what,
            "conditions": target.conditions,
            "expected": target.wanted,
            "tolerance": target.tolerance,
            "got": got,
            "unit": target.unit,
            "verdict": str(Verdict.HOLDS if met else against),
            "kind": str(target.kind),
            "fitted": target.fitted,
            "source": origin(target.source, target.reference),
            "reference": target.reference,
            "reason": "" if met else target.reason,
        })  # fmt: skip
    rows.sort(key=lambda row: row["verdict"] == Verdict.HOLDS)
    return VerdictTable(rows, columns=COLUMNS)
