"""Figures of cells with two faces, and of the tubule: they draw tables that studies made."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from .style import BLUE, COLOURS, GREEN, GREY, ION, LABEL, PAGE, RED, new_figure, styled


@styled
def profile(segments: pd.DataFrame) -> Figure:
    """Draw what is left of the filtrate along a tubule, its lumen, and its carriers.

    Parameters
    ----------
    segments
        Of one nephron, as :func:`.tubule` returns it.
    """
    figure, axes = new_figure(PAGE, 4.2, columns=2, rows=2)
    x = segments["x"].to_numpy()
    start = [0.0, *x]
    for name, colour in (("Glc", RED), ("HCO3", ION["HCO3"]), ("Na", BLUE), ("Cl", GREEN),
                         ("water", GREY)):  # fmt: skip
        axes[0].plot(start, [1.0, *segments[f"left_{name}"]], color=colour,
                     label=LABEL.get(name, name))  # fmt: skip
    axes[0].set(title="a  Left of what was filtered", ylabel="share")
    axes[0].legend(labelspacing=0.2)
    for name, colour in (("HCO3", ION["HCO3"]), ("Cl", GREEN), ("Na", BLUE)):
        axes[1].plot(x, segments[f"{name}_a"] / segments[f"{name}_a"].iloc[0], color=colour,
                     label=LABEL[name])  # fmt: skip
    axes[1].set(title="b  Concentration in the lumen", ylabel="relative to the start")
    axes[1].legend()
    axes[2].plot(x, segments["V_te"], color="black")
    axes[2].axhline(0, color=GREY, lw=0.6)
    axes[2].set(title="c  Transepithelial potential, lumen minus blood", ylabel="mV")
    axes[3].plot(x, segments["J_sglt2"], color=COLOURS[0], label="SGLT2")
    axes[3].plot(x, segments["J_sglt1"], color=COLOURS[1], label="SGLT1")
    axes[3].set(title="d  Glucose uptake of a cell", ylabel="fmol/s")
    axes[3].legend()
    ends = segments.groupby("part", sort=False)["x"].max()
    for ax in axes:
        for end in ends.iloc[:-1]:
            ax.axvline(end, color=GREY, lw=0.6, ls=":")
        ax.set_xlabel("along the tubule (dotted: ends of " + " and ".join(ends.index[:-1]) + ")")
        ax.set_xlim(0, 1)
    return figure


@styled
def titration_curves(table: pd.DataFrame, treated: pd.DataFrame) -> Figure:
    """Draw filtered, reabsorbed and excreted glucose against blood glucose.

    Parameters
    ----------
    table, treated
        By blood glucose [mM], in mmol/min, as :func:`.titration` returns them: without a drug and
        with it.
    """
    figure, (left, right) = new_figure(PAGE, 2.4, columns=2)
    for ax, found, title in ((left, table, "a  No drug"), (right, treated, "b  Gliflozin")):
        glucose = np.asarray(found.index, dtype=float)
        for name, words, colour in (("Glc_filtered", "filtered", GREY),
                                    ("Glc_reabsorbed", "reabsorbed", BLUE),
                                    ("Glc_excreted", "excreted", RED)):  # fmt: skip
            ax.plot(glucose, found[name], color=colour, label=words)
        ax.set_xlabel("blood glucose [mM]")
        ax.set_ylabel("both kidneys [mmol/min]")
        ax.set_title(title)
        ax.set_xlim(0, None)
        ax.set_ylim(0, None)
    left.legend()
    return figure
