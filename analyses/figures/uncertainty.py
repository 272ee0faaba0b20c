"""Uncertain outputs drawn: their distributions, and bands along courses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from transport_model.columns import units_of

from ..studies.uncertainty import Uncertainty
from .panels import Panels, checked_columns, id_text, label_of, legend_below, panels, with_unit
from .scales import readable_time
from .style import BLUE, styled

_HEIGHT = 2.2
#: Inner and outer band: the quantiles between which they lie.
BANDS = ((0.025, 0.975), (0.25, 0.75))


@styled
def plot_uncertainty(
    found: Uncertainty,
    outputs: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw how likely an output's values are, a panel per output.

    The bars are the sample's; lines mark the median and the values between which 95 % lie.

    Parameters
    ----------
    found
        As :func:`transport_model.propagate_uncertainty` returns it.
    outputs
        Which; by default all.
    labels
        What stands below an output's values; by default its id with its unit.
    ax
        Axes to draw into, of one output; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one an output.

    Raises
    ------
    UnknownIdError, InputError
        There is no such output.
    """
    names = list(outputs or dict.fromkeys(found.quantiles["output"]))
    checked_columns(found.samples, names)
    axes = panels(ax, len(names), _HEIGHT)
    for axis, name in zip(axes, names, strict=True):
        values = found.samples[name].dropna().to_numpy(dtype=float)
        # The last thousandth at each end would flatten all others
        low, high = np.quantile(values, [0.001, 0.999])
        axis.hist(values, bins=40, range=(low, high), color=BLUE, alpha=0.55, density=True)
        for share, style, told in ((0.5, "-", "median"), (0.025, ":", "95 % within"),
                                   (0.975, ":", "_")):  # fmt: skip
            axis.axvline(np.quantile(values, share), color="black", lw=0.9, ls=style, label=told)
        axis.set_yticks([])
        axis.spines["left"].set_visible(False)
        axis.set_xlabel(label_of(name, found.samples, labels))
    if ax is not None:
        ax.legend()
    else:
        legend_below(axes)
    return axes


@styled
def plot_bands(
    table: pd.DataFrame, outputs: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Panels:
    """Draw bands along courses: half of them within the inner, 95 % within the outer.

    Parameters
    ----------
    table
        As :func:`transport_model.uncertainty_bands` returns it.
    outputs
        Which; by default all.
    ax
        Axes to draw into, of one output; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one an output.

    Raises
    ------
    UnknownIdError, InputError
        The table is no such table, or has no such output.
    """
    checked_columns(table, ["time", "quantile", "value"], ["output"])
    wide = table.pivot(index=["output", "time"], columns="quantile", values="value")
    names = list(outputs or dict.fromkeys(table["output"]))
    there = wide.index.get_level_values("output")
    from transport_model.errors import UnknownIdError

    for name in names:
        if name not in there:
            raise UnknownIdError.of(name, dict.fromkeys(map(str, there)), "these bands")
    units = units_of(table)
    axes = panels(ax, len(names), _HEIGHT)
    unit, factor = readable_time(float(table["time"].max()), units.get("time", ""))
    for axis, name in zip(axes, names, strict=True):
        of = wide.loc[name]
        time = of.index.to_numpy(dtype=float) * factor
        for low, high in BANDS:
            axis.fill_between(time, of[low], of[high], color=BLUE, alpha=0.22, lw=0)
        axis.plot(time, of[0.5], color=BLUE)
        axis.set_xlabel(with_unit("time", unit))
        axis.set_ylabel(with_unit(id_text(name), units.get(str(name), "")))
        axis.margins(x=0)
    return axes
