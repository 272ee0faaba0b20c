"""Wrong edits that tests must notice: each is made in a copy of the product, and tests are run.

The list is in ``mutations.toml``. That every edit can still be made is checked each time; that
each turns its tests red takes minutes: ``pytest -m mutation``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MUTATIONS = tomllib.loads((Path(__file__).with_name("mutations.toml")).read_text("utf-8"))[
    "mutation"
]
NAMES = [mutation["name"] for mutation in MUTATIONS]
#: What tests need beside the sources.
COPIED = ("transport_model", "analyses", "models", "explorer", "tests", "pyproject.toml")


def ran(tests: list[str], root: Path) -> tuple[int, dict[str, set[str]]]:
    """Run tests on the product in `root`; return pytest's exit code and what became of each."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", "-rA", *tests],
        cwd=root, capture_output=True, encoding="utf-8", check=False,
        # Bytecode is told from its source by time and size, which an edit may leave as they are
        env={**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    outcomes: dict[str, set[str]] = {}
    for outcome, test in re.findall(r"^([A-Z]+) (tests/\S+::\w+)", done.stdout, re.MULTILINE):
        outcomes.setdefault(test, set()).add(outcome)
    if done.returncode not in {0, 1}:
        pytest.fail(f"{tests} could not be run: {done.stdout}{done.stderr}")
    return done.returncode, outcomes


@pytest.fixture(scope="session")
def copy(tmp_path_factory):
    """A copy of the product in which every test of the list passes."""
    root = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        if (ROOT / name).is_dir():
            leave = shutil.ignore_patterns("__pycache__", "node_modules")
            shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=leave)
        else:
            shutil.copy(ROOT / name, root / name)
    tests = sorted({test for mutation in MUTATIONS for test in mutation["tests"]})
    code, outcomes = ran(tests, root)
    assert code == 0
    assert {test: outcomes.get(test) for test in tests} == {test: {"PASSED"} for test in tests}
    return root


@pytest.mark.parametrize("mutation", MUTATIONS, ids=NAMES)
def test_every_edit_can_still_be_made(mutation):
    source = (ROOT / mutation["file"]).read_text("utf-8")
    assert source.count(mutation["old"]) == 1
    assert mutation["old"] != mutation["new"]
    for test in mutation["tests"]:
        path, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text("utf-8")


def test_no_edit_is_listed_twice():
    assert len(set(NAMES)) == len(NAMES) >= 20


@pytest.mark.mutation
@pytest.mark.parametrize("mutation", MUTATIONS, ids=NAMES)
def test_an_edit_turns_its_tests_red(copy, mutation):
    path = copy / mutation["file"]
    source = path.read_text("utf-8")
    path.write_text(source.replace(mutation["old"], mutation["new"]), encoding="utf-8")
    try:
        code, outcomes = ran(mutation["tests"], copy)
    finally:
        path.write_text(source, encoding="utf-8")
    assert code == 1  # tests ran, and failed
    for test in mutation["tests"]:
        assert outcomes[test] & {"FAILED", "ERROR"}, f"{test} passed: {mutation['name']}"
