"""Python blocks of README and docs run, each by itself; the quick start is what CI runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
BLOCKS = [
    (str(path.relative_to(ROOT)), block)
    for path in (README, *sorted((ROOT / "docs").rglob("*.md")))
    for block in re.findall(r"^```python\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)
]


@pytest.mark.parametrize(("text", "block"), BLOCKS)
def test_a_block_of_python_runs_by_itself(text, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, text, "exec"), {"__name__": text})


def test_there_are_blocks_of_python():
    assert [text for text, _ in BLOCKS].count("README.md") == 2
    assert len(BLOCKS) >= 4


def test_the_quick_start_installs_reports_and_tests():
    """``.ci/run`` takes the second block, one line, for the command that runs the tests."""
    start = README.read_text("utf-8").partition("## Quick start")[2].partition("\n## ")[0]
    report, tests = (b.strip() for b in re.findall(r"^```sh\n(.*?)^```", start, re.M | re.S))
    assert len(report.splitlines()) == len(tests.splitlines()) == 1
    assert "transport-model report" in report
    folders = re.findall(r"tests/\w+", tests)
    by_hand = ("mutations", "fuzz")
    assert [f"tests/{path.name}" for path in sorted((Path(__file__).parents[1]).iterdir())
            if path.is_dir() and any(path.rglob("test_*.py")) and path.name not in by_hand
            ] == sorted(folders)  # fmt: skip
