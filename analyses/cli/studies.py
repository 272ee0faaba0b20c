"""Commands that study a model."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import (
    ModelOption,
    OutOption,
    ParametersOption,
    SetOption,
    check_out,
    load,
)
from .terminal import busy, deliver, note, steps


def control(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    out: OutOption = None,
) -> None:
    """Control coefficients of fluxes, concentrations and rules at the steady state."""
    import pandas as pd

    from ..studies.control import control_coefficients

    cell = load(model, values, parameters)
    check_out(out)
    with busy("solving"):
        analysis = control_coefficients(cell)
    parts = {"flux": analysis.flux, "concentration": analysis.concentration,
             "rule": analysis.potential}  # fmt: skip
    if out is None and sys.stdout.isatty():
        parts["rule"] = parts["rule"].filter(items=["V_m"], axis=0)
    table = pd.concat(parts, names=["of", "quantity"]).reset_index("of")
    deliver(table, out, {})
    note(f"theorems hold to: summation {analysis.summation:.1e},"
          f" connectivity {analysis.connectivity:.1e}")  # fmt: skip


def sensitivity(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="A parameter; by default all that are not zero. Repeatable."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Response coefficients d ln y / d ln p of the steady state, exact."""
    from ..studies.control import response_coefficients

    cell = load(model, values, parameters)
    check_out(out)
    with busy("solving"):
        table = response_coefficients(cell, parameter or None)
    deliver(table, out, {})


def energetics(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    out: OutOption = None,
) -> None:
    """Where the energy of ATP goes at the steady state."""
    from transport_model import steady_state

    from ..studies.energetics import energetics as account

    cell = load(model, values, parameters)
    check_out(out)
    with busy("solving"):
        table = account(cell, steady_state(cell)).T.set_axis(["value"], axis=1).rename_axis("id")
    table["unit"] = ["kJ/mol" if name.startswith("dG_") else "pW" for name in table.index]
    deliver(table, out, {})


def validate(
    model: ModelOption = "cell",
    values: SetOption = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Measurements to hold the pump against; by default ours."),
    ] = None,
    out: OutOption = None,
) -> None:
    """Hold a cell and its transporters against laws and measurements."""
    from ..studies.measurements import read_measurements
    from ..studies.validation import validate as run
    from ..verdict import Verdict

    cell = load(model, values)
    check_out(out)
    measured = None if data is None else read_measurements(data)
    with steps() as step:
        table = run(cell, measured, progress=step)
    if out is None and sys.stdout.isatty():
        table = table[["target", "verdict", "got", "expected", "tolerance", "unit"]]
    deliver(table.set_index("target"), out, {})
    missed = int((table["verdict"] == Verdict.MISSES).sum())
    note(f"{len(table)} targets, {missed} missed")


def calibrate(
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the values into this folder of models (models/) as well."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Fit the pump to measurements, with a profile of every constant."""
    from transport_model import load_model

    from ..studies.calibration import calibrate as run
    from ..studies.fitted_values import check_models, write_values

    check_out(out)
    if write is not None:
        check_models(write)
    with steps() as step:
        calibration = run(load_model("pump_assay"), progress=step)
    deliver(calibration.values, out, {})
    undetermined = calibration.values.index[~calibration.values["determined"]]
    note(f"chi2 {calibration.chi2:.3f}; not determined by the measurements:"
         f" {', '.join(undetermined) or 'none'}")  # fmt: skip
    if write is not None:
        for path in write_values(calibration, write):
            note(f"wrote {path}")


def audit(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    out: OutOption = None,
) -> None:
    """Look for reactions and cycles that break thermodynamics, in any SBML model."""
    from ..studies.audit import audit as run

    subject = load(model, values, parameters)
    check_out(out)
    with busy("auditing"):
        table = run(subject)
    deliver(table.set_index("check"), out, {})
    counts = table["verdict"].astype(str).value_counts()
    note(", ".join(f"{count} {verdict}" for verdict, count in counts.items()) or "nothing to audit")
