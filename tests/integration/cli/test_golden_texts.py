"""What each command of the README shows: at 80 and 120 columns, in a pipe, without colour.

Words are compared as they stand, numbers to a tolerance. ``GOLDEN=write python -m pytest
tests/integration/cli/test_golden_texts.py`` writes the texts anew.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from transport_model import grid, load_model, plan_scan, run_scan
from transport_model.analyses.exchange.archive import About, text_member, write_archive
from transport_model.analyses.exchange.simulations.sedml import course_sedml
from transport_model.analyses.scans.large.shards import Shard

GOLDEN = Path(__file__).parent / "golden"
COMMANDS = {
    "models": ("models",),
    "simulate": ("simulate", "--end", "1 h", "--points", "7"),
    "steady-state": ("steady-state", "--set", "Glc_o=5"),
    "scan": ("scan", "--vary", "Glc_o=0.1:30:5:log"),
    "scan-reduce": ("scan", "--vary", "ouabain=0,1e-4,1", "--reduce", "Na_i:final", "--reduce",
                    "V_m:time_to:-30"),
    "control": ("control",),
    "sensitivity": ("sensitivity", "--parameter", "P_Na"),
    "continue": ("continue", "K_o=2.5:8"),
    "energetics": ("energetics",),
    "tubule": ("tubule", "--vary", "Glc_b=5,20", "--segments", "10"),
    "experiment": ("experiment", "secondary"),
    "validate": ("validate",),
    "audit": ("audit", "--model", "oocyte_published", "--parameters", "tubule"),
}  # fmt: skip
#: Commands that read or write files; those that take minutes in full are made on a small model.
AMONG_FILES = {
    "simulate-out": ("simulate", "--end", "1 h", "--out", "course.csv"),
    "scan-out": ("scan", "--vary", "Glc_o=0.1:30:5:log", "--out", "scan.parquet"),
    "scan-folder": ("scan", "--vary", "Glc_o=0.1:30:20:log", "--out", "new/"),
    "scan-info": ("scan-info", "scan"),
    "scan-merge": ("scan-merge", "node1", "node2", "--out", "whole"),
    "scan-figure": ("scan-figure", "scan", "--kind", "line", "--x", "Glc_o", "--value", "V_m",
                    "--out", "figure.svg"),
    "run": ("run", "theirs.omex", "--out", "results"),
    "export": ("export", "--model", "uptake.ant", "--out", "uptake/"),
    "verify": ("verify", "--model", "uptake.ant", "--engine", "copasi", "--sets", "2",
               "--out", "certificate"),
    "report": ("report", "--model", "uptake.ant", "--out", "report"),
    "doctor": ("doctor",),
}  # fmt: skip
SLOW = {"calibrate": ("calibrate",)}
#: What follows from the machine: installed versions, hashes, and which difference is the largest.
MASKS = {
    "scan-info": r"(?s)(versions[ ,]+).*?(?=\n---)",
    "verify": r"(?s)(COPASI[ ,]+).*?(?=\n---)",
    "doctor": r"(?m)^(ok +(?:extra )?[\w-]+ +)\S.*$",
}
UPTAKE = """model uptake
  compartment cell = 2; species S in cell = 3, $X in cell = 1; k = 0.7; v = 0.4; K = 0.5;
  S -> ; cell*k*S; $X -> S; cell*v*X/(K + X);
end
"""
WAYS = {"80": "80", "120": "120", "pipe": "", "plain": "80"}
#: Commands that take seconds: one way each time, or none; the others with the slow ones.
LONG = {"validate": "pipe", "report": "pipe", "doctor": ""}
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]?\d+)?(?![\w])")


def _cases(names):
    return [
        pytest.param(name, way, marks=pytest.mark.slow if LONG.get(name, way) != way else ())
        for name in names
        for way in WAYS
    ]


@pytest.mark.parametrize(("name", "way"), _cases(COMMANDS))
def test_what_a_command_shows(command, monkeypatch, name, way):
    _compare(command, monkeypatch, name, COMMANDS[name], way)


@pytest.mark.parametrize(("name", "way"), _cases(AMONG_FILES))
def test_what_a_command_among_files_shows(command, monkeypatch, files, tmp_path, name, way):
    if name == "verify":
        pytest.importorskip("basico")
    shutil.copytree(files, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    _compare(command, monkeypatch, name, AMONG_FILES[name], way)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["80", "pipe", "plain"])
@pytest.mark.parametrize("name", SLOW)
def test_what_a_slow_command_shows(command, monkeypatch, name, way):
    _compare(command, monkeypatch, name, SLOW[name], way)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A folder with an archive, a model, a scan, and one in two shards."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "uptake.ant").write_text(UPTAKE, encoding="utf-8")
    own = load_model(folder / "uptake.ant")
    text = course_sedml(own, "uptake.xml", 8.0, 33, ["S"], title="An uptake")
    about = About("An uptake", "A course.", ("Somebody",), dt.date(2020, 1, 1))
    members = [text_member("theirs.sedml", text, master=True), text_member("uptake.xml", own.sbml)]
    write_archive(members, folder / "theirs.omex", about)
    design = grid(Glc_o=np.geomspace(0.1, 30, 20))
    plan = plan_scan(load_model("cell"), design, part_rows=10)
    run_scan(plan, folder / "scan")
    for number in (1, 2):
        run_scan(plan, folder / f"node{number}", shard=Shard(number, 2))
    return folder


def _compare(command, monkeypatch, name, arguments, way):
    if WAYS[way]:
        monkeypatch.setenv("COLUMNS", WAYS[way])
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
    if way == "plain":
        monkeypatch.setenv("NO_COLOR", "1")
    result = command(*arguments)
    assert result.code == 0, result.err
    if way == "plain":
        # Bold, which tells headings, is no colour
        assert not re.search(r"\x1b\[[\d;]*3\dm", result.out)
    shown = _text(result.out) + "---\n" + _text(result.err)
    if name in MASKS:
        shown = re.sub(MASKS[name], r"\1#", shown)
        shown = re.sub(r"[0-9a-f]{16,}(…[0-9a-f]*)?", "#", shown)
    path = GOLDEN / f"{name}-{'80' if way == 'plain' else way}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8")
    golden = path.read_text(encoding="utf-8")
    assert _NUMBER.sub("#", _spaced(shown)) == _NUMBER.sub("#", _spaced(golden))
    for here, there in zip(_NUMBER.findall(shown), _NUMBER.findall(golden), strict=True):
        assert float(here) == pytest.approx(float(there), rel=2e-3, abs=1e-9)
    if WAYS[way]:
        assert max(map(len, _text(result.out).splitlines()), default=0) <= int(WAYS[way])


def _text(shown: str) -> str:
    """Return what is left on the screen: no escape sequences, no spinner, no trailing blanks."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    lines = (line.rsplit("\r", 1)[-1].rstrip() for line in plain.split("\n"))
    return "\n".join(line for line in lines if not re.match(r"[⠀-⣿] |.*━", line))


def _spaced(text: str) -> str:
    # How wide a column is follows from the digits that rounding leaves
    return re.sub(r"[ \t]+", " ", text)
