"""``transport-model tubule``: what Python returns, with a line for what is wrong."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from transport_model import load_model, titration, tubule

FEW = ("tubule", "--segments", "6")


@pytest.fixture(scope="module")
def segment():
    return load_model("segment")


def table_in(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), index_col="nephron")


def test_the_summary_is_that_of_python(command, segment):
    result = command(
        *FEW, "--vary", "Glc_b=5,10", "--set", "S3.n_SGLT1=0.1", "--set", "SNGFR=48 nl/min",
        "--set", "P_p_Glc=0.001",
    )  # fmt: skip
    assert result.code == 0
    design = pd.DataFrame({"Glc_b": [5.0, 10.0], "S3.n_SGLT1": 0.1, "SNGFR": 800.0})
    own = tubule(segment.with_values(P_p_Glc=0.001), design, segments=6).summary
    pd.testing.assert_frame_equal(table_in(result.out), own, check_names=False, rtol=1e-9,
                                  check_dtype=False)  # fmt: skip
    assert "2 nephrons of 6 segments, 0 without a certified steady state" in result.err


def test_the_table_by_segment_goes_to_a_file_with_its_units(command, segment, tmp_path):
    file = tmp_path / "profile.csv"
    result = command(*FEW, "--output", "V_te", "--out", str(file))
    assert result.code == 0
    table = pd.read_csv(file)
    own = tubule(segment, segments=6, outputs=["V_te"]).segments
    assert list(table) == ["nephron", "segment", *own.columns]
    assert table["V_te"].to_numpy() == pytest.approx(own["V_te"].to_numpy())
    beside = (tmp_path / "profile.csv-metadata.json").read_text("utf-8")
    assert '"pL/s"' in beside
    assert '"mV"' in beside
    assert table_in(result.out)["FR_water"].iloc[0] == pytest.approx(1 - own["left_water"].iloc[-1])


def test_factors_are_those_of_the_tubule_or_of_the_part(command):
    rows = table_in(command(*FEW, "--vary", "SNGFR=0.5,1:relative").out)
    assert rows["SNGFR"].tolist() == [500, 1000]
    rows = table_in(command(*FEW, "--vary", "S3.n_SGLT1=0.5,1:relative").out)
    whole = load_model("pt_s3").parameters.value["n_SGLT1"]
    assert rows["S3.n_SGLT1"].to_numpy() == pytest.approx([whole / 2, whole])


def test_a_titration_tells_its_marks_and_writes_its_points(command, segment, tmp_path):
    file = tmp_path / "titration.csv"
    result = command(*FEW, "--titrate", "1:30:30", "--set", "n_SGLT1=0", "--set", "n_SGLT2=0.05",
                     "--out", str(file))  # fmt: skip
    assert result.code == 0
    design = pd.DataFrame({"n_SGLT1": [0.0], "n_SGLT2": 0.05})
    own = titration(segment, design, glucose=range(1, 31), segments=6)
    found = table_in(result.out)
    for name in ("T_m", "T_m_mg"):
        assert found[name].iloc[0] == pytest.approx(own.summary[name].iloc[0])
    points = pd.read_csv(file)
    assert points["Glc_b"].tolist() == list(range(1, 31))
    assert "1 nephron titrated over 30 glucose concentrations, 0 not to the end" in result.err


def test_a_dry_lumen_is_told_and_is_no_error(command, segment):
    value = segment.parameters.value
    sodium = value["Na_in"] - value["X_in"]
    result = command(*FEW, "--set", "SNGFR=15", "--set", "X_in=0", "--set", f"Na_in={sodium}")
    assert result.code == 0
    assert "1 nephron of 6 segments, 1 without a certified steady state: 1 dry" in result.err
    assert table_in(result.out)["status"].tolist() == ["dry"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--segments", "0"], "at least 3 segments"),
        (["--set", "SNGFR=0"], "SNGFR of a tubule is a positive number"),
        (["--vary", "SNGFR=-1,5"], "SNGFR of a tubule is a positive number"),
        (["--set", "SGFR=3"], "did you mean 'SNGFR'?"),
        (["--set", "Q_in=1"], "set 'SNGFR'"),
        (["--set", "S9.P_p_Na=1"], "no quantity 'S9.P_p_Na' in the tubule"),
        (["--vary", "V_m=1"], "no quantity 'V_m' in the tubule of model 'segment'"),
        (["--vary", "SNGFR=5,6", "--set", "SNGFR=5"], "names 'SNGFR' twice"),
        (["--vary", "SNGFR=5,6", "--design", "d.csv"], "one of --vary and --design"),
        (["--titrate", "5"], "at least two positive numbers that rise"),
        (["--titrate", "1:30"], "low:high:count"),
        (["--titrate", "5,6", "--output", "V_te"], "--output goes with the table by segment"),
        (["--titrate", "5,6", "--set", "Glc_b=5"], "'Glc_b' is what a titration changes"),
        (["--model", "cell"], "model 'cell' is no stretch of a tubule"),
        (["--out", "profile.xls"], "profile.xls"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(command, arguments, message):
    result = command("tubule", *arguments)
    assert result.code == 2
    assert message in result.err
    assert result.out == ""
    assert len(result.err.splitlines()) <= 2
