"""Energy drawn as a flow: from ATP through the gradients to glucose and heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from transport_model.errors import InputError

from .panels import Panels, checked_columns, panels
from .style import GREY, ION, PAGE, PURPLE, RED, SMALL, styled


@dataclass(frozen=True)
class Flow:
    """Power [pW] that goes from one place to another."""

    source: str
    target: str
    power: float
    colour: str


#: Columns of the account that are drawn.
_DRAWN = ("power_pump_Na", "power_pump_K", "power_sglt_Na", "power_sglt_Glc", "power_exported",
          *(f"dissipation_{x}" for x in ("pump", "sglt", "leak_Na", "leak_K", "glut")))  # fmt: skip


def flows_of(energy: pd.Series) -> list[Flow]:
    """Return where the power of ATP goes at a steady state.

    Parameters
    ----------
    energy
        A row of :func:`energetics`. What a carrier spends stands as it is,
        what it gains comes out of what it spends, and the difference is heat.
    """
    pump_na, pump_k = -energy["power_pump_Na"], -energy["power_pump_K"]
    spent_na = energy["power_sglt_Na"]
    glucose = -energy["power_sglt_Glc"]
    slip = energy["dissipation_sglt"] - (spent_na - glucose)
    flows = [
        Flow("ATP", "Na⁺ gradient", pump_na, ION["Na"]),
        Flow("ATP", "K⁺ gradient", pump_k, ION["K"]),
        Flow("ATP", "heat of the pump", energy["dissipation_pump"], GREY),
        Flow("Na⁺ gradient", "heat of the Na⁺ leak", energy["dissipation_leak_Na"], GREY),
        Flow("Na⁺ gradient", "heat of the symporter", spent_na + slip - glucose, GREY),
        Flow("Na⁺ gradient", "glucose gradient", glucose, RED),
        Flow("K⁺ gradient", "heat of the K⁺ leak", energy["dissipation_leak_K"], GREY),
        Flow("glucose gradient", "heat of glucose exit", energy["dissipation_glut"], GREY),
        Flow("glucose gradient", "exported", energy["power_exported"], PURPLE),
    ]
    return [flow for flow in flows if flow.power > 0]


#: Columns of the drawing, from the source to the sinks.
_COLUMNS: Sequence[Sequence[str]] = (
    ("ATP",),
    ("K⁺ gradient", "Na⁺ gradient"),
    ("glucose gradient",),
    ("heat of the pump", "heat of the K⁺ leak", "heat of the Na⁺ leak", "heat of the symporter",
     "heat of glucose exit", "exported"),
)  # fmt: skip
_NODE_COLOUR = {"ATP": PURPLE, "Na⁺ gradient": ION["Na"], "K⁺ gradient": ION["K"],
                "glucose gradient": RED, "exported": PURPLE}  # fmt: skip
_WIDTH, _GAP = 0.05, 0.07


@styled
def plot_energetics(table: pd.DataFrame, *, ax: Axes | None = None) -> Panels:
    """Draw where the power of ATP goes at a state, as bands whose breadth is the power.

    Parameters
    ----------
    table
        One row as :func:`transport_model.energetics` returns it [pW].
    ax
        Axes to draw into; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        The table has no row or several, or no power of ATP that goes anywhere.
    """
    checked_columns(table, [])
    if len(table) != 1:
        raise InputError(f"one state's energies are drawn, not {len(table)}: choose a row, as in"
                         " table.iloc[[-1]], or draw columns as curves")  # fmt: skip
    missing = [name for name in _DRAWN if name not in table.columns]
    if missing:
        raise InputError(f"the table has no '{missing[0]}': a row of energetics is drawn")
    flows = flows_of(table.iloc[0])
    if not any(flow.source == "ATP" for flow in flows):
        raise InputError("nothing to draw: no power of ATP goes anywhere at this state")
    axes = panels(ax, 1, 3.6, width=PAGE)
    (axis,) = axes
    total = sum(flow.power for flow in flows if flow.source == "ATP")
    through = {
        name: max(sum(f.power for f in flows if f.source == name),
                  sum(f.power for f in flows if f.target == name))
        for column in _COLUMNS for name in column
    }  # fmt: skip
    bottoms = _places(through, total)
    leaving, arriving = dict(bottoms), dict(bottoms)
    for flow in flows:
        leaving[flow.source] += flow.power
    for flow in sorted(flows, key=lambda f: -bottoms[f.target]):
        leaving[flow.source] -= flow.power
        _band(axis, _x(flow.source) + _WIDTH, leaving[flow.source], _x(flow.target),
              arriving[flow.target], flow.power, flow.colour)  # fmt: skip
        arriving[flow.target] += flow.power
    for name, power in through.items():
        if power <= 0:
            continue
        colour = _NODE_COLOUR.get(name, GREY)
        axis.add_patch(Rectangle((_x(name), bottoms[name]), _WIDTH, power, color=colour, lw=0))
        text = f"{name}\n{power:.3g} pW" if _x(name) < 2.5 else f"{name}, {power:.3g} pW"
        right = _x(name) > 0
        axis.annotate(text, (_x(name) + (_WIDTH if right else 0), bottoms[name] + power / 2),
                      (4 if right else -4, 0), textcoords="offset points", va="center",
                      ha="left" if right else "right", fontsize=SMALL)  # fmt: skip
    axis.set(xlim=(-0.45, 4.1), ylim=(min(bottoms.values()) - 0.03 * total,
             max(bottoms[n] + p for n, p in through.items()) + 0.03 * total))  # fmt: skip
    axis.axis("off")
    return axes


def _x(name: str) -> float:
    return float(next(i for i, column in enumerate(_COLUMNS) if name in column))


def _places(through: Mapping[str, float], total: float) -> dict[str, float]:
    """Return the lower end of every node: columns stacked and centred, glucose at the foot."""
    bottoms: dict[str, float] = {}
    for column in _COLUMNS:
        shown = [name for name in column if through[name] > 0]
        height = sum(through[name] for name in shown) + _GAP * total * (len(shown) - 1)
        top = (total + height) / 2
        if column == ("glucose gradient",):
            top = min(bottoms.values())
        for name in column:
            bottoms[name] = top - through[name]
            if name in shown:
                top = bottoms[name] - _GAP * total
    return bottoms


def _band(
    axis: Axes, x0: float, y0: float, x1: float, y1: float, breadth: float, colour: str
) -> None:
    middle = (x0 + x1) / 2
    curve = [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    outline = Path(
        [(x0, y0), (middle, y0), (middle, y1), (x1, y1),
         (x1, y1 + breadth), (middle, y1 + breadth), (middle, y0 + breadth), (x0, y0 + breadth),
         (x0, y0)],
        [*curve, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY],
    )  # fmt: skip
    axis.add_patch(PathPatch(outline, facecolor=colour, alpha=0.45, lw=0.3, edgecolor=colour))
