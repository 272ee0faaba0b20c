"""Values of shipped models against their known ranges: said once, and never refused."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from transport_model.catalogue import provenance, shipped_models
from transport_model.errors import RangeWarning
from transport_model.references import OWN_SOURCES, origin

#: Notes up to this many characters are told with a range that no publication stands behind.
SHORT = 80
#: Packages that leave the ranges on purpose, as experiments and laws do.
_OWN = ("transport_model", "analyses")
_warned: set[str] = set()


@cache
def _known(model: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a model's table that have a range, by id."""
    rows = provenance(model).dropna(subset=["low", "high"]).reset_index().to_dict("records")
    return {str(row["id"]): {str(column): value for column, value in row.items()} for row in rows}


def remarks(
    model: str, spans: Mapping[str, tuple[float, float]], unit: Callable[[str], str]
) -> dict[str, str]:
    """Return what is to be said of values that leave the ranges of ``parameters.csv``.

    Zero of what has a unit switches it off, and leaves no range.

    Parameters
    ----------
    model
        A model's name; one that does not ship has no ranges.
    spans
        Values by id, from one to another.
    unit
        Returns the unit of an id.

    Returns
    -------
    dict
        A sentence by id: value, range, where that is from, and for a temperature whether degrees
        Celsius are meant.
    """
    said = {}
    for name, (least, most) in spans.items():
        if name not in _known(model):
            continue
        row = _known(model)[name]
        low, high = row["low"], row["high"]
        none_of_it = least == most == 0 and unit(name) != "1"
        if none_of_it or (low <= least and most <= high) or model not in shipped_models():
            continue
        shown = "" if unit(name) == "1" else f" {unit(name)}"
        given = f"{least:g}" if least == most else f"{least:g} to {most:g}"
        celsius = unit(name) == "K" and low <= least + 273.15 and most + 273.15 <= high
        meant = f"'{name}={given} degC', {least + 273.15:g} K" if least == most else f"{given} degC"
        hint = f"; did you mean {meant}?" if celsius else ""
        is_outside = "is outside" if least == most else "goes beyond"
        why = origin(row["source"], row["reference"])
        if row["source"] in OWN_SOURCES and 0 < len(row["note"]) <= SHORT:
            why += f": {row['note']}"
        said[name] = (f"{name} = {given}{shown} {is_outside} {low:g} to {high:g}{shown}, its range"
                      f" in parameters.csv ({why:.120}){hint}")  # fmt: skip
    return said


def warn_outside(
    model: str, spans: Mapping[str, tuple[float, float]], unit: Callable[[str], str]
) -> None:
    """Warn, once a process for every id, of values that a caller's caller set beyond the ranges.

    This package's own modules, which leave the ranges on purpose, are not warned. Parameters are
    those of :func:`remarks`.
    """
    caller = str(sys._getframe(2).f_globals.get("__name__", ""))
    if caller.partition(".")[0] in _OWN:
        return
    fresh = {name: ends for name, ends in spans.items() if name not in _warned}
    for name, text in remarks(model, fresh, unit).items():
        _warned.add(name)
        warnings.warn(text, RangeWarning, stacklevel=3)
