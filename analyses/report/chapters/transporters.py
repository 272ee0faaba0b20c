"""The chapter of a cell's report that holds the model against laws and measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from transport_model import Model, load_model
from transport_model.catalogue import parameter_sets

from ...figures.transporters import AssayCurves, pump_figure, symporter_figure
from ...studies.assays import assays_of
from ...studies.audit import audit
from ...studies.laws import SLIP
from ...studies.measurements import deviation, shipped_measurements, smooth_curves
from ...studies.symporter_assay import charge_voltage, current_voltage, half_saturation, static_head
from ...studies.symporter_calibration import TARGETS, Target
from ...studies.targets import Evidence
from ...studies.validation import validate
from ...verdict import Verdict
from ..chapter import Chapter

#: Voltages [mV] and outer glucose [mM] of the drawn current-voltage curves.
VOLTAGES = np.linspace(-150.0, 60.0, 43).tolist()
GLUCOSE = (0.1, 0.5, 2.0, 10.0)
#: Voltages [mV] of the drawn charge-voltage curve.
CHARGE_VOLTAGES = np.linspace(-180.0, 100.0, 57).tolist()
#: Kinds of evidence in the order of the page: what can refute the model first.
KINDS = (Evidence.MEASUREMENT, Evidence.CONFLICT, Evidence.CONSISTENCY, Evidence.LAW)
#: Slip constants [1/s] at which the static head is drawn.
SLIPS = (0.0, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class HeadConditions:
    """Where static heads are taken: potential [mV], Na⁺ inside and outside [mM]."""

    potential: float = -60.0
    sodium_inside: float = 12.0
    sodium_outside: float = 140.0


@dataclass(frozen=True)
class Kind:
    """Targets of one kind of evidence: how many there are, and how many are met."""

    name: str
    targets: int
    met: int


@dataclass(frozen=True)
class Targets:
    """How the model does.

    Attributes
    ----------
    targets
        Their number.
    kinds
        What they are worth, measurements first.
    missed
        Targets that the model does not meet, conflicts among them.
    head
        The conditions of the static heads.
    pump_tables
        Names of the tables behind the figure of the pump.
    """

    targets: int
    kinds: tuple[Kind, ...]
    missed: tuple[str, ...]
    head: HeadConditions
    pump_tables: tuple[str, ...]

    def of(self, name: str) -> Kind:
        """Return the count of one kind."""
        return next(kind for kind in self.kinds if kind.name == name)


def laws_and_measurements(model: Model) -> Chapter[Targets]:
    """Return the table of targets, and pump and symporter under test conditions."""
    table = validate(model)
    head = HeadConditions()
    pump = assays_of(model).pump
    assays = [
        AssayCurves(item, smooth_curves(item, pump), deviation(item, pump))
        for item in shipped_measurements()
    ]
    measured = {assay.measurement.name: assay.measurement.points for assay in assays}
    drawn = {f"{assay.measurement.name}_model": assay.curves for assay in assays}
    symporter, figure = _symporter(head)
    facts = Targets(
        targets=len(table),
        kinds=tuple(_counted(kind, table) for kind in KINDS if (table["kind"] == kind).any()),
        missed=tuple(table.loc[table["verdict"] != Verdict.HOLDS, "target"]),
        head=head,
        pump_tables=(*measured, *drawn),
    )
    return Chapter(
        "laws", "Held against laws and measurements", "laws_and_measurements", facts,
        {"validation": table, "published_tables": _published(), **measured, **drawn, **symporter},
        {"pump_assay": pump_figure(assays), "symporter_assay": figure},
        models=(pump, load_model("oocyte"), load_model("cell_sglt2")),
        cites=("Garcia2012",),
    )  # fmt: skip


def _counted(kind: Evidence, table: pd.DataFrame) -> Kind:
    own = table[table["kind"] == kind]
    return Kind(str(kind), len(own), int((own["verdict"] == Verdict.HOLDS).sum()))


def _published() -> pd.DataFrame:
    """Return the audit of the symporter's tables as they were printed, set by set."""
    name = "oocyte_published"
    audits = {s: audit(load_model(name, parameters=s)) for s in parameter_sets(name)}
    table = pd.concat(audits, names=["set"]).reset_index("set")
    table["cycle"] = table["subject"].str.split(": ").str[-1]
    table["verdict"] = table["verdict"].astype(str)
    table = table.assign(product=table["got"], allowed=1 + table["tolerance"])
    return table[["set", "cycle", "product", "factor", "allowed", "verdict"]]


def _symporter(head: HeadConditions) -> tuple[dict[str, pd.DataFrame], Figure]:
    """Return what the symporter's figure draws, by name, and the figure."""
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
            "SGLT1": _heads(load_model("cell", symporter="sglt1"), SLIPS, head),
            "SGLT2": _heads(load_model("cell", symporter="sglt2"), SLIPS, head),
        }
    )
    stated = [target for target in TARGETS if target.substance == "Glc_o"]
    measured = pd.DataFrame(
        [(t.conditions["V_m"], t.expected, t.tolerance, _measured_in(t)) for t in stated],
        columns=["V_m", "K_half", "tolerance", "source"],
    )
    tables = {
        "symporter_half_measured": measured,
        "symporter_current": currents,
        "symporter_half_saturation": pd.concat(halves, names=["set"]).reset_index(),
        "symporter_charge": charge,
        "static_head": heads,
    }
    return tables, symporter_figure(currents, halves, charge, boltzmann, heads, measured)


def _measured_in(target: Target) -> str:
    return f"{target.source.partition(',')[0]}, {target.conditions['T'] - 273.15:.0f} °C"


def _heads(cell: Model, slips: Sequence[float], head: HeadConditions) -> list[float]:
    (constant,) = [name for name in SLIP if name in cell.quantities]
    return [
        static_head(cell.with_values(**{constant: slip}), head.potential,
                    Na_i=head.sodium_inside, Na_o=head.sodium_outside)
        for slip in slips
    ]  # fmt: skip
