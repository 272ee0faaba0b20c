"""Files, modules and commands that the texts name exist."""

from __future__ import annotations

import importlib
import re
import shlex
from pathlib import Path

import pytest
import typer

from transport_model.analyses.cli.app import app

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOLDERS = ("models", "transport_model", "analyses", "tests", "benchmarks", "docs", "examples")
COMMANDS = [
    (path.name, line)
    for path in TEXTS
    for line in re.findall(
        r"^\s*!?(transport-model [a-z].*)$", path.read_text("utf-8"), re.MULTILINE
    )
]


def paths_in(text):
    """Return what looks like a path of the repository."""
    pattern = rf"(?<![\w./-])((?:{'|'.join(FOLDERS)})/[\w./*-]*[\w/*])"
    return [path for path in re.findall(pattern, text) if "…" not in path]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_that_a_text_names_exist(path):
    for name in paths_in(path.read_text(encoding="utf-8")):
        if name.startswith("docs/") and "build" in name:
            continue
        assert list(ROOT.glob(name.rstrip("/"))), name


@pytest.mark.parametrize("package", ["transport_model", "analyses"])
def test_the_architecture_names_every_room(package):
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [path for path in (ROOT / package).iterdir()
             if not path.name.startswith(("_", "py.typed")) and not path.is_symlink()]  # fmt: skip
    for room in rooms:
        name = f"{package}/{room.name}" + ("/" if room.is_dir() else "")
        assert f"`{name}`" in text, name


def test_paths_are_found_where_they_are_named():
    assert paths_in("see `models/cell.ant`, analyses/studies/ and `build/docs`") == [
        "models/cell.ant", "analyses/studies/"]  # fmt: skip
    assert sum(len(paths_in(path.read_text("utf-8"))) for path in TEXTS) > 40


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_that_a_text_names_exist(path):
    names = re.findall(r"`(transport_model(?:\.\w+)+)`", path.read_text(encoding="utf-8"))
    for name in names:
        module, _, attribute = name.rpartition(".")
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            assert hasattr(importlib.import_module(module), attribute), name


@pytest.mark.parametrize(("text", "line"), COMMANDS)
def test_commands_that_a_text_shows_exist(text, line):
    """Every command, option and kind of value, as the program itself reads them."""
    command = re.split(r"\s{2,}|\s+#", line)[0]
    _, name, *arguments = shlex.split(command.replace("…", "Glc_o=1"))
    program = typer.main.get_command(app)
    assert name in program.commands, text
    with program.commands[name].make_context(name, arguments) as context:
        assert context.info_name == name


def test_commands_are_found_where_they_are_shown():
    assert len(COMMANDS) > 25
