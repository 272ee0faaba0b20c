"""Commands that run designs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from analyses.commands.options import (
    ModelOption,
    OutOption,
    ParametersOption,
    SetOption,
    check_out,
    design_of,
    load,
)
from analyses.terminal import counting, deliver, note


def scan(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID=VALUES",
            help="An axis of a grid: 'Glc_o=0.1,1,10' or 'P_Na=low:high:count' or"
            " 'P_Na=low:high:count:log'. Repeatable.",
        ),
    ] = None,
    design: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A design: .csv or .parquet, a column a quantity."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Latin hypercube of N points over the ranges of --range, or of parameters.csv.",
        ),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option(
            "--range", metavar="ID=LOW:HIGH[:log]", help="A range for --sample. Repeatable."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of --sample.")] = 1,
    engine: Annotated[
        str, typer.Option(help="kernel (compiled, microseconds a point), roadrunner or auto.")
    ] = "auto",
    out: OutOption = None,
) -> None:
    """Solve the steady state at every point of a design."""
    from analyses.scan import scan as run

    cell = load(model, values, parameters)
    check_out(out)
    table = design_of(cell, vary, design, sample, ranges, seed)
    with counting(len(table), "steady states") as count:
        result = run(cell, table, engine=engine, progress=count)
    failed = int((~result["converged"]).sum())
    units = {str(name): cell.unit(str(name)) for name in result}
    deliver(result.rename_axis("point"), out, units, dynamic=cell)
    note(f"{len(result)} points, {failed} without a certified steady state")
