"""The command that asks how sure a result is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .options import (
    EndOption,
    ModelOption,
    OutOption,
    OutputOption,
    ParametersOption,
    SetOption,
    bad_input,
    check_out,
    load,
    time_of,
)
from .plots import PlotOption, check_plot, draw
from .progress import counting
from .scans import course_of
from .shown_tables import View
from .talk import note
from .terminal import deliver, is_terminal
from .uncertain import (
    DrawSeedOption,
    InputOption,
    KeepOption,
    ReduceOption,
    TieOption,
    WithinOption,
    answers_of,
    uncertain_inputs,
)

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

    from ..figures.panels import Panels
    from ..scans.courses import Course
    from ..studies.uncertain_inputs import UncertainInputs
    from ..studies.uncertainty import Uncertainty


def uncertainty(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    inputs: InputOption = None,
    within: WithinOption = None,
    tie: TieOption = None,
    posterior: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Points to use instead, such as draws of a fit: .csv or .parquet, a column an id.",
        ),
    ] = None,
    sample: Annotated[int, typer.Option(metavar="N", help="Points to draw.")] = 1000,
    outputs: OutputOption = None,
    reduce: ReduceOption = None,
    end: EndOption = "3600",
    along: Annotated[
        bool, typer.Option("--along", help="Bands along the course to --end, not a steady state.")
    ] = False,
    that: Annotated[
        list[str] | None,
        typer.Option(
            "--that",
            metavar="CONDITION",
            help="Tell how likely it holds: 'J_sglt > 0.1', in the model's units. Repeatable.",
        ),
    ] = None,
    experiment: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Tell how likely the checks of this experiment hold; 'all' is every shipped one."
            " Repeatable.",
            autocompletion=completion.experiments,
        ),
    ] = None,
    seed: DrawSeedOption = 1,
    keep: KeepOption = None,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Tell how sure results are: quantiles, bands along courses, how likely claims hold."""
    cell = load(model, values, parameters)
    check_out(out)
    check_plot(plot)
    modes = {"--reduce": reduce, "--along": along, "--experiment": experiment}
    if len(given := [name for name, value in modes.items() if value]) > 1:
        raise bad_input(f"{given[0]} and {given[1]} do not go together")
    if that and (along or experiment):
        raise bad_input("--that goes with quantiles of steady states or of --reduce")
    points = _points(cell, inputs, within, tie, posterior)
    if experiment:
        if outputs or plot is not None:
            raise bad_input("--experiment tells of its own checks, in a table; leave out --output"
                            " and --plot")  # fmt: skip
        _claims(cell, experiment, points, sample, seed, keep, out)
    elif along:
        _bands(cell, points, outputs, end, sample, seed, keep, plot, out)
    else:
        _quantiles(cell, points, outputs, course_of(cell, reduce, end), that, sample, seed, keep,
                   plot, out)  # fmt: skip


def _points(
    cell: Model,
    inputs: list[str] | None,
    within: float | None,
    ties: list[str] | None,
    posterior: Path | None,
) -> UncertainInputs | pd.DataFrame:
    if posterior is None:
        return uncertain_inputs(cell, inputs, within, None, ties)
    if inputs or within or ties:
        raise bad_input("--posterior has its own points; leave out --input, --within and --tie")
    from ..scans.designs.base import check_design
    from ..tables import read_table

    return check_design(read_table(posterior), f"'{posterior}'", model=cell)


def _quantiles(
    cell: Model,
    points: UncertainInputs | pd.DataFrame,
    outputs: list[str] | None,
    course: Course | None,
    that: list[str] | None,
    sample: int,
    seed: int,
    keep: Path | None,
    plot: Path | None,
    out: Path | None,
) -> None:
    from ..studies.uncertainty import propagate_uncertainty

    asked = answers_of(cell, outputs, course, None, keep)
    with counting(sample, "points") as count:
        found = propagate_uncertainty(asked, points, points=sample, conditions=that or [],
                                      seed=seed, progress=count)  # fmt: skip
    draw(plot, lambda: _drawn_quantiles(found))
    whole = out is not None or not is_terminal()
    deliver(found.quantiles.set_index("output") if whole else found.summary(), out)  # fmt: skip
    for row in found.probabilities.itertuples():
        note(f"{row.that}: probability {row.probability:.3f} ({row.low:.3f} to {row.high:.3f})")
    note(found.said)


def _drawn_quantiles(found: Uncertainty) -> Panels:
    from ..figures.uncertainty import plot_uncertainty

    return plot_uncertainty(found)


def _bands(
    cell: Model,
    points: UncertainInputs | pd.DataFrame,
    outputs: list[str] | None,
    end: str,
    sample: int,
    seed: int,
    keep: Path | None,
    plot: Path | None,
    out: Path | None,
) -> None:
    from transport_model.columns import units_of, with_units

    from ..studies.uncertainty import uncertainty_bands

    with counting(sample, "courses") as count:
        table = uncertainty_bands(
            cell, points, end=time_of(end, cell, "--end"), outputs=outputs or None, draws=sample,
            seed=seed, folder=keep, progress=count,
        )  # fmt: skip
    draw(plot, lambda: _drawn_bands(table))
    wide = table.pivot(index=["output", "time"], columns="quantile", values="value")
    wide.columns = [f"{100 * share:g} %" for share in wide.columns]
    units = units_of(table)
    wide = wide.reset_index("time")
    wide.insert(1, "unit", [units.get(str(name), "") for name in wide.index])
    shown = with_units(wide, {"time": units["time"]})
    deliver(shown if out is None and is_terminal() else table.set_index(["output", "time"]), out,
            View(most=40))  # fmt: skip


def _drawn_bands(table: pd.DataFrame) -> Panels:
    from ..figures.uncertainty import plot_bands

    return plot_bands(table)


def _claims(
    cell: Model,
    experiments: list[str],
    points: UncertainInputs | pd.DataFrame,
    sample: int,
    seed: int,
    keep: Path | None,
    out: Path | None,
) -> None:
    import os

    from ..experiments.protocols import shipped_protocols
    from ..experiments.uncertain import claim_probabilities

    names = list(dict.fromkeys(name for given in experiments for name in
                               (shipped_protocols() if given == "all" else [given])))  # fmt: skip
    with counting(sample * len(names), "runs") as count:
        table = claim_probabilities(names, cell, points, points=sample, seed=seed,
                                    workers=os.cpu_count() or 1, folder=keep,
                                    progress=lambda name, done: count(done))  # fmt: skip
    deliver(table.set_index("check"), out,
            View(first=["probability", "same_sign", "effect", "from", "to", "unit"],
                 hidden=["experiment", "points"],
                 groups=dict(zip(table["check"], table["experiment"], strict=True)),
                 numbers=".3g"))  # fmt: skip
    note("probability: that the check holds where inputs are uncertain; same_sign: that its effect"
         " has the sign of the model's own; from, to: 90 % of effects")  # fmt: skip
