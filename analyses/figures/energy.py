"""Energy drawn as a flow: from ATP through the gradients to glucose and heat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

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
_WIDTH, _GAP = 0.05, 0.1


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
    axes = panels(ax, 1, 3.0, width=PAGE)
    (axis,) = axes
    total = sum(flow.power for flow in flows if flow.source == "ATP")
    through = {
        name: max(sum(f.power for f in flows if f.source == name),
                  sum(f.power for f in flows if f.target == name))
        for column in _COLUMNS for name in column
    }  # fmt: skip
    bottoms = _places(flows, through, total)
    leaving, arriving = dict(bottoms), dict(bottoms)
    for flow in flows:
        leaving[flow.source] += flow.power
    for flow in sorted(flows, key=lambda f: -bottoms[f.target]):
        leaving[flow.source] -= flow.power
        passed = [(float(x), bottoms[flow, x]) for x in _between(flow)]
        start, end = (_x(flow.source) + _WIDTH, leaving[flow.source]), _x(flow.target)
        _band(axis, [start, *passed, (end, arriving[flow.target])], flow)
        arriving[flow.target] += flow.power
    for name, power in through.items():
        if power > 0:
            colour = _NODE_COLOUR.get(name, GREY)
            axis.add_patch(Rectangle((_x(name), bottoms[name]), _WIDTH, power, color=colour, lw=0))
            _say(axis, name, bottoms[name], power)
    tops = [bottoms[name] + power for name, power in through.items()]
    axis.set(xlim=(-0.45, 4.1), ylim=(min(bottoms.values()) - 0.03 * total,
                                      max(tops) + 0.03 * total))  # fmt: skip
    axis.axis("off")
    return axes


def _say(axis: Axes, name: str, bottom: float, power: float) -> None:
    """Write what a node is: beside the first and the last, and in the gaps of those within."""
    x, middle = _x(name), bottom + power / 2
    if x == 0:
        axis.annotate(f"{name}\n{power:.3g} pW", (x, middle), (-4, 0), ha="right", va="center",
                      textcoords="offset points", fontsize=SMALL)  # fmt: skip
    elif x == len(_COLUMNS) - 1:
        axis.annotate(f"{name}, {power:.3g} pW", (x + _WIDTH, middle), (4, 0), ha="left",
                      va="center", textcoords="offset points", fontsize=SMALL)  # fmt: skip
    else:
        above = name != "glucose gradient"  # which is at the foot, with nothing below it
        axis.annotate(f"{name}, {power:.3g} pW", (x + _WIDTH / 2, bottom + power * above),
                      (0, 2 if above else -2), ha="center", va="bottom" if above else "top",
                      textcoords="offset points", fontsize=SMALL)  # fmt: skip


def _x(name: str) -> float:
    return float(next(i for i, column in enumerate(_COLUMNS) if name in column))


def _between(flow: Flow) -> range:
    """Return the columns that a flow passes without stopping."""
    return range(int(_x(flow.source)) + 1, int(_x(flow.target)))


#: A node, or a flow where it passes a column.
_Slot = str | tuple[Flow, int]


def _places(
    flows: Sequence[Flow], through: Mapping[str, float], total: float
) -> dict[_Slot, float]:
    """Return the lower end of every node, and of every flow in the columns that it passes.

    Columns are centred, and in the order of where their flows end, so that none crosses another.
    """
    bottoms: dict[_Slot, float] = {}
    for number, column in enumerate(_COLUMNS):
        breadths: dict[_Slot, float] = {name: through[name] for name in column if through[name] > 0}
        breadths |= {(flow, number): flow.power for flow in flows if number in _between(flow)}
        order = sorted(breadths, key=lambda slot: _ends(
            slot[0].target if isinstance(slot, tuple) else slot, flows))  # fmt: skip
        top = (total + sum(breadths.values()) + _GAP * total * (len(order) - 1)) / 2
        for slot in order:
            bottoms[slot] = top - breadths[slot]
            top = bottoms[slot] - _GAP * total
        bottoms |= {name: top for name in column if through[name] <= 0}
    return bottoms


def _ends(name: str, flows: Sequence[Flow]) -> int:
    """Return the uppermost of the last column's nodes that flows from a node end at."""
    if name in _COLUMNS[-1]:
        return _COLUMNS[-1].index(name)
    return min((_ends(flow.target, flows) for flow in flows if flow.source == name), default=0)


def _band(axis: Axes, stops: Sequence[tuple[float, float]], flow: Flow) -> None:
    """Draw a flow through the lower ends of its stops, as broad as its power."""
    there: list[tuple[float, float]] = [stops[0]]
    codes = []
    for (x0, y0), (x1, y1) in pairwise(stops):
        start = x0 + _WIDTH if (x0, y0) != stops[0] else x0
        if start != x0:  # straight past the nodes of this column
            there.append((start, y0))
            codes.append(Path.LINETO)
        middle = (start + x1) / 2
        there += [(middle, y0), (middle, y1), (x1, y1)]
        codes += [Path.CURVE4] * 3
    back = [(x, y + flow.power) for x, y in reversed(there)]
    outline = Path(
        [*there, *back, there[0]],
        [Path.MOVETO, *codes, Path.LINETO, *reversed(codes), Path.CLOSEPOLY],
    )
    axis.add_patch(PathPatch(outline, facecolor=flow.colour, alpha=0.45, lw=0.3,
                             edgecolor=flow.colour))  # fmt: skip
