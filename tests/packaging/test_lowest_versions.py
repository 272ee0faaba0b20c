"""The promises of pyproject.toml: its lowest versions, and every Python that it names.

The fast tests compare what stands in files. The slow ones install the wheel, in an environment of
its own, and run ``tests/unit`` against it: with the lowest versions, and with each interpreter on
the path. Interpreters of pyenv are on it after ``pyenv shell 3.11 3.12 3.13``.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOWEST = ROOT / "constraints-lowest.txt"
PYTHONS = sorted(
    (found[1] for each in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", each))),
    key=Version,
)
#: What runs the tests; no dependency of the product, so that any version will do.
TOOLS = ("hypothesis", "jsonschema", "pytest", "pytest-xdist")
#: Extras with lowest versions; not `docs` and `dev`, which developers have, nor `referees`.
EXTRAS = (
    "archives",
    "cluster",
    "estimation",
    "exchange",
    "interactive",
    "pdf",
    "tellurium",
    "xarray",
)


def pinned(path: Path) -> dict[str, Version]:
    """Return the versions that a file of constraints has, by name."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("#")]
    pairs = (line.split("==") for line in lines)
    return {canonicalize_name(name): Version(version) for name, version in pairs}


REQUIREMENTS = [
    Requirement(text)
    for text in [
        *PROJECT["dependencies"],
        *(text for extra in EXTRAS for text in PROJECT["optional-dependencies"][extra]),
    ]
    if not text.startswith("transport-model[")
]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=str)
def test_the_lowest_versions_are_those_that_are_promised(requirement):
    (bound,) = requirement.specifier
    lowest, tested = pinned(LOWEST), pinned(ROOT / "constraints.txt")
    name = canonicalize_name(requirement.name)
    assert bound.operator == ">="
    assert lowest[name] == Version(bound.version)
    assert tested[name] in requirement.specifier


@pytest.mark.parametrize("path", ["constraints.txt", "constraints-lowest.txt"])
def test_constraints_name_no_registry(path):
    text = (ROOT / path).read_text("utf-8")
    assert not re.search(r"^\s*(-|[^#]*(://|@))", text, re.MULTILINE)


def test_pinned_versions_run_with_the_first_release_of_the_lowest_python():
    needed = {name: told for name in pinned(ROOT / "constraints.txt") if (told := needs(name))}
    assert len(needed) > 100
    first = f"{PYTHONS[0]}.0"
    assert {name: told for name, told in needed.items() if first not in SpecifierSet(told)} == {}


def needs(name: str) -> str | None:
    """Return which Python an installed distribution says it needs."""
    try:
        return metadata(name).get("Requires-Python")
    except PackageNotFoundError:
        return None


def test_the_pythons_that_are_named_begin_with_the_one_that_is_required():
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert len(PYTHONS) == 3


@pytest.mark.slow
@pytest.mark.parametrize("version", PYTHONS)
def test_unit_tests_pass_with_every_python(version, tmp_path):
    run_unit_tests(interpreter(version), ROOT / "constraints.txt", tmp_path)


@pytest.mark.slow
def test_unit_tests_pass_with_the_lowest_versions(tmp_path):
    run_unit_tests(interpreter(PYTHONS[0]), LOWEST, tmp_path)


def interpreter(version: str) -> str:
    """Return the path of an interpreter; skip where there is none that runs."""
    found = shutil.which(f"python{version}")
    ask = "import sys; print(sys.version_info[0], sys.version_info[1], sep='.')"
    if found:  # of pyenv's there may be the name alone
        done = subprocess.run([found, "-c", ask], capture_output=True, text=True, check=False)
        if done.stdout.strip() == version:
            return found
    pytest.skip(f"no Python {version} on the path")


def run_unit_tests(python: str, constraints: Path, folder: Path) -> None:
    """Install a wheel of the checkout in a new environment and run ``tests/unit`` against it."""
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "wheel", ROOT, cwd=folder)
    (wheel,) = (folder / "wheel").glob("*.whl")
    run(python, "-m", "venv", folder / "venv", cwd=folder)
    scripts = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")
    run(scripts / "python", "-m", "pip", "install", "--prefer-binary", "-c", constraints, wheel,
        *TOOLS, cwd=folder)  # fmt: skip
    # the program, not `python -m`: that would have the checkout on its path
    told = run(scripts / "pytest", "-n", "2", "--dist", "loadfile", "-p", "no:cacheprovider",
               "tests/unit", cwd=ROOT)  # fmt: skip
    assert re.search(r"\b[1-9]\d{3} passed", told), told[-2000:]


def run(*command: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout
