"""The pump's calibration as a PEtab problem (version 1): what was measured, and what is fitted.

Nothing moves in a pump assay: every measured point is a condition of its own, read at time 0. The
problem's objective is that of :mod:`calibration` in PEtab's terms:

- a curve counts once: the noise of a point is the measurement's tolerance times the root of the
  number of its curve's points;
- a normalised curve has a scale that is estimated with it, where the calibration scales it to the
  point at which it was normalised;
- a half-activation stated in words becomes two points of one scaled curve: half at the stated
  concentration, whole where the pump is saturated. The noise at the half is the tolerance of the
  concentration times the slope of the curve there.

PEtab's tables are plain tables, so that pandas writes them; PEtab's own linter, which comes with an
extra, reads them in the tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from transport_model import Model, evaluate
from transport_model.errors import InputError

from ..scans.designs.designs import provenance_ranges
from ..studies.calibration import FITTED, STATED, HalfActivation
from ..studies.measurements import Measurement, scaled, shipped_measurements
from .archive import ArchiveFile, text_member
from .simulations.arm_sbml import arm_sbml
from .simulations.sedml_document import ascii_id

#: What is observed, and a concentration [mM] at which the pump is saturated.
OBSERVED, SATURATING = "turnover", 1e6
#: Noise of a saturated rate, which only ties a scale to it.
TIED = 1e-3
#: How far an estimated scale may lie from its nominal value, as a factor.
SCALE_REACH = 10.0


@dataclass(frozen=True)
class _Curve:
    """Points that share a scale: conditions, what was measured, its noise, the scale at present."""

    name: str
    title: str
    points: pd.DataFrame
    measured: Sequence[float]
    noise: Sequence[float]
    scale: float | None


def petab_members(
    model: Model, folder: str, measurements: Sequence[Measurement] | None = None
) -> list[ArchiveFile]:
    """Return the files of the PEtab problem of a pump's calibration.

    Parameters
    ----------
    model
        ``pump_assay``, or a model with its ids; its values are the nominal ones.
    folder
        Where the files lie; all paths among them are relative to one another.
    measurements
        As for :func:`calibrate`: those in conflict are left out.

    Returns
    -------
    list of ArchiveFile
        ``pump.yaml``, which names the others: condition, measurement, observable and parameter
        tables (TSV) and the model (SBML).

    Raises
    ------
    InputError
        The model lacks what is fitted or observed.
    """
    for name in (*FITTED, OBSERVED):
        if name not in model.quantities:
            raise InputError(f"a PEtab problem needs '{name}', which '{model.name}' lacks")
    used = [item for item in measurements or shipped_measurements() if not item.conflict]
    curves = [curve for item in used for curve in _curves(model, item)]
    curves += [_stated(model, item) for item in STATED]
    conditions, measured = _tables(model, curves)
    tables = {
        "conditions.tsv": (conditions, "Conditions: one a measured point"),
        "measurements.tsv": (measured, "Measured points"),
        "observables.tsv": (_observables(curves), "What is measured, with its noise"),
        "parameters.tsv": (_parameters(model, curves), "What is fitted, with bounds"),
    }
    members = [
        text_member(f"{folder}/{name}", table.to_csv(sep="\t", index=False, lineterminator="\n"),
                    f"PEtab problem of the pump's calibration. {said}")
        for name, (table, said) in tables.items()
    ]  # fmt: skip
    members.append(text_member(f"{folder}/model.xml", _sbml(model), "The pump alone, as measured"))
    members.append(text_member(f"{folder}/pump.yaml", _YAML, "PEtab problem of the pump"))
    return members


_YAML = """\
format_version: 1
parameter_file: parameters.tsv
problems:
  - sbml_files: [model.xml]
    condition_files: [conditions.tsv]
    measurement_files: [measurements.tsv]
    observable_files: [observables.tsv]
"""


def _sbml(model: Model) -> str:
    return arm_sbml(model) if model.changes else model.sbml


def _curves(model: Model, item: Measurement) -> Iterator[_Curve]:
    """Yield the curves of a measurement, each with its scale."""
    inputs = item.points[[item.varied, *item.curves]].assign(**item.conditions)
    rates = evaluate(model, inputs)[item.measured].to_numpy(dtype=float)
    ratios = scaled(item, rates) / rates
    keys = item.points[item.curves].drop_duplicates() if item.curves else pd.DataFrame(index=[0])
    for _, key in keys.iterrows():
        rows = np.flatnonzero((item.points[item.curves] == key).all(axis=1))
        told = [f"{name} {value:g}" for name, value in key.items()]
        yield _Curve(
            ascii_id(" ".join([item.name.replace("_", " "), *told])),
            ", ".join([item.title, *told]),
            inputs.iloc[rows],
            item.points[item.measured].iloc[rows].to_list(),
            [float(item.tolerance * np.sqrt(len(rows)))] * len(rows),
            float(ratios[rows[0]]) if item.reference is not None else None,
        )


def _stated(model: Model, item: HalfActivation) -> _Curve:
    """Return a half-activation as a curve of two points."""
    at = [item.expected, SATURATING]
    near = [item.expected * (1 - 1e-4), item.expected * (1 + 1e-4)]
    points = pd.DataFrame({item.substance: [*at, *near]})
    points = points.assign(**{"ADP": 0.0, "Pi": 0.0, **item.conditions})
    rates = evaluate(model, points)[OBSERVED].to_numpy(dtype=float)
    slope = (rates[3] - rates[2]) / (near[1] - near[0]) / rates[1]
    return _Curve(
        f"half_{item.substance}",
        item.name,
        points.iloc[:2],
        [0.5, 1.0],
        [float(f"{abs(slope) * item.tolerance:.4g}"), TIED],
        float(1 / rates[1]),
    )


def _tables(model: Model, curves: Sequence[_Curve]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return condition and measurement table."""
    conditions, measured = [], []
    for curve in curves:
        for number, (_, point) in enumerate(curve.points.iterrows(), 1):
            name = f"{curve.name}_{number}"
            told = ", ".join(f"{key} = {value:g}" for key, value in point.items())
            conditions.append({"conditionId": name, "conditionName": told, **point})
            measured.append({
                "observableId": f"observable_{curve.name}",
                "simulationConditionId": name,
                "measurement": float(curve.measured[number - 1]),
                "time": 0.0,
                "noiseParameters": float(curve.noise[number - 1]),
            })  # fmt: skip
    table = pd.DataFrame(conditions)
    # A quantity that one measurement does not mention is as in the model
    return table.fillna({n: model.quantities[n].value for n in table.columns[2:]}), pd.DataFrame(
        measured
    )


def _observables(curves: Sequence[_Curve]) -> pd.DataFrame:
    return pd.DataFrame([
        {
            "observableId": f"observable_{curve.name}",
            "observableName": curve.title,
            "observableFormula": OBSERVED if curve.scale is None else f"{_scale(curve)}*{OBSERVED}",
            "observableTransformation": "lin",
            "noiseFormula": f"noiseParameter1_observable_{curve.name}",
            "noiseDistribution": "normal",
        }
        for curve in curves
    ])  # fmt: skip


def _scale(curve: _Curve) -> str:
    return f"scale_{curve.name}"


def _parameters(model: Model, curves: Sequence[_Curve]) -> pd.DataFrame:
    ranges = provenance_ranges(model, FITTED)
    rows = []
    for name in FITTED:
        low, high = ranges[name]
        quantity = model.quantities[name]
        rows.append((name, quantity.name or name, "log10", low, high, quantity.value, 1))
    for curve in curves:
        if curve.scale is not None:
            nominal = float(f"{curve.scale:.6g}")
            rows.append((_scale(curve), f"scale of: {curve.title}", "log10",
                         nominal / SCALE_REACH, nominal * SCALE_REACH, nominal, 1))  # fmt: skip
    return pd.DataFrame(rows, columns=["parameterId", "parameterName", "parameterScale",
                                       "lowerBound", "upperBound", "nominalValue",
                                       "estimate"])  # fmt: skip
