"""The command that follows nephrons along their proximal tubules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .designs_in_words import VaryOption, axis_of
from .options import (
    ModelOption,
    OutOption,
    ParametersOption,
    SetOption,
    assignment,
    bad_input,
    check_out,
    load,
    quantity,
    refuse_twice,
    remark_on_ranges,
)
from .progress import counting
from .shown_tables import View, listed
from .talk import note
from .terminal import STDOUT, deliver, is_terminal
from .views import MOST_ROWS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from transport_model import Model

    from ..studies.tubule import Nephrons, Titration, Tubule

#: What of a nephron a terminal shows first, where there are many.
FACTS = ("status", "FR_water", "FR_Na", "FR_Glc", "Glc_excreted", "V_te_last", "ATP")


def tubule(
    model: ModelOption = "segment",
    values: SetOption = None,
    parameters: ParametersOption = None,
    vary: VaryOption = None,
    design: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Nephrons: .csv or .parquet, a column a quantity."),
    ] = None,
    segments: Annotated[
        int | None,
        typer.Option(metavar="N", help="Into how many the tubule is cut; by default 40."),
    ] = None,
    titrate: Annotated[
        str | None,
        typer.Option(
            metavar="VALUES",
            help="Raise blood glucose step by step, '1:30:59' or '5,10,20' in mM, and tell T_m,"
            " threshold and splay.",
        ),
    ] = None,
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            metavar="ID",
            help="A quantity of the model for the table by segment; by default the main ones."
            " Repeatable.",
            autocompletion=completion.quantities,
        ),
    ] = None,
    claims: Annotated[
        bool,
        typer.Option("--claims", help="Test what the lesson says of nephrons, as they come."),
    ] = False,
    out: OutOption = None,
) -> None:
    """Follow nephrons along their proximal tubules, segment after segment.

    --set and --vary take quantities of the model, which then hold all along the tubule; those of a
    part, as in S1.n_SGLT2; and SNGFR and cells. The table by segment goes to --out, the summary to
    the terminal.
    """
    own, others = _told_apart(load(model, None, parameters), values or [])
    cell = load(model, own, parameters)
    from ..studies.tubule import Tubule, titration, tubule_claims
    from ..studies.tubule import tubule as run
    from ..studies.tubule.tubule import PROFILE, SEGMENTS

    if titrate is not None and outputs:
        raise bad_input("--output goes with the table by segment, which --titrate does not make")
    check_out(out)
    if claims:
        if vary or design is not None or others or titrate is not None or outputs:
            raise bad_input("--claims has nephrons of its own; give it --set of the model alone")
        _tell_claims(tubule_claims(cell, segments=segments or SEGMENTS), out)
        return
    human = Tubule()
    nephrons = _nephrons(model, cell, human, others, vary, design)
    count = SEGMENTS if segments is None else segments
    if titrate is not None:
        _, glucose = axis_of(cell, f"Glc_b={titrate}", "--titrate")
        with counting(len(nephrons) * len(glucose), "nephrons") as done:
            titrated = titration(cell, nephrons, glucose=glucose.tolist(), geometry=human,
                                 segments=count, progress=done)  # fmt: skip
        _tell_titration(titrated, out)
        return
    with counting(len(nephrons), "nephrons") as done:
        ran = run(cell, nephrons, geometry=human, segments=count,
                  outputs=outputs or PROFILE, progress=done)  # fmt: skip
    _tell(ran, out, count)


def _told_apart(segment: Model, texts: list[str]) -> tuple[list[str], list[str]]:
    """Return what --set gives the model, and what it gives the tubule or a part of it."""
    keys = [assignment(text, "--set", "SNGFR=800")[0] for text in texts]
    of_model = [key in segment.quantities and key != "Q_in" for key in keys]
    return (
        [text for text, is_own in zip(texts, of_model, strict=True) if is_own],
        [text for text, is_own in zip(texts, of_model, strict=True) if not is_own],
    )


def _nephrons(
    name: str, cell: Model, human: Tubule, others: list[str], vary: list[str] | None,
    design: Path | None,
) -> pd.DataFrame:  # fmt: skip
    """Return the nephrons that the options name."""
    import pandas as pd

    from ..scans.designs.base import extremes, whole
    from ..scans.designs.designs import from_file
    from ..scans.designs.grids import Grid
    from ..studies.tubule.inputs import told_by

    if vary and design is not None:
        raise bad_input("name the nephrons with one of --vary and --design")
    axes: dict[str, np.ndarray] = {}
    for text in vary or []:
        key, values = axis_of(cell, text, known=lambda key: told_by(cell, human, key))
        refuse_twice(key, axes, "--vary")
        axes[key] = values
    table = pd.DataFrame(index=range(1)) if design is None else from_file(design)
    table = whole(Grid(axes)) if axes else table
    spans = extremes({str(n): column.to_numpy() for n, column in table.items()
                      if n in cell.quantities})  # fmt: skip
    remark_on_ranges(name, cell, spans)
    for text in others:
        key, value = assignment(text, "--set", "SNGFR=800")
        refuse_twice(key, dict.fromkeys(map(str, table.columns)), "--set or the design")
        model, quantity_of = told_by(cell, human, key)
        table[key] = quantity(value, model.unit(quantity_of), f"--set {text}")
    return table


def _tell_claims(table: pd.DataFrame, out: Path | None) -> None:
    from ..verdict import Verdict

    deliver(table.set_index("claim"), out, View(first=["verdict", "effect", "low", "high", "unit"],
            hidden=["study", "why"], groups=dict(zip(table["claim"], table["study"],
                                                     strict=True))))  # fmt: skip
    held = int((table["verdict"] == Verdict.HOLDS).sum())
    note(f"{held} of {len(table)} claims hold")


def _tell(ran: Nephrons, out: Path | None, segments: int) -> None:
    from transport_model.columns import units_of, with_units

    if out is not None:
        table = ran.segments.reset_index("segment")
        deliver(with_units(table, units_of(ran.segments)), out)
    if out != STDOUT:
        _show(ran.summary, FACTS)
    failed = ran.summary.loc[~ran.summary["converged"], "status"].value_counts()
    why = listed([f"{many} {status}" for status, many in failed.items()])
    note(f"{_counted(len(ran.summary))} of {segments} segments, {failed.sum()} without a certified"
         f" steady state{f': {why}' if why else ''}")  # fmt: skip


def _tell_titration(titrated: Titration, out: Path | None) -> None:
    from transport_model.columns import units_of, with_units

    if out is not None:
        table = titrated.table.reset_index("Glc_b")
        units = {"Glc_b": "mM", **units_of(titrated.table)}
        deliver(with_units(table, units), out)
    if out != STDOUT:
        _show(titrated.summary, ("T_m", "T_m_mg", "threshold", "splay"))
    summary = titrated.summary
    note(f"{_counted(len(summary))} titrated over {len(titrated.table) // len(summary)} glucose"
         f" concentrations, {int((~summary['converged']).sum())} not to the end")  # fmt: skip


def _counted(number: int) -> str:
    return f"{number} nephron{'' if number == 1 else 's'}"


def _show(summary: pd.DataFrame, facts: tuple[str, ...]) -> None:
    """Show a summary: a terminal gets one nephron as a list, and of many what matters most."""
    from transport_model.columns import units_of

    units = units_of(summary)
    if len(summary) == 1 and is_terminal():
        table = summary.T.set_axis(["value"], axis=1).rename_axis("id")
        table["unit"] = [units.get(str(name), "") for name in table.index]
        deliver(table, None, View(first=["value", "unit"]))
        return
    names = [str(name) for name in summary.columns]
    given = names[: names.index("FR_water") if "FR_water" in names else names.index("T_m")]
    first = [name for name in given if summary[name].nunique() > 1]
    first += [name for name in facts if name not in first]
    deliver(summary.rename_axis("nephron"), None,
            View(first=first, hidden=set(names) - set(first), most=MOST_ROWS))  # fmt: skip
