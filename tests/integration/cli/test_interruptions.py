"""A command that is ended while it writes leaves what was there, and nothing half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

#: A command that is sent a signal by itself once it has written so many files.
_ENDED = """
import os, signal, sys
from pathlib import Path
import transport_model.files as files
from transport_model.analyses.cli.app import main
wanted, after, arguments = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
moved, move = [], files._move
def counted(part, target):
    if len(moved) == after:
        os.kill(os.getpid(), wanted)
    moved.append(target)
    move(part, target)
files._move = counted
signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell's background job lacks
sys.argv = ["transport-model", *arguments]
main()
"""
SMALL = "model small\n species A; A = 2; k = 0.3; -> A; 1; A -> ; k*A\nend\n"
ENDS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "terminated")}
EACH = pytest.mark.parametrize("wanted", ENDS, ids=[each.name for each in ENDS])


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.ant"
    path.write_text(SMALL)
    return str(path)


def ended(wanted, after, *arguments):
    """Run a command that is ended; check how it ends."""
    command = [sys.executable, "-c", _ENDED, str(int(wanted)), str(after), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    code, word = ENDS[wanted]
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines()[-1] == f"transport-model: {word}"
    assert "Traceback" not in done.stderr


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@EACH
def test_a_file_is_the_old_one(small, tmp_path, wanted):
    target = tmp_path / "out" / "course.csv"
    target.parent.mkdir()
    target.write_text("old")
    ended(wanted, 0, "simulate", "--model", small, "--end", "3", "--out", str(target))
    assert content(target.parent) == {"course.csv": b"old"}


@EACH
@pytest.mark.parametrize("after", [0, 2])
def test_a_folder_is_as_it_was(small, tmp_path, wanted, after):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "small.xml").write_text("old")
    (folder / "mine.txt").write_text("mine")
    ended(wanted, after, "export", "--model", small, "--out", f"{folder}/")
    assert content(folder) == {"small.xml": b"old", "mine.txt": b"mine"}


@pytest.mark.parametrize(
    "wanted",
    [pytest.param(each, marks=[pytest.mark.slow] if place else [], id=each.name)
     for place, each in enumerate(ENDS)],
)  # fmt: skip
def test_a_report_is_the_old_one(small, tmp_path, wanted):
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "report.html").write_text("old")
    ended(wanted, 3, "report", "--model", small, "--out", str(folder))
    assert content(folder) == {"report.html": b"old"}


@EACH
def test_a_new_folder_is_not_there(small, tmp_path, wanted):
    command = _ENDED.replace("files._move = counted", _BEFORE_RENAME)
    done = subprocess.run(
        [sys.executable, "-c", command, str(int(wanted)), "0", "export", "--model", small,
         "--out", f"{tmp_path}/out/"], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == ENDS[wanted][0], done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["small.ant"]


_BEFORE_RENAME = """
import pathlib
def renamed(self, target):
    os.kill(os.getpid(), wanted)
pathlib.Path.rename = renamed
"""


def test_a_pipe_gets_the_whole_table(small, tmp_path):
    pipe = tmp_path / "course.csv"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    command = [sys.executable, "-m", "transport_model", "simulate", "--model", small,
               "--end", "3", "--points", "4", "--out", str(pipe)]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    reader.join(timeout=30)
    assert done.returncode == 0, done.stderr
    assert len(read[0].splitlines()) == 5
    assert pipe.is_fifo()


@pytest.mark.parametrize("command", ["export", "report"])
def test_one_target_that_cannot_be_written_leaves_the_folder_as_it_was(small, tmp_path, command):
    folder = tmp_path / "out"
    (folder / ("small.xml" if command == "export" else "report.html")).mkdir(parents=True)
    (folder / "mine.txt").write_text("mine")
    run = [
        sys.executable,
        "-m",
        "transport_model",
        command,
        "--model",
        small,
        "--out",
        f"{folder}/",
    ]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "is a folder" in done.stderr.splitlines()[-1].lower()
    assert len(done.stderr.splitlines()[-1]) <= 320
    assert content(folder) == {"mine.txt": b"mine"}
    assert not list(tmp_path.rglob("*.part"))
