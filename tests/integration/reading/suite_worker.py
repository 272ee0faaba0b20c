"""Runs cases of the SBML Test Suite, one after the other, in a process that may die.

``python suite_worker.py FOLDER…`` writes lines of JSON: the case, what the product makes of it, and
what bare libRoadRunner does.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import roadrunner

from transport_model import load_model, simulate
from transport_model.errors import TransportModelError

#: libRoadRunner's tolerances where it runs on its own.
TIGHT = {"relative_tolerance": 1e-10, "absolute_tolerance": 1e-14}


def settings_of(folder):
    lines = (folder / "settings.txt").read_text().splitlines()
    pairs = (line.partition(":") for line in lines if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def listed(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def times_of(wanted):
    start = float(wanted["start"])
    return start, start + float(wanted["duration"]), int(wanted["steps"]) + 1


def expected_of(folder, wanted):
    if not wanted["variables"]:
        return {}
    table = pd.read_csv(folder / "results.csv", skipinitialspace=True).to_numpy(dtype=float)
    # By place: the name of a variable may be that of the column of times
    return dict(zip(listed(wanted["variables"]), table[:, 1:].T, strict=True))


def agrees(found, truth, wanted):
    tolerances = {"rtol": float(wanted["relative"]), "atol": float(wanted["absolute"])}
    return np.allclose(found, truth, **tolerances, equal_nan=True)


def column(model, course, name, as_amount):
    """Return a column of a course as an amount or a concentration."""
    quantity = model.quantities.get(name)
    if name not in course:  # what never moves is not in a course
        return np.full(len(course), quantity.value)
    values = course[name].to_numpy()
    if quantity is None or quantity.kind not in {"floating", "boundary"}:
        return values
    size = course[quantity.compartment].to_numpy() if quantity.compartment in course else (
        model.quantities[quantity.compartment].value)  # fmt: skip
    if as_amount and not quantity.is_amount:
        return values * size
    if not as_amount and quantity.is_amount and np.all(np.isfinite(size)):
        return values / size
    return values


def product(folder, wanted):
    """Return ``pass``, ``refused``, ``failed``, ``wrong`` or ``internal error``, and a word."""
    try:
        start, end, points = times_of(wanted)
        model = load_model(folder / "model.xml")
        course = simulate(model, end, points, start=start)
        for name, truth in expected_of(folder, wanted).items():
            found = column(model, course, name, name in listed(wanted["amount"]))
            if not agrees(found, truth, wanted):
                return "wrong", name
    except TransportModelError as error:
        return ("refused" if isinstance(error, ValueError) else "failed"), str(error)
    except Exception as error:
        return "internal error", f"{type(error).__name__}: {error}"[:300]
    return "pass", ""


def bare(folder, wanted):
    """Return the same of libRoadRunner alone."""
    try:
        start, end, points = times_of(wanted)
        truth = expected_of(folder, wanted)
        engine = roadrunner.RoadRunner(str(folder / "model.xml"))
        amounts = listed(wanted["amount"])
        species = {*engine.model.getFloatingSpeciesIds(), *engine.model.getBoundarySpeciesIds()}
        reads = {n: f"[{n}]" if n in species and n not in amounts else n for n in truth}
        for key, value in TIGHT.items():
            engine.integrator.setValue(key, value)
        engine.timeCourseSelections = ["time", *reads.values()]
        course = np.array(engine.simulate(start, end, points))
    except (RuntimeError, KeyError) as error:
        return "failed", " ".join(str(error).split())[:200]
    right = [agrees(course[:, at + 1], values, wanted) for at, values in enumerate(truth.values())]
    return ("pass" if all(right) else "wrong"), ""


def main():
    roadrunner.Config.setValue(roadrunner.Config.ROADRUNNER_DISABLE_PYTHON_DYNAMIC_PROPERTIES, True)
    roadrunner.Logger.disableLogging()
    for name in sys.argv[1:]:
        folder = Path(name)
        print(json.dumps({"case": folder.name}), flush=True)
        wanted = settings_of(folder)
        if not wanted["duration"]:  # flux balance: no course, and nothing to compare with
            wanted |= {"start": "0", "duration": "1", "steps": "1", "variables": ""}
        ours, word = product(folder, wanted)
        print(json.dumps({"product": ours, "word": word}), flush=True)
        theirs, word = bare(folder, wanted)
        print(json.dumps({"bare": theirs, "reason": word}), flush=True)


if __name__ == "__main__":
    main()
