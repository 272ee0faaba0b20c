"""The figure of an experiment: a panel per watched quantity, a line per arm."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from transport_model.errors import UnknownIdError

from ..experiments.arms import Arm, ChangeKind
from ..experiments.run import Experiment
from .panels import Panels, id_text, letter, panels, readable_time, with_unit
from .style import COLOURS, GREY, plain, styled

#: Arms are told apart by colour; after the last colour the line changes its style.
STYLES = ("-", "--", ":", "-.")
_HEIGHT = 2.5


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
    unit, factor = readable_time(protocol.duration, protocol.time_unit)
    for number, (axis, column) in enumerate(zip(axes, names, strict=True)):
        for arm in protocol.arms:
            _mark(axis, arm, factor)
        for place, arm in enumerate(protocol.arms):
            course = courses[courses["arm"] == arm.name]
            axis.plot(
                course["time"] * factor,
                course[column],
                color=COLOURS[place % len(COLOURS)],
                ls=STYLES[place // len(COLOURS) % len(STYLES)],
                label=id_text(arm.name),
            )
        label = plain(words.get(column, column))
        axis.set_ylabel(with_unit(label, experiment.units.get(column, "")))
        axis.set_xlabel(with_unit("time", unit))
        axis.set_xlim(0, protocol.duration * factor)
        axis.set_title(f"{letter(number)}  {id_text(column)}" if len(names) > 1 else "")
    if len(protocol.arms) > 1 and ax is not None:
        ax.legend()
    elif len(protocol.arms) > 1:
        handles, arms = axes[0].get_legend_handles_labels()
        longest = max(map(len, arms))
        columns = max(1, min(5, len(arms), int(100 * (axes.figure.get_figwidth() / 7.2))
                             // (longest + 6)))  # fmt: skip
        axes.figure.legend(handles, arms, loc="outside lower center", ncols=columns)
    return axes


def _mark(axis: Axes, arm: Arm, factor: float) -> None:
    for change in arm.changes:
        if change.kind is ChangeKind.SET:
            axis.axvline(change.start * factor, color=GREY, lw=0.6, zorder=0)
        else:
            axis.axvspan(change.start * factor, change.end * factor, color=GREY, alpha=0.12, lw=0,
                         zorder=0)  # fmt: skip
