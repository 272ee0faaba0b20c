"""The README's Python blocks run, each by itself; its quick start is what CI runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(1, len(BLOCKS) + 1))
def test_a_block_of_python_runs_by_itself(block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(compile(block, "README.md", "exec"), {"__name__": "README"})


def test_there_are_blocks_of_python():
    assert len(BLOCKS) >= 2


def test_the_quick_start_installs_reports_and_tests():
    """``.ci/run`` takes the second block, one line, for the command that runs the tests."""
    start = README.partition("## Quick start")[2].partition("\n## ")[0]
    report, tests = (b.strip() for b in re.findall(r"^```sh\n(.*?)^```", start, re.M | re.S))
    assert len(report.splitlines()) == len(tests.splitlines()) == 1
    assert "transport-model report" in report
    folders = re.findall(r"tests/\w+", tests)
    assert [f"tests/{path.name}" for path in sorted((Path(__file__).parents[1]).iterdir())
            if path.is_dir() and any(path.rglob("test_*.py")) and path.name != "mutations"
            ] == sorted(folders)  # fmt: skip
