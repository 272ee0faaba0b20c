"""Figures of transporters under test conditions: measured points over the model's curves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from ..studies.measurements import Measurement
from .panels import title_text, with_unit
from .scales import number_text, scale, set_logarithmic
from .style import BLUE, GREEN, GREY, ORANGE, PAGE, PURPLE, RED, new_figure, styled

_COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE)
#: What is varied or held, in words, and its unit.
_VARIED = {"V_m": ("membrane potential", "mV"), "K_o": ("outer K⁺", "mM"), "ATP": ("ATP", "mM"),
           "Na_i": ("cytosolic Na⁺", "mM"), "Na_o": ("outer Na⁺", "mM")}  # fmt: skip


@dataclass(frozen=True)
class AssayCurves:
    """A measurement with the model's curves and deviation, ready to be drawn."""

    measurement: Measurement
    curves: pd.DataFrame
    deviation: float


@styled
def pump_figure(assays: Sequence[AssayCurves]) -> Figure:
    """One panel a measurement: points as measured, curves as the model has them.

    The bands are as broad as the deviation (RMS) up to which the model is said to agree.
    """
    rows = (len(assays) + 1) // 2
    figure, axes = new_figure(PAGE, 2.3 * rows, 2, rows)
    for number, (axis, assay) in enumerate(zip(axes, assays, strict=False)):
        _points_and_curves(axis, assay)
        axis.set_title(title_text(number, assay.measurement.title))
    for axis in axes[len(assays):]:  # fmt: skip
        axis.set_visible(False)
    return figure


def _points_and_curves(axis: Axes, assay: AssayCurves) -> None:
    item = assay.measurement
    x, y = item.varied, item.measured
    groups = [((), item.points)]
    if item.curves:
        groups = list(item.points.groupby(item.curves))
    for number, (key, points) in enumerate(groups):
        colour = _COLOURS[number % len(_COLOURS)]
        curve = assay.curves
        for name, value in zip(item.curves, key, strict=True):
            curve = curve[curve[name] == value]
        label = ", ".join(f"{_words(n)} {v:g} {_unit(n)}".strip()
                          for n, v in zip(item.curves, key, strict=True))  # fmt: skip
        axis.fill_between(curve[x], curve[y] - item.tolerance, curve[y] + item.tolerance,
                          color=colour, alpha=0.15, lw=0,
                          label=None if number else "tolerance")  # fmt: skip
        axis.plot(curve[x], curve[y], color=colour, label=label or "model")
        axis.plot(points[x], points[y], ls="", marker="o", ms=4.5, mfc="white", mec=colour, mew=1.2,
                  label=None if label else "measured")  # fmt: skip
    scale(axis, item.points[x])
    up = with_unit("turnover", item.unit) if item.unit else "relative turnover"
    axis.set(xlabel=with_unit(_words(x), _unit(x)), ylabel=up, ylim=(0, None))
    unit = f" {item.unit}" if item.unit else ""
    axis.legend(loc="best", title=f"RMS {assay.deviation:.2g}{unit}",
                alignment="left")  # fmt: skip


def _words(name: str) -> str:
    return _VARIED.get(name, (name, ""))[0]


def _unit(name: str) -> str:
    return _VARIED.get(name, ("", ""))[1]


@styled
def symporter_figure(
    currents: pd.DataFrame, halves: dict[str, pd.DataFrame], charge: pd.DataFrame,
    boltzmann: pd.Series, heads: pd.DataFrame, measured: pd.DataFrame,
) -> Figure:  # fmt: skip
    """Draw currents, half-saturation, charge and static head of the symporter.

    Parameters
    ----------
    currents
        Columns ``V_m`` [mV], ``Glc_o`` [mM], ``I_sglt`` [pA].
    halves
        By parameter set: index ``V_m``, column ``K_half`` [mM].
    charge, boltzmann
        As :func:`charge_voltage` returns them.
    heads
        Columns ``slip`` [1/s], ``SGLT1``, ``SGLT2`` [1].
    measured
        Half-saturation as it was measured: columns ``V_m`` [mV], ``K_half`` and ``tolerance`` [mM],
        ``source``.
    """
    figure, (a, b, c, d) = new_figure(PAGE, 4.6, 2, 2)
    for colour, (glucose, curve) in zip(_COLOURS, currents.groupby("Glc_o"), strict=False):
        a.plot(curve["V_m"], curve["I_sglt"], color=colour, label=f"{glucose:g} mM")
    a.axhline(0, color="black", lw=0.8)
    a.set(xlabel="membrane potential [mV]", ylabel="current [pA], inward negative",
          title="a  Steady current of SGLT1")  # fmt: skip
    a.legend(title="outer glucose", loc="lower right")
    for colour, (name, table) in zip(_COLOURS, halves.items(), strict=False):
        b.plot(table.index, table["K_half"], color=colour, label=_set_in_words(name))
    for marker, (source, points) in zip("osD^", measured.groupby("source"), strict=False):
        b.errorbar(points["V_m"], points["K_half"], points["tolerance"], fmt=marker, color="black",
                   mfc="white", ms=4.5, lw=0.8, label=str(source))  # fmt: skip
    set_logarithmic(b, vertical=True)
    b.set(xlabel="membrane potential [mV]", ylabel="half-saturating glucose [mM]",
          title="b  Half-saturation")  # fmt: skip
    b.legend(loc="upper left")
    c.plot(charge["V_m"], charge["boltzmann"], color=GREY, lw=3, alpha=0.45, label="Boltzmann")
    c.plot(charge["V_m"], charge["Q_sglt"], color=BLUE, label="model")
    c.axvline(boltzmann["V_half"], color=GREY, lw=0.8, ls=":")
    c.set(xlabel="membrane potential [mV]", ylabel="charge held [pC]",
          title="c  Charge without glucose")  # fmt: skip
    c.legend(title=f"V½ {boltzmann['V_half']:.0f} mV, z {boltzmann['z']:.2f}".replace("-", "−"))
    d.plot(heads["slip"], heads["SGLT1"], color=BLUE, marker="o", ms=3, label="2 Na⁺ : 1 glucose")
    d.plot(heads["slip"], heads["SGLT2"], color=RED, marker="o", ms=3, label="1 Na⁺ : 1 glucose")
    set_logarithmic(d, vertical=True)
    d.set(xlabel="slip constant [1/s]", ylabel="glucose inside / outside", title="d  Static head")
    d.set_xscale("symlog", linthresh=float(heads["slip"][heads["slip"] > 0].min()))
    d.set_xlim(0, heads["slip"].max())
    d.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number_text(value)))
    d.legend(loc="center right")
    return figure


def _set_in_words(name: str) -> str:
    """Return a set of parameters in words: ``human_22C`` is human, 22 °C."""
    return re.sub(r"_(\d+)C$", ", \\1 °C", name).replace("_", " ")
