"""The figure of an experiment: a panel per watched quantity, a line per arm."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from transport_model.units import converted

from ..experiments.arms import Arm, ChangeKind
from ..experiments.run import Experiment
from .style import BLUE, GREEN, GREY, ORANGE, PURPLE, RED, SKY, new_figure, styled

#: Arms in the order of the file; after the last colour the line changes its style.
COLOURS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, "black")
STYLES = ("-", "--", ":", "-.")
#: Panels side by side.
COLUMNS = 3
#: Units of the time axis, and from how many of them on they are used.
_TIMES = (("d", 3), ("h", 1.5), ("min", 3), ("s", 1), ("ms", 0))


@styled
def experiment_figure(experiment: Experiment) -> Figure:
    """Draw what an experiment watched, or its measures' columns if it watched nothing.

    A time at which something jumps is marked by a thin line, the span of a ramp or a pulse by
    shading.
    """
    protocol = experiment.protocol
    labels = {w.column: w.label for w in protocol.watched}
    if not labels:
        labels = {str(c): str(c) for c in experiment.courses.columns if c not in ("arm", "time")}
    columns = min(COLUMNS, len(labels))
    rows = -(-len(labels) // columns)
    figure, axes = new_figure(2.5 * columns + 0.6, 2.4 * rows + 0.3, columns, rows)
    unit, factor = _time_unit(protocol.duration, protocol.time_unit)
    for number, (axis, (column, label)) in enumerate(zip(axes, labels.items(), strict=False)):
        for arm in protocol.arms:
            _mark(axis, arm, factor)
        for place, arm in enumerate(protocol.arms):
            course = experiment.courses[experiment.courses["arm"] == arm.name]
            axis.plot(
                course["time"] * factor,
                course[column],
                color=COLOURS[place % len(COLOURS)],
                ls=STYLES[place // len(COLOURS) % len(STYLES)],
                label=arm.name,
            )
        shown = experiment.units.get(column, "")
        axis.set_ylabel(_wrapped(label) + (f" [{shown}]" if shown not in {"", "1"} else ""))
        axis.set_xlabel(f"time [{unit}]" if unit else "time")
        axis.set_xlim(0, protocol.duration * factor)
        axis.set_title(f"{chr(ord('a') + number % 26)}  {column}")
    for axis in axes[len(labels) :]:
        axis.set_axis_off()
    if len(protocol.arms) > 1:
        handles, names = axes[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=min(5, len(names)))
    return figure


def _time_unit(duration: float, unit: str) -> tuple[str, float]:
    """Return a unit in which a duration is a readable number, and its factor."""
    if not unit:
        return "", 1.0
    for name, least in _TIMES:
        factor = converted(1.0, unit, name)
        if duration * factor >= least:
            return name, factor
    return unit, 1.0


def _mark(axis: Axes, arm: Arm, factor: float) -> None:
    for change in arm.changes:
        if change.kind is ChangeKind.SET:
            axis.axvline(change.start * factor, color=GREY, lw=0.6, zorder=0)
        else:
            axis.axvspan(change.start * factor, change.end * factor, color=GREY, alpha=0.12, lw=0,
                         zorder=0)  # fmt: skip


def _wrapped(label: str) -> str:
    """Break a label that is longer than its panel is high."""
    if len(label) <= 28:
        return label
    middle = label.find(" ", len(label) // 2 - 4)
    return label if middle < 0 else f"{label[:middle]}\n{label[middle + 1 :]}"
