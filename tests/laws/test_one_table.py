"""Every engine and every function returns the same table: columns, order, numbers, status words."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import libsbml
import numpy as np
import pandas as pd
import pytest
import roadrunner
from odd_models import MODELS

from transport_model import (
    control_coefficients,
    energetics,
    evaluate,
    grid,
    load_model,
    open_scan,
    plan_scan,
    run_scan,
    scan,
    sensitivities,
    simulate,
    steady_state,
)
from transport_model.errors import TransportModelError, UnsupportedModelError

#: Models that kernels refuse, by a word of the refusal; libRoadRunner's rows do not.
NO_KERNEL = {
    "conversion_factors": "stoichiometry",
    "references_with_ids": "stoichiometry",
    "event": "event",
}
#: Relative step of a difference that stands for a derivative.
STEP = 1e-4
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
from test_one_table import design, in_a_folder, load, near, outcome, outputs
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
        tables[odd.name, column, "near"] = outcome(
            scan, model, near(odd, column), engine="kernel"
        )
    tables[odd.name, "folder"] = outcome(
        in_a_folder, model, rows, "kernel", Path(sys.argv[3]).parent / odd.name
    )
Path(sys.argv[3]).write_bytes(pickle.dumps(tables))
"""


def design(odd, column):
    return pd.DataFrame({column: odd.tries[column]}, dtype=float)


def near(odd, column):
    """The first value that is tried, and two beside it."""
    value = odd.tries[column][0]
    return pd.DataFrame({column: [value * (1 - STEP), value, value * (1 + STEP)]})


def in_a_folder(model, rows, engine, folder):
    """Return a scan as a large one writes it and gives it back, two rows a part."""
    run_scan(plan_scan(model, rows, engine=engine, part_rows=2), folder)
    return open_scan(folder).to_pandas()


@pytest.fixture(scope="module")
def by_kernel(folder, tmp_path_factory):
    """In a process and a cache of their own."""
    place = tmp_path_factory.mktemp("kernels")
    environment = {**os.environ, "TRANSPORT_MODEL_CACHE": str(place)}
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


@EACH
def test_derivatives_are_the_differences_of_either_engine(folder, by_kernel, odd, column):
    """Through conserved sums, starts, sizes and rules alike."""
    model = load(folder, odd).with_values(**{column: odd.tries[column][0]})
    exact = outcome(sensitivities, model, [column])
    if isinstance(exact, str):
        table = outcome(scan, model, near(odd, column), engine="roadrunner")
        is_known = "moves during a run" in exact or "has no sensitivities" in exact
        assert is_known or isinstance(table, str) or not table["converged"].all(), exact
        return
    theirs = scan(model, near(odd, column), engine="roadrunner")
    mine = theirs if odd.name in NO_KERNEL else by_kernel[odd.name, column, "near"]
    # A clock's column follows the time, and has no value at rest
    rows = [name for name in exact.index if np.isfinite(theirs[name]).all() and name != column]
    assert rows
    for table in (mine, theirs):
        low, middle, high = (table[rows].iloc[at].to_numpy(dtype=float) for at in range(3))
        slope = (high - low) / (2 * STEP * odd.tries[column][0])
        size = np.abs(middle).max() / abs(odd.tries[column][0])
        np.testing.assert_allclose(exact.loc[rows, column], slope, rtol=1e-6,
                                   atol=1e-6 * size + 1e-12)  # fmt: skip


@pytest.mark.parametrize("odd", MODELS, ids=[odd.name for odd in MODELS])
def test_a_large_scan_holds_the_rows_of_a_small_one(folder, by_kernel, tmp_path, odd):
    """By either engine, to the last bit, whatever their number in a part."""
    column = list(odd.tries)[-1]
    model, rows = load(folder, odd), design(odd, column)
    for engine in ("kernel", "roadrunner"):
        if engine == "kernel":
            small, large = by_kernel[odd.name, column], by_kernel[odd.name, "folder"]
        else:
            small = outcome(scan, model, rows, engine=engine)
            large = outcome(in_a_folder, model, rows, engine, tmp_path / "scan")
        if isinstance(small, str):
            assert large == small
            continue
        pd.testing.assert_frame_equal(large.rename_axis(None), small, check_exact=True)


@pytest.mark.parametrize("odd", MODELS, ids=[odd.name for odd in MODELS])
def test_control_is_of_the_state_that_a_scan_has(folder, odd):
    """The analysis names every species and reaction of a row, and its state is that row's."""
    column = next(iter(odd.tries))
    model = load(folder, odd).with_values(**{column: odd.tries[column][0]})
    found = outcome(control_coefficients, model)
    if isinstance(found, str):
        assert not model.reaction_ids or re.search("no control|no certified|varies", found), found
        return
    row = scan(model, design(odd, column).iloc[:1], engine="roadrunner").iloc[0]
    assert list(found.flux.index) == list(model.reaction_ids)
    shared = [name for name in found.state.values.index if name in row.index and name != column]
    np.testing.assert_array_equal(found.state.values[shared], row[shared].astype(float))
    computed = {name for name, q in model.quantities.items() if q.computed == "rule"}
    moving = {name for name, q in model.quantities.items() if q.kind == "floating"} - computed
    assert moving <= set(found.concentration.index)
    assert set(found.concentration.index) | set(found.potential.index) <= set(row.index)


def test_energy_is_that_of_the_rows_whoever_solved_them(cell):
    """States of either engine, of single solves and of evaluated tables: one balance."""
    points = grid(Glc_o=[0.5, 5.0], P_Na=[1e-3, 2e-3])
    tables = [scan(cell, points, engine=engine) for engine in ("kernel", "roadrunner")]
    mine, theirs = (energetics(cell, table) for table in tables)
    states = tables[1].drop(columns=["converged", "status", "residual"], errors="ignore")
    computed = evaluate(cell, states).join(points[["P_Na"]])
    again = energetics(cell, computed)
    pd.testing.assert_frame_equal(mine, theirs, rtol=1e-6, atol=1e-9)
    pd.testing.assert_frame_equal(again, theirs, rtol=1e-12)
    for (_, point), (_, row) in zip(points.iterrows(), theirs.iterrows(), strict=True):
        model = cell.with_values(**point)
        state = steady_state(model)
        for one in (energetics(model, state), energetics(model, state.values)):
            assert list(one.columns) == list(theirs.columns)
            np.testing.assert_array_equal(one.iloc[0].to_numpy(), row.to_numpy())


#: Models whose rows are solved by the thousand, with the column that varies.
MANY = {"rest_of_a_sum": "k", "moving_cell": "k", "starts_of_species": "s"}
ROWS = 5000


@pytest.mark.slow
@pytest.mark.parametrize("name", MANY)
def test_thousands_of_rows_are_each_as_on_its_own(folder, tmp_path, name):
    """Compiled kernels, their parts on disk, and libRoadRunner agree row by row."""
    (odd,) = [odd for odd in MODELS if odd.name == name]
    column, model = MANY[name], load(folder, odd)
    values = np.random.default_rng(7).uniform(0.3, 6.0, ROWS)
    rows = pd.DataFrame({column: values})
    mine = scan(model, rows, engine="kernel")
    order = np.random.default_rng(8).permutation(ROWS)
    other = scan(model, rows.iloc[order], engine="kernel")
    pd.testing.assert_frame_equal(other.loc[mine.index], mine, check_exact=True)
    run_scan(plan_scan(model, rows, engine="kernel", part_rows=700), tmp_path / "scan")
    large = open_scan(tmp_path / "scan").to_pandas().rename_axis(None)
    pd.testing.assert_frame_equal(large, mine, check_exact=True)
    for at in (0, 1, ROWS - 1):
        one = scan(model, rows.iloc[[at]], engine="kernel")
        pd.testing.assert_frame_equal(one, mine.iloc[[at]], check_exact=True)
    theirs = scan(model, rows, engine="roadrunner")
    assert list(mine.columns) == list(theirs.columns)
    assert mine["status"].tolist() == theirs["status"].tolist()
    numbers = [each for each in theirs if each not in ("status", "residual")]
    pd.testing.assert_frame_equal(
        mine[numbers], theirs[numbers], rtol=1e-6, atol=1e-9, check_dtype=False
    )
