"""What each command of the README shows: at 80 and 120 columns, in a pipe, without colour.

Words are compared as they stand, numbers to a tolerance. ``GOLDEN=write python -m pytest
tests/integration/cli/test_golden_texts.py`` writes the texts anew.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

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
    "energetics": ("energetics",),
    "experiment": ("experiment", "secondary"),
    "validate": ("validate",),
    "audit": ("audit", "--model", "oocyte_published", "--parameters", "rabbit"),
}  # fmt: skip
WAYS = {"80": "80", "120": "120", "pipe": "", "plain": "80"}
_NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*(?:e[-+]?\d+)?(?![\w])")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_command_shows(command, monkeypatch, name, way):
    if WAYS[way]:
        monkeypatch.setenv("COLUMNS", WAYS[way])
        for stream in (sys.stdout, sys.stderr):
            monkeypatch.setattr(stream, "isatty", lambda: True)
    if way == "plain":
        monkeypatch.setenv("NO_COLOR", "1")
    result = command(*COMMANDS[name])
    assert result.code == 0
    if way == "plain":
        # Bold, which tells headings, is no colour
        assert not re.search(r"\x1b\[[\d;]*3\dm", result.out)
    shown = _text(result.out) + "---\n" + _text(result.err)
    path = GOLDEN / f"{name}-{'80' if way == 'plain' else way}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.write_text(shown, encoding="utf-8")
    golden = path.read_text(encoding="utf-8")
    assert _NUMBER.sub("#", _spaced(shown)) == _NUMBER.sub("#", _spaced(golden))
    for here, there in zip(_NUMBER.findall(shown), _NUMBER.findall(golden), strict=True):
        assert float(here) == pytest.approx(float(there), rel=2e-3, abs=1e-9)
    if WAYS[way]:
        assert max(map(len, _text(result.out).splitlines())) <= int(WAYS[way])


def _text(shown: str) -> str:
    """Return what is left on the screen: no escape sequences, no spinner, no trailing blanks."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown)
    lines = (line.rsplit("\r", 1)[-1].rstrip() for line in plain.split("\n"))
    return "\n".join(line for line in lines if not re.match(r"[⠀-⣿] |.*━", line))


def _spaced(text: str) -> str:
    # How wide a column is follows from the digits that rounding leaves
    return re.sub(r"[ \t]+", " ", text)
