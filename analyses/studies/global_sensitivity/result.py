"""What a study of inputs finds: a table of indices, each with its interval."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import notebook

#: Columns of a table of indices.
COLUMNS = ["output", "index", "input", "value", "low", "high"]
#: Inputs that a notebook shows.
MOST_SHOWN = 10


@dataclass(frozen=True)
class GlobalSensitivity:
    """Indices of every factor for every output.

    Attributes
    ----------
    method
        Such as ``sobol``.
    table
        Columns ``output``, ``index``, ``input`` (a factor, or two joined by `` × ``), ``value``,
        and ``low`` and ``high``, the ends of its interval of 95 %. The strongest first.
    points
        How many were computed.
    failures
        How many of them have no answer, by the reason.
    width
        Of the widest interval.
    settled
        Whether that is as narrow as was asked for; if not, the budget ended first.
    constant
        Outputs that never vary, and so owe nothing to anything.
    seed
        The one everything was drawn from.
    """

    method: str
    table: pd.DataFrame
    points: int
    failures: Counter[str]
    width: float
    settled: bool
    constant: tuple[str, ...]
    seed: int

    def matrix(self, index: str) -> pd.DataFrame:
        """Return one index, a row per input, the strongest first, and a column per output.

        Parameters
        ----------
        index
            One of the column ``index`` of the table, such as ``ST``.
        """
        chosen = self.table[self.table["index"] == index]
        found = chosen.pivot(index="input", columns="output", values="value")
        outputs = list(dict.fromkeys(chosen["output"]))
        order = found.abs().max(axis=1).sort_values(ascending=False, kind="stable").index
        return found.loc[order, outputs]

    @property
    def said(self) -> str:
        """How large the study was, and how it ended, in a sentence."""
        failed = self.failures.total()
        parts = [f"{self.points:,} points"]
        if failed:
            parts.append(f"{failed:,} without an answer")
        ends = "as narrow as asked" if self.settled else "the budget ended first"
        parts.append(f"widest interval {self.width:.2g}, {ends}")
        if self.constant:
            parts.append(f"never varies: {', '.join(self.constant)}")
        return "; ".join(parts)

    def _repr_html_(self) -> str:
        blocks = []
        for index in dict.fromkeys(self.table["index"]):
            found = self.matrix(str(index)).head(MOST_SHOWN)
            rows = [(name, *map(notebook.tinted, values))
                    for name, values in zip(found.index, found.to_numpy(dtype=float), strict=True)
                    ]  # fmt: skip
            blocks.append(notebook.table([str(index), *map(str, found.columns)], rows))
        return "".join([notebook.heading("What outputs owe to inputs", self.method),
                        notebook.note(self.said), *blocks])  # fmt: skip


@dataclass(frozen=True)
class Row:
    """An index of an input, its interval, and whether a growing sample waits for that."""

    index: str
    input: str
    value: float
    low: float
    high: float
    awaited: bool = True


def table_of(rows: list[tuple[str, Row]]) -> pd.DataFrame:
    """Return a table of indices by output, within each output and index by size."""
    table = pd.DataFrame([(output, row.index, row.input, row.value, row.low, row.high)
                          for output, row in rows], columns=COLUMNS)  # fmt: skip
    outputs = {name: place for place, name in enumerate(dict.fromkeys(table["output"]))}
    kinds = {name: place for place, name in enumerate(dict.fromkeys(table["index"]))}
    order = np.lexsort([-table["value"].abs(), table["index"].map(kinds),
                        table["output"].map(outputs)])  # fmt: skip
    return table.iloc[order].reset_index(drop=True)
