"""One version, one address, one set of requirements; pyproject.toml has them, other files agree."""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import transport_model

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
VERSION, ADDRESS = PROJECT["version"], PROJECT["urls"]["Source"]
#: What may be written where an address of this project stands.
OWN = re.compile(r"https://[a-z.]+/transport-model/transport-model\b")


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def cff() -> dict:
    return yaml.safe_load(text("CITATION.cff"))


def recipe() -> dict:
    return yaml.safe_load(text("conda/recipe.yaml"))


def test_one_version():
    assert transport_model.__version__ == VERSION
    assert cff()["version"] == VERSION
    assert json.loads(text("codemeta.json"))["version"] == VERSION
    assert json.loads(text(".zenodo.json"))["version"] == VERSION
    assert re.findall(r"^ARG VERSION=(.*)$", text("docker/Dockerfile"), re.MULTILINE) == [VERSION]
    assert recipe()["context"]["version"] == VERSION


def test_the_list_of_a_release_names_every_file_that_has_the_version():
    told = set(re.findall(r"`([\w./-]+\.\w+|docker/Dockerfile)`", text("docs/releasing.md")))
    where = ("*", ".*.json", "conda/*", "docker/*", "transport_model/*.py")
    files = {path for pattern in where for path in ROOT.glob(pattern) if path.is_file()}
    written = re.compile(rf"(?<![\d.>=-]){re.escape(VERSION)}(?![\d.])")
    having = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if not path.name.startswith("constraints") and written.search(path.read_text("utf-8"))
    }
    assert having >= {"pyproject.toml", "CITATION.cff", "conda/recipe.yaml"}
    assert having <= told


def test_the_changelog_has_the_version_with_its_day_and_room_for_the_next():
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)
    day = cff()["date-released"]
    assert headings[:2] == ["[Unreleased]", f"[{VERSION}] - {day.isoformat()}"]
    assert json.loads(text("codemeta.json"))["dateModified"] == day.isoformat()
    assert json.loads(text(".zenodo.json"))["publication_date"] == day.isoformat()


def test_one_address():
    assert cff()["repository-code"] == ADDRESS
    codemeta = json.loads(text("codemeta.json"))
    assert codemeta["codeRepository"] == ADDRESS
    assert codemeta["issueTracker"] == PROJECT["urls"]["Issues"] == f"{ADDRESS}/issues"
    assert recipe()["about"]["homepage"] == recipe()["about"]["repository"] == ADDRESS
    assert all(url.startswith(ADDRESS) for url in PROJECT["urls"].values())
    files = [*ROOT.glob("*.*"), *(ROOT / ".github").rglob("*.*"), *(ROOT / "paper").glob("*.*")]
    found = {
        match for path in files if path.is_file() for match in OWN.findall(path.read_text("utf-8"))
    }
    assert found == {ADDRESS}


def test_citation_files_say_what_pyproject_says():
    codemeta, zenodo = json.loads(text("codemeta.json")), json.loads(text(".zenodo.json"))
    assert codemeta["description"] == zenodo["description"] == PROJECT["description"]
    assert codemeta["keywords"] == zenodo["keywords"] == PROJECT["keywords"]
    assert cff()["license"] == zenodo["license"] == recipe()["about"]["license"]
    assert codemeta["license"].endswith(f"/{PROJECT['license']}")
    assert cff()["title"] == zenodo["title"]
    (author,) = PROJECT["authors"]
    assert cff()["authors"] == codemeta_authors(codemeta) == zenodo["creators"] == [author]


def codemeta_authors(codemeta: dict) -> list[dict]:
    return [{"name": each["name"]} for each in codemeta["author"]]


def test_the_recipe_requires_what_pyproject_requires():
    python, *others = recipe()["requirements"]["run"]
    named = {"matplotlib-base": "matplotlib"}
    found = {
        canonicalize_name(named.get(name, name)): bound
        for name, bound in (each.split(" ") for each in others)
    }
    required = [Requirement(each) for each in PROJECT["dependencies"]]
    assert found == {canonicalize_name(each.name): str(each.specifier) for each in required}
    assert python == "python >=${{ python_min }}"
    assert PROJECT["requires-python"] == f">={recipe()['context']['python_min']}"
    (program,) = PROJECT["scripts"].items()
    assert recipe()["build"]["python"]["entry_points"] == [" = ".join(program)]


def test_zenodo_finds_what_its_form_asks_for():
    zenodo = json.loads(text(".zenodo.json"))
    asked = {"upload_type", "title", "description", "creators", "access_right", "license"}
    assert asked <= set(zenodo)
    assert zenodo["upload_type"] == "software"
    dt.date.fromisoformat(zenodo["publication_date"])


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.yml")), ids=lambda p: p.name)
def test_files_of_the_forge_can_be_read(path):
    content = yaml.safe_load(path.read_text("utf-8"))
    if path.parent.name == "workflows":
        # YAML 1.1 takes the key `on` for true
        assert {"name", True, "permissions", "jobs"} <= set(content)
        assert content["permissions"] == {"contents": "read"}
        for job in content["jobs"].values():
            assert job["runs-on"]
            assert all("uses" in step or "run" in step for step in job["steps"])


def test_forges_run_what_everybody_runs():
    for name in (".github/workflows/ci.yml", ".gitlab-ci.yml"):
        assert "bash .ci/run" in text(name)
    matrix = yaml.safe_load(text(".github/workflows/ci.yml"))["jobs"]["unit"]["strategy"]["matrix"]
    named = [
        each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: Python :: 3." in each
    ]
    assert matrix["python"] == named


@pytest.mark.slow
def test_what_is_published_is_clean(tmp_path):
    """Of twine, check-wheel-contents, pyroma and cffconvert, in an environment of their own."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    scripts = tmp_path / "venv" / "bin"
    tools = ["build", "check-wheel-contents", "cffconvert", "pyroma", "twine"]
    subprocess.run([scripts / "python", "-m", "pip", "install", "-q", *tools], check=True)
    subprocess.run(
        [scripts / "python", "-m", "build", "--outdir", tmp_path / "dist", ROOT], check=True
    )
    built = sorted((tmp_path / "dist").iterdir())
    assert [path.suffix for path in built] == [".whl", ".gz"]
    with zipfile.ZipFile(built[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        links = re.findall(r"\]\(([^)]+)\)", wheel.read(name).decode())
    assert len(links) > 20
    assert all(link.startswith("https://") for link in links), links  # PyPI shows it elsewhere
    for command in (
        ["twine", "check", "--strict", *built],
        ["check-wheel-contents", built[0]],
        ["cffconvert", "--validate", "-i", ROOT / "CITATION.cff"],
    ):
        done = subprocess.run([scripts / command[0], *command[1:]], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run(
        [scripts / "pyroma", "--skip-tests", "AuthorEmail", "-n", "10", built[1]],
        capture_output=True,
        text=True,
    )
    assert "Final rating: 10/10" in done.stdout, done.stdout
    shutil.rmtree(tmp_path / "venv")
