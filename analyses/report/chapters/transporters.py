"""The chapter of a cell's report that holds the model against laws and measurements."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from transport_model import Model, load_model
from transport_model.catalogue import parameter_sets

from ...studies.audit.audit import audit
from ...studies.laws import SLIP
from ...studies.measurements import deviation, shipped_measurements, smooth_curves
from ...studies.symporter_assay import charge_voltage, current_voltage, half_saturation, static_head
from ...studies.validation import parts_of, validate
from ...verdict import Verdict
from ..figures.transporters import AssayCurves, pump_figure, symporter_figure
from ..page import Page

#: Voltages [mV] and outer glucose [mM] of the drawn current-voltage curves.
VOLTAGES = np.linspace(-150.0, 60.0, 43).tolist()
GLUCOSE = (0.1, 0.5, 2.0, 10.0)
#: Voltages [mV] of the drawn charge-voltage curve.
CHARGE_VOLTAGES = np.linspace(-180.0, 100.0, 57).tolist()
#: Slip constants [1/s] at which the static head is drawn.
SLIPS = (0.0, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)


def held_against_measurements(page: Page, say: Callable[[str], object]) -> None:
    """Fill in the table of targets and the figures of pump and symporter."""
    table = validate(page.model, progress=say)
    page.data["validation"] = table
    missed = table[table["verdict"] == Verdict.MISSES]
    page.facts["validation"] = {
        "targets": len(table),
        "laws": int((table["kind"] == "law").sum()),
        "laws_missed": int((missed["kind"] == "law").sum()),
        "missed": missed["target"].tolist(),
    }
    say("pump and symporter under test conditions")
    parts = parts_of(page.model)
    assays = [
        AssayCurves(item, smooth_curves(item, parts.pump), deviation(item, parts.pump))
        for item in shipped_measurements()
    ]
    page.figures["pump_assay"] = pump_figure(assays)
    for assay in assays:
        page.data[assay.measurement.name] = assay.measurement.points
        page.data[f"{assay.measurement.name}_model"] = assay.curves
    _symporter(page)
    page.data["published_tables"] = _published()


def _published() -> pd.DataFrame:
    """Return the audit of the symporter's tables as they were printed, set by set."""
    name = "oocyte_published"
    audits = {s: audit(load_model(name, parameters=s)) for s in parameter_sets(name)}
    table = pd.concat(audits, names=["set"]).reset_index("set")
    table["cycle"] = table["subject"].str.split(": ").str[-1]
    table["verdict"] = table["verdict"].astype(str)
    return table[["set", "cycle", "factor", "verdict"]]


def _symporter(page: Page) -> None:
    oocyte = load_model("oocyte")
    currents = current_voltage(oocyte, VOLTAGES, GLUCOSE)
    halves = {
        name: half_saturation(load_model("oocyte", parameters=name), VOLTAGES)
        for name in parameter_sets("oocyte")
    }
    # As charge is measured: sodium outside alone
    charge, boltzmann = charge_voltage(oocyte.with_values(Na_i=0.0), CHARGE_VOLTAGES)
    heads = pd.DataFrame(
        {
            "slip": SLIPS,
            "SGLT1": _heads(load_model("cell", symporter="sglt1"), SLIPS),
            "SGLT2": _heads(load_model("cell", symporter="sglt2"), SLIPS),
        }
    )
    page.figures["symporter_assay"] = symporter_figure(currents, halves, charge, boltzmann, heads)
    page.facts["charge"] = boltzmann
    page.data["symporter_current"] = currents
    page.data["symporter_half_saturation"] = pd.concat(halves, names=["set"]).reset_index()
    page.data["symporter_charge"] = charge
    page.data["static_head"] = heads


def _heads(cell: Model, slips: Sequence[float]) -> list[float]:
    """Return static heads of a cell's symporter at Na⁺ 12/140 mM and -60 mV."""
    (constant,) = [name for name in SLIP if name in cell.quantities]
    return [
        static_head(cell.with_values(**{constant: slip}), -60.0, Na_i=12.0, Na_o=140.0)
        for slip in slips
    ]
