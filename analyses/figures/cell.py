"""Figures of a cell: each takes a finished table and draws it; none computes, none shows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from .style import (
    BLUE,
    GREY,
    ION,
    LABEL,
    ORANGE,
    PAGE,
    PURPLE,
    RED,
    SKY,
    SMALL,
    YELLOW,
    new_figure,
    styled,
)


@styled
def resting_figure(gradients: pd.DataFrame, balance: pd.DataFrame) -> Figure:
    """Concentrations on both sides, and what each ion's gain and loss is made of.

    `gradients`: index ion, columns ``outside``, ``inside`` [mM]. `balance`: index ion, a column
    per route [fmol/s], positive into the cell.
    """
    figure, (left, right) = new_figure(PAGE, 2.9, 2)
    for row, ion in enumerate(gradients.index):
        outside, inside = gradients.loc[ion, "outside"], gradients.loc[ion, "inside"]
        left.plot([outside, inside], [row, row], color=ION[ion], lw=1.4, zorder=1)
        left.scatter([outside], [row], s=46, facecolor="white", edgecolor=ION[ion], lw=1.6)
        left.scatter([inside], [row], s=46, color=ION[ion])
    left.scatter([], [], s=40, facecolor="white", edgecolor=GREY, lw=1.6, label="outside")
    left.scatter([], [], s=40, color=GREY, label="inside")
    left.set(xscale="log", xlabel="concentration [mM]", title="a  Two sides of a membrane")
    left.set_yticks(range(len(gradients)), [LABEL[ion] for ion in gradients.index])
    left.set_ylim(len(gradients) - 0.4, -1.3)
    left.legend(loc="upper center", ncols=2, handletextpad=0.2)
    routes = {"pump": PURPLE, "leak": SKY, "symport": RED, "slip": YELLOW, "exit": GREY}
    for route, colour in routes.items():
        if balance[route].abs().max() < 1e-3 * balance.abs().max().max():
            continue  # too thin to be seen
        right.barh(range(len(balance)), balance[route], left=_stack(balance, route),
                   color=colour, height=0.55, label=route, edgecolor="white", lw=0.5)  # fmt: skip
    right.axvline(0, color="black", lw=0.8)
    right.set_yticks(range(len(balance)), [LABEL[ion] for ion in balance.index])
    right.set_ylim(len(balance) - 0.4, -1.3)
    right.set(xlabel="flux into the cell [fmol/s]", title="b  What flows in flows out")
    right.legend(ncols=4, loc="upper center", columnspacing=1, handlelength=1)
    return figure


def _stack(balance: pd.DataFrame, route: str) -> list[float]:
    place = list(balance.columns).index(route)
    rows = balance.to_numpy(dtype=float)
    return [float(sum(v for v in row[:place] if v * row[place] > 0)) for row in rows]


@styled
def staircase_figure(steps: pd.DataFrame) -> Figure:
    """Each ion's electrochemical potential difference as two steps.

    `steps`: index ion, columns ``chemical``, ``electrical``, ``sum`` [kJ/mol], into the cell.
    """
    figure, axes = new_figure(PAGE, 2.7, len(steps))
    lowest, highest = steps.min().min(), steps.max().max()
    parts = steps[["chemical", "electrical", "sum"]].to_numpy(dtype=float)
    for number, (axis, ion, part) in enumerate(zip(axes, steps.index, parts, strict=True)):
        chemical, electrical, total = part
        axis.bar(0, chemical, width=0.62, color=BLUE)
        axis.bar(1, electrical, bottom=chemical, width=0.62, color=ORANGE)
        axis.bar(2, total, width=0.62, color=GREY)
        axis.plot([-0.31, 2.31], [0, 0], color="black", lw=0.8)
        axis.plot([0.31, 0.69], [chemical] * 2, color="black", lw=0.8)
        axis.plot([1.31, 1.69], [total] * 2, color="black", lw=0.8)
        bars = ((0, 0.0, chemical), (1, chemical, electrical), (2, 0.0, total))
        for place, bottom, value in bars:
            inside = abs(value) > 0.12 * (highest - lowest)
            axis.annotate(
                _signed(value, 1),
                (place, bottom + value / 2 if inside else bottom + value),
                (0, 0 if inside else 6),
                textcoords="offset points",
                ha="center",
                va="center",
                fontsize=SMALL,
                color="white" if inside and place != 1 else "black",
            )
        axis.set_xticks([0, 1, 2], ["chem.", "elec.", "sum"])
        axis.set(
            ylim=(lowest * 1.22, max(highest * 1.25, 2)), title=f"{'abc'[number]}  {LABEL[ion]}"
        )
        if number:
            axis.set_yticklabels([])
        else:
            axis.set_ylabel("work to bring it in [kJ/mol]")
    return figure


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign, a true minus, and no sign where it rounds to zero."""
    if abs(value) < 0.5 * 10**-digits:
        return "0"
    return f"{value:+.{digits}f}".replace("-", "−")


@styled
def failure_figure(course: pd.DataFrame) -> Figure:
    """Potential, ions, glucose uptake and volume after the pump has stopped, against hours."""
    figure, axes = new_figure(PAGE, 2.7, 3)
    hours = course.index / 3600
    axes[0].plot(hours, course["V_m"], color="black")
    axes[0].set(ylabel="membrane potential [mV]", title="a  Potential")
    for ion in ("Na", "K", "Cl"):
        axes[1].plot(hours, course[f"{ion}_i"], color=ION[ion], label=LABEL[ion])
    axes[1].set(ylabel="cytosolic concentration [mM]", title="b  Ions")
    axes[1].legend(loc="lower right", bbox_to_anchor=(1, 0.12))
    axes[2].plot(hours, course["J_sglt"], color=RED)
    axes[2].axhline(0, color=GREY, lw=0.8, ls=":")
    axes[2].set(ylabel="glucose uptake [fmol/s]", title="c  Glucose uptake", ylim=(None, None))
    for axis in axes:
        axis.set_xlabel("time without pump [h]")
        axis.set_xlim(hours.min(), hours.max())
    return figure


@styled
def map_figure(table: pd.DataFrame, x: str, y: str, values: Sequence[tuple[str, str]],
               labels: dict[str, str], mark: tuple[float, float]) -> Figure:  # fmt: skip
    """Draw filled contours over a two-way grid; `mark` is where the resting cell lies.

    `values` are (column, label) pairs; a point without a steady state is hatched.
    """
    figure, axes = new_figure(PAGE, 3.0, len(values))
    for number, (axis, (column, label)) in enumerate(zip(axes, values, strict=True)):
        field = table.pivot(index=y, columns=x, values=column)
        axis.set_facecolor("0.85")
        filled = axis.contourf(field.columns, field.index, field, levels=12, cmap="viridis")
        lines = axis.contour(field.columns, field.index, field, levels=list(filled.levels)[::3],
                             colors="white", linewidths=0.6)  # fmt: skip
        axis.clabel(lines, fontsize=SMALL, fmt="%.3g")
        axis.plot(*mark, marker="o", ms=6, mfc="white", mec="black", mew=1)
        axis.set(xscale="log", xlabel=labels[x], title=f"{'abc'[number]}  {label.split(' [')[0]}")
        axis.set_ylabel(labels[y])
        figure.colorbar(filled, ax=axis, label=label, pad=0.02)
    return figure


@styled
def control_figure(table: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """Bars of control coefficients: a panel per column, a bar per reaction."""
    figure, axes = new_figure(PAGE, 2.6, table.shape[1])
    for number, (axis, column) in enumerate(zip(axes, table.columns, strict=True)):
        values = table[column]
        axis.barh(range(len(values)), values, height=0.6,
                  color=[BLUE if v >= 0 else RED for v in values])  # fmt: skip
        axis.axvline(0, color="black", lw=0.8)
        axis.spines["left"].set_visible(False)
        axis.tick_params(left=False)
        axis.set_ylim(len(values) - 0.4, -0.6)
        axis.set_yticks(range(len(values)), list(values.index) if number == 0 else [])
        axis.set(
            xlabel=labels[column].split("|")[1],
            title=f"{'abc'[number]}  {labels[column].split('|')[0]}",
        )
        span = max(abs(values.min()), abs(values.max()), 1e-12)
        axis.set_xlim(min(values.min(), 0) - 0.6 * span, max(values.max(), 0) + 0.6 * span)
        for row, value in enumerate(values):
            digits = 2 if span < 3 else 1
            text = _signed(value, digits)
            axis.annotate(text, (value, row),
                          (3 if value >= 0 else -3, 0), textcoords="offset points", fontsize=SMALL,
                          ha="left" if value >= 0 else "right", va="center")  # fmt: skip
    return figure
