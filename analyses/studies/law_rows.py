"""Rows of a table of laws."""

from __future__ import annotations

#: Columns of a table of laws.
LAW_COLUMNS = ["law", "conditions", "unit", "expected", "got", "tolerance", "holds"]


def law_row(
    law: str, conditions: str, unit: str, expected: float, got: float, tolerance: float
) -> dict:
    """Return what a law says and what the model does; `tolerance` is absolute."""
    holds = bool(abs(got - expected) <= tolerance)
    return dict(zip(LAW_COLUMNS, (law, conditions, unit, expected, got, tolerance, holds),
                    strict=True))  # fmt: skip
