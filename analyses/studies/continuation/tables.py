"""Points of curves as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import column_units, with_units
from transport_model.mathematics.certification import Examiner

from .family import Family
from .special_points import Kind, Special
from .walking import Point

#: Columns besides a model's own that are pure numbers.
PURE = ("arclength", "residual", "error")


def column_of(model: Model, parameter: str) -> str:
    """Return a parameter's column: its id, or ``start_of_<id>`` for the start of a species."""
    return model.start_columns.get(parameter, parameter)


def point_table(family: Family, points: Sequence[Point]) -> pd.DataFrame:
    """Return the points of a curve: parameters, and what each row tells."""
    rows = [_row(family, point.spot.z, point.row or {}) for point in points]
    return _with_units(family.model, pd.DataFrame(rows).rename_axis("point"))


def special_table(family: Family, marks: Sequence[tuple[Special, float]]) -> pd.DataFrame:
    """Return special points: what they are, the parameters, everything that a steady state holds.

    ``frequency`` and ``lyapunov`` are those of Hopf points, which a curve of folds has not.
    """
    rows = []
    for special, length in marks:
        told = Examiner(family.at(special.z)).values(family.states(special.z))
        hopf = {"frequency": special.frequency, "lyapunov": special.lyapunov}
        own = hopf if len(family.axes) == 1 else {}
        row = _row(family, special.z, {**told, **own, "arclength": length, "error": special.error})
        rows.append({"kind": str(Kind(special.kind)), "detail": special.why, **row})
    return _with_units(family.model, pd.DataFrame(rows).rename_axis("special_point"))


def _row(family: Family, z: np.ndarray, told: Mapping[str, object]) -> dict[str, object]:
    values = {column_of(family.model, n): value for n, value in family.values(z).items()}
    return {**values, **{name: value for name, value in told.items() if name not in values}}


def _with_units(model: Model, table: pd.DataFrame) -> pd.DataFrame:
    units = {**column_units(model, table.columns), **dict.fromkeys(PURE, "1")}
    if model.units["time"]:
        units["frequency"] = f"rad/{model.units['time']}"
    return with_units(table, {name: unit for name, unit in units.items() if name in table})
