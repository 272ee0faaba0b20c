"""The certificate of a steady state in words, and the table of its values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE
from transport_model.columns import column_name
from transport_model.constants import FARADAY
from transport_model.errors import InputError
from transport_model.units import converted


class Check(NamedTuple):
    """A line of a certificate: what was looked at, what was found, what it means."""

    name: str
    found: str
    meaning: str


def checks_of(state: SteadyState) -> tuple[Check, ...]:
    """Return what a steady state was found to be; a line that does not apply is left out."""
    slowest = state.certificate.slowest
    lasting = f"slowest time constant {slowest:.4g} {state.model.units['time']}".rstrip()
    checks = (
        Check("status", str(state.status), "every check below passed"),
        Check("largest relative imbalance", f"{state.residual:.1e}",
              f"of a species, |Σ N v| / Σ |N||v|; at most {MAX_IMBALANCE:.0e}"),
        *(Check(what, _in_amperes(flow, state), "charge leaving the cell")
          for what, flow in state.certificate.currents_in_words.items()),
        Check("drift of conserved sums", f"{state.certificate.drift:.1e}",
              f"relative; at most {MAX_DRIFT:.0e}"),
        Check("stability", "stable" if state.stable else "not stable",
              lasting if np.isfinite(slowest) else ""),
    )  # fmt: skip
    return tuple(check for check in checks if check.found)


def _in_amperes(flow: float, state: SteadyState) -> str:
    """Return a flow of charge [pA], or in the model's own unit where that is not one of moles."""
    units = state.model.units
    unit = f"{units['extent']}/{units['time']}"
    try:
        return f"{converted(flow, unit, 'mol/s') * FARADAY * 1e12:.1e} pA"
    except InputError:
        return f"{flow:.1e}"


def state_table(model: Model, state: SteadyState) -> pd.DataFrame:
    """Return every value of a steady state: ``value``, ``unit``, ``name`` by id."""
    table = state.values.rename_axis("id").to_frame()
    table["unit"] = [model.unit(str(name)) for name in table.index]
    table["name"] = [column_name(model, str(name)) for name in table.index]
    return table
