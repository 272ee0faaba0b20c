"""The command that runs what other people send: the SED-ML of a COMBINE archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from .options import bad_input
from .progress import steps
from .talk import note

#: Variables by which BioSimulators' runners say what to write, and what is written without them.
REPORTS, PLOTS, BUNDLE = "REPORT_FORMATS", "VIZ_FORMATS", "BUNDLE_OUTPUTS"


def _print_version(wanted: bool) -> None:
    if wanted:
        from transport_model import __version__

        typer.echo(f"transport-model {__version__}")
        raise typer.Exit


def run(
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[ARCHIVE]",
            show_default=False,
            help="A COMBINE archive (.omex, .sedx, .zip), or SED-ML (.sedml) beside its models.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", "--out-dir", metavar="DIR", help="Folder for reports, plots and log.yml."
        ),
    ] = None,
    archive: Annotated[
        Path | None,
        typer.Option(
            "--archive", "-i", metavar="FILE", help="The archive, as BioSimulators name it."
        ),
    ] = None,
    report_formats: Annotated[
        list[str] | None,
        typer.Option(
            "--report-format",
            metavar="NAME",
            help="csv, tsv or h5, which is one file laid out as BioSimulators do. Repeatable;"
            " by default what REPORT_FORMATS says, or csv.",
        ),
    ] = None,
    plot_formats: Annotated[
        list[str] | None,
        typer.Option(
            "--plot-format",
            metavar="NAME",
            help="pdf, svg or png. Repeatable; by default what VIZ_FORMATS says, or pdf.",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-v", is_eager=True, callback=_print_version, help="Say the version."
        ),
    ] = False,
) -> None:
    """Run the simulation experiments of a COMBINE archive or a SED-ML file."""
    named = [path for path in (source, archive) if path is not None]
    if len(named) != 1:
        said = "two archives" if named else "no archive"
        raise bad_input(
            f"run was given {said}; name one: transport-model run theirs.omex --out DIR"
        )
    if out is None:
        raise bad_input("run needs a folder for what comes out: --out DIR")
    from transport_model.files import check_folder

    check_folder(out, "results")
    from ..exchange.execution.run import run_archive

    with steps() as step:
        ran = run_archive(
            named[0],
            out,
            report_formats=report_formats or _formats(REPORTS, "csv"),
            plot_formats=plot_formats or _formats(PLOTS, "pdf"),
            bundle=os.environ.get(BUNDLE, "0").strip().lower() in {"1", "true"},
            progress=step,
        )
    for remark in ran.remarks:
        note(remark)
    note(f"wrote {out}: {_counted(len(ran.reports), 'report')},"
         f" {_counted(len(ran.figures), 'plot')} and log.yml")  # fmt: skip
    if ran.failures:
        from transport_model.errors import ComputationError

        more = f" (and {len(ran.failures) - 1} more, see log.yml)" if len(ran.failures) > 1 else ""
        raise ComputationError(f"{ran.failures[0]}{more}")


def _formats(variable: str, usual: str) -> list[str]:
    """Return the formats that a variable of the environment lists, or the usual one."""
    listed = [name.strip().lower() for name in os.environ.get(variable, "").split(",")]
    return list(dict.fromkeys(name for name in listed if name)) or [usual]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
