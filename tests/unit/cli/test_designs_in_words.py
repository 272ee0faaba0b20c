"""The words of the command line become designs, or are refused."""

from __future__ import annotations

import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.cli.designs_in_words import DesignInWords
from transport_model.analyses.scans.designs import designs
from transport_model.analyses.scans.designs.base import whole
from transport_model.analyses.scans.designs.designs import (
    grid,
    latin_hypercube,
    one_at_a_time,
    provenance_ranges,
    sobol,
)
from transport_model.errors import InputError

LOG = ["P_Na"]


def described(cell, **options):
    """What both readers of the options make of them, which must agree."""
    words = DesignInWords(**options)
    table = words.table(cell)
    pd.testing.assert_frame_equal(whole(words.points(cell)), table)
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
        ("Glc_o=500 umol/L,1 mM,0.005 mol/L", [0.5, 1, 5]),
        ("Glc_o=500uM,5000uM", [0.5, 5]),
        ("Glc_o=2 mmol/L", [2]),
        ("Glc_o=0.1 mM:0.01 mol/L:3:log", [0.1, 1, 10]),
        ("Glc_o=1000:3000 uM:3", [1, 2, 3]),
        ("Glc_o=1000:3000:3 uM:log", [1, 3**0.5, 3]),
        ("T=20 degC:37 degC:2", [293.15, 310.15]),
        ("z_X=-1.3:-1:2", [-1.3, -1]),
        ("K_o=0.5:2:4:relative", [2, 4, 6, 8]),
        ("K_o=0.25:4:3:relative-log", [1, 4, 16]),
        ("K_o=0.5,2:relative", [2, 8]),
        ("z_X=1:2:2:relative", [-1.12, -2.24]),
    ],
)
def test_axes_in_words(cell, text, expected):
    table = described(cell.with_values(K_o=4, z_X=-1.12), vary=[text])
    assert table[text.partition("=")[0]].tolist() == pytest.approx(expected, rel=1e-12)


def test_samples_in_words(cell):
    ranges = ["P_Na=1e-4:1e-2:log", "Na_o=100 mM:0.15 mol/L", "K_o=0.5:2:relative"]
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


def test_only_designs_in_parts_may_be_larger_than_memory(cell):
    axes = [f"{name}=0.001:1:10000" for name in ("P_Na", "P_K", "P_Cl")]
    assert len(DesignInWords(axes).points(cell)) == 10**12
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
        ({"vary": ["K_o=1 mM:2 mV:5"]}, "K_o=1 mM:2 mV:5: the unit 'mV' does not convert"),
        ({"vary": ["K_o=1 mM:2:5"]}, "a unit follows each number, or all of them once"),
        ({"vary": ["K_o=1 mM:2 mM:5 mM"]}, "a unit follows each number, or all of them once"),
        ({"vary": ["K_o=1 mM,2,3 mM"]}, "a unit follows each number, or all of them once"),
        ({"vary": ["K_o=1 mM,2"]}, "a unit follows each number, or all of them once"),
        ({"vary": ["K_o=0.5 mM,2 mM:relative"]}, "no unit"),
        ({"vary": ["K_o=3 mM:0.001 mol/L:5"]}, "rise"),
        ({"vary": ["K_o=1:2 mM:5 mM:log"]}, "a unit follows each number, or all of them once"),
        ({"vary": ["Na_o=-1 mM,2 mM"]}, "zero or more"),
        ({"vary": ["K_o=1 mM,2 mV"]}, "--vary K_o=1 mM,2 mV: the unit 'mV' does not convert"),
        ({"vary": ["z_X=-1 1,mM"]}, "'mM' is not a number"),
        ({"sample": 3, "ranges": ["K_o=0.002 mol/L:1 mM"]}, "rise"),
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
@pytest.mark.parametrize("read", [DesignInWords.table, DesignInWords.points])
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
