"""Every engine and every function returns the same table: columns, order, numbers, status words."""

from __future__ import annotations

import os
import subprocess
import sys

import libsbml
import numpy as np
import pandas as pd
import pytest
import roadrunner
from odd_models import MODELS

from transport_model import evaluate, load_model, scan, simulate, steady_state
from transport_model.errors import TransportModelError, UnsupportedModelError

#: Models that kernels refuse, by a word of the refusal; libRoadRunner's rows do not.
NO_KERNEL = {
    "conversion_factors": "stoichiometry",
    "references_with_ids": "stoichiometry",
    "event": "event",
}
#: Time [model time] after which every model here rests.
LONG = 200.0
CASES = [(odd, column) for odd in MODELS for column in odd.tries]
EACH = pytest.mark.parametrize(
    ("odd", "column"), CASES, ids=[f"{odd.name}-{column}" for odd, column in CASES]
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("odd")
    for odd in MODELS:
        (folder / f"{odd.name}{odd.suffix}").write_text(odd.text)
    return folder


def load(folder, odd):
    return load_model(folder / f"{odd.name}{odd.suffix}")


def outcome(function, *arguments, **keywords):
    """Return a result, or the refusal in its place."""
    try:
        return function(*arguments, **keywords)
    except TransportModelError as error:
        return f"{type(error).__name__}: {error}"


_BY_KERNEL = """
import pickle, sys, warnings
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from odd_models import MODELS
from test_one_table import design, load, outcome, outputs
from transport_model import scan
warnings.simplefilter("ignore")
tables = {}
for odd in MODELS:
    model = load(Path(sys.argv[2]), odd)
    for column in odd.tries:
        rows = design(odd, column)
        tables[odd.name, column] = outcome(scan, model, rows, engine="kernel")
        some = [*outputs(model), "error"]
        tables[odd.name, column, "error"] = outcome(
            scan, model, rows, engine="kernel", outputs=some
        )
Path(sys.argv[3]).write_bytes(pickle.dumps(tables))
"""


def design(odd, column):
    return pd.DataFrame({column: odd.tries[column]}, dtype=float)


@pytest.fixture(scope="module")
def by_kernel(folder, tmp_path_factory):
    """The kernels' code, run by the interpreter: compiling fifty kernels takes minutes."""
    place = tmp_path_factory.mktemp("kernels")
    environment = {**os.environ, "NUMBA_DISABLE_JIT": "1", "TRANSPORT_MODEL_CACHE": str(place)}
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", _BY_KERNEL, here, str(folder), str(place / "tables")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return pd.read_pickle(place / "tables")


@EACH
def test_a_kernel_returns_what_libroadrunner_does(folder, by_kernel, odd, column):
    model = load(folder, odd)
    mine = by_kernel[odd.name, column]
    theirs = outcome(scan, model, design(odd, column), engine="roadrunner")
    if odd.name in NO_KERNEL:
        assert mine.startswith("UnsupportedModelError")
        assert NO_KERNEL[odd.name] in mine
        assert theirs["converged"].all()
        return
    if isinstance(theirs, str):
        assert mine == theirs
        return
    assert list(mine.columns) == list(theirs.columns)
    assert mine["status"].tolist() == theirs["status"].tolist()
    numbers = [name for name in theirs if name not in ("status", "residual")]
    pd.testing.assert_frame_equal(
        mine[numbers], theirs[numbers], rtol=1e-6, atol=1e-9, check_dtype=False
    )


def outputs(model):
    """The last two quantities of a model that a result holds, the last one first."""
    held = [name for name, q in model.quantities.items() if q.kind == "floating"]
    return [held[-1], model.reaction_ids[0]] if held and model.reaction_ids else held[-1:]


@EACH
def test_the_error_of_the_states_is_a_column_on_request(folder, by_kernel, odd, column):
    model = load(folder, odd)
    mine = by_kernel[odd.name, column, "error"]
    some = [*outputs(model), "error"]
    theirs = outcome(scan, model, design(odd, column), engine="roadrunner", outputs=some)
    if odd.name in NO_KERNEL:
        mine = theirs
    if isinstance(mine, str):
        assert mine == theirs
        return
    assert list(mine.columns) == list(theirs.columns)
    assert mine.columns[-1] == "error"
    assert (mine["error"].notna() == mine["converged"]).all()
    assert (theirs["error"].notna() == theirs["converged"]).all()
    for table in (mine, theirs):
        assert (table["error"].dropna() <= 1e-6).all()
    np.testing.assert_allclose(mine["error"], theirs["error"], rtol=10, atol=1e-12)


@EACH
def test_single_solves_and_formulas_say_the_same(folder, odd, column):
    model = load(folder, odd)
    table = outcome(scan, model, design(odd, column), engine="roadrunner")
    if isinstance(table, str):
        with pytest.raises(UnsupportedModelError):
            steady_state(model.with_values(**{column: odd.tries[column][0]}))
        return
    for (_, row), value in zip(table.iterrows(), odd.tries[column], strict=True):
        if not row["converged"]:
            continue
        state = steady_state(model.with_values(**{column: value}))
        shared = [name for name in state.values.index if name in row.index and name != column]
        np.testing.assert_array_equal(state.values[shared].astype(float), row[shared].astype(float))
        assert state.residual == row["residual"]
        again = evaluate(state.model, state.values.to_frame().T)
        assert list(again.columns) == list(state.values.index)
        rests = [name for name in state.values.index if np.isfinite(state[name])]
        np.testing.assert_allclose(again[rests].iloc[0], state.values[rests], rtol=1e-9, atol=1e-12)
        course = simulate(state.model, LONG, 3)
        assert [name for name in state.values.index if name in course] == list(course.columns)
        rests = [name for name in rests if name in course]
        np.testing.assert_allclose(course[rests].iloc[-1], state.values[rests], rtol=1e-5,
                                   atol=1e-7)  # fmt: skip


def alone(model, column, value):
    """Return libRoadRunner on its own, with a value written into the SBML."""
    document = libsbml.readSBMLFromString(model.sbml)
    element = document.getModel().getElementBySId(column)
    if isinstance(element, libsbml.Compartment):
        element.setSize(value)
    elif isinstance(element, libsbml.Species):
        element.unsetInitialAmount()
        element.unsetInitialConcentration()
        as_amount = element.getHasOnlySubstanceUnits()
        (element.setInitialAmount if as_amount else element.setInitialConcentration)(value)
    else:
        element.setValue(value)
    engine = roadrunner.RoadRunner(libsbml.writeSBMLToString(document))
    engine.integrator.relative_tolerance, engine.integrator.absolute_tolerance = 1e-10, 1e-14
    return engine


@EACH
def test_courses_are_those_of_libroadrunner_alone(folder, odd, column):
    model = load(folder, odd)
    value = odd.tries[column][-1]
    course = outcome(simulate, model.with_values(**{column: value}), 3.0, 4)
    if isinstance(course, str):
        assert odd.name == "impossible_start", course
        return
    amounts = model.amount_columns
    read = {name: amounts.get(name, name) for name in course}
    for name, quantity in model.quantities.items():
        if quantity.kind in {"floating", "boundary"} and not quantity.is_amount and name in course:
            read[name] = f"[{name}]"
    engine = alone(model, column, value)
    truth = np.array(engine.simulate(0, 3.0, 4, ["time", *read.values()]))[:, 1:]
    for name, expected in zip(course, truth.T, strict=True):
        size = np.abs(expected).max()
        np.testing.assert_allclose(course[name], expected, rtol=1e-7, atol=1e-8 * size,
                                   err_msg=name)  # fmt: skip
