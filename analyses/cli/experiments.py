"""The command that runs an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import completion
from .options import StrictOption, check_out, went
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
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the courses of all arms here: .csv, .parquet or .json."
        ),
    ] = None,
    strict: StrictOption = False,
    figure: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw what was watched.")
    ] = None,
) -> None:
    """Run an experiment: its measures, and the verdict on its claim."""
    import pandas as pd

    from ..experiments.protocols import protocol_path, read_protocol, shipped_protocols

    if name is None:
        refuse_files(out, figure)
        titles = [read_protocol(protocol_path(shipped)).title for shipped in shipped_protocols()]
        index = pd.Index(shipped_protocols(), name="experiment")
        deliver(pd.DataFrame({"title": titles}, index=index), None)
        return

    from transport_model.columns import with_units

    from ..experiments.run import run_experiment
    from ..verdict import Verdict

    check_out(out)
    check_figure(figure)
    protocol = read_protocol(protocol_path(name))
    with steps() as step:
        result = run_experiment(protocol, progress=step)
    note(protocol.title)
    if out is not None:
        deliver(with_units(result.courses.set_index(["arm", "time"]), result.units), out)
    if figure is not None:
        from transport_model.files import write_text

        from ..figures.experiments import experiment_figure
        from ..figures.style import to_svg

        write_text(figure, to_svg(experiment_figure(result)))
        note(f"wrote {figure}")
    deliver(result.measures.set_index("name"), None)
    for check in result.checks.itertuples():
        note(f"{'yes' if check.holds else 'NO '}  {check.meaning or check.that}")
        note(f"     {check.that}   with {check.values}")
    if protocol.claim:
        note(f"claim: {protocol.claim}")
    note(f"verdict: {result.verdict}")
    went(result.verdict != Verdict.REFUTED, strict)


def refuse_files(out: Path | None, figure: Path | None) -> None:
    """Raise InputError if a file is asked for where there is nothing to write."""
    from transport_model.errors import InputError

    if out is not None or figure is not None:
        raise InputError("name the experiment whose result is to be written")


def check_figure(figure: Path | None) -> None:
    """Raise InputError unless a figure can be written to a path, before the work is done."""
    from transport_model.errors import InputError
    from transport_model.files import check_target

    if figure is None:
        return
    if figure.suffix != ".svg":
        raise InputError(f"a figure is drawn as SVG; end '{figure}' in .svg")
    check_target(figure)
