"""``transport-model continue``: a table, special points beside it, a line for what is wrong."""

from __future__ import annotations

import io
import re

import numpy as np
import pandas as pd
import pytest
from figure_boxes import svg_texts

from transport_model import continue_steady_state, load_model

AB = """model ab
 u1' = -u1 + p1*(1 - u1)*exp(u2)
 u2' = -u2 + p1*p2*(1 - u1)*exp(u2) - p3*u2
 p1 = 0; p2 = 14; p3 = 2; u1 = 0; u2 = 0
end
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ab.ant").write_text(AB, encoding="utf-8")
    return tmp_path


def test_a_branch_is_a_table_and_its_special_points_are_told(command, here):
    result = command(
        "continue", "p1=0:0.4", "--model", "ab.ant", "--plot", "ab.svg", "--out", "b.csv"
    )
    assert result.code == 0
    lines = result.err.splitlines()
    branch = continue_steady_state(load_model(here / "ab.ant"), "p1", 0, 0.4)
    table = pd.read_csv("b.csv", index_col="point")
    assert list(table) == list(branch.table)
    np.testing.assert_allclose(table["u1"], branch.table["u1"], rtol=1e-12)
    assert list(table["stable"]) == list(branch.table["stable"])
    told = [line for line in lines if re.match(r"(fold|Hopf|end) at p1 = ", line)]
    assert [line.split()[0] for line in told] == ["end", "fold", "fold", "Hopf", "end"]
    values = [float(re.search(r"p1 = ([\d.e-]+)", line)[1]) for line in told]
    np.testing.assert_allclose(values, branch.points["p1"], rtol=1e-8, atol=1e-12)
    assert "supercritical, period 1.568" in told[3]
    assert "the upper end of the range of 'p1'" in told[4]
    stable = branch.table["stable"].sum()
    assert f"{len(branch.table)} certified points, {stable} of them stable" in lines
    drawn = (here / "ab.svg").read_text("utf-8")
    for word in ("stable", "not stable", "fold", "Hopf", "p1", "u1", "u2"):
        assert word in svg_texts(drawn)


def test_branches_that_cross_are_told_and_followed(command, here):
    text = "model t\n u' = a/(1 + v^2) - u\n v' = a/(1 + u^2) - v\n a = 1; u = 1; v = 1\nend\n"
    (here / "toggle.ant").write_text(text, encoding="utf-8")
    asked = ("continue", "a=0.5:6", "--model", "toggle.ant")
    result = command(*asked)
    assert ("branch point at a = 2: pitchfork, supercritical, --crossing 1 follows the branch that"
            " crosses") in result.err.splitlines()  # fmt: skip
    crossing = command(*asked, "--crossing", "1")
    assert crossing.code == 0
    table = pd.read_csv(io.StringIO(crossing.out))
    np.testing.assert_allclose(table["u"] * table["v"], 1, rtol=1e-6)
    refused = command(*asked, "--crossing", "2")
    assert refused.code == 2
    assert refused.err.strip().endswith("--crossing 2: the branch in 'a' has 1 branch point")


def test_a_pipe_gets_csv_and_units_and_scales_are_read(command):
    result = command("continue", "K_o=4000:5000:log uM", "--output", "V_m")
    assert result.code == 0
    table = pd.read_csv(io.StringIO(result.out))
    assert table["K_o"].iloc[0] == pytest.approx(4)
    assert table["K_o"].iloc[-1] == pytest.approx(5)
    assert "end at K_o = 4 mM: the lower end of the range of 'K_o'" in result.err


def test_progress_is_heard(command, here, monkeypatch):
    from transport_model.analyses.cli import progress

    heard = []
    monkeypatch.setattr(progress, "is_watched", lambda: False)
    real = progress.steps

    def steps():
        manager = real()

        class Heard:
            def __enter__(self):
                step = manager.__enter__()
                return lambda text: (heard.append(text), step(text))

            def __exit__(self, *error):
                return manager.__exit__(*error)

        return Heard()

    monkeypatch.setattr("transport_model.analyses.cli.continuation.steps", steps)
    assert command("continue", "p1=0:0.05", "--model", "ab.ant").code == 0
    assert heard[-1].startswith("p1 = 0.05, ")


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("Ko=1:20",), 2, "no quantity 'Ko' in model 'cell'; did you mean 'K_o'?"),
        (("X_o=1:20",), 2, "'X_o' is no free parameter: the model computes it, X_o = hold_"),
        (("K_i=1:20 mM",), 2, "the model computes its start, K_i ="),
        (("K_o=0:20:log",), 2, "starts at 0, which has no logarithm"),
        (("K_o=-1:20",), 2, "must be zero or more, not -1 mM"),
        (("K_o=20:1",), 2, "must rise from low to high"),
        (("K_o=1",), 2, "a range is low:high"),
        (("K_o",), 2, "continue takes ID=VALUE, such as continue Glc_o=0.1:30:log"),
        (("K_o=1:2 mV",), 2, "mV"),
        (("K_o=1:20", "--output", "Vm"), 2, "did you mean 'V_m'?"),
        (("K_o=1:20", "--plot", "a.bmp"), 2, "end 'a.bmp' in .svg, .pdf or .png"),
        (("k=1:2", "--model", "events.ant"), 2, "the model has events"),
        (("k=1:2", "--model", "clock.ant"), 2, "a rate names the time"),
        (("k=1:2", "--model", "grows.ant"), 1, "no certified steady state"),
        ((), 2, "ID=LOW:HIGH"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(command, here, words, code, why):
    for name, text in {"events": "-> S; k; S -> ; S\n k = 1\n at time > 1: S = 2",
                       "clock": "-> S; k*(1 + sin(time)); S -> ; S\n k = 1",
                       "grows": "-> S; k\n k = 1"}.items():  # fmt: skip
        (here / f"{name}.ant").write_text(f"model {name}\n {text}\nend\n", encoding="utf-8")
    result = command("continue", *words)
    assert result.code == code
    refusal = [line for line in result.err.splitlines() if line.startswith("transport-model: ")]
    assert len(refusal) == 1
    assert why in refusal[0]
    assert len(refusal[0]) <= 300
    assert result.out == ""


def test_one_output_of_sensitivity_is_drawn_as_a_tornado_and_several_as_a_matrix(command, here):
    words = ("sensitivity", "--parameter", "P_Na", "--parameter", "K_o")
    assert command(*words, "--output", "J_sglt", "--plot", "one.svg").code == 0
    assert command(*words, "--output", "J_sglt", "--output", "V_m", "--plot", "two.svg").code == 0
    one, two = ((here / f"{n}.svg").read_text("utf-8") for n in ("one", "two"))
    assert "coefficient of Na⁺-glucose symport, inward" in svg_texts(one)
    assert "coefficient of Na⁺-glucose symport, inward" not in svg_texts(two)
    assert "coefficient" in svg_texts(two)


def test_sensitivity_says_how_exactly_moved_states_are_balanced(command):
    told = command("sensitivity", "--parameter", "P_Na").err
    share = float(re.search(r"moved states are balanced to ([\d.e-]+)", told)[1])
    assert 0 <= share < 1e-12
