"""Figures of an estimation: its starts, its residuals, its profiles."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from transport_model.errors import InputError

from ..studies.estimation.fit import SAME, Estimate
from ..studies.estimation.identifiability import Profiles
from .panels import Panels, id_text, panels, with_unit
from .style import BLUE, COLOURS, GREY, ORANGE, styled

#: Most profiles of one figure, and most observables that have colours of their own.
MOST_PROFILES, MOST_OBSERVABLES = 30, len(COLOURS)
#: A profile is shown up to this many times the rise that ends an interval.
_SHOWN = 3.0
#: A range wider than this factor has a logarithmic axis.
_DECADES = 30.0


@styled
def plot_waterfall(estimate: Estimate, *, ax: Axes | None = None) -> Panels:
    """Draw how far above the best each start ended, the best first.

    A flat beginning means that many starts have found the same; steps are local minima.

    Parameters
    ----------
    estimate
        Of :func:`transport_model.fit`.
    ax
        Axes to draw into; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        `ax` does not hold the panel.
    """
    axes = panels(ax, 1, 3.0)
    (axis,) = axes
    above = estimate.starts["objective"].dropna().to_numpy() - estimate.objective
    found = above <= SAME
    order = np.arange(1, len(above) + 1)
    for some, colour, told in (
        (found, BLUE, f"within {SAME:g} of the best"),
        (~found, ORANGE, "above"),
    ):
        if some.any():
            axis.plot(order[some], above[some], "o", ms=4, color=colour, label=told)
    axis.set_yscale("symlog", linthresh=SAME)
    axis.set(xlabel="start, the best first", ylabel="objective above the best")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlim(0.5, max(len(above), 2) + 0.5)
    axis.legend()
    failed = len(estimate.starts) - len(above)
    if failed:
        axis.set_title(f"{failed} of {len(estimate.starts)} starts failed")
    return axes


@styled
def plot_residuals(estimate: Estimate, *, ax: Axes | None = None) -> Panels:
    """Draw deviations in units of their noise against time.

    Without a pattern, and two thirds of them between -1 and 1, is what noise looks like.

    Parameters
    ----------
    estimate
        Of :func:`transport_model.fit`.
    ax
        Axes to draw into; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        `ax` does not hold the panel.
    """
    axes = panels(ax, 1, 3.0)
    (axis,) = axes
    table = estimate.residuals
    finite = table[np.isfinite(table["time"])]
    last = float(finite["time"].max()) if len(finite) else 1.0
    for number, (name, rows) in enumerate(table.groupby("observable", sort=False)):
        own = number < MOST_OBSERVABLES - 1
        # What is measured at the steady state stands behind all other times
        times = rows["time"].where(np.isfinite(rows["time"]), 1.1 * last)
        axis.plot(times, rows["deviation"], "o", ms=3.5, label=id_text(name) if own else None,
                  color=COLOURS[min(number, MOST_OBSERVABLES - 1)])  # fmt: skip
    axis.axhline(0, color=GREY, lw=0.8)
    for level in (-1, 1):
        axis.axhline(level, color=GREY, lw=0.6, ls=":")
    unit = estimate.problem.model.unit("time")
    axis.set(xlabel=with_unit("time", unit), ylabel="deviation, in units of the noise")
    axis.legend()
    return axes


@styled
def plot_profiles(profiles: Profiles, *, ax: Axes | None = None) -> Panels:
    """Draw how far the misfit rises along each parameter, with the level of its interval.

    Parameters
    ----------
    profiles
        Of :func:`transport_model.profile_likelihood`.
    ax
        Axes to draw into, for one parameter; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one panel per parameter.

    Raises
    ------
    InputError
        More parameters than one figure shows.
    """
    names = list(profiles.intervals.index)
    if len(names) > MOST_PROFILES:
        raise InputError(f"a figure shows at most {MOST_PROFILES} profiles, not {len(names)}")
    axes = panels(ax, len(names), 2.1)
    for axis, name in zip(axes, names, strict=True):
        samples = profiles.samples[profiles.samples["parameter"] == name]
        row = profiles.intervals.loc[name]
        axis.plot(samples["value"], samples["rise"], "o-", ms=2.5, color=BLUE)
        axis.plot([row["value"]], [0.0], "o", ms=5, color=ORANGE)
        axis.axhline(profiles.rise, color=GREY, lw=0.8, ls="--")
        for end in (row["low"], row["high"]):
            if np.isfinite(end):
                axis.axvline(end, color=GREY, lw=0.6, ls=":")
        axis.set_ylim(-0.05 * profiles.rise, _SHOWN * profiles.rise)
        shown = samples.loc[samples["rise"] <= _SHOWN * profiles.rise, "value"]
        if shown.min() > 0 and shown.max() > _DECADES * shown.min():
            axis.set_xscale("log")
        else:
            axis.xaxis.set_major_locator(MaxNLocator(4))
        axis.set_xlim(shown.min(), shown.max())
        axis.set(xlabel=with_unit(id_text(name), row["unit"]), ylabel="rise")
    return axes
