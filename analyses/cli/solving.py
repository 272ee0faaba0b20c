"""Commands that load and solve a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from .options import (
    AllOption,
    EndOption,
    ModelOption,
    OutOption,
    OutputOption,
    ParametersOption,
    SetOption,
    check_out,
    chosen,
    load,
    time_of,
)
from .plots import PlotOption, check_plot, draw
from .progress import busy
from .shown_tables import View, listed
from .talk import note
from .terminal import deliver, is_terminal
from .views import series_view

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

    from ..figures.panels import Panels


def models(out: OutOption = None) -> None:
    """List the shipped models: what each is, its parts and its parameter sets."""
    import pandas as pd

    from transport_model import load_model
    from transport_model.catalogue import description, parameter_sets, parts_of, shipped_models

    check_out(out)
    rows = []
    for name in shipped_models():
        model = load_model(name)
        rows.append(
            {
                "model": name,
                "what": f"{description(name)}{_parts(parts_of(name))}",
                **parts_of(name),
                "sets": ", ".join(parameter_sets(name)),
                "species": int((model.species["kind"] == "floating").sum()),
                "reactions": len(model.reactions),
                "parameters": len(model.parameters),
            }
        )
    deliver(
        pd.DataFrame(rows).set_index("model"),
        out,
        View(
            first=["what", "sets"],
            hidden=["symporter", "pump", "species", "reactions", "parameters"],
        ),
    )
    note("--model NAME takes one of them, --parameters SET one of its parameter sets")


def _parts(parts: Mapping[str, str]) -> str:
    told = [f"{part} {name}" for part, name in parts.items() if name not in {"", "none"}]
    return f" ({', '.join(told)})" if told else ""


def simulate(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    end: EndOption = "3600",
    points: Annotated[int, typer.Option(help="Number of points, both ends included.")] = 361,
    outputs: OutputOption = None,
    plot: PlotOption = None,
    out: OutOption = None,
) -> None:
    """Integrate a time course."""
    cell = load(model, values, parameters)
    from transport_model import simulate as run
    from transport_model.key_facts import key_facts

    last = time_of(end, cell, "--end")
    check_out(out)
    check_plot(plot)
    with busy(f"integrating to {last:g}"):
        course = run(cell, end=last, points=points)
    if outputs:
        course = course[chosen(outputs, course.columns, f"the course of '{cell.name}'")]
    names = list(outputs or key_facts(cell, map(str, course)))
    draw(plot, lambda: _curves(cell, course, names))
    deliver(course, out, series_view(course, cell, outputs or ()))
    _name_gaps([str(name) for name in course if not course[name].abs().lt(float("inf")).all()])


def _curves(cell: Model, course: pd.DataFrame, names: list[str]) -> Panels:
    from ..figures.curves import plot_curves
    from ..figures.panels import column_labels

    return plot_curves(course, names, labels=column_labels(cell, names))


def _name_gaps(columns: list[str]) -> None:
    if columns:
        note(f"no finite number at these values, by their own formulas: {listed(columns)}")


def steady_state_command(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    outputs: OutputOption = None,
    every: AllOption = False,
    out: OutOption = None,
) -> None:
    """Find and certify the steady state."""
    cell = load(model, values, parameters)
    from transport_model import steady_state
    from transport_model.columns import column_name
    from transport_model.key_facts import grouped, key_facts
    from transport_model.units import per_unit

    check_out(out)
    with busy("solving"):
        state = steady_state(cell)
    table = state.values.rename_axis("id").to_frame()
    table["unit"] = [cell.unit(str(name)) for name in table.index]
    table["name"] = [column_name(cell, str(name)) for name in table.index]
    names = [str(name) for name in table.index]
    groups = {}
    if outputs:
        table = table.loc[chosen(outputs, names, f"the steady state of '{cell.name}'")]
    elif out is None and is_terminal():
        groups = grouped(cell, names) if every else {}
        table = table.loc[list(groups) if every else key_facts(cell, names)]
    deliver(table, out, View(first=["value", "unit", "name"], groups=groups))
    _name_gaps([str(name) for name, value in state.values.items() if abs(value) == float("inf")])
    if len(table) < len(names) and not outputs:
        note(f"{len(table)} of {len(names)} quantities; --all shows the others, --output ID one")
    unit = per_unit(cell.units["extent"], cell.units["time"])
    currents = "".join(f", {what} {flow:.1e} {unit}".rstrip()
                       for what, flow in state.certificate.currents_in_words.items())  # fmt: skip
    note(f"{state.status}: relative imbalance {state.residual:.1e}, relative error"
         f" {state.error:.1e}{currents}, {'stable' if state.stable else 'not stable'}")  # fmt: skip
