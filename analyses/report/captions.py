"""Captions of experiments, in words: what is drawn, and what is done in each arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transport_model.columns import column_name

from ..experiments.arms import Arm, ChangeKind, TimedChange
from ..experiments.run import Experiment
from ..figures.experiments import arm_text
from ..figures.panels import letter
from ..figures.scales import readable_time


def caption_of(item: Experiment, drawn: Sequence[str] = ()) -> str:
    """Return what the figure of an experiment shows: its panels, then its arms.

    Parameters
    ----------
    item
        The experiment.
    drawn
        Columns of its panels in their order; by default all that it watched.

    Returns
    -------
    str
        As in ``(a) Membrane potential, (b) cytosolic Na⁺. Arms: resting, unchanged; ouabain,
        ouabain outside = 1 mM at 5 min.``
    """
    protocol = item.protocol
    words = {watched.column: watched.label or watched.column for watched in protocol.watched}
    panels = [words.get(column, column) for column in drawn or words]
    if len(panels) > 1:
        panels = [f"({letter(number)}) {words}" for number, words in enumerate(panels)]
    if len(protocol.arms) == 1:
        arms = f"The cell: {_done(protocol.arms[0])}"
    else:
        told = [f"{arm_text(arm)}, {_done(arm)}" for arm in protocol.arms]
        arms = f"Arms: {'; '.join(told)}"
    shown = ", ".join(panels)
    return f"{shown[:1].upper()}{shown[1:]}. {arms}." if shown else f"{arms}."


def _done(arm: Arm) -> str:
    before = f"with {_values(arm, arm.settings)} from before" if arm.settings else ""
    held = f"with {_values(arm, arm.hold)} held" if arm.hold else ""
    changes = [_change(arm, change) for change in arm.changes]
    return ", ".join(part for part in (before, held, *changes) if part) or "unchanged"


def _change(arm: Arm, change: TimedChange) -> str:
    start, end = (_time(time, arm.model.units["time"]) for time in (change.start, change.end))
    values = _values(arm, change.values)
    if change.kind is ChangeKind.SET:
        return f"{values} at {start}" if change.start else values
    between = f"from {start} to {end}"
    return f"{values} {between}" if change.kind is ChangeKind.PULSE else f"to {values} {between}"


def _time(time: float, unit: str) -> str:
    shown, factor = readable_time(time, unit)
    return f"{time * factor:.3g} {shown}".rstrip()


def _values(arm: Arm, values: Mapping[str, float]) -> str:
    told = []
    for name, value in values.items():
        unit = arm.unit(name)
        words = column_name(arm.model, name) or name
        told.append(f"{words} = {value:.4g} {'' if unit in ('', '1') else unit}".rstrip())
    return " and ".join(told)
