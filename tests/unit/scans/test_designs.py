"""Designs cover what they promise, lazy ones have the same rows, and bad ones are refused."""

from __future__ import annotations

import json
import pickle
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import qmc

from transport_model import load_model
from transport_model.analyses.cli.designs_in_words import DesignInWords
from transport_model.analyses.scans.designs import designs
from transport_model.analyses.scans.designs.axes import (
    BLOCK,
    in_unit,
    linear,
    logarithmic,
    relative,
)
from transport_model.analyses.scans.designs.combinations import LazyProduct, LazyUnion
from transport_model.analyses.scans.designs.designs import (
    from_file,
    grid,
    latin_hypercube,
    one_at_a_time,
    product,
    provenance_ranges,
    sobol,
    union,
)
from transport_model.analyses.scans.designs.files import LazyFile, LazyTable, as_design
from transport_model.analyses.scans.designs.lazy_designs import (
    LazyGrid,
    LazyLatinHypercube,
    LazyOneAtATime,
    LazySample,
    LazySobol,
    check_bounds,
    parts,
    whole,
)
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


# --- axes


def test_axes_have_both_ends_and_even_steps():
    assert linear(0.5, 2.5, 5) == pytest.approx([0.5, 1, 1.5, 2, 2.5], rel=1e-15)
    assert logarithmic(0.01, 100, 5) == pytest.approx([0.01, 0.1, 1, 10, 100], rel=1e-14)
    assert linear(3, 3, 1).tolist() == [3]


def test_a_relative_axis_multiplies_the_models_value(cell):
    value = cell.quantities["P_Na"].value
    assert relative(cell, "P_Na", 0.5, 2, 4) == pytest.approx(value * np.linspace(0.5, 2, 4))
    halves = relative(cell.with_values(P_Na=1.0), "P_Na", 0.25, 4, 5, log=True)
    assert halves == pytest.approx([0.25, 0.5, 1, 2, 4], rel=1e-14)


def test_units_are_converted_to_the_models(cell):
    assert in_unit(cell, "Na_o", [0.1, 0.15], "mol/L") == pytest.approx([100, 150])
    assert in_unit(cell, "T", (20, 37), "degC") == pytest.approx([293.15, 310.15])
    assert in_unit(cell, "Na_o", iter([1.0]), "mM").tolist() == [1.0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cell: linear(2, 1, 5), "rise from low to high"),
        (lambda cell: linear(float("nan"), 1, 5), "rise from low to high"),
        (lambda cell: linear(-1e308, 1e308, 5), "rise from low to high"),
        (lambda cell: linear(1, 2, 0), "1 to"),
        (lambda cell: linear(1, 2, 1), "different values"),
        (lambda cell: linear(1, 1, 2), "different values"),
        (lambda cell: logarithmic(0, 1, 5), "no logarithm"),
        (lambda cell: relative(cell, "ouabain", 0.5, 2, 3), "'ouabain' is 0"),
        (lambda cell: relative(cell, "PNa", 0.5, 2, 3), "did you mean 'P_Na'"),
        (lambda cell: relative(cell, "V_m", 0.5, 2, 3), "V_m"),
        (lambda cell: relative(cell, "P_Na", -1, 2, 3, log=True), "no logarithm"),
        (lambda cell: in_unit(cell, "Na_o", [1], "mV"), "does not convert"),
        (lambda cell: in_unit(cell, "Na_o", [1], "zorkmid"), "not a unit"),
        (lambda cell: in_unit(cell, "Natrium", [1], "mM"), "Natrium"),
    ],
)
def test_axes_that_cannot_be_are_refused(cell, make, message):
    with pytest.raises(InputError, match=message) as error:
        make(cell)
    assert "\n" not in str(error.value)


# --- tables


def test_every_cut_of_a_latin_hypercube_is_used_once():
    table = latin_hypercube(200, seed=3, log=LOG, **RANGES)
    cuts = np.sort(np.floor(unit_cube(table) * 200), axis=0)
    assert (cuts == np.arange(200)[:, None]).all()


def test_sobol_points_are_more_even_than_random_ones():
    even = qmc.discrepancy(unit_cube(sobol(1024, seed=1, log=LOG, **RANGES)))
    rough = [
        qmc.discrepancy(unit_cube(designs.random(1024, seed=s, log=LOG, **RANGES)))
        for s in range(5)
    ]
    assert even < min(rough) / 10


def test_a_sobol_sequence_is_balanced_in_every_power_of_two():
    share = unit_cube(sobol(256, seed=5, log=LOG, **RANGES))
    assert (np.sort(np.floor(share * 256), axis=0) == np.arange(256)[:, None]).all()


@pytest.mark.parametrize("make", [sobol, designs.random])
def test_more_points_continue_the_fewer(make):
    many = make(1000, seed=4, log=LOG, **RANGES)
    pd.testing.assert_frame_equal(many.head(37), make(37, seed=4, log=LOG, **RANGES))
    assert not many.equals(make(1000, seed=5, log=LOG, **RANGES))


def test_random_points_are_uniform_and_independent():
    share = unit_cube(designs.random(4 * BLOCK, seed=2, log=LOG, **RANGES))
    error = 1 / np.sqrt(12 * len(share))
    assert share.mean(axis=0) == pytest.approx(0.5, abs=5 * error)
    blocks = share[:, 0].reshape(4, BLOCK)
    off_diagonal = np.corrcoef(np.vstack([share[:BLOCK].T, blocks[1:]])) - np.eye(6)
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(BLOCK)


def test_one_at_a_time_leaves_all_others_at_rest(cell):
    ranges = provenance_ranges(cell)
    table = one_at_a_time(cell, points=5)
    assert list(table) == list(ranges)
    assert len(table) == 5 * len(ranges)
    rest = pd.Series({name: cell.quantities[name].value for name in ranges})
    for number, name in enumerate(ranges):
        own = table.iloc[5 * number : 5 * number + 5]
        assert own[name].tolist() == np.linspace(*ranges[name], 5).tolist()
        assert (own.drop(columns=name) == rest.drop(name)).all(axis=None)


def test_one_at_a_time_of_chosen_quantities(cell):
    changed = cell.with_values(Glc_o=7)
    table = one_at_a_time(changed, {"P_Na": (1e-4, 1e-2), "Glc_o": (1, 3)}, points=3, log=LOG)
    assert table["P_Na"].tolist()[:3] == pytest.approx([1e-4, 1e-3, 1e-2])
    assert table["Glc_o"].tolist() == [7, 7, 7, 1, 2, 3]
    assert list(one_at_a_time(cell, "K_o", points=2)["K_o"]) == [2.5, 8.0]


def test_a_product_holds_every_pair_and_a_grid_is_one():
    a, b = grid(P_Na=[1, 2, 3]), grid(Glc_o=[4, 5], K_o=[6, 7])
    table = product(a, b)
    pd.testing.assert_frame_equal(table, grid(P_Na=[1, 2, 3], Glc_o=[4, 5], K_o=[6, 7]))
    shuffled = product(a.set_index(pd.Index([9, 9, 1])), b)
    pd.testing.assert_frame_equal(shuffled, table)


def test_a_union_fills_in_the_models_values(cell):
    table = union(grid(P_Na=[1, 2]), grid(Glc_o=[3, 4, 5]), cell)
    assert len(table) == 5
    assert table["P_Na"].tolist() == [1, 2, *[cell.quantities["P_Na"].value] * 3]
    assert table["Glc_o"].tolist() == [*[cell.quantities["Glc_o"].value] * 2, 3, 4, 5]
    same = union(grid(P_Na=[1, 2], K_o=[3]), grid(K_o=[5], P_Na=[1]))
    assert same.to_numpy().tolist() == [[1, 3], [2, 3], [1, 5]]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_design_from_a_file(tmp_path, suffix):
    table = grid(P_Na=[0.001, 0.002], Glc_o=[1 / 3, 2])
    path = tmp_path / f"design{suffix}"
    table.to_csv(path, index=False) if suffix == ".csv" else table.to_parquet(path)
    pd.testing.assert_frame_equal(from_file(path), table)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("P_Na\n", "no points"),
        ("P_Na,P_Na\n1,2\n", "'P_Na' occurs more than once"),
        ("P_Na,K_o\n1,2\n1,\n", "row 2 of .*'K_o' must be a finite number"),
        ("P_Na\ninf\n", "row 1 of .*'P_Na' must be a finite number, not inf"),
        ("P_Na\nmuch\n", "row 1 of .*finite number, not much"),
    ],
)
def test_files_that_are_no_design_are_refused(tmp_path, text, message):
    path = tmp_path / "design.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        from_file(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("make", [latin_hypercube, sobol, designs.random])
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"P_Na": (2, 1)}, "rise from low to high"),
        ({"P_Na": (1, 1)}, "rise from low to high"),
        ({"P_Na": (1, float("nan"))}, "rise from low to high"),
        ({"P_Na": (-1e308, 1e308)}, "rise from low to high"),
        ({"P_Na": (1, 2, 3)}, r"must be \(low, high\)"),
        ({"P_Na": 3}, r"must be \(low, high\)"),
        ({"P_Na": (0, 1), "log": ["P_Na"]}, "no logarithm"),
        ({"log": ["PNa"]}, "did you mean 'P_Na'"),
        ({"points": 0}, "1 to"),
        ({"points": 10**9}, "1 to"),
        ({"points": 10.5}, "1 to"),
        ({"seed": -1}, "seed"),
        ({"seed": 0.5}, "seed"),
    ],
)
def test_samples_that_cannot_be_are_refused(make, changed, message):
    with pytest.raises(InputError, match=message) as error:
        make(**{"points": 8, "seed": 1, "P_Na": (1, 2), **changed})
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("make", [latin_hypercube, sobol, designs.random])
def test_samples_need_a_range(make):
    with pytest.raises(InputError, match="at least one range"):
        make(8, seed=1)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cell: grid(), "at least one axis"),
        (lambda cell: grid(P_Na=[]), "at least one value"),
        (lambda cell: grid(P_Na=[[1, 2]]), "at least one value"),
        (lambda cell: grid(P_Na=[1, float("nan")]), "not finite"),
        (lambda cell: grid(P_Na=[1, 2, 1]), "holds 1 twice"),
        (lambda cell: grid(P_Na=["much"]), "needs numbers"),
        (lambda cell: grid(**BILLION), "too large"),
        (lambda cell: product(grid(P_Na=1), grid(P_Na=2)), "both designs .* 'P_Na'"),
        (lambda cell: product(grid(P_Na=range(10**4)), grid(K_o=range(10**4))), "too large"),
        (lambda cell: product(grid(P_Na=1), pd.DataFrame({"K_o": []})), "no points"),
        (lambda cell: union(grid(P_Na=1), grid(K_o=1)), "give the model"),
        (lambda cell: union(grid(P_Na=1), grid(V_m=1), cell), "V_m"),
        (lambda cell: union(grid(P_Na=1), grid(PNa=1), cell), "did you mean"),
        (lambda cell: one_at_a_time(cell, ["PNa"]), "did you mean"),
        (lambda cell: one_at_a_time(cell, {"V_m": (1, 2)}), "V_m"),
        (lambda cell: one_at_a_time(cell, {"P_Na": (2, 1)}), "rise"),
        (lambda cell: one_at_a_time(cell, {}), "at least one range"),
        (lambda cell: one_at_a_time(cell, ["P_Na"], points=1), "different values"),
        (lambda cell: one_at_a_time(cell, points=10**7), "too large"),
    ],
)
def test_tables_that_cannot_be_are_refused(cell, make, message):
    with pytest.raises(InputError, match=message) as error:
        make(cell)
    assert "\n" not in str(error.value)


# --- lazy designs


@pytest.fixture(scope="module")
def pairs(cell, tmp_path_factory):
    """Lazy designs by name, each with the table that holds the same rows."""
    points = 3 * BLOCK // 2
    table = latin_hypercube(500, seed=1, log=LOG, **RANGES)
    path = tmp_path_factory.mktemp("designs") / "design.parquet"
    table.rename_axis("point").to_parquet(path, index=True, row_group_size=70)
    axes = {"P_Na": [3, 1, 2], "Glc_o": np.linspace(0, 1, 50), "z_X": [-1, 0, 5, 7]}
    a, b = grid(K_o=[1, 2, 3, 4, 5]), table[["P_Na", "z_X"]]
    return {
        "grid": (LazyGrid(axes), grid(**axes)),
        "random": (
            LazySample(points, 7, RANGES, LOG),
            designs.random(points, seed=7, log=LOG, **RANGES),
        ),
        "sobol": (LazySobol(1000, 7, RANGES, LOG), sobol(1000, seed=7, log=LOG, **RANGES)),
        "latin": (LazyLatinHypercube(500, 1, RANGES, LOG), table),
        "alone": (LazyOneAtATime(cell, points=7), one_at_a_time(cell, points=7)),
        "table": (LazyTable(table.set_index(table.index + 5)), table),
        "file": (LazyFile(path), table),
        "product": (LazyProduct(LazyTable(a), LazyTable(b)), product(a, b)),
        "turned": (LazyProduct(LazyTable(b), LazyTable(a)), product(b, a)),
        "union": (
            LazyUnion(LazyTable(a), LazyTable(b), model=cell),
            union(a, b, cell),
        ),
    }


NAMES = ["grid", "random", "sobol", "latin", "alone", "table", "file", "product", "turned", "union"]


@pytest.mark.parametrize("name", NAMES)
def test_lazy_rows_are_those_of_the_table(pairs, name):
    lazy, table = pairs[name]
    assert lazy.columns == tuple(table)
    assert len(lazy) == len(table)
    pd.testing.assert_frame_equal(whole(lazy), table, check_exact=True)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_a_row_does_not_depend_on_how_it_is_asked_for(pairs, name, data):
    lazy, table = pairs[name]
    start = data.draw(st.integers(0, len(table)))
    stop = data.draw(st.integers(start, len(table)))
    fresh = pickle.loads(pickle.dumps(lazy)) if data.draw(st.booleans()) else lazy
    rows = fresh.rows(start, stop)
    assert rows.index.equals(pd.RangeIndex(start, stop))
    pd.testing.assert_frame_equal(
        rows.reset_index(drop=True), table.iloc[start:stop].reset_index(drop=True), check_exact=True
    )


@pytest.mark.parametrize("name", NAMES)
def test_parts_make_up_the_whole(pairs, name):
    lazy, table = pairs[name]
    size = len(table) // 3 - 1
    found = pd.concat([lazy.rows(*part) for part in parts(lazy, size)])
    pd.testing.assert_frame_equal(found, table, check_exact=True, check_index_type=False)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_hold_for_every_row_and_descriptions_survive_json(pairs, name):
    lazy, table = pairs[name]
    for column, (low, high) in lazy.bounds().items():
        assert low <= table[column].min()
        assert table[column].max() <= high
    assert json.loads(json.dumps(lazy.description(), allow_nan=False)) == lazy.description()
    assert pickle.loads(pickle.dumps(lazy)).description() == lazy.description()


def test_descriptions_differ_where_rows_do(cell):
    swapped = dict(reversed(RANGES.items()))
    long = {"P_Na": np.linspace(1, 2, 500)}
    bent = {"P_Na": np.array([*np.linspace(1, 2, 500)[:250], *np.linspace(1.6, 2, 250)])}
    table = grid(P_Na=[1, 2], K_o=[3])
    different = [
        LazyGrid({"P_Na": [1, 2], "K_o": [3, 4]}), LazyGrid({"K_o": [3, 4], "P_Na": [1, 2]}),
        LazyGrid({"P_Na": [2, 1], "K_o": [3, 4]}), LazyGrid(long), LazyGrid(bent),
        LazySample(9, 1, RANGES), LazySample(9, 2, RANGES), LazySample(8, 1, RANGES),
        LazySample(9, 1, swapped), LazySample(9, 1, RANGES, LOG), LazySobol(9, 1, RANGES),
        LazyLatinHypercube(9, 1, RANGES), LazyTable(table), LazyTable(table[::-1]),
        LazyTable(table[["K_o", "P_Na"]]), LazyTable(table.rename(columns={"K_o": "Na_o"})),
        LazyOneAtATime(cell, ["P_Na"], points=3), LazyOneAtATime(cell, ["P_Na"], points=4),
        LazyOneAtATime(cell.with_values(K_o=7), ["P_Na", "K_o"], points=4),
        LazyOneAtATime(cell, ["P_Na", "K_o"], points=4),
    ]  # fmt: skip
    texts = [json.dumps(design.description(), sort_keys=True) for design in different]
    assert len(set(texts)) == len(texts)


def test_a_file_is_described_as_the_table_in_it(tmp_path):
    table = latin_hypercube(500, seed=1, **RANGES)
    table.to_parquet(tmp_path / "a.parquet", row_group_size=33)
    table.to_parquet(tmp_path / "b.parquet", row_group_size=400)
    descriptions = [LazyFile(tmp_path / f"{name}.parquet").description() for name in "ab"]
    assert descriptions == [LazyTable(table).description()] * 2


def test_the_end_of_a_grid_of_a_billion_points_is_at_hand():
    design = LazyGrid(BILLION)
    assert len(design) == 10**9
    start = time.perf_counter()
    rows = design.rows(10**9 - 1000, 10**9)
    assert time.perf_counter() - start < 0.1
    assert (rows.index[0], rows.index[-1]) == (10**9 - 1000, 10**9 - 1)
    places = [int("".join(str(round(9 * v)) for v in row)) for row in rows.to_numpy()]
    assert places == list(range(10**9 - 1000, 10**9))


def test_numbers_of_rows_do_not_overflow():
    axis = np.arange(10**5)
    design = LazyProduct(LazyGrid({"a": axis, "b": axis}), LazyGrid({"c": axis}))
    assert len(design) == 10**15
    number = 987_654_321_012_345
    row = design.rows(number, number + 1).iloc[0]
    assert row.tolist() == [98765, 43210, 12345]
    assert LazySample(10**12, 1, RANGES).rows(10**12 - 5, 10**12).shape == (5, 3)


def test_a_far_stretch_of_a_sobol_sequence_is_still_balanced():
    design = LazySobol(2**24, 1, RANGES, LOG)
    share = unit_cube(design.rows(2**24 - 1024, 2**24))
    assert (np.sort(np.floor(share * 1024), axis=0) == np.arange(1024)[:, None]).all()


def test_a_lazy_design_is_checked_by_its_bounds(cell):
    check_bounds(cell, LazySample(10**12, 1, RANGES))
    with pytest.raises(InputError, match=r"'P_Na'.* must be zero or more, not -1"):
        check_bounds(cell, LazySample(10**12, 1, {"P_Na": (-1, 1)}))
    with pytest.raises(UnknownIdError, match="did you mean 'P_Na'"):
        check_bounds(cell, LazyGrid({"PNa": [1]}))


def test_a_file_that_changes_is_noticed(tmp_path):
    path = tmp_path / "design.parquet"
    grid(P_Na=range(10)).to_parquet(path, row_group_size=5)
    design = LazyFile(path)
    grid(P_Na=range(20)).to_parquet(path, row_group_size=5)
    with pytest.raises(InputError, match="has changed"):
        design.rows(0, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda cell, path: LazyGrid({}), "at least one axis"),
        (lambda cell, path: LazyGrid({f"a{i}": range(10) for i in range(16)}), "points, not"),
        (lambda cell, path: LazyGrid({"P_Na": [1, 1]}), "twice"),
        (lambda cell, path: LazySample(0, 1, RANGES), "points, not 0"),
        (lambda cell, path: LazySample(5, -1, RANGES), "seed"),
        (lambda cell, path: LazySample(5, np.random.default_rng(1), RANGES), "integer"),
        (lambda cell, path: LazySample(5, 1, {"P_Na": (2, 1)}), "rise"),
        (lambda cell, path: LazySobol(2**32 + 1, 1, RANGES), "at most"),
        (lambda cell, path: LazyLatinHypercube(4 * 10**7, 1, RANGES), "a Sobol' design is not"),
        (lambda cell, path: LazyTable(pd.DataFrame()), "no points"),
        (lambda cell, path: LazyTable(pd.DataFrame({"a": [1, None]})), "row 2"),
        (lambda cell, path: LazyTable(pd.DataFrame([[1, 2]], columns=["a", "a"])), "once"),
        (lambda cell, path: LazyUnion(), "at least one design"),
        (lambda cell, path: LazyUnion(LazyGrid({"a": [1]}), LazyGrid({"b": [1]})), "model"),
        (lambda cell, path: LazyProduct(LazyGrid({"a": [1]}), LazyGrid({"a": [1]})), "both"),
        (lambda cell, path: whole(LazyGrid(BILLION)), "too large"),
        (lambda cell, path: LazyGrid({"a": [1, 2]}).rows(1, 3), "no rows"),
        (lambda cell, path: LazyGrid({"a": [1, 2]}).rows(-1, 1), "no rows"),
        (lambda cell, path: list(parts(LazyGrid({"a": [1, 2]}), 0)), "at least one row"),
        (lambda cell, path: LazyFile(path / "none.parquet"), "no such file"),
        (lambda cell, path: LazyFile(path / "text.parquet"), "cannot|not a table"),
        (lambda cell, path: LazyFile(path / "nan.parquet"), "row 71 of .*'P_Na'.*finite"),
        (lambda cell, path: LazyFile(path / "empty.parquet"), "no points"),
        (lambda cell, path: LazyFile(path / "words.parquet"), "finite number, not much"),
        (lambda cell, path: LazyFile(path / "lists.parquet"), "finite number"),
    ],
)
def test_lazy_designs_that_cannot_be_are_refused(cell, tmp_path, make, message):
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


def test_a_table_becomes_a_lazy_design_and_a_lazy_one_stays():
    table = grid(P_Na=[1, 2])
    lazy = as_design(table)
    pd.testing.assert_frame_equal(whole(lazy), table)
    assert as_design(lazy) is lazy


# --- the words of the command line


def described(cell, **options):
    """What both readers of the options make of them, which must agree."""
    words = DesignInWords(**options)
    table = words.table(cell)
    pd.testing.assert_frame_equal(whole(words.lazy(cell)), table)
    return table


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Glc_o=0.1, 1, 10", [0.1, 1, 10]),
        ("Glc_o=5", [5]),
        ("Glc_o=1:3:3", [1, 2, 3]),
        ("Glc_o=0.1:10:3:log", [0.1, 1, 10]),
        ("Na_o=0.05:0.15:3 mol/L", [50, 100, 150]),
        ("Na_o=0.05,0.15 mol/L", [50, 150]),
        ("Na_o=0.001:0.1:3:log mol/L", [1, 10, 100]),
        ("T=20:37:2 degC", [293.15, 310.15]),
        ("z_X=-1.3:-1:2", [-1.3, -1]),
        ("K_o=0.5:2:4:relative", [2, 4, 6, 8]),
        ("K_o=0.25:4:3:relative-log", [1, 4, 16]),
        ("K_o=0.5,2:relative", [2, 8]),
        ("z_X=1:2:2:relative", [-1.12, -2.24]),
    ],
)
def test_axes_in_words(cell, text, expected):
    table = described(cell.with_values(K_o=4), vary=[text])
    assert table[text.partition("=")[0]].tolist() == pytest.approx(expected, rel=1e-12)


def test_samples_in_words(cell):
    ranges = ["P_Na=1e-4:1e-2:log", "Na_o=0.1:0.15 mol/L", "K_o=0.5:2:relative"]
    bounds = {"P_Na": (1e-4, 1e-2), "Na_o": (100.0, 150.0), "K_o": (2.0, 8.0)}
    cell = cell.with_values(K_o=4)
    for option, make in {
        "sample": latin_hypercube,
        "random": designs.random,
        "sobol": sobol,
    }.items():
        table = described(cell, ranges=ranges, seed=3, **{option: 20})
        pd.testing.assert_frame_equal(table, make(20, seed=3, log=LOG, **bounds))
    table = described(cell, ranges=ranges, one_at_a_time=4)
    pd.testing.assert_frame_equal(table, one_at_a_time(cell, bounds, points=4, log=LOG))
    assert list(described(cell, sobol=4)) == list(provenance_ranges(cell))


def test_files_in_words(cell, tmp_path):
    table = grid(P_Na=[0.001, 0.002], K_o=[3])
    table.to_csv(tmp_path / "design.csv", index=False)
    table.to_parquet(tmp_path / "design.parquet")
    for suffix in (".csv", ".parquet"):
        found = described(cell, design=tmp_path / f"design{suffix}")
        pd.testing.assert_frame_equal(found, table)


def test_only_lazy_designs_may_be_larger_than_memory(cell):
    axes = [f"{name}=0.001:1:10000" for name in ("P_Na", "P_K", "P_Cl")]
    assert len(DesignInWords(axes).lazy(cell)) == 10**12
    with pytest.raises(InputError, match="too large"):
        DesignInWords(axes).table(cell)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "name the points"),
        ({"sample": 3, "sobol": 3}, "name the points"),
        ({"vary": ["K_o=1"], "random": 3}, "name the points"),
        ({"vary": ["K_o=1"], "ranges": ["P_Na=1:2"]}, "--range goes with"),
        ({"vary": ["K_o"]}, "ID=VALUE"),
        ({"vary": ["K_o=1", "K_o=2"]}, "twice"),
        ({"vary": ["K_o=1,1"]}, "twice"),
        ({"vary": ["K_o=3:1:5"]}, "rise"),
        ({"vary": ["K_o=0:1:5:log"]}, "no logarithm"),
        ({"vary": ["K_o=1:2:5:cubic"]}, "low:high:count"),
        ({"vary": ["K_o=1:2"]}, "low:high:count"),
        ({"vary": ["K_o=1:2:x"]}, "low:high:count"),
        ({"vary": ["K_o=1:2:999999999999"]}, "1 to"),
        ({"vary": ["K_o=1:2:" + "9" * 5000]}, "K_o"),
        ({"vary": ["K_o=1:2:5 mV"]}, "does not convert"),
        ({"vary": ["K_o=1:2:5 zorkmid"]}, "not a unit"),
        ({"vary": ["K_o=1 mM:2 mM:5"]}, "'1 mM' is not a number"),
        ({"vary": ["K_o=1:2:5:relative mM"]}, "no unit"),
        ({"vary": ["K_o=1,,2"]}, "'' is not a number"),
        ({"vary": ["K_o=nan"]}, "finite"),
        ({"vary": ["ouabain=1:2:5:relative"]}, "'ouabain' is 0"),
        ({"vary": ["KO=1:2:5:relative"]}, "did you mean"),
        ({"vary": ["KO=1:2:5 mM"]}, "did you mean"),
        ({"vary": ["P_Na=-1:2:5"]}, "zero or more"),
        ({"sample": 3, "ranges": ["P_Na=2:1"]}, "rise"),
        ({"sample": 3, "ranges": ["P_Na=0:1:log"]}, "no logarithm"),
        ({"sample": 3, "ranges": ["P_Na=1"]}, "low:high"),
        ({"sample": 3, "ranges": ["P_Na=1:2:3"]}, "low:high"),
        ({"sample": 3, "ranges": ["P_Na=1:2", "P_Na=1:2"]}, "twice"),
        ({"sample": 3, "ranges": ["seed=1:2"]}, "no quantity 'seed'"),
        ({"sample": 0}, "not 0"),
        ({"random": 0}, "not 0"),
        ({"sobol": -1}, "not -1"),
        ({"one_at_a_time": 1}, "different values"),
        ({"sobol": 3, "seed": -1}, "seed"),
    ],
)
@pytest.mark.parametrize("read", [DesignInWords.table, DesignInWords.lazy])
def test_words_that_make_no_design_are_refused(cell, read, options, message):
    with pytest.raises(InputError, match=message) as error:
        read(DesignInWords(**options), cell)
    assert "\n" not in str(error.value)


def test_a_model_without_units_takes_plain_numbers(tmp_path):
    path = tmp_path / "plain.ant"
    path.write_text("model m\n S -> ; k*S\n k = 2; S = 1\nend\n")
    model = load_model(path)
    assert described(model, vary=["k=0.5:2:2:relative"])["k"].tolist() == [1, 4]
    with pytest.raises(InputError, match="no unit"):
        described(model, vary=["k=1:2:5 1/s"])
    with pytest.raises(InputError, match="at least one range"):
        described(model, sobol=5)
