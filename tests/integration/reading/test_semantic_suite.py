"""The public SBML Test Suite, semantic cases, through the public API.

The cases are not part of this project. Set ``SBML_SEMANTIC_CASES`` to a folder of them (one folder
a case, with ``model.xml``, ``settings.txt`` and ``results.csv``) to run against them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from transport_model import evaluate, load_model, simulate
from transport_model.errors import ModelFileError, SimulationError, UnsupportedModelError

FOLDER = os.environ.get("SBML_SEMANTIC_CASES")
CASES = sorted(Path(FOLDER).glob("*/settings.txt")) if FOLDER else []
IDS = [case.parent.name for case in CASES]
SUITE = pytest.mark.skipif(not CASES, reason="SBML_SEMANTIC_CASES is not set")
WORKER = (str(Path(__file__).with_name("suite_worker.py")),)
ROUND_TRIP = (str(Path(__file__).with_name("round_trip_worker.py")), "sbml-l3v2")

#: Constructs that are refused, by a word that the refusal has to contain.
REFUSED = ("delay", "algebraic", "fast", "libRoadRunner cannot", "package",
           "not in its folder")  # fmt: skip
#: What has no symbolic form besides; time courses do without one.
NOT_SYMBOLIC = ("rateOf", "has no mathematics", "has no kinetic law", "rem or quotient",
                "factorial", "floor", "ceiling", "cannot be read")  # fmt: skip


def settings_of(case):
    lines = (line.partition(":") for line in case.read_text().splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in lines}


def load(case):
    return load_model(case.parent / "model.xml")


def check_names(refusal, constructs):
    assert any(word in str(refusal) for word in constructs), refusal


@pytest.fixture(scope="module")
def outcomes():
    return run([case.parent for case in CASES])


def run(folders, worker=WORKER, at_once=100):
    """Return what becomes of each case, in processes that may die."""
    found = {}
    waiting = list(folders)
    while waiting:
        some = [str(folder) for folder in waiting[:at_once]]
        command = [sys.executable, *worker, *some]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, f"exit {done.returncode} before the first case"
        for line in lines:
            if "case" in line:
                case = line["case"]
                found[case] = {}
            found[case] |= line
        if done.returncode:  # bare libRoadRunner may die of what the product has survived
            found[case].setdefault("product", f"crash, exit {done.returncode}")
        waiting = [folder for folder in waiting if folder.name not in found]
    return found


def others(outcomes, allowed):
    """Return the cases with another outcome than those allowed, with what was said of each."""
    return {
        case: (found["product"], found.get("word"))
        for case, found in outcomes.items()
        if found["product"] not in allowed
    }


@SUITE
def test_courses_are_right_or_refused(outcomes):
    """Nothing is wrong, nothing dies, nothing fails in a way that nobody thought of."""
    assert others(outcomes, {"pass", "refused", "failed"}) == {}


@SUITE
def test_what_libroadrunner_gets_right_is_right(outcomes):
    """What it passes on its own, at tight tolerances, passes here."""
    alone = {case: found for case, found in outcomes.items() if found.get("bare") == "pass"}
    assert alone
    assert others(alone, {"pass"}) == {}


@SUITE
def test_what_is_refused_is_named(outcomes):
    for found in outcomes.values():
        if found["product"] == "refused":
            check_names(found["word"], REFUSED)
            assert len(found["word"]) <= 300


@SUITE
def test_what_is_written_runs_again_as_the_same():
    """Exported to SBML L3V2, read and run again: the same numbers, or refused."""
    found = run([case.parent for case in CASES], ROUND_TRIP)
    assert others(found, {"same", "refused", "not simulated", "random"}) == {}


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_symbolic_rates_are_libroadrunners(case):
    """At the start and at the end of each case, everything evaluated twice."""
    wanted = settings_of(case)
    # Flux balance has neither
    start, duration = float(wanted["start"] or 0), float(wanted["duration"] or 1)
    try:
        model = load(case)
        course = simulate(model, start + duration, 2, start=start)
        for row in (0, 1):
            states = course.iloc[[row]]
            table = evaluate(model, states)
            for name in table:
                mine, theirs = table[name].to_numpy(), states[name].to_numpy()
                assert np.allclose(mine, theirs, rtol=1e-9, atol=1e-12, equal_nan=True), name
    except (UnsupportedModelError, ModelFileError, SimulationError) as refusal:
        check_names(refusal, (*REFUSED, *NOT_SYMBOLIC))
