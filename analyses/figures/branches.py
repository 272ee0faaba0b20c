"""Branches: steady states against a parameter, stable or not, and folds in two parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from transport_model.errors import InputError
from transport_model.key_facts import key_facts

from ..studies.continuation import Branch, FoldCurve
from .curves import MOST_PANELS
from .panels import Panels, checked_columns, label_of, panels
from .scales import scale, set_logarithmic
from .style import BLUE, ORANGE, RED, styled

#: Marks of special points; ends have none.
MARKS = {"fold": ("o", RED), "Hopf": ("s", ORANGE), "branch point": ("D", "black"),
         "unclassified": ("X", "black"), "cusp": ("^", RED),
         "Bogdanov–Takens": ("*", ORANGE)}  # fmt: skip
_HEIGHT = 2.7


@styled
def plot_branch(
    branch: Branch,
    quantities: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw a branch against its parameter: solid where it is stable, dashed where it is not.

    Parameters
    ----------
    branch
        As :func:`transport_model.continue_steady_state` returns it.
    quantities
        Columns to draw, a panel each; by default a cell's main ones, or what moves in another
        model.
    labels
        What stands beside an axis, by column; by default the id with its unit.
    ax
        Axes to draw into, where there is one panel; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one a panel.

    Raises
    ------
    UnknownIdError
        A column is not in the branch's table.
    InputError
        What was handed in is no branch, a column holds no numbers, or there are more panels than
        can be read.
    """
    if not isinstance(branch, Branch):
        raise InputError(f"needs a branch, as continue_steady_state returns it, not"
                         f" {type(branch).__name__}")  # fmt: skip
    names = list(quantities or _main(branch))
    checked_columns(branch.table, names)
    if len(names) > MOST_PANELS:
        raise InputError(f"{len(names)} quantities are too many for one figure, which has up to"
                         f" {MOST_PANELS} panels; name those to draw")  # fmt: skip
    axes = panels(ax, len(names), _HEIGHT)
    for axis, name in zip(axes, names, strict=True):
        told: set[bool] = set()
        for stable, x, y in _stretches(branch, name):
            label = "_" if stable in told else "stable" if stable else "not stable"
            axis.plot(x, y, color=BLUE, ls="-" if stable else "--", label=label)
            told.add(stable)
        _mark(axis, branch.points, branch.column, name)
        if branch.log:
            set_logarithmic(axis)
        scale(axis, branch.table[name], vertical=True)
        axis.set(xlabel=label_of(branch.column, branch.table, labels),
                 ylabel=label_of(name, branch.table, labels))  # fmt: skip
    axes[-1].legend(handlelength=1.8)
    return axes


@styled
def plot_folds(
    curve: FoldCurve, *, labels: Mapping[str, str] | None = None, ax: Axes | None = None
) -> Panels:
    """Draw where two parameters have folds, between which there are several steady states.

    Parameters
    ----------
    curve
        As :func:`transport_model.fold_curve` returns it.
    labels
        What stands beside an axis, by column; by default the id with its unit.
    ax
        Axes to draw into; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        What was handed in is no curve of folds.
    """
    if not isinstance(curve, FoldCurve):
        raise InputError(f"needs a curve of folds, as fold_curve returns it, not"
                         f" {type(curve).__name__}")  # fmt: skip
    across, up = curve.columns
    axes = panels(ax, 1, _HEIGHT)
    (axis,) = axes
    axis.plot(curve.table[across], curve.table[up], color=BLUE, label="fold")
    _mark(axis, curve.points, across, up)
    axis.set(xlabel=label_of(across, curve.table, labels),
             ylabel=label_of(up, curve.table, labels))  # fmt: skip
    axis.legend(handlelength=1.6)
    return axes


def _main(branch: Branch) -> list[str]:
    facts = key_facts(branch.model, [str(name) for name in branch.table])
    return [name for name in facts if name != branch.column][:MOST_PANELS]


def _stretches(branch: Branch, name: str) -> Iterator[tuple[bool, np.ndarray, np.ndarray]]:
    """Yield the stretches of a branch that are stable, or are not, each up to special points."""
    points = branch.points[branch.points["kind"] != "end"]
    rows = pd.concat([branch.table[[branch.column, name, "arclength", "stable"]],
                      points[[branch.column, name, "arclength"]].assign(stable=None)])  # fmt: skip
    rows = rows.sort_values("arclength", kind="stable")
    x, y = rows[branch.column].to_numpy(), rows[name].to_numpy()
    told = rows["stable"].to_list()
    first, stable = 0, None
    for place, here in enumerate(told):
        if here is None or here == stable:
            continue
        if stable is not None:
            # Stability changes at the special point before this point, if there is one
            last = place - 1 if told[place - 1] is None else place
            yield bool(stable), x[first : last + 1], y[first : last + 1]
            first = last
        stable = here
    if stable is not None:
        yield bool(stable), x[first:], y[first:]


def _mark(axis: Axes, points: pd.DataFrame, across: str, up: str) -> None:
    for kind, (marker, colour) in MARKS.items():
        found = points[points["kind"] == kind]
        if len(found):
            axis.plot(found[across], found[up], marker=marker, color=colour, ls="", ms=5,
                      label=kind, zorder=3)  # fmt: skip
