"""The command that runs what other people send: the SED-ML of a COMBINE archive."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import bad_input
from .progress import steps
from .talk import note

if TYPE_CHECKING:
    from ..exchange.execution.result_files import ResultFiles

#: Variables of BioSimulators' runners that name files, by the field of ResultFiles.
PATHS = {"hdf5": "H5_REPORTS_PATH", "report_bundle": "REPORTS_PATH", "plot_bundle": "PLOTS_PATH",
         "log": "LOG_PATH"}  # fmt: skip
#: What ALGORITHM_SUBSTITUTION_POLICY may be, and whether one integrator then stands for another.
POLICIES = {
    "NONE": False, "SAME_METHOD": False, "SAME_MATH": False, "SIMILAR_APPROXIMATIONS": True,
    "DISTINCT_APPROXIMATIONS": True, "DISTINCT_SCALES": True, "SAME_VARIABLES": True,
    "SIMILAR_VARIABLES": True, "SAME_FRAMEWORK": True, "ANY": True,
}  # fmt: skip


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

    files, substitutes = _files(report_formats, plot_formats), _substitutes()
    with steps() as step:
        ran = run_archive(named[0], out, files=files, substitutes=substitutes, progress=step)
    for remark in ran.remarks:
        note(remark)
    log = f" and {files.log}" if files.log else ""
    note(f"wrote {out}: {_counted(len(ran.reports), 'report')},"
         f" {_counted(len(ran.figures), 'plot')}{log}")  # fmt: skip
    if ran.failures:
        from transport_model.errors import ComputationError

        others = len(ran.failures) - 1
        more = f" (and {others} more, see {files.log or 'the files'})" if others else ""
        raise ComputationError(f"{ran.failures[0]}{more}")


def _files(report_formats: list[str] | None, plot_formats: list[str] | None) -> ResultFiles:
    """Return what is to be written: as options say, or variables of the environment."""
    from ..exchange.execution.result_files import ResultFiles

    loose = _is_set("KEEP_INDIVIDUAL_OUTPUTS", True)
    return ResultFiles(
        reports=report_formats or _formats("REPORT_FORMATS", "csv"),
        plots=plot_formats or _formats("VIZ_FORMATS", "pdf"),
        plot_data=_is_set("SAVE_PLOT_DATA", True),
        loose=loose,
        bundled=_is_set("BUNDLE_OUTPUTS", False) or not loose,
        **{name: os.environ[key].strip() for name, key in PATHS.items() if key in os.environ},
    )


def _formats(variable: str, usual: str) -> list[str]:
    """Return the formats that a variable lists; an empty one lists none."""
    listed = [name.strip().lower() for name in os.environ.get(variable, usual).split(",")]
    return list(dict.fromkeys(name for name in listed if name))


def _is_set(variable: str, usual: bool) -> bool:
    text = os.environ.get(variable, str(int(usual))).strip().lower()
    if text not in {"0", "1", "false", "true"}:
        raise bad_input(f"the variable {variable} is 0 or 1, not '{text}'")
    return text in {"1", "true"}


def _substitutes() -> bool:
    variable = "ALGORITHM_SUBSTITUTION_POLICY"
    policy = os.environ.get(variable, "SIMILAR_VARIABLES").strip().upper()
    if policy not in POLICIES:
        raise bad_input(f"the variable {variable} is one of {', '.join(POLICIES)}, not '{policy}'")
    return POLICIES[policy]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
