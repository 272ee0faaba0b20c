"""Commands that study a model."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    AllOption,
    ModelOption,
    OutOption,
    OutputOption,
    ParametersOption,
    SetOption,
    StrictOption,
    bad_input,
    check_out,
    chosen,
    load,
    went,
)
from .plots import PlotOption, check_plot, draw, strongest
from .progress import busy, steps
from .shown_tables import View, listed, middle_out
from .talk import note
from .terminal import deliver, is_terminal

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

    from ..figures.panels import Panels

#: Characters of a subject of an audit in the last line.
NAME = 40
#: Parameters that a terminal ranks.
RANKED = 20
#: What of the energy account a terminal shows.
ACCOUNT = ("power_ATP", "dissipation", "power_exported", "power_stored", "closure",
           "stored_energy", "pump_efficiency", "symporter_efficiency", "overall_efficiency",
           "ATP_per_glucose")  # fmt: skip


def control(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    outputs: OutputOption = None,
    every: AllOption = False,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Control coefficients of fluxes, concentrations and rules at the steady state."""
    cell = load(model, values, parameters)
    import pandas as pd

    from ..studies.control import control_coefficients

    check_out(out)
    check_plot(plot)
    with busy("solving"):
        analysis = control_coefficients(cell)
    parts = {"flux": analysis.flux, "concentration": analysis.concentration,
             "rule": analysis.potential}  # fmt: skip
    table = pd.concat(parts, names=["of", "quantity"]).reset_index("of")
    units = [cell.unit(str(name)) if of == "rule" else "1" for name, of in table["of"].items()]
    table.insert(1, "unit", units)
    if outputs:
        table = table.loc[chosen(outputs, table.index, f"the results of '{cell.name}'")]
    elif out is None and is_terminal() and not every:
        table = table[(table["of"] != "rule") | (table.index == "V_m")]
    steps_of = [str(name) for name in analysis.flux.columns]
    draw(plot, lambda: _drawn_control(cell, table, steps_of, asked=bool(outputs)))
    deliver(table, out, View(first=steps_of, hidden=["of", "unit"], numbers=".3f",
                             groups=_headings(table)))  # fmt: skip
    note(f"theorems hold to: summation {analysis.summation:.1e},"
         f" connectivity {analysis.connectivity:.1e}")  # fmt: skip
    if analysis.undefined:
        note(f"without relative coefficients, because they vanish: {listed([*analysis.undefined])}")


def _drawn_control(
    model: Model, table: pd.DataFrame, steps_of: list[str], *, asked: bool
) -> Panels:
    """Draw coefficients of one unit: by default those of fluxes and concentrations."""
    from ..figures.coefficients import plot_coefficients
    from ..figures.panels import column_words

    rows = table if asked else table[table["of"] != "rule"]
    units = dict.fromkeys(rows["unit"])
    if len(units) > 1:
        raise bad_input(f"--plot draws coefficients of one unit, not of {listed([*units])}; name"
                        " fewer with --output")  # fmt: skip
    matter = strongest(rows[steps_of], RANKED)
    shown = rows[[name for name in steps_of if name in matter]]
    return plot_coefficients(shown, "control of results (rows) by reactions (columns)",
                             unit=next(iter(units)),
                             labels=column_words(model, [*rows.index, *steps_of]))  # fmt: skip


def _headings(table: pd.DataFrame) -> dict[str, str]:
    words = {"flux": "Flux control, d ln J / d ln v",
             "concentration": "Concentration control, d ln x / d ln v",
             "rule": "Change of a rule, d y / d ln v"}  # fmt: skip
    return {str(name): words[of] for name, of in table["of"].items()}


def energetics(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    outputs: OutputOption = None,
    every: AllOption = False,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Where the energy of ATP goes at the steady state."""
    cell = load(model, values, parameters)
    from transport_model import steady_state
    from transport_model.columns import units_of

    from ..studies.energetics import energetics as account

    check_out(out)
    check_plot(plot)
    with busy("solving"):
        found = account(cell, steady_state(cell))
    units = units_of(found)
    table = found.T.set_axis(["value"], axis=1).rename_axis("id")
    table["unit"] = [units[str(name)] for name in table.index]
    if outputs:
        table = table.loc[chosen(outputs, table.index, "the energy account")]
    elif out is None and is_terminal() and not every:
        carried = [name for name in table.index if str(name).startswith("dissipation_")]
        table = table.loc[[*ACCOUNT, *carried]]
    draw(plot, lambda: _drawn_account(found))
    deliver(table, out, View(first=["value", "unit"]))
    if len(table) < len(units) and not outputs:
        note(f"{len(table)} of {len(units)} quantities; --all shows the others, --output ID one")


def _drawn_account(found: pd.DataFrame) -> Panels:
    from ..figures.energy import plot_energetics

    return plot_energetics(found)


def validate(
    model: ModelOption = "cell",
    values: SetOption = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Measurements to hold the pump against; by default ours."),
    ] = None,
    strict: StrictOption = False,
    out: OutOption = None,
) -> None:
    """Hold a cell and its transporters against laws and measurements."""
    cell = load(model, values)
    from ..studies.measurements import read_measurements
    from ..studies.validation import validate as run
    from ..verdict import Verdict

    check_out(out)
    measured = None if data is None else read_measurements(data)
    with steps() as step:
        table = run(cell, measured, progress=step)
    first = ["verdict", "got", "expected", "tolerance", "unit"]
    deliver(table.set_index("target"), out, View(first=first, hidden=set(table.columns)))
    missed = [str(name) for name in table.loc[table["verdict"] == Verdict.MISSES, "target"]]
    for kind, rows in table.groupby("kind", sort=False):
        met = int((rows["verdict"] == Verdict.HOLDS).sum())
        note(f"{kind}: {met} of {len(rows)} met")
    note(
        f"{len(table)} targets, {len(missed)} missed" + (f": {'; '.join(missed)}" if missed else "")
    )
    went(not missed, strict)


class Transporter(StrEnum):
    """Transporters that are fitted to measurements."""

    PUMP = "pump"
    SYMPORTER = "symporter"


def calibrate(
    transporter: Annotated[
        Transporter, typer.Argument(help="What to fit: the pump, or the symporter SGLT1.")
    ] = Transporter.PUMP,
    write: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write the values into this folder of models (models/) as well."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Fit a transporter to measurements, with a profile of every constant."""
    from transport_model import load_model

    from ..studies.calibration import calibrate as fit_pump
    from ..studies.fitted_values import check_models, write_values
    from ..studies.symporter_calibration import calibrate_symporter

    check_out(out)
    if write is not None:
        check_models(write)
    with steps() as step:
        if transporter is Transporter.PUMP:
            calibration = fit_pump(load_model("pump_assay"), progress=step)
        else:
            calibration = calibrate_symporter(load_model("cell"), progress=step)
    deliver(calibration.values, out, View(first=["value", "unit", "low", "high", "determined"]))
    undetermined = calibration.values.index[~calibration.values["determined"]]
    note(f"chi2 {calibration.chi2:.3f}; not determined by the measurements:"
         f" {', '.join(undetermined) or 'none'}")  # fmt: skip
    for direction in calibration.open_directions():
        note(f"open: {direction}")
    if write is not None:
        for path in write_values(calibration, write):
            note(f"wrote {path}")


def audit(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    strict: StrictOption = False,
    out: OutOption = None,
) -> None:
    """Look for reactions and cycles that break thermodynamics, in any SBML model."""
    subject = load(model, values, parameters)
    from ..studies.audit import audit as run
    from ..verdict import Verdict

    check_out(out)
    with busy("auditing"):
        table = run(subject)
    deliver(table.set_index("check"), out, View(first=["verdict", "factor", "subject"],
                                                hidden=set(table.columns)))  # fmt: skip
    counts = table["verdict"].astype(str).value_counts()
    broken = table.loc[table["verdict"] == Verdict.BROKEN, "subject"]
    note(
        ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
        + (f": {listed([middle_out(str(n), NAME) for n in broken], 3)}" if len(broken) else "")
    )
    went(broken.empty, strict)
