"""Ids that this package gives beside those of a model: parameters it adds, columns of results.

An id that a model has itself is never refused; what is added is called something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libsbml

#: Prefix of a starting value, as a parameter of the model that runs and as a column of a scan.
START = "start_of_"
#: Prefix of the parameters that hold an amount where a concentration starts, or the reverse.
GIVEN = "given_start_of_"
#: Prefix of the parameters that hold the slopes of ramps.
SLOPE = "slope_of_"
#: Prefix of the parameters that hold the rates of what does not move.
RATE = "rate_of_"

#: Prefix of the ids of events that have none.
EVENT = "event_"
#: Prefix of the events that watch the parts of a compound trigger.
WATCH = "watch_"
#: Prefix of the reactions that hold the second place of a species in a reaction.
TWIN = "twin_"


def unused_ids(model: libsbml.Model, prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return an id for each of `names`: the prefix and the name, where the model has no such id.

    Where it has, underscores follow.
    """
    chosen: dict[str, str] = {}
    for name in names:
        wanted = prefix + name
        while wanted in chosen.values() or model.getElementBySId(wanted) is not None:
            wanted += "_"
        chosen[name] = wanted
    return chosen
