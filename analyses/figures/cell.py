"""Figures of a cell: each takes a finished table and draws it; none computes, none shows."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from .panels import title_text
from .scales import number_text, set_logarithmic, shown_time, time_scale
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
    figure, (left, right) = new_figure(PAGE, 2.5, 2)
    rows = range(len(gradients))
    colours = [ION[ion] for ion in gradients.index]
    outside, inside = gradients["outside"], gradients["inside"]
    left.hlines(rows, outside, inside, colors=colours, lw=1.4, zorder=1)
    left.scatter(outside, rows, s=36, facecolor="white", edgecolor=colours, lw=1.4, label="outside")
    left.scatter(inside, rows, s=36, color=colours, label="inside")
    set_logarithmic(left)
    left.set(xlabel="concentration [mM]", title="a  Two sides of a membrane")
    left.set_yticks(rows, [LABEL[ion] for ion in gradients.index])
    left.set_ylim(len(gradients) - 0.5, -1.4)  # with a row for the legend
    left.legend(handles=[
        Line2D([], [], ls="", marker="o", ms=6, mew=1.4, mec=GREY, mfc=fill, label=label)
        for label, fill in (("outside", "white"), ("inside", GREY))
    ], loc="upper center", ncols=2, handletextpad=0.2)  # fmt: skip
    routes = {"pump": PURPLE, "leak": SKY, "symport": RED, "slip": YELLOW, "exit": GREY}
    for route, colour in routes.items():
        if balance[route].abs().max() < 1e-3 * balance.abs().max().max():
            continue  # too thin to be seen
        right.barh(rows, balance[route], left=_stack(balance, route),
                   color=colour, height=0.55, label=route, edgecolor="white", lw=0.5)  # fmt: skip
    right.vlines(0, -0.5, len(balance) - 0.5, color="black", lw=0.8)
    right.set_yticks(rows, [LABEL[ion] for ion in balance.index])
    right.set_ylim(len(balance) - 0.5, -1.4)
    right.set(xlabel="flux into the cell [fmol/s]", title="b  What flows in flows out")
    right.legend(ncols=5, loc="upper center", columnspacing=1, handlelength=1, handletextpad=0.4)
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
    figure, axes = new_figure(PAGE, 2.4, len(steps))
    lowest, highest = steps.min().min(), steps.max().max()
    parts = steps[["chemical", "electrical", "sum"]].to_numpy(dtype=float)
    for number, (axis, ion, part) in enumerate(zip(axes, steps.index, parts, strict=True)):
        chemical, electrical, total = part
        axis.bar(0, chemical, width=0.62, color=BLUE)
        axis.bar(1, electrical, bottom=chemical, width=0.62, color=ORANGE)
        axis.bar(2, total, width=0.62, color=GREY)
        axis.hlines([0, chemical, total], [-0.31, 0.31, 1.31], [2.31, 0.69, 1.69], color="black",
                    lw=0.8)  # fmt: skip
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
        axis.set_xticks([0, 1, 2], ["chemical", "electrical", "sum"])
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
    """Potential, ions and glucose uptake after the pump has stopped, until they are level."""
    figure, axes = new_figure(PAGE, 2.3, 3)
    ions = ("Na", "K", "Cl")
    curves = [["V_m"], [f"{ion}_i" for ion in ions], ["J_sglt"]]
    times = course.index.to_numpy(dtype=float)
    shown = shown_time([[(times, course[n].to_numpy(float)) for n in names] for names in curves])
    time = time_scale(float(times[-1]), shown, "s")
    axes[0].plot(times * time.factor, course["V_m"], color="black")
    axes[0].set(ylabel="mV", title="a  Membrane potential")
    for ion in ions:
        axes[1].plot(times * time.factor, course[f"{ion}_i"], color=ION[ion], label=LABEL[ion])
    axes[1].set(ylabel="mM", title="b  Ions in the cytosol")
    axes[1].legend()
    axes[2].axhline(0, color=GREY, lw=0.8, ls=":")
    axes[2].plot(times * time.factor, course["J_sglt"], color=RED)
    axes[2].set(ylabel="fmol/s", title="c  Glucose uptake")
    for axis in axes:
        axis.set_xlabel(time.label.replace("time", "time without pump", 1))
        axis.set_xlim(0, time.last)
    return figure


@styled
def map_figure(table: pd.DataFrame, x: str, y: str, values: Sequence[tuple[str, str]],
               labels: dict[str, str], mark: tuple[float, float]) -> Figure:  # fmt: skip
    """Draw filled contours over a two-way grid; `mark` is where the resting cell lies.

    `values` are (column, label) pairs; a point without a steady state is hatched.
    """
    figure, axes = new_figure(PAGE, 2.6, len(values))
    for number, (axis, (column, label)) in enumerate(zip(axes, values, strict=True)):
        words, _, unit = label.partition(" [")
        field = table.pivot(index=y, columns=x, values=column)
        axis.set_facecolor("0.85")
        filled = axis.contourf(field.columns, field.index, field, levels=12, cmap="viridis")
        lines = axis.contour(field.columns, field.index, field, levels=list(filled.levels)[::3],
                             colors="white", linewidths=0.6)  # fmt: skip
        axis.clabel(lines, fontsize=SMALL, fmt=number_text)
        axis.plot(*mark, marker="o", ms=6, mfc="white", mec="black", mew=1, label="resting cell")
        set_logarithmic(axis)
        axis.set(xlabel=labels[x], title=title_text(number, words))
        axis.set_ylabel(labels[y])
        figure.colorbar(filled, ax=axis, label=unit.rstrip("]"), pad=0.02)
    return figure


@styled
def control_figure(table: pd.DataFrame, labels: dict[str, str]) -> Figure:
    """Bars of control coefficients: a panel per column, a bar per reaction."""
    figure, axes = new_figure(PAGE, 2.4, table.shape[1])
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
