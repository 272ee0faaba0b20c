"""Curves that a reader can point at, zoom into and switch off, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from transport_model.columns import units_of
from transport_model.errors import InputError

from .curves import plan_of
from .scales import is_logarithmic
from .style import COLOURS

if TYPE_CHECKING:
    import plotly.graph_objects

#: Height of a panel, and of what stands around them [pixels].
_PANEL, _FRAME = 220, 110


def interactive(
    table: pd.DataFrame,
    quantities: Sequence[str] | None = None,
    *,
    x: str | None = None,
    by: str | None = None,
) -> plotly.graph_objects.Figure:
    """Draw what :func:`transport_model.plot_curves` draws, with Plotly.

    Needs the extra ``interactive``.

    Parameters
    ----------
    table, quantities, x, by
        As of :func:`transport_model.plot_curves`.

    Returns
    -------
    plotly.graph_objects.Figure
        A notebook shows it; ``write_html`` makes a page of it.

    Raises
    ------
    UnknownIdError
        A column is not in the table.
    InputError
        As :func:`transport_model.plot_curves`; or Plotly is not installed.
    """
    try:
        from plotly.graph_objects import Figure, Scatter
        from plotly.subplots import make_subplots
    except ImportError:
        raise InputError(
            "Plotly is not installed; pip install 'transport-model[interactive]' brings it"
        ) from None
    plan = plan_of(table, quantities, x, by)
    units = units_of(table)
    rows = len(plan.panels)
    figure: Figure = make_subplots(rows=rows, cols=1, shared_xaxes=True, vertical_spacing=0.3 / rows
                                   if rows > 1 else 0)  # fmt: skip
    drawn = 0  # curves of other panels have other colours, as all share a legend
    for row, members in enumerate(plan.panels, start=1):
        for number, (name, value, across, points) in enumerate(plan.curves(members)):
            figure.add_trace(
                Scatter(
                    x=across,
                    y=points[name],
                    name=_text(name if by is None else f"{by} = {value}"),
                    line={"color": COLOURS[(number + drawn) % len(COLOURS)]},
                    mode="lines" if plan.time else "lines+markers",
                    # A value has one colour in all panels, and one place in the legend
                    legendgroup=name if by is None else value,
                    showlegend=by is None or row == 1,
                ),
                row=row, col=1,
            )  # fmt: skip
        drawn += len(members) if by is None else 0
        label = members[0] if len(members) == 1 else ""
        figure.update_yaxes(title=_with_unit(label, units.get(members[0], "")), row=row, col=1)
    if plan.time:
        start = float(table.index.min()) * plan.time.factor
        figure.update_xaxes(title=_text(plan.time.label), row=rows, col=1)
        figure.update_xaxes(range=[start, plan.time.last])
    else:
        title = _with_unit(plan.along, units.get(plan.along, ""))
        figure.update_xaxes(title=title, row=rows, col=1)
    if x is not None and is_logarithmic(table[x]):
        figure.update_xaxes(type="log")
    figure.update_layout(template="simple_white", height=_FRAME + _PANEL * rows,
                         hovermode="x unified", margin={"t": 30})  # fmt: skip
    return figure


def _with_unit(label: str, unit: str) -> str:
    return _text(f"{label} [{unit}]".strip() if unit not in {"", "1"} else label)


def _text(text: str) -> str:
    """Return a text that Plotly writes as it stands: else it reads HTML, and TeX in dollars."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("$", "&#36;")
