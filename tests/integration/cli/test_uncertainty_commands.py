"""The commands that ask what controls a result and how sure it is: words, files, refusals."""

from __future__ import annotations

import pandas as pd
import pytest

from transport_model import known_ranges, load_model, propagate_uncertainty, scan_answers

POOL = "model pool\n -> A; k\n A -> ; d*A\n A = 0; k = 2; d = 0.5\n half := k/2\nend\n"


@pytest.fixture
def pool(tmp_path):
    (tmp_path / "pool.ant").write_text(POOL)
    return ("--model", tmp_path / "pool.ant")


@pytest.mark.parametrize(
    ("method", "indices"),
    [("sobol", {"S1", "ST"}), ("morris", {"mu_star", "mu", "sigma"}), ("pawn", {"pawn"}),
     ("rank", {"rho", "prcc"})],
)  # fmt: skip
def test_every_method_writes_its_indices_and_a_figure(command, pool, tmp_path, method, indices):
    out, figure = tmp_path / "indices.csv", tmp_path / "indices.svg"
    result = command("sensitivity", *pool, "--method", method, "--within", "2", "--output", "A",
                     "--budget", "3000", "--width", "0.2", "--out", out,
                     "--plot", figure)  # fmt: skip
    assert result.code == 0, result.err
    table = pd.read_csv(out)
    assert set(table["index"]) == indices
    assert {"k", "d"} <= set(table["input"])
    assert (table["low"] <= table["high"]).all()
    assert figure.read_bytes().startswith(b"<?xml")
    assert "widest interval" in result.err


def test_quantiles_and_probabilities_are_those_of_python(command, tmp_path):
    out = tmp_path / "quantiles.csv"
    result = command("uncertainty", "--output", "V_m", "--sample", "30", "--that", "V_m < -50",
                     "--out", out)  # fmt: skip
    assert result.code == 0, result.err
    cell = load_model("cell")
    found = propagate_uncertainty(scan_answers(cell, ["V_m"]), known_ranges(cell), points=30,
                                  conditions=["V_m < -50"])  # fmt: skip
    assert pd.read_csv(out)["value"].to_numpy() == pytest.approx(found.quantiles["value"])
    assert f"V_m < -50: probability {found.probabilities['probability'][0]:.3f}" in result.err


def test_bands_and_claims_go_into_files(command, pool, tmp_path):
    bands = tmp_path / "bands.csv"
    result = command("uncertainty", *pool, "--input", "k=uniform:1:3", "--along", "--end", "4",
                     "--output", "A", "--sample", "10", "--out", bands, "--plot",
                     tmp_path / "bands.svg")  # fmt: skip
    assert result.code == 0, result.err
    assert pd.read_csv(bands)["time"].max() == 4
    claims = tmp_path / "claims.csv"
    result = command("uncertainty", "--input", "P_Na=9e-4:1.1e-3", "--experiment", "secondary",
                     "--sample", "2", "--out", claims)  # fmt: skip
    assert result.code == 0, result.err
    assert pd.read_csv(claims)["probability"].between(0, 1).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sensitivity", "--width", "0.1"), "--width goes with --method"),
        (("sensitivity", "--method", "sobol", "--parameter", "P_Na"), "name an uncertain --input"),
        (("sensitivity", "--method", "rank", "--pairs"), "--pairs goes with --method sobol"),
        (("sensitivity", "--method", "sobol", "--budget", "100"), "takes at least"),
        (("sensitivity", "--method", "sobol", "--width", "2"), "between 0 and 1"),
        (("sensitivity", "--method", "sobol", "--input", "P_Na=normale:1:2"), "did you mean"),
        (("sensitivity", "--method", "sobol", "--input", "P_Na=-1:1:log"), "has no logarithm"),
        (("sensitivity", "--method", "sobol", "--input", "z_X=loguniform:-1:1"), "no logarithm"),
        (("sensitivity", "--method", "sobol", "--input", "sglt_k54"), "by the law sglt_k54 ="),
        (("sensitivity", "--method", "sobol", "--input", "P_na"), "did you mean 'P_Na'"),
        (("sensitivity", "--method", "sobol", "--input", "P_Na", "--input", "P_Na"), "twice"),
        (("sensitivity", "--method", "sobol", "--group", "g=P_Na,nothing"), "no quantity"),
        (("sensitivity", "--method", "sobol", "--within", "0.5"), "above 1"),
        (("sensitivity", "--method", "sobol", "--output", "nothing"), "no quantity 'nothing'"),
        (("sensitivity", "--method", "sobol", "--experiment", "nowhere"), "no experiment"),
        (("uncertainty", "--along", "--experiment", "uphill"), "do not go together"),
        (("uncertainty", "--that", "V_m"), "is no condition"),
        (("uncertainty", "--sample", "1"), "at least two points"),
        (("uncertainty", "--posterior", "missing.csv"), "no such file"),
        (("uncertainty", "--posterior", "x.csv", "--within", "2"), "has its own points"),
        (("uncertainty", "--keep", "no/where"), "there is no folder"),
    ],
)
def test_bad_words_are_refused_on_one_line(command, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    result = command(*words)
    assert result.code == 2, result.err
    line = result.err.strip().splitlines()[-1]
    assert said in line
    assert len(line) <= 300
    assert list(tmp_path.iterdir()) == []


def test_a_foreign_model_without_ranges_says_what_to_give(command, pool):
    result = command("sensitivity", *pool, "--method", "sobol")
    assert result.code == 2
    assert "give the distribution of each uncertain quantity" in result.err


def test_an_output_that_never_varies_is_said(command, pool):
    result = command("sensitivity", *pool, "--method", "morris", "--input", "d=0.4:0.6",
                     "--output", "half", "--output", "A", "--budget", "500")  # fmt: skip
    assert result.code == 0, result.err
    assert "never varies: half" in result.err
