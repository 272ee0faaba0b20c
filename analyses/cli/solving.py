"""Commands that load and solve a model."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import (
    ModelOption,
    OutOption,
    ParametersOption,
    SetOption,
    check_out,
    load,
)
from .terminal import busy, deliver, note

#: Columns that a remark names.
NAMED = 6


def models(out: OutOption = None) -> None:
    """List the shipped models."""
    import pandas as pd

    from transport_model import load_model
    from transport_model.catalogue import shipped_models

    rows = []
    for name in shipped_models():
        model = load_model(name)
        kinds = model.species["kind"]
        rows.append(
            {
                "model": name,
                "floating": int((kinds == "floating").sum()),
                "boundary": int((kinds == "boundary").sum()),
                "reactions": len(model.reactions),
                "parameters": len(model.parameters),
                "rules": len(model.rules),
            }
        )
    deliver(pd.DataFrame(rows).set_index("model"), out, {})


def simulate(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    end: Annotated[float, typer.Option(help="Last time, in the model's unit of time.")] = 3600.0,
    points: Annotated[int, typer.Option(help="Number of points, both ends included.")] = 361,
    out: OutOption = None,
) -> None:
    """Integrate a time course."""
    from transport_model import simulate as run

    cell = load(model, values, parameters)
    check_out(out)
    with busy(f"integrating to {end:g}"):
        course = run(cell, end=end, points=points)
    units = {"time": cell.units["time"], **{str(name): cell.unit(str(name)) for name in course}}
    deliver(course, out, units, dynamic=cell)
    _name_gaps([str(name) for name in course if not course[name].abs().lt(float("inf")).all()])


def _name_gaps(columns: list[str]) -> None:
    if columns:
        shown = ", ".join(columns[:NAMED]) + (", …" if len(columns) > NAMED else "")
        note(f"no finite number at these values, by their own formulas: {shown}")


def steady_state_command(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    out: OutOption = None,
) -> None:
    """Find and certify the steady state."""
    from transport_model import steady_state

    cell = load(model, values, parameters)
    check_out(out)
    with busy("solving"):
        state = steady_state(cell)
    table = state.values.rename_axis("id").to_frame()
    table["unit"] = [cell.unit(name) for name in table.index]
    deliver(table, out, {})
    _name_gaps([str(name) for name, value in state.values.items() if abs(value) == float("inf")])
    current = (
        "" if state.net_current != state.net_current else f", net current {state.net_current:.1e}"
    )
    note(f"{state.status}: relative imbalance {state.residual:.1e}{current},"
          f" {'stable' if state.stable else 'not stable'}")  # fmt: skip
