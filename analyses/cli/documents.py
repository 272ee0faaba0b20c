"""Commands that write documents, and the one that looks at the installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    ModelOption,
    ParametersOption,
    SetOption,
    load,
)
from .progress import busy, steps
from .talk import note


def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the report.")],
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    edition: Annotated[
        str,
        typer.Option(
            "--edition",
            metavar="NAME",
            help="lesson: three pages for a course, of a cell; paper: an article; full: an article"
            " with every table open.",
        ),
    ] = "paper",
    chapters: Annotated[
        str | None,
        typer.Option(
            "--chapters", metavar="NAME,…", help="Chapters to write; by default all of them."
        ),
    ] = None,
    formats: Annotated[
        str, typer.Option("--format", metavar="NAME,…", help="html, pdf, or both: html,pdf.")
    ] = "html",
    explorer: Annotated[
        bool, typer.Option("--explorer", help="Put the explorer of the model beside the report.")
    ] = False,
) -> None:
    """Write the research report: a page, its figures and data, the models and the provenance."""
    cell = load(model, values, parameters)
    from ..report.editions import formats_named
    from ..report.report import write_report

    names = None if chapters is None else [name.strip() for name in chapters.split(",")]
    with steps() as step:
        page = write_report(
            cell,
            out,
            edition=edition,
            chapters=names,
            formats=formats,
            explorer=explorer,
            progress=step,
        )
    written = [page.with_suffix(f".{form}") for form in formats_named(formats)]
    written += [page.with_name("explorer.html")] if explorer else []
    note(f"wrote {', '.join(map(str, written))}")


def explore(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="HTML file for the page.")],
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
) -> None:
    """Write a page in which the model answers: one file for a browser, without a network."""
    chosen = load(model, values, parameters)
    from transport_model.files import check_target, write_text

    from ..explorer.explorer import explore as page_of

    check_target(out)
    with busy("printing the model"):
        page = page_of(chosen)
    write_text(out, page.html)
    for refusal in page.refusals:
        note(refusal)
    note(f"wrote {out}")


def doctor() -> None:
    """Say what is installed, and whether the shipped models load, simulate and balance."""
    from .doctor import diagnose

    healthy = True
    for item, found, good in diagnose():
        healthy &= good
        typer.echo(f"{'ok ' if good else 'BAD'}  {item:<29} {found}")
    if not healthy:
        raise typer.Exit(1)
