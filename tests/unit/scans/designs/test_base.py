"""Every kind of design: its rows depend on their numbers alone, and bad ones are refused."""

from __future__ import annotations

import itertools
import json
import pickle
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from transport_model.analyses.scans.designs.base import check_bounds, parts, whole
from transport_model.analyses.scans.designs.combinations import Product, Union
from transport_model.analyses.scans.designs.designs import (
    grid,
    latin_hypercube,
    provenance_ranges,
)
from transport_model.analyses.scans.designs.files import ParquetDesign, TableDesign, as_design
from transport_model.analyses.scans.designs.grids import Grid, OneAtATime
from transport_model.analyses.scans.designs.samples import LatinHypercube, RandomSample, Sobol
from transport_model.errors import InputError, UnknownIdError

RANGES = {"P_Na": (1e-4, 1e-2), "Glc_o": (0.5, 30.0), "z_X": (-1.3, -1.0)}
LOG = ["P_Na"]
BILLION = {f"a{i}": np.linspace(0, 1, 10) for i in range(9)}


def unit_cube(table):
    shares = {
        name: (np.log(table[name] / low) / np.log(high / low))
        if name in LOG
        else (table[name] - low) / (high - low)
        for name, (low, high) in RANGES.items()
    }
    return np.clip(pd.DataFrame(shares).to_numpy(), 0, 1)


def spread(share):
    """Points of the unit cube over the ranges, written out."""
    columns = zip(RANGES.items(), share.T, strict=True)
    return pd.DataFrame({
        name: np.exp(np.log(low) + s * (np.log(high) - np.log(low)))
        if name in LOG else low + s * (high - low)
        for (name, (low, high)), s in columns
    })  # fmt: skip


@pytest.fixture(scope="module")
def pairs(cell, tmp_path_factory):
    """Designs by name, each with the same rows made as a whole by NumPy, SciPy and pandas."""
    rng = np.random.default_rng(1)
    table = spread(qmc.LatinHypercube(3, rng=rng).random(500))
    path = tmp_path_factory.mktemp("designs") / "design.parquet"
    table.rename_axis("point").to_parquet(path, index=True, row_group_size=70)
    axes = {"P_Na": [3.0, 1, 2], "Glc_o": np.linspace(0, 1, 50), "z_X": [-1.0, 0, 5, 7]}
    meshed = pd.DataFrame(itertools.product(*axes.values()), columns=list(axes))
    random_table = spread(np.random.default_rng(7).random((100_000, 3)))
    sequence = qmc.Sobol(3, bits=32, rng=np.random.default_rng(7)).random(1024)
    a, b = pd.DataFrame({"K_o": [1.0, 2, 3, 4, 5]}), table[["P_Na", "z_X"]]
    rest = {name: cell.quantities[name].value for name in (*a, *b, *provenance_ranges(cell))}
    alone = pd.DataFrame(
        [rest | {name: value} for name, ends in provenance_ranges(cell).items()
         for value in np.linspace(*ends, 7)]
    )[list(provenance_ranges(cell))]  # fmt: skip
    return {
        "grid": (Grid(axes), meshed),
        "random": (RandomSample(100_000, 7, RANGES, LOG), random_table),
        "sobol": (Sobol(1000, 7, RANGES, LOG), spread(sequence).head(1000)),
        "latin": (LatinHypercube(500, 1, RANGES, LOG), table),
        "alone": (OneAtATime(cell, points=7), alone),
        "table": (TableDesign(table.set_index(table.index + 5)), table),
        "file": (ParquetDesign(path), table),
        "product": (Product(TableDesign(a), TableDesign(b)), a.merge(b, how="cross")),
        "turned": (Product(TableDesign(b), TableDesign(a)), b.merge(a, how="cross")),
        "union": (
            Union(TableDesign(a), TableDesign(b), model=cell),
            pd.concat([a, b], ignore_index=True).fillna(rest),
        ),
    }


NAMES = ["grid", "random", "sobol", "latin", "alone", "table", "file", "product", "turned", "union"]


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_those_of_the_table_made_as_a_whole(pairs, name):
    design, table = pairs[name]
    assert design.columns == tuple(table)
    assert len(design) == len(table)
    pd.testing.assert_frame_equal(whole(design), table, check_exact=True)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_row_does_not_depend_on_how_it_is_asked_for(pairs, name, data):
    design, table = pairs[name]
    start = data.draw(st.integers(0, len(table)))
    stop = data.draw(st.integers(start, len(table)))
    fresh = pickle.loads(pickle.dumps(design)) if data.draw(st.booleans()) else design
    rows = fresh.rows(start, stop)
    assert rows.index.equals(pd.RangeIndex(start, stop))
    pd.testing.assert_frame_equal(
        rows.reset_index(drop=True), table.iloc[start:stop].reset_index(drop=True), check_exact=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_parts_make_up_the_whole(pairs, name):
    design, table = pairs[name]
    size = len(table) // 3 - 1
    found = pd.concat([design.rows(*part) for part in parts(design, size)])
    pd.testing.assert_frame_equal(found, table, check_exact=True, check_index_type=False)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_hold_for_every_row_and_descriptions_survive_json(pairs, name):
    design, table = pairs[name]
    for column, (low, high) in design.bounds().items():
        assert low <= table[column].min()
        assert table[column].max() <= high
    assert json.loads(json.dumps(design.description(), allow_nan=False)) == design.description()
    assert pickle.loads(pickle.dumps(design)).description() == design.description()


def test_descriptions_differ_where_rows_do(cell):
    swapped = dict(reversed(RANGES.items()))
    long = {"P_Na": np.linspace(1, 2, 500)}
    bent = {"P_Na": np.array([*np.linspace(1, 2, 500)[:250], *np.linspace(1.6, 2, 250)])}
    table = grid(P_Na=[1, 2], K_o=[3])
    different = [
        Grid({"P_Na": [1, 2], "K_o": [3, 4]}), Grid({"K_o": [3, 4], "P_Na": [1, 2]}),
        Grid({"P_Na": [2, 1], "K_o": [3, 4]}), Grid(long), Grid(bent),
        RandomSample(9, 1, RANGES), RandomSample(9, 2, RANGES), RandomSample(8, 1, RANGES),
        RandomSample(9, 1, swapped), RandomSample(9, 1, RANGES, LOG), Sobol(9, 1, RANGES),
        LatinHypercube(9, 1, RANGES), TableDesign(table), TableDesign(table[::-1]),
        TableDesign(table[["K_o", "P_Na"]]), TableDesign(table.rename(columns={"K_o": "Na_o"})),
        OneAtATime(cell, ["P_Na"], points=3), OneAtATime(cell, ["P_Na"], points=4),
        OneAtATime(cell.with_values(K_o=7), ["P_Na", "K_o"], points=4),
        OneAtATime(cell, ["P_Na", "K_o"], points=4),
    ]  # fmt: skip
    texts = [json.dumps(design.description(), sort_keys=True) for design in different]
    assert len(set(texts)) == len(texts)


def test_a_file_is_described_as_the_table_in_it(tmp_path):
    table = latin_hypercube(500, seed=1, **RANGES)
    table.to_parquet(tmp_path / "a.parquet", row_group_size=33)
    table.to_parquet(tmp_path / "b.parquet", row_group_size=400)
    descriptions = [ParquetDesign(tmp_path / f"{name}.parquet").description() for name in "ab"]
    assert descriptions == [TableDesign(table).description()] * 2


def test_the_end_of_a_grid_of_a_billion_points_is_at_hand():
    design = Grid(BILLION)
    assert len(design) == 10**9
    start = time.perf_counter()
    rows = design.rows(10**9 - 1000, 10**9)
    assert time.perf_counter() - start < 0.1
    assert (rows.index[0], rows.index[-1]) == (10**9 - 1000, 10**9 - 1)
    places = [int("".join(str(round(9 * v)) for v in row)) for row in rows.to_numpy()]
    assert places == list(range(10**9 - 1000, 10**9))


def test_numbers_of_rows_do_not_overflow():
    axis = np.arange(10**5)
    design = Product(Grid({"a": axis, "b": axis}), Grid({"c": axis}))
    assert len(design) == 10**15
    number = 987_654_321_012_345
    row = design.rows(number, number + 1).iloc[0]
    assert row.tolist() == [98765, 43210, 12345]
    assert RandomSample(10**12, 1, RANGES).rows(10**12 - 5, 10**12).shape == (5, 3)


def test_a_far_stretch_of_a_sobol_sequence_is_still_balanced():
    design = Sobol(2**24, 1, RANGES, LOG)
    share = unit_cube(design.rows(2**24 - 1024, 2**24))
    assert (np.sort(np.floor(share * 1024), axis=0) == np.arange(1024)[:, None]).all()


def test_a_design_is_checked_by_its_bounds(cell):
    check_bounds(cell, RandomSample(10**12, 1, RANGES))
    with pytest.raises(InputError, match=r"'P_Na'.* must be zero or more, not -1"):
        check_bounds(cell, RandomSample(10**12, 1, {"P_Na": (-1, 1)}))
    with pytest.raises(UnknownIdError, match="did you mean 'P_Na'"):
        check_bounds(cell, Grid({"PNa": [1]}))


def test_a_file_that_changes_is_noticed(tmp_path):
    path = tmp_path / "design.parquet"
    grid(P_Na=range(10)).to_parquet(path, row_group_size=5)
    design = ParquetDesign(path)
    grid(P_Na=range(20)).to_parquet(path, row_group_size=5)
    with pytest.raises(InputError, match="has changed"):
        design.rows(0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cell, path: Grid({}), "at least one axis"),
        (lambda cell, path: Grid({f"a{i}": range(10) for i in range(16)}), "points, not"),
        (lambda cell, path: Grid({"P_Na": [1, 1]}), "twice"),
        (lambda cell, path: RandomSample(0, 1, RANGES), "points, not 0"),
        (lambda cell, path: RandomSample(5, -1, RANGES), "seed"),
        (lambda cell, path: RandomSample(5, np.random.default_rng(1), RANGES), "integer"),
        (lambda cell, path: RandomSample(5, 1, {"P_Na": (2, 1)}), "rise"),
        (lambda cell, path: Sobol(2**32 + 1, 1, RANGES), "at most"),
        (lambda cell, path: LatinHypercube(4 * 10**7, 1, RANGES), "a Sobol' design is not"),
        (lambda cell, path: TableDesign(pd.DataFrame()), "no points"),
        (lambda cell, path: TableDesign(pd.DataFrame({"a": [1, None]})), "row 2"),
        (lambda cell, path: TableDesign(pd.DataFrame([[1, 2]], columns=["a", "a"])), "once"),
        (lambda cell, path: Union(), "at least one design"),
        (lambda cell, path: Union(Grid({"a": [1]}), Grid({"b": [1]})), "model"),
        (lambda cell, path: Product(Grid({"a": [1]}), Grid({"a": [1]})), "both"),
        (lambda cell, path: whole(Grid(BILLION)), "too large"),
        (lambda cell, path: Grid({"a": [1, 2]}).rows(1, 3), "no rows"),
        (lambda cell, path: Grid({"a": [1, 2]}).rows(-1, 1), "no rows"),
        (lambda cell, path: list(parts(Grid({"a": [1, 2]}), 0)), "at least one row"),
        (lambda cell, path: ParquetDesign(path / "none.parquet"), "no such file"),
        (lambda cell, path: ParquetDesign(path / "text.parquet"), "cannot|not a table"),
        (lambda cell, path: ParquetDesign(path / "nan.parquet"), "row 71 of .*'P_Na'.*finite"),
        (lambda cell, path: ParquetDesign(path / "empty.parquet"), "no points"),
        (lambda cell, path: ParquetDesign(path / "words.parquet"), "finite number, not much"),
        (lambda cell, path: ParquetDesign(path / "lists.parquet"), "finite number"),
    ],
)
def test_designs_that_cannot_be_are_refused(cell, tmp_path, make, message):
    (tmp_path / "text.parquet").write_text("hello")
    spoilt = pd.DataFrame({"P_Na": np.arange(100.0)})
    spoilt.loc[70, "P_Na"] = np.nan
    spoilt.to_parquet(tmp_path / "nan.parquet", row_group_size=40)
    pd.DataFrame({"P_Na": []}).to_parquet(tmp_path / "empty.parquet")
    pd.DataFrame({"P_Na": ["much"]}).to_parquet(tmp_path / "words.parquet")
    pd.DataFrame({"P_Na": [[1, 2]]}).to_parquet(tmp_path / "lists.parquet")
    with pytest.raises(InputError, match=message) as error:
        make(cell, tmp_path)
    assert "\n" not in str(error.value)


def test_a_table_becomes_a_design_and_a_design_stays():
    table = grid(P_Na=[1, 2])
    design = as_design(table)
    pd.testing.assert_frame_equal(whole(design), table)
    assert as_design(design) is design
