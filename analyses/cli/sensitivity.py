"""The command that asks what an output owes to each input."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .options import (
    AllOption,
    EndOption,
    ModelOption,
    OutOption,
    OutputOption,
    ParametersOption,
    SetOption,
    bad_input,
    check_out,
    chosen,
    load,
)
from .plots import PlotOption, check_plot, draw, strongest
from .progress import busy, counting
from .scans import course_of
from .shown_tables import View
from .talk import note
from .terminal import deliver, is_terminal
from .uncertain import (
    DrawSeedOption,
    GroupOption,
    InputOption,
    KeepOption,
    ReduceOption,
    TieOption,
    WithinOption,
    answers_of,
    uncertain_inputs,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from transport_model import Model

    from ..figures.panels import Panels
    from ..studies.global_sensitivity.result import GlobalSensitivity

#: Inputs that a terminal ranks.
RANKED = 20


class Method(StrEnum):
    """How influence is measured."""

    LOCAL = "local"
    SOBOL = "sobol"
    MORRIS = "morris"
    PAWN = "pawn"
    RANK = "rank"


#: Width of the widest interval and most points, unless the options say otherwise.
DEFAULTS = {Method.SOBOL: (0.05, 2_000_000), Method.MORRIS: (0.1, 100_000),
            Method.PAWN: (0.05, 100_000), Method.RANK: (0.05, 100_000)}  # fmt: skip


def sensitivity(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    method: Annotated[
        Method,
        typer.Option(
            help="local: response coefficients d ln y / d ln p at the steady state, exact. Over all"
            " of the inputs' distributions: sobol (shares of variance), morris (screening), pawn"
            " (of whole distributions), rank (correlations).",
        ),
    ] = Method.LOCAL,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="local: a parameter; by default all that are not zero. Repeatable.",
            autocompletion=completion.quantities,
        ),
    ] = None,
    inputs: InputOption = None,
    within: WithinOption = None,
    group: GroupOption = None,
    tie: TieOption = None,
    outputs: OutputOption = None,
    reduce: ReduceOption = None,
    end: EndOption = "3600",
    experiment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="Of the measures of this experiment.",
            autocompletion=completion.experiments,
        ),
    ] = None,
    width: Annotated[
        float | None,
        typer.Option(help="Wanted width of the widest interval of 95 %; the sample grows to it."),
    ] = None,
    budget: Annotated[int | None, typer.Option(metavar="N", help="Most points.")] = None,
    pairs: Annotated[
        bool, typer.Option("--pairs", help="sobol: second-order indices as well.")
    ] = False,
    seed: DrawSeedOption = 1,
    keep: KeepOption = None,
    every: AllOption = False,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Tell what outputs owe to inputs: at the steady state, or over all that inputs may be."""
    cell = load(model, values, parameters)
    check_out(out)
    check_plot(plot)
    of_a_sample = {"--input": inputs, "--within": within, "--group": group, "--tie": tie,
                   "--reduce": reduce, "--experiment": experiment, "--width": width,
                   "--budget": budget, "--keep": keep}  # fmt: skip
    if method is Method.LOCAL:
        if given := [option for option, value in of_a_sample.items() if value]:
            raise bad_input(f"{given[0]} goes with --method sobol, morris, pawn or rank")
        _local(cell, parameter, outputs, every=every, plot=plot, out=out)
        return
    if parameter:
        raise bad_input("--parameter goes with --method local; name an uncertain --input")
    if pairs and method is not Method.SOBOL:
        raise bad_input("--pairs goes with --method sobol")
    wanted, most = DEFAULTS[method]
    asked = answers_of(cell, outputs, course_of(cell, reduce, end), experiment, keep)
    uncertain = uncertain_inputs(cell, inputs, within, group, tie)
    how = {"width": wanted if width is None else width,
           "budget": most if budget is None else budget, "seed": seed}  # fmt: skip
    with counting(how["budget"], "points") as count:
        found = _study(method)(asked, uncertain, progress=count, **how,
                               **({"pairs": True} if pairs else {}))  # fmt: skip
    draw(plot, lambda: _drawn(found))
    if out is not None or not is_terminal():
        deliver(found.table.set_index("input"), out)
    else:
        for index in dict.fromkeys(found.table["index"]):
            table = found.matrix(str(index))
            note(_WORDS[str(index)])
            deliver(table if every else table.head(RANKED), None, View(numbers=".3f"))
    note(found.said)
    if not found.settled:
        note("a larger --budget makes them narrower")


#: What the indices are, in words.
_WORDS = {
    "S1": "S1: share of variance that goes when the input alone is known",
    "ST": "ST: share of variance that stays when all others are known",
    "S2": "S2: share of variance that two inputs make only together",
    "mu_star": "mu_star: mean size of elementary effects, in standard deviations of the output",
    "mu": "mu: their mean",
    "sigma": "sigma: their standard deviation, large where effects depend on other inputs",
    "pawn": "pawn: how far the output's distribution moves when the input is known to a tenth",
    "rho": "rho: rank correlation",
    "prcc": "prcc: rank correlation with what the other inputs leave over",
}


def _study(method: Method) -> Callable[..., GlobalSensitivity]:
    from ..studies.global_sensitivity import given_data, morris, sobol

    return {Method.SOBOL: sobol.sobol_indices, Method.MORRIS: morris.morris_screening,
            Method.PAWN: given_data.pawn_indices,
            Method.RANK: given_data.rank_correlations}[method]  # fmt: skip


def _drawn(found: GlobalSensitivity) -> Panels:
    from ..figures.indices import plot_indices

    return plot_indices(found)


def _local(
    cell: Model,
    parameter: list[str] | None,
    outputs: list[str] | None,
    *,
    every: bool,
    plot: Path | None,
    out: Path | None,
) -> None:
    """Show response coefficients."""
    from transport_model.key_facts import key_facts

    from ..studies.control import BALANCE, response_coefficients

    with busy("solving"):
        table = response_coefficients(cell, parameter or None)
    balance = float(table.attrs[BALANCE])
    if outputs:
        table = table.loc[chosen(outputs, table.index, f"the results of '{cell.name}'")]
    # A person asks which parameters matter most to a few quantities
    facts = list(outputs or key_facts(cell, [str(name) for name in table.index]))
    matter = strongest(table.loc[facts], len(table.columns))
    ranked = table.loc[facts, matter].T.rename_axis("parameter")
    draw(plot, lambda: _drawn_responses(cell, ranked.head(RANKED)))
    if out is not None or not is_terminal():
        deliver(table, out)
    else:
        shown = ranked if every else ranked.head(RANKED)
        deliver(shown, None, View(first=facts, numbers=".3f"))
        idle = len(table.columns) - len(matter)
        note(f"{len(shown)} of {len(table.columns)} parameters, the strongest first"
             + (f"; {idle} have no influence on these" if idle else ""))  # fmt: skip
    note(f"moved states are balanced to {balance:.1e}")


def _drawn_responses(model: Model, ranked: pd.DataFrame) -> Panels:
    """Draw responses of one result as a tornado, those of several as a matrix."""
    from ..figures.panels import column_words

    words = column_words(model, [*ranked.index, *ranked.columns])
    if len(ranked.columns) == 1:
        from ..figures.tornado import plot_tornado

        return plot_tornado(ranked.T, str(ranked.columns[0]), "response to parameters",
                            labels=words)  # fmt: skip
    from ..figures.coefficients import plot_coefficients

    return plot_coefficients(ranked, "response of results (columns) to parameters (rows)",
                             labels=words)  # fmt: skip
