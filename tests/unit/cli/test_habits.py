"""What people expect of any program: version, completion, quietness, exit statuses."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from transport_model import __version__
from transport_model.analyses.cli import progress, talk
from transport_model.analyses.cli.app import COMMANDS
from transport_model.errors import InputError

_PROGRAM = "import sys; sys.argv[0] = 'transport-model'; " \
    "from transport_model.analyses.cli.app import main; main()"  # fmt: skip


def completed(line, shell="bash"):
    words = line.split(" ")
    environment = {
        **os.environ,
        "_TRANSPORT_MODEL_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    shown = subprocess.run([sys.executable, "-c", _PROGRAM], env=environment, check=True,
                           capture_output=True, encoding="utf-8")  # fmt: skip
    return shown.stdout


def test_the_version(command):
    assert command("--version").out == f"transport-model {__version__}\n"


def test_short_help_and_an_example_for_every_command(command):
    for commands in COMMANDS.values():
        for name, (_, example) in commands.items():
            told = command(name, "-h").out
            assert f"Example: {example}" in " ".join(told.split())
            assert example.startswith(f"transport-model {name}")


@pytest.mark.parametrize(
    ("shell", "line", "offered"),
    [
        ("bash", "transport-model experim", ["experiment"]),
        ("bash", "transport-model steady-state --model cell_s", ["cell_sglt2_pan2019"]),
        ("bash", "transport-model scan --vary Glc_", ["Glc_o=", "Glc_b=", "Glc_i="]),
        ("bash", "transport-model simulate --output J_sg", ["J_sglt", "J_sglt_slip"]),
        ("bash", "transport-model audit --model oocyte --parameters r", ["rabbit_reverse"]),
        ("bash", "transport-model experiment ph", ["phlorizin"]),
        *((shell, "transport-model steady-state --set P_N", ["P_Na="])
          for shell in ("bash", "zsh", "fish")),
    ],
)  # fmt: skip
def test_a_shell_is_offered_names_and_ids(shell, line, offered):
    for name in offered:
        assert name in completed(line, shell)


@pytest.mark.parametrize("option", ["--set", "--vary"])
def test_a_single_id_is_offered_with_its_value_so_that_no_blank_follows(option, cell):
    name = "scan" if option == "--vary" else "simulate"
    shown = completed(f"transport-model {name} {option} P_N").split()
    assert shown[0] == "P_Na="
    key, value = shown[1].split("=")
    assert (key, float(value)) == ("P_Na", cell.quantities["P_Na"].value)
    assert len(shown) == 2


def test_completion_loads_no_model():
    shown = subprocess.run(
        [sys.executable, "-c",
         "import sys; from transport_model.analyses.cli import app, completion; "
         "completion.models(''); print(sorted({'pandas', 'libsbml', 'numpy'} & set(sys.modules)))"],
        check=True, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert shown.stdout.strip() == "[]"


def test_a_table_goes_to_standard_output_on_request(command):
    shown = command("steady-state", "--output", "V_m", "--out", "-").out
    assert shown.splitlines()[0] == "id,value,unit,name"


def test_quiet_says_nothing_but_errors(command):
    assert command("steady-state", "--quiet", "--output", "V_m").err == ""
    assert command("--quiet", "steady-state", "--set", "PNa=1").err.count("\n") == 1


def test_verbose_says_how_long_it_took(command):
    assert "done in" in command("steady-state", "--verbose", "--output", "V_m").err


def test_a_log_of_json_lines(command):
    lines = command("steady-state", "--log", "json", "--set", "pH=20").err.splitlines()
    told = [json.loads(line)["message"] for line in lines]
    assert any("pH = 20 is outside 6.9 to 7.5" in text for text in told)
    refused = command("--log=json", "steady-state", "--set", "PNa=1").err
    assert json.loads(refused)["status"] == 2


def test_there_is_no_other_log(command):
    result = command("models", "--log", "xml")
    assert (result.code, result.err.count("\n")) == (2, 1)
    with pytest.raises(InputError, match="text or json, not 'xml'"):
        talk.take_options(["--log", "xml"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("steady-state", "--output", "V_m"), 0),
        (("audit", "--model", "oocyte_published", "--parameters", "tubule"), 0),
        (("audit", "--model", "oocyte_published", "--parameters", "tubule", "--strict"), 3),
        (("audit", "--model", "oocyte_published", "--parameters", "rabbit", "--strict"), 0),
        (("audit", "--model", "oocyte", "--strict"), 0),
        (("experiment", "two_pushes_on_sodium", "--strict"), 0),
        (("steady-state", "--set", "T=37"), 1),
        (("steady-state", "--set", "PNa=1"), 2),
    ],
)
def test_exit_statuses(command, arguments, code):
    assert command(*arguments).code == code


DOCS = Path(__file__).parents[3] / "docs"


def _exit_statuses(page):
    """Return the rows of a page's table: statuses, and the commands that show them."""
    text = (DOCS / page).read_text(encoding="utf-8").replace("\\|", "")
    rows = re.findall(
        r"^\| (\d+) \| ([^|]+) \|(?: `transport-model ([^`|]+)` \|)?", text, re.MULTILINE
    )
    return [(int(code), command.split()) for code, _, command in rows]


@pytest.mark.parametrize(("code", "arguments"), _exit_statuses("how_to/command_line.md")[:-2])
def test_commands_of_the_table_of_exit_statuses_show_them(command, code, arguments):
    result = command(*arguments)
    assert result.code == code
    assert (result.err.startswith("transport-model: ") and result.err.count("\n") == 1) or code != 2


def test_every_exit_status_is_in_both_tables():
    for page in ("how_to/command_line.md", "reference/command_line.md"):
        assert [code for code, _ in _exit_statuses(page)] == [0, 1, 2, 3, 130, 143]


def test_a_refuted_claim_counts_only_when_strict(command, tmp_path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "title: Wrong\nmodel: cell\nduration: 1 s\npoints: 3\nclaim: The cell is positive.\n"
        "arms:\n  resting:\nwatch: [V_m]\nmeasures: {V: {of: V_m, take: final}}\n"
        "checks: [{that: V > 0, meaning: the potential is positive}]\n"
    )
    result = command("experiment", path)
    assert (result.code, "verdict: refuted" in result.err) == (0, True), result.err
    assert command("experiment", path, "--strict").code == 3


@pytest.mark.parametrize(
    ("text", "value"), [("1 mmol/L", 1.0), ("1mM", 1.0), ("500uM", 0.5), ("0.001 mol/L", 1.0)]
)
def test_a_value_may_have_a_unit(command, text, value):
    shown = command("steady-state", "--set", f"Glc_o={text}", "--output", "Glc_o").out
    assert float(shown.splitlines()[1].split(",")[1]) == pytest.approx(value)


def test_a_time_may_have_a_unit(command):
    shown = command("simulate", "--end", "1 h", "--points", "2", "--output", "V_m").out
    assert shown.splitlines()[-1].startswith("3600.0,")


def test_values_of_an_axis_may_have_units_and_are_remarked_on_like_others(command):
    scan = ("scan", "--output", "V_m", "--vary")
    ours, theirs = command(*scan, "Glc_o=0.5,1"), command(*scan, "Glc_o=500 umol/L,0.001 mol/L")
    assert [line.split(",")[1] for line in theirs.out.splitlines()] == ["Glc_o", "0.5", "1.0"]
    assert theirs.out == ours.out
    assert "parameters.csv" not in theirs.err
    beyond = command(*scan, "pH=7:8:2")
    assert "pH = 7 to 8 goes beyond 6.9 to 7.5, its range in parameters.csv" in beyond.err
    uncertain = command("uncertainty", "--output", "u", "--sample", "8",
                        "--input", "pH=7:8", "--input", "Na_o=normal:140:10")  # fmt: skip
    assert "pH = 7 to 8 goes beyond 6.9 to 7.5, its range in parameters.csv" in uncertain.err
    assert "Na_o" not in uncertain.err
    assert "did you mean 29 to 37 degC?" in command(*scan, "T=29,37").err


def test_the_level_of_a_reduction_may_have_a_unit(command):
    scan = ("scan", "--vary", "ouabain=1", "--reduce")
    ours, theirs = command(*scan, "V_m:time_to:-30"), command(*scan, "V_m:time_to:-30000 uV")
    assert ours.out == theirs.out


def test_a_unit_that_does_not_convert_is_named(command):
    result = command("steady-state", "--set", "Glc_o=1 mV")
    assert (result.code, "'mV' does not convert to 'mM'" in result.err) == (2, True)


def test_celsius_is_recognised(command):
    assert "did you mean 'T=37 degC', 310.15 K?" in command("steady-state", "--set", "T=37").err
    assert command("steady-state", "--set", "T=37 degC", "--output", "V_m").code == 0


def test_what_takes_long_says_so_in_a_log(monkeypatch, capsys):
    monkeypatch.setattr(talk, "FIRST", 0.0)
    with progress.busy("solving"):
        time.sleep(1.5)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("solving: 1 s so far")
