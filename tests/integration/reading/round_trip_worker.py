"""Writes cases of the SBML Test Suite in other formats, reads and runs them again, one by one.

``python round_trip_worker.py FORMATS FOLDER…``, in a process that may die, writes lines of JSON:
the case, what became of it, and a word. FORMATS are names of formats, separated by commas.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import roadrunner
from suite_worker import settings_of, times_of

from transport_model import load_model, simulate
from transport_model.analyses.exchange.export import export_file
from transport_model.errors import TransportModelError

ENDINGS = {"antimony": ".ant"}


def course_of(path, wanted):
    start, end, points = times_of(wanted)
    return simulate(load_model(path), end, points, start=start)


def outcome(course, folder, name, wanted):
    """Return what became of one format, and a word.

    ``same``; ``refused`` when it is written; ``unreadable`` where the product refuses what it
    wrote itself; ``told`` where it differs and losses were listed; ``random`` where the model as
    it was differs from itself, for the order of its events is drawn; else ``differs``.
    """
    path = folder / f"model{ENDINGS.get(name, '.xml')}"
    try:
        losses = export_file(load_model(folder / "source.xml"), path, name).losses
    except ValueError as error:
        if not isinstance(error, TransportModelError):
            raise
        return "refused", str(error)
    try:
        theirs = course_of(path, wanted)
    except TransportModelError as error:
        return "unreadable", str(error)
    apart = differing(course, theirs)
    if not apart:
        return "same", ""
    if losses:
        return "told", apart
    again = (course_of(folder / "source.xml", wanted) for _ in range(20))
    return ("random" if any(differing(course, other) for other in again) else "differs"), apart


def differing(course, other):
    """Return the columns of a course that are missing from another, or else those that differ."""
    missing = [column for column in course if column not in other]
    if missing:
        return ", ".join(missing)[:200]
    one, two = course.to_numpy(), other[list(course)].to_numpy()
    scale = np.max(np.abs(one), axis=0, initial=0.0, where=np.isfinite(one))
    near = np.isclose(two, one, rtol=1e-6, atol=1e-8 * scale + 1e-12, equal_nan=True)
    return ", ".join(course.columns[~near.all(axis=0)])[:200]


def main():
    roadrunner.Config.setValue(roadrunner.Config.ROADRUNNER_DISABLE_PYTHON_DYNAMIC_PROPERTIES, True)
    roadrunner.Logger.disableLogging()
    formats = sys.argv[1].split(",")
    for place in map(Path, sys.argv[2:]):
        print(json.dumps({"case": place.name}), flush=True)
        wanted = settings_of(place)
        if not wanted["duration"]:
            wanted |= {"start": "0", "duration": "1", "steps": "1"}
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            (folder / "source.xml").write_bytes((place / "model.xml").read_bytes())
            try:
                course = course_of(folder / "source.xml", wanted)
            except TransportModelError as error:
                print(json.dumps({"product": "not simulated", "word": str(error)}), flush=True)
                continue
            for name in formats:
                try:
                    what, word = outcome(course, folder, name, wanted)
                except Exception as error:
                    what, word = "internal error", f"{type(error).__name__}: {error}"[:300]
                key = (
                    {"product": what, "word": word} if name == formats[0] else {name: [what, word]}
                )
                print(json.dumps(key), flush=True)


if __name__ == "__main__":
    main()
