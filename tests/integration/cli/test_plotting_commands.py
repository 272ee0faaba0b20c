"""``--plot`` beside the table: a figure of what was asked for, or one line that says why not."""

from __future__ import annotations

import pytest
from figure_boxes import svg_texts

SCAN = ("scan", "--engine", "roadrunner", "--vary")
VOLTAGE = "membrane potential, inside minus outside [mV]"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("simulate", "--points", "5"),
         {"time [min]", VOLTAGE, "[mM]", "cytosolic Na⁺", "cell water space [pL]"}),
        (("simulate", "--points", "5", "--output", "J_sglt"),
         {"Na⁺-glucose symport, inward [fmol/s]"}),
        ((*SCAN, "Glc_o=1,2", "--output", "V_m"), {"lumen glucose [mM]", VOLTAGE}),
        ((*SCAN, "Na_i=11,12", "--output", "V_m"), {"start_of_Na_i [mM]", VOLTAGE}),
        ((*SCAN, "Glc_o=1,2", "--vary", "K_o=4,5", "--output", "V_m"),
         {"outside K⁺ [mM]", "4", "5"}),
        ((*SCAN, "Glc_o=1,2", "--reduce", "V_m:max", "--end", "9"), {"V_m_max [mV]"}),
        (("control",), {"Na⁺/K⁺ pump cycle", "cytosolic Na⁺", "−1.74"}),
        (("control", "--output", "V_m"),
         {"membrane potential, inside minus outside", "coefficient [mV]"}),
        (("sensitivity", "--parameter", "P_Na", "--parameter", "K_o"),
         {"Na⁺ permeability times area", "outside K⁺", "membrane potential, inside minus outside"}),
        (("energetics",), {"heat of the pump, 5.36 pW"}),
        (("experiment", "pump_stopped"),
         {"time [min], then level to 2\u00a0h", "ouabain 1 mM", "control"}),
    ],
)  # fmt: skip
def test_every_study_draws_what_was_asked_for(command, tmp_path, words, told):
    figure = tmp_path / "figure.svg"
    result = command(*words, "--plot", figure)
    assert (result.code, f"drew {figure}" in result.err) == (0, True), result.err
    assert told <= set(svg_texts(figure.read_text("utf-8")))
    assert list(tmp_path.iterdir()) == [figure]


def test_eight_values_of_a_second_quantity_make_a_map(command, tmp_path):
    figure = tmp_path / "map.svg"
    words = (*SCAN, "Glc_o=1:8:8", "--vary", "K_o=4:5:8", "--output", "V_m", "--plot", figure)
    assert command(*words).code == 0
    assert "<image " in figure.read_text("utf-8")


@pytest.mark.parametrize("suffix", [".svg", ".pdf", ".png"])
def test_the_same_command_draws_the_same_bytes(command, tmp_path, suffix):
    paths = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for path in paths:
        assert command("simulate", "--points", "5", "--plot", path).code == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("simulate", "--plot", "a.bmp"), "end 'a.bmp' in .svg, .pdf or .png"),
        (("energetics", "--plot", "nowhere/a.svg"), "there is no folder 'nowhere'"),
        (("control", "--plot", "."), "end '.' in .svg"),
        ((*SCAN, "Glc_o=1", "--plot", "a.svg", "--out", "a.csv"), "--plot needs two points"),
        (("scan", "--sample", "9", "--plot", "a.svg", "--out", "a.csv"), "--plot shows one or two"),
        (("scan", "--random", "9", "--range", "Glc_o=1:9", "--range", "K_o=4:5", "--plot", "a.svg",
          "--out", "a.csv"), "on a grid"),
        ((*SCAN, "Glc_o=1,2", "--plot", "a.svg", "--out", "folder/"), "scan-figure"),
        (("control", "--output", "V_m", "--output", "J_sglt", "--plot", "a.svg"), "of one unit"),
        (("experiment", "--plot", "a.svg"), "name the experiment"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_a_line(command, tmp_path, monkeypatch, words, why):
    monkeypatch.chdir(tmp_path)
    result = command(*words)
    assert result.code == 2
    refusal = [line for line in result.err.splitlines() if line.startswith("transport-model: ")]
    assert len(refusal) == 1
    assert why in refusal[0]
    assert len(refusal[0]) <= 300
    assert result.out == ""
    assert list(tmp_path.iterdir()) == []
