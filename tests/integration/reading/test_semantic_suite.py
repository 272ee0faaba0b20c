"""The public SBML Test Suite, semantic cases, through the public API.

The cases are not part of this project. Set ``SBML_SEMANTIC_CASES`` to a folder of them (one folder
a case, with ``model.xml``, ``settings.txt`` and ``results.csv``) to run against them.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transport_model import evaluate, load_model, simulate
from transport_model.errors import UnsupportedModelError
from transport_model.simulation.runner import runner_for

FOLDER = os.environ.get("SBML_SEMANTIC_CASES")
CASES = sorted(Path(FOLDER).glob("*/settings.txt")) if FOLDER else []
IDS = [case.parent.name for case in CASES]

#: Constructs that are refused, by a word that the refusal has to contain.
REFUSED = ("delay", "algebraic", "fast", "libRoadRunner cannot", "package")
#: What has no symbolic form besides; time courses do without one.
NOT_SYMBOLIC = ("rateOf", "has no mathematics", "has no kinetic law", "rem or quotient",
                "factorial", "floor", "ceiling", "cannot be read")  # fmt: skip


def settings_of(case):
    lines = (line.partition(":") for line in case.read_text().splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in lines}


def listed(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def load(case):
    return load_model(case.parent / "model.xml")


def check_names(refusal, constructs):
    assert any(word in str(refusal) for word in constructs), refusal


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_course(case):
    wanted = settings_of(case)
    start, steps = float(wanted["start"]), int(wanted["steps"])
    end = start + float(wanted["duration"])
    try:
        model = load(case)
        course = simulate(model, end, steps + 1, start=start)
    except UnsupportedModelError as refusal:
        check_names(refusal, REFUSED)
        return
    expected = pd.read_csv(case.parent / "results.csv", skipinitialspace=True)
    absolute, relative = float(wanted["absolute"]), float(wanted["relative"])
    for name in listed(wanted["variables"]):
        found = column(model, course, name, name in listed(wanted["amount"]))
        truth = expected[name].to_numpy(dtype=float)
        assert np.allclose(found, truth, rtol=relative, atol=absolute, equal_nan=True), name


def column(model, course, name, as_amount):
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
    if not as_amount and quantity.is_amount:
        return values / size
    return values


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_symbolic_rates_are_libroadrunners(case):
    """At the start and at the end of each case, everything evaluated twice."""
    wanted = settings_of(case)
    start = float(wanted["start"])
    try:
        model = load(case)
        course = simulate(model, start + float(wanted["duration"]), 2, start=start)
        for row in (0, 1):
            states = course.iloc[[row]]
            table = evaluate(model, states)
            for name in table:
                mine, theirs = table[name].to_numpy(), states[name].to_numpy()
                assert np.allclose(mine, theirs, rtol=1e-9, atol=1e-12, equal_nan=True), name
    except UnsupportedModelError as refusal:
        check_names(refusal, (*REFUSED, *NOT_SYMBOLIC))


@pytest.mark.skipif(not CASES, reason="SBML_SEMANTIC_CASES is not set")
def test_most_cases_are_simulated():
    refused = 0
    for case in CASES:
        try:
            runner_for(load(case).sbml, conserved=False)
        except UnsupportedModelError:
            refused += 1
    assert refused < 0.1 * len(CASES)
