"""Wheel, sdist and editable installation work where nothing of the checkout can be seen.

Each is installed in an empty environment, which borrows the dependencies of the running one and
nothing else, and run in a folder with a package ``analyses`` of its own.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel made of the checkout, an sdist, and a wheel made of that sdist."""
    folder = tmp_path_factory.mktemp("built")
    _python("-m", "build", "--wheel", "--outdir", folder / "wheel", ROOT, cwd=folder)
    _python("-m", "build", "--outdir", folder / "sdist", ROOT, cwd=folder)
    (wheel,) = (folder / "wheel").glob("*.whl")
    (sdist,) = (folder / "sdist").glob("*.tar.gz")
    (from_sdist,) = (folder / "sdist").glob("*.whl")
    return {"wheel": wheel, "sdist": sdist, "wheel of the sdist": from_sdist}


def test_the_wheel_of_the_sdist_holds_what_the_wheel_holds(built):
    def files(path: Path) -> dict[str, int]:
        with zipfile.ZipFile(path) as archive:
            return {item.filename: item.CRC for item in archive.infolist()}

    files_of_wheel = files(built["wheel"])
    assert files(built["wheel of the sdist"]) == files_of_wheel
    assert {name.partition("/")[0].partition("-")[0] for name in files_of_wheel} == {
        "transport_model"
    }
    for folder in ("analyses", "models", "transport_model"):
        for path in (ROOT / folder).rglob("*"):  # follows no link
            if path.is_file() and "__pycache__" not in path.parts:
                place = path.relative_to(ROOT).as_posix().removeprefix("transport_model/")
                assert f"transport_model/{place}" in files_of_wheel


def test_the_sdist_holds_no_link(built):
    with tarfile.open(built["sdist"]) as archive:
        assert not [item.name for item in archive.getmembers() if item.issym() or item.islnk()]


# The wheel is what the sdist makes, to the byte
@pytest.mark.parametrize(
    "kind",
    [*(pytest.param(kind, marks=pytest.mark.slow) for kind in ("wheel", "sdist")), "editable"],
)
def test_an_installation_works_beside_a_package_called_analyses(kind, built, tmp_path):
    venv, here = tmp_path / "venv", tmp_path / "here"
    _python("-m", "venv", "--without-pip", venv, cwd=tmp_path)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (site,) = venv.rglob("site-packages")
    # as a line of a .pth file: the .pth files that lie in it, such as an editable one, are not read
    (site / "zz_dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    what = ["-e", ROOT] if kind == "editable" else [built[kind]]
    _python("-m", "pip", "--python", python, "install", "-c", ROOT / "constraints.txt", *what,
            cwd=tmp_path)  # fmt: skip

    (here / "analyses").mkdir(parents=True)
    (here / "analyses" / "__init__.py").write_text("raise RuntimeError('somebody else')\n")
    program = python.with_name("transport-model")
    _run(program, "steady-state", "--out", "state.csv", cwd=here)
    with (here / "state.csv").open(encoding="utf-8") as file:
        state = {row["id"]: row for row in csv.DictReader(file)}
    assert -70 < float(state["V_m"]["value"]) < -50
    _run(program, "report", "--model", "pump_assay", "--out", "report", cwd=here)
    assert (here / "report" / "report.html").stat().st_size > 10_000
    where = _run(python, "-c", "import transport_model; print(transport_model.__file__)", cwd=here)
    expected = ROOT / "transport_model" if kind == "editable" else site / "transport_model"
    assert Path(where.strip()).parent == expected


def _python(*arguments: object, cwd: Path) -> str:
    return _run(sys.executable, *arguments, cwd=cwd)


def _run(*command: object, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=environment, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
