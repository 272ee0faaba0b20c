"""The figure of an experiment: a panel per watched quantity, a line per arm."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matplotlib.axes import Axes

from transport_model.errors import UnknownIdError

from ..experiments.arms import Arm, ChangeKind
from ..experiments.run import Experiment
from .panels import Panels, id_text, legend_below, panels, title_text, with_unit
from .scales import TimeScale, number_text, scale_values, shown_time, time_scale
from .style import COLOURS, GREY, plain, styled

#: Arms are told apart by colour; after the last colour the line changes its style.
STYLES = ("-", "--", ":", "-.")
#: Letters of an arm's name that a legend shows.
LONGEST = 60
_HEIGHT = 2.3


@styled
def plot_experiment(
    experiment: Experiment, quantities: Sequence[str] | None = None, *, ax: Axes | None = None
) -> Panels:
    """Draw what an experiment watched, a panel per quantity and a curve per arm.

    A time at which something jumps is marked by a thin line, the span of a ramp or a pulse by
    shading.

    Parameters
    ----------
    experiment
        As :func:`transport_model.run_experiment` returns it.
    quantities
        Columns of its courses; by default what it watched, or what its measures are made of if it
        watched nothing.
    ax
        Axes to draw into, where there is one panel; by default those of a new figure.

    Returns
    -------
    Panels
        The axes, one a panel.

    Raises
    ------
    UnknownIdError
        A quantity is no column of the courses.
    InputError
        There are several quantities for one axes.
    """
    protocol, courses = experiment.protocol, experiment.courses
    known = [str(name) for name in courses.columns if name not in ("arm", "time")]
    words = {watched.column: watched.label for watched in protocol.watched}
    names = list(quantities or words or known)
    for name in names:
        if name not in known:
            raise UnknownIdError.of(name, known, f"the courses of experiment '{protocol.name}'")
    axes = panels(ax, len(names), _HEIGHT)
    times = _times(experiment, names)
    for number, (axis, column) in enumerate(zip(axes, names, strict=True)):
        for arm in protocol.arms:
            _mark(axis, arm, times)
        drawn = []
        for place, arm in enumerate(protocol.arms):
            course = courses[courses["arm"] == arm.name]
            drawn.append(course[column].to_numpy(dtype=float))
            axis.plot(
                course["time"] * times.factor,
                course[column],
                color=COLOURS[place % len(COLOURS)],
                ls=STYLES[place // len(COLOURS) % len(STYLES)],
                label=id_text(arm_text(arm), LONGEST),
            )
        scale_values(axis, drawn)
        axis.set_xlim(0, times.last)
        axis.set_xlabel(times.label)
        label = plain(words.get(column, column))
        if label == column and column not in protocol.arms[0].subject.quantities:
            label = label.replace("_", " ")  # a column of the account of energy
        unit = experiment.units.get(column, "")
        if len(names) > 1:
            axis.set_title(title_text(number, label))
            axis.set_ylabel("" if unit in {"", "1"} else plain(unit))
        else:
            axis.set_ylabel(with_unit(label, unit))
    if len(protocol.arms) > 1 and ax is not None:
        ax.legend()
    elif len(protocol.arms) > 1:
        legend_below(axes)
    return axes


def arm_text(arm: Arm) -> str:
    """Return the name of an arm in words: ids of its model by their names, ``x1e4`` as × 10⁴."""
    multiple = re.fullmatch(r"[x×]\s*([\d.]+(?:[eE][+-]?\d+)?)", arm.name)
    if multiple:
        return f"× {number_text(float(multiple[1]))}"
    known = arm.subject.quantities

    def named(word: re.Match[str]) -> str:
        name = word[0]
        return known[name].name or name if "_" in name and name in known else name

    return re.sub(r"[A-Za-z]\w*", named, arm.name)


def _times(experiment: Experiment, names: Sequence[str]) -> TimeScale:
    """Return how the time of all panels is drawn."""
    protocol = experiment.protocol
    curves = [[(course["time"].to_numpy(dtype=float), course[column].to_numpy(dtype=float))
               for _, course in experiment.courses.groupby("arm")] for column in names]  # fmt: skip
    last = max((change.end for arm in protocol.arms for change in arm.changes), default=0.0)
    shown = shown_time(curves, last)
    return time_scale(protocol.duration, shown, protocol.time_unit)


def _mark(axis: Axes, arm: Arm, times: TimeScale) -> None:
    factor = times.factor
    for change in arm.changes:
        if change.kind is ChangeKind.SET:
            axis.axvline(change.start * factor, color=GREY, lw=0.6, zorder=0)
        else:
            axis.axvspan(change.start * factor, change.end * factor, color=GREY, alpha=0.12, lw=0,
                         zorder=0)  # fmt: skip
