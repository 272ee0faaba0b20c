"""Designs as tables cover what they promise, and bad ones are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import qmc

from transport_model.analyses.scans.designs import designs
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
from transport_model.errors import InputError

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
    share = unit_cube(designs.random(200_000, seed=2, log=LOG, **RANGES))
    error = 1 / np.sqrt(12 * len(share))
    assert share.mean(axis=0) == pytest.approx(0.5, abs=5 * error)
    off_diagonal = np.corrcoef(np.vstack([share[1:].T, share[:-1].T])) - np.eye(6)
    assert np.abs(off_diagonal).max() < 5 / np.sqrt(len(share))


@pytest.mark.parametrize("make", [latin_hypercube, sobol, designs.random])
def test_a_generator_draws_what_its_seed_does(make):
    generator = np.random.default_rng(8)
    first = make(100, seed=generator, **RANGES)
    pd.testing.assert_frame_equal(first, make(100, seed=8, **RANGES), check_exact=True)
    assert not first.equals(make(100, seed=generator, **RANGES))


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
        ({"points": 10**9}, "1 to|too large"),
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
