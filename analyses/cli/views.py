"""What of a result a terminal shows first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .shown_tables import View

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

#: Rows of a course or a scan that a terminal shows.
MOST_ROWS = 40


def series_view(table: pd.DataFrame, model: Model, asked: Sequence[str] = ()) -> View:
    """Return the view of a course or a scan: a row per time or point.

    First comes what varies from row to row because somebody wanted it to, then the status, then
    what was asked for or, if nothing was, the facts of a steady state.
    """
    from transport_model.key_facts import key_facts

    names = [str(name) for name in table.columns]
    quantities = model.quantities
    starts = set(model.start_columns.values())
    inputs = [name for name in names if name in starts or (name in quantities
              and quantities[name].settable and quantities[name].kind != "floating"
              and quantities[name].computed != "rate rule")]  # fmt: skip
    varying = [name for name in inputs if table[name].nunique(dropna=False) > 1]
    verdict = [name for name in ("status",) if name in names]
    results = [name for name in names if name not in inputs]
    facts = list(asked) or key_facts(model, results)
    first = list(dict.fromkeys([*varying, *verdict, *facts]))
    return View(first=first, hidden=set(names) - set(first), most=MOST_ROWS)
