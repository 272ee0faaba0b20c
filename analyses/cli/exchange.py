"""The command that writes a model in the formats of other people's software."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import ModelOption, ParametersOption, SetOption, load
from .progress import steps
from .talk import note

#: Losses that the terminal shows; the rest are counted.
MOST_LOSSES = 20


def export(
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE|DIR/",
            help="A file, its format told by the suffix (.xml .ant .cellml .md .tex .omex), or a"
            " folder, ending in /, for every format.",
        ),
    ],
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="sbml-l3v2, sbml-l3v1, sbml-l2v5, sbml-l2v4, sbml-comp, antimony, cellml,"
            " markdown, latex, sedml, petab or omex. Repeatable; all by default.",
        ),
    ] = None,
) -> None:
    """Write the model in other people's formats, and say what a format cannot carry."""
    subject = load(model, values, parameters)
    from ..exchange.export import export_file, export_folder

    with steps() as step:
        if out.endswith("/") or Path(out).is_dir():
            written = export_folder(subject, Path(out), formats, progress=step)
        else:
            one = formats[0] if formats and len(formats) == 1 else None
            written = export_file(subject, Path(out), one)
    for loss in written.losses[:MOST_LOSSES]:
        note(f"not carried: {loss}")
    if len(written.losses) > MOST_LOSSES:
        note(f"not carried: {len(written.losses) - MOST_LOSSES} more")
    note(f"wrote {out}: {len(written.files)} file{'s' if len(written.files) != 1 else ''}")
