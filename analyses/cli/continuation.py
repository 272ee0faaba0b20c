"""The command that follows a steady state in a parameter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .designs_in_words import range_of
from .options import (
    ModelOption,
    OutOption,
    OutputOption,
    ParametersOption,
    SetOption,
    assignment,
    bad_input,
    check_out,
    chosen,
    load,
    remark_on_ranges,
)
from .plots import PlotOption, check_plot, draw
from .progress import steps
from .shown_tables import View
from .talk import note
from .terminal import deliver
from .views import MOST_ROWS

if TYPE_CHECKING:
    from ..figures.panels import Panels
    from ..studies.continuation import Branch

#: Special points that are told beside the table.
TOLD = 20
EXAMPLE = "Glc_o=0.1:30:log"


def continue_command(
    text: Annotated[
        str,
        typer.Argument(
            metavar="ID=LOW:HIGH",
            show_default=False,
            help="The parameter and its range, with ':log' and units as in scan --range.",
            autocompletion=completion.assignments,
        ),
    ],
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    outputs: OutputOption = None,
    crossing: Annotated[
        int | None,
        typer.Option(metavar="N", help="Follow the branch that crosses at the N-th branch point."),
    ] = None,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Follow the steady state in a parameter, through folds and past Hopf points."""
    cell = load(model, values, parameters)
    from transport_model.key_facts import key_facts

    from ..studies.continuation import continue_steady_state, crossing_branch
    from ..studies.continuation.family import check_free

    check_out(out)
    check_plot(plot)
    check_free(cell, assignment(text, "continue", EXAMPLE)[0])
    key, low, high, scale = range_of(cell, text, "continue", EXAMPLE)
    remark_on_ranges(model, cell, {key: (low, high)})
    with steps() as step:
        branch = continue_steady_state(cell, key, low, high, scale=scale, progress=step)
        if crossing is not None:
            branch = crossing_branch(branch, _label(branch, crossing), progress=step)
    names = [str(name) for name in branch.table]
    asked = chosen(outputs or (), names, f"the branch of '{cell.name}'")
    facts = [name for name in asked or key_facts(cell, names) if name != branch.column]
    draw(plot, lambda: _drawn(branch, facts))
    first = [branch.column, "stable", *facts]
    deliver(branch.table, out, View(first=first, hidden=names, most=MOST_ROWS))
    for line in told(branch):
        note(line)


def _label(branch: Branch, number: int) -> int:
    """Return the label of the N-th branch point of a branch."""
    found = branch.points.index[branch.points["kind"] == "branch point"]
    if not 1 <= number <= len(found):
        count = f"{len(found) or 'no'} branch point{'' if len(found) == 1 else 's'}"
        raise bad_input(f"--crossing {number}: the branch in '{branch.parameter}' has {count}")
    return int(found[number - 1])


def _drawn(branch: Branch, names: list[str]) -> Panels:
    from ..figures.branches import plot_branch
    from ..figures.panels import column_labels

    return plot_branch(branch, names, labels=column_labels(branch.model, branch.table))


def told(branch: Branch) -> list[str]:
    """Return what there is to say of a branch: its points, and its special points in order."""
    unit = branch.model.unit(branch.column)
    shown = "" if unit in {"", "1"} else f" {unit}"
    stable, rows = int(branch.table["stable"].sum()), len(branch.table)
    lines = [f"{rows} certified points, {stable} of them stable"]
    time, crossings = branch.model.units["time"], 0
    for _, row in branch.points.head(TOLD).iterrows():
        line = f"{row['kind']} at {branch.column} = {row[branch.column]:.9g}{shown}"
        details = [row["detail"]] if row["detail"] else []
        if row["frequency"] == row["frequency"]:
            period = 2 * math.pi / row["frequency"]
            details.append(f"period {period:.4g} {time}".rstrip())
        if row["kind"] == "branch point" and row["detail"]:
            crossings += 1
            details.append(f"--crossing {crossings} follows the branch that crosses")
        lines.append(f"{line}: {', '.join(details)}" if details else line)
    if len(branch.points) > TOLD:
        lines.append(f"and {len(branch.points) - TOLD} more special points")
    return lines
