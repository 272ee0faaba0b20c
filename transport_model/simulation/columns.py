"""What a course holds: libRoadRunner's name of each column, and where numbers are missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from transport_model.model import Model
from transport_model.quantities import ids_set_by_start_or_event, rule_kinds


def selections_of(model: Model) -> dict[str, str]:
    """Return libRoadRunner's selection for every column of a result, in the order of results.

    The same columns as :func:`~transport_model.mathematics.evaluation.result_columns`.

    Parameters
    ----------
    model
        The model; values set on it do not count.

    Returns
    -------
    dict
        Selections by column.
    """
    species = {n: q for n, q in model.quantities.items() if q.kind in {"floating", "boundary"}}
    read = {name: name if q.is_amount else f"[{name}]" for name, q in species.items()}
    columns = {name: read[name] for name, q in species.items() if q.kind == "floating"}
    columns |= model.amount_columns
    for kind in ("rate", "assignment"):
        for name, of_kind in rule_kinds(model.sbml).items():
            if of_kind == kind:
                columns.setdefault(name, read.get(name, name))
    for name in ids_set_by_start_or_event(model.sbml):
        columns.setdefault(name, name)
    columns |= {name: name for name in model.reaction_ids}
    return {**columns, **{name: text for name, text in read.items() if name not in columns}}


def first_not_finite(course: np.ndarray, columns: Sequence[str]) -> dict[str, float]:
    """Return the first time at which a column has no finite number, for those that have such one.

    Parameters
    ----------
    course
        A row per time point; the time, then a column per item of `columns`.
    columns
        Their names.
    """
    missing = ~np.isfinite(course[:, 1:])
    rows = missing.argmax(axis=0)
    return {
        name: float(course[rows[at], 0]) for at, name in enumerate(columns) if missing[:, at].any()
    }
