"""What events of a model do on the way: how often each has happened, and until when any is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import libsbml

from transport_model.quantities import document_of, is_delayed
from transport_model.reserved import unused_ids

COUNT, DUE, TWIN = "times_of_", "due_of_", "twin_event_"
#: Stands for a delay in a formula, until that takes its place.
DELAY = "the_delay"


@dataclass(frozen=True)
class Happenings:
    """A model's text in which each event counts itself.

    Attributes
    ----------
    sbml
        The text, otherwise as it was.
    counts
        Ids of the counts of triggers, by event, in words.
    due
        Ids of the times at which the last execution of each event with a delay is due.
    twins
        Ids of the events that count.
    """

    sbml: str
    counts: dict[str, str]
    due: dict[str, str]
    twins: frozenset[str]


def counted(sbml: str) -> Happenings:
    """Return a model in which a second event beside each counts how often that is triggered."""
    document = document_of(sbml).clone()
    model = document.getModel()
    events = [
        event
        for event in model.getListOfEvents()
        if event.getTrigger() is not None and event.getTrigger().isSetMath()
    ]
    places = [str(place) for place in range(len(events))]
    words = {
        place: f"event '{event.getId()}'" if event.isSetId() else f"event {int(place) + 1}"
        for place, event in zip(places, events, strict=True)
    }
    counts = unused_ids(model, COUNT, places)
    dues = unused_ids(model, DUE, places)
    twins = unused_ids(model, TWIN, places)
    due: dict[str, str] = {}
    for place, event in zip(places, events, strict=True):
        twin = model.createEvent()
        twin.setId(twins[place])
        twin.setUseValuesFromTriggerTime(True)
        trigger = twin.createTrigger()
        trigger.setMath(event.getTrigger().getMath())
        trigger.setInitialValue(event.getTrigger().getInitialValue())
        trigger.setPersistent(True)
        _assign(model, twin, counts[place], f"{counts[place]} + 1")
        if is_delayed(event):
            name = dues[place]
            later = f"time + {DELAY}"
            _assign(
                model, twin, name, f"piecewise({name}, {name} > {later}, {later})", event.getDelay()
            )
            due[words[place]] = name
    text, own = libsbml.writeSBMLToString(document), {words[p]: counts[p] for p in places}
    return Happenings(text, own, due, frozenset(twins.values()))


def _assign(
    model: libsbml.Model, event: libsbml.Event, name: str, formula: str, delay: Any = None
) -> None:
    parameter = model.createParameter()
    parameter.setId(name)
    parameter.setConstant(False)
    parameter.setValue(0.0)
    mathematics = libsbml.parseL3Formula(formula)
    if delay is not None:
        mathematics.replaceArgument(DELAY, delay.getMath())
    assignment = event.createEventAssignment()
    assignment.setVariable(name)
    assignment.setMath(mathematics)
