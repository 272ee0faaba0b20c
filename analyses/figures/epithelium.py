"""Figures of cells with two faces, and of the tubule: they draw tables that studies made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from .style import BLUE, COLOURS, GREEN, GREY, LABEL, ORANGE, PAGE, RED, SMALL, new_figure, styled

#: Columns of the picture: what ends at the lumen, at the blood, or passes the cell by.
FACES = ("luminal", "basolateral", "between")
_X = {"left": 3.9, "right": 6.1}


@dataclass(frozen=True)
class Arrow:
    """A flux across a face: its words, its size [fmol/s], and whether it runs to the blood."""

    face: str
    words: str
    flux: float
    to_blood: bool


@styled
def schematic(arrows: Sequence[Arrow], potentials: Sequence[tuple[str, float]]) -> Figure:
    """Draw a cell between lumen and blood, and what crosses its faces.

    Parameters
    ----------
    arrows
        Fluxes; those of a face stand below one another.
    potentials
        Three of them with their words [mV]: of the luminal face, the basolateral one, and across.
    """
    by_face = {face: [a for a in arrows if a.face == face] for face in FACES}
    rows = max(len(by_face["luminal"]), len(by_face["basolateral"]))
    height = 0.32 * (rows + len(by_face["between"])) + 1.2
    figure, (ax,) = new_figure(PAGE, height)
    ax.set_axis_off()
    top, bottom = 0.4, -rows - 0.2
    ax.add_patch(FancyBboxPatch((_X["left"], bottom), _X["right"] - _X["left"], top - bottom,
                                boxstyle="round,pad=0,rounding_size=0.3", facecolor="#F3F6FA",
                                edgecolor=GREY))  # fmt: skip
    for x, words in ((0.9, "lumen"), (5.0, "cell"), (9.1, "blood")):
        ax.text(x, top + 0.45, words, ha="center", weight="bold")
    for x, (words, volts) in zip((3.1, 6.9, 5.0), potentials, strict=True):
        y = top + 0.45 if x != 5.0 else bottom - len(by_face["between"]) - 0.9
        ax.text(x, y, f"{words} = {volts:.1f} mV".replace("-", "−"), ha="center", color=GREY)
    for face, x in (("luminal", _X["left"]), ("basolateral", _X["right"])):
        for row, arrow in enumerate(by_face[face]):
            _cross(ax, x, -row - 0.1, arrow, inwards=arrow.to_blood == (face == "luminal"),
                   outside=-1 if face == "luminal" else 1)  # fmt: skip
    for row, arrow in enumerate(by_face["between"]):
        y = bottom - row - 0.7
        ends = (1.4, 8.6) if arrow.to_blood else (8.6, 1.4)
        ax.annotate("", (ends[1], y), (ends[0], y), arrowprops={"arrowstyle": "->", "color": BLUE})
        ax.text(5.0, y + 0.12, _said(arrow), ha="center", fontsize=SMALL)
    ax.set_xlim(-0.4, 10.4)
    ax.set_ylim(bottom - len(by_face["between"]) - 1.4, top + 1.0)
    return figure


def _cross(ax: Axes, x: float, y: float, arrow: Arrow, *, inwards: bool, outside: int) -> None:
    """Draw an arrow through a face, with its words outside the cell."""
    out, inn = x + 0.5 * outside, x - 0.5 * outside
    start, end = (out, inn) if inwards else (inn, out)
    colour = BLUE if inwards else RED
    ax.annotate("", (end, y), (start, y), arrowprops={"arrowstyle": "->", "color": colour})
    ax.text(x + 0.6 * outside, y, _said(arrow), va="center", fontsize=SMALL,
            ha="right" if outside < 0 else "left")  # fmt: skip


def _said(arrow: Arrow) -> str:
    return f"{arrow.words}  {abs(arrow.flux):.2g}"


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
    words = {**LABEL, "HCO3": "HCO₃⁻"}
    for name, colour in (("Glc", RED), ("HCO3", ORANGE), ("Na", BLUE), ("Cl", GREEN),
                         ("water", GREY)):  # fmt: skip
        axes[0].plot(start, [1.0, *segments[f"left_{name}"]], color=colour,
                     label=words.get(name, name))  # fmt: skip
    axes[0].set(title="a  Left of what was filtered", ylabel="share")
    axes[0].legend(labelspacing=0.2)
    for name, colour in (("HCO3", ORANGE), ("Cl", GREEN), ("Na", BLUE)):
        axes[1].plot(x, segments[f"{name}_a"] / segments[f"{name}_a"].iloc[0], color=colour,
                     label=words[name])  # fmt: skip
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
