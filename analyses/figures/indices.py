"""Indices of a study of inputs, drawn as bars with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from transport_model.errors import InputError

from ..studies.global_sensitivity.result import GlobalSensitivity
from .panels import Panels, legend_below, panels, title_text, words_text
from .style import COLOURS, GREY, plain, styled

#: Inputs of a panel, and panels, that can still be read.
MOST_INPUTS, MOST_OUTPUTS = 12, 6
#: Height of an input's bars [inch], and letters of a line of its name.
_ROW = 0.34
#: Indices in words.
_WORDS = {"S1": "alone (S1)", "ST": "with all others (ST)", "mu_star": "size of effects (µ*)",
          "mu": "mean effect (µ)", "sigma": "spread of effects (σ)"}  # fmt: skip


@styled
def plot_indices(
    found: GlobalSensitivity,
    outputs: Sequence[str] | None = None,
    *,
    inputs: int = MOST_INPUTS,
    labels: Mapping[str, str] | None = None,
    ax: Axes | None = None,
) -> Panels:
    """Draw what outputs owe to inputs, a panel per output, the strongest input on top.

    Parameters
    ----------
    found
        A result of :func:`transport_model.sobol_indices` and the like. Second-order indices are
        not drawn.
    outputs
        Which; by default all, at most six.
    inputs
        How many inputs a panel shows.
    labels
        What inputs and outputs are in words; by default their ids.
    ax
        Axes to draw into, of one output; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one an output.

    Raises
    ------
    InputError
        There is no such output, or none that varies, or there are too many.
    """
    there = list(dict.fromkeys(found.table["output"]))
    names = list(outputs or there)
    for name in names:
        if name not in there:
            raise InputError(f"no output '{name}' in this study (there are: {', '.join(there)})")
    if not names:
        raise InputError("no output varies: there is nothing to draw")
    if len(names) > MOST_OUTPUTS:
        raise InputError(f"a figure has at most {MOST_OUTPUTS} panels, not {len(names)}; name"
                         " fewer outputs")  # fmt: skip
    indices = [index for index in dict.fromkeys(found.table["index"]) if index != "S2"]
    axes = panels(ax, len(names), max(2.2, 0.9 + _ROW * inputs))
    for number, (axis, output) in enumerate(zip(axes, names, strict=True)):
        rows = found.table[found.table["output"] == output]
        # By the last of shares, which tells of all of an influence; otherwise by the first
        leading = rows[rows["index"] == ("ST" if "ST" in indices else indices[0])]
        shown = leading["input"].head(inputs).tolist()
        for place, index in enumerate(indices):
            of = rows[rows["index"] == index].set_index("input").loc[shown]
            at = np.arange(len(shown)) + (place - (len(indices) - 1) / 2) * 0.8 / len(indices)
            value = of["value"].to_numpy(dtype=float)
            reach = np.stack([value - of["low"], of["high"] - value])
            axis.barh(at, value, 0.8 / len(indices), color=COLOURS[place],
                      label=_WORDS.get(index, index), xerr=reach,
                      error_kw={"lw": 0.8, "ecolor": "black"})  # fmt: skip
        axis.axvline(0, color=GREY, lw=0.6)
        axis.set_yticks(range(len(shown)), [words_text(name, labels) for name in shown])
        axis.tick_params(axis="y", length=0)
        axis.invert_yaxis()
        words = plain((labels or {}).get(output, output))
        axis.set_title(title_text(number, words) if len(names) > 1 else words)
    if len(indices) > 1:
        if ax is not None:
            ax.legend()
        else:
            legend_below(axes)
    return axes
