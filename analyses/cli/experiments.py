"""The command that runs an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import completion
from .options import StrictOption, check_out, went
from .plots import PlotOption, check_plot, draw
from .progress import steps
from .talk import note
from .terminal import deliver


def experiment(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME|FILE]",
            help="A shipped experiment or a protocol; by default, a list.",
            autocompletion=completion.experiments,
        ),
    ] = None,
    plot: PlotOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the courses of all arms here: .csv, .parquet or .json."
        ),
    ] = None,
    strict: StrictOption = False,
) -> None:
    """Run an experiment: its measures, and the verdict on its claim."""
    import pandas as pd

    from ..experiments.protocols import (
        protocol_path,
        protocols_across,
        read_protocol,
        shipped_protocols,
    )

    if name is None:
        refuse_files(out, plot)
        names = [*shipped_protocols(), *protocols_across()]
        protocols = [read_protocol(protocol_path(shipped)) for shipped in names]
        table = pd.DataFrame({"title": [protocol.title for protocol in protocols],
                              "model": [protocol.arms[0].subject.name for protocol in protocols]},
                             index=pd.Index(names, name="experiment"))  # fmt: skip
        deliver(table, None)
        return

    from transport_model.columns import with_units

    from ..experiments.run import run_experiment
    from ..verdict import Verdict

    check_out(out)
    check_plot(plot)
    protocol = read_protocol(protocol_path(name))
    with steps() as step:
        result = run_experiment(protocol, progress=step)
    note(protocol.title)
    if out is not None:
        deliver(with_units(result.courses.set_index(["arm", "time"]), result.units), out)
    if plot is not None:
        from ..figures.experiments import plot_experiment

        draw(plot, lambda: plot_experiment(result))
    deliver(result.measures.set_index("name"), None)
    for check in result.checks.itertuples():
        note(f"{'yes' if check.holds else 'NO '}  {check.meaning or check.that}")
        note(f"     {check.that}   with {check.values}")
        if check.why:
            note(f"     why: {check.why}")
    if protocol.claim:
        note(f"claim: {protocol.claim}")
    note(f"verdict: {result.verdict}")
    went(result.verdict != Verdict.REFUTED, strict)


def refuse_files(out: Path | None, plot: Path | None) -> None:
    """Raise InputError if a file is asked for where there is nothing to write."""
    from transport_model.errors import InputError

    if out is not None or plot is not None:
        raise InputError("name the experiment whose result is to be written")
