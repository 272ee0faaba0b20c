"""The command that asks other people's engines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import (
    EndOption,
    ModelOption,
    ParametersOption,
    SetOption,
    StrictOption,
    load,
    time_of,
    went,
)
from .progress import steps
from .talk import note
from .terminal import deliver


def verify(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    engine: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="roadrunner, copasi, amici, mxlpy, myokit, cellml or tellurium; by default all."
            " Repeatable.",
        ),
    ] = None,
    sets: Annotated[int, typer.Option(metavar="N", help="Random parameter sets.")] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the random sets.")] = 1,
    end: EndOption = "3600",
    points: Annotated[int, typer.Option(help="Points of the course.")] = 61,
    strict: StrictOption = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for certificate.html and .json."),
    ] = None,
) -> None:
    """Run a model in every other engine that is installed, and certify that they agree."""
    subject = load(model, values, parameters)
    from transport_model.files import check_folder

    from ..exchange.verification.certificate import write_certificate
    from ..exchange.verification.verify import verify as run
    from ..verdict import Verdict

    last = time_of(end, subject, "--end")
    if out is not None:
        check_folder(out, "certificate")
    with steps() as step:
        agreement = run(subject, engines=engine or None, sets=sets, seed=seed, end=last,
                        points=points, progress=step)  # fmt: skip
    table = agreement.engines
    silent = table["verdict"].isin([Verdict.NOT_INSTALLED, Verdict.KNOWN_WRONG])
    deliver(table[~silent].drop(columns="note"), None)
    for name, row in table[table["note"] != ""].iterrows():
        note(f"{name}: {row['verdict']}: {row['note']}")
    for test, why in agreement.skipped.items():
        note(f"left out: {test}: {why}")
    if out is not None:
        note(f"wrote {write_certificate(agreement, out)}")
    went(agreement.holds, strict)
