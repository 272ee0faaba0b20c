"""What Windows and macOS lack or do otherwise, simulated: paths, processes, limits, line ends."""

from __future__ import annotations

import ast
import multiprocessing
import ntpath
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import SimpleNamespace

import pytest

import transport_model
from transport_model import files
from transport_model.analyses.exchange.verification.engines import running
from transport_model.analyses.report import workshop
from transport_model.analyses.scans.large import estimate, executors
from transport_model.kernels import store

PACKAGE = Path(transport_model.__file__).parent


def is_reserved(path: str) -> bool:
    if hasattr(ntpath, "isreserved"):  # from Python 3.13 on, which has deprecated the other
        return ntpath.isreserved(path)
    return PureWindowsPath(path).is_reserved()


@pytest.mark.parametrize("path", ["/dev/null", "/proc/self/fd/1"])
def test_devices_and_open_files_are_of_the_system(path):
    assert files._is_of_system(PurePosixPath(path))


@pytest.mark.parametrize(
    "path", [PureWindowsPath(r"C:\dev\out.csv"), PureWindowsPath(r"D:\proc\x"),
             PureWindowsPath(r"\\server\share\dev\x"), PurePosixPath("/srv/dev/x")],
)  # fmt: skip
def test_a_folder_called_dev_is_a_folder(path):
    assert not files._is_of_system(path)


@pytest.mark.parametrize(
    ("name", "on_windows"),
    [
        ("models/aux.csv", "models/_aux.csv"),
        ("CON", "_CON"),
        ("com1.sedml/report.csv", "_com1.sedml/report.csv"),
        ("a:b.csv", "a_b.csv"),
        ("what?.sedml/r.csv", "what_.sedml/r.csv"),
        ("ends./x", "ends_/x"),
        ("console/auxin.csv", "console/auxin.csv"),
    ],
)
def test_names_that_windows_takes_for_devices_or_refuses(name, on_windows, monkeypatch):
    assert files.possible_name(name) == name
    monkeypatch.setattr(files, "WINDOWS", True)
    assert files.possible_name(name) == on_windows
    assert not is_reserved(on_windows)


def test_text_files_have_the_same_bytes_everywhere():
    """On Windows Python writes a line's end as two characters unless it is told."""
    untold = []
    for folder, _, names in os.walk(PACKAGE, followlinks=True):
        for path in (Path(folder, name) for name in names if name.endswith(".py")):
            text = path.read_text("utf-8")
            for node in ast.walk(ast.parse(text)) if ".write_text(" in text else ():
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "write_text"
                    and "newline" not in {word.arg for word in node.keywords}
                ):
                    untold.append(f"{path}:{node.lineno}")
    assert not untold


def test_an_engine_is_ended_where_there_are_no_process_groups(monkeypatch):
    monkeypatch.delattr(os, "killpg", raising=False)
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    running._end(process)
    assert process.returncode not in (None, 0)


@pytest.mark.parametrize(
    ("status", "told"),
    [(-11, "SIGSEGV"), (-50, "signal 50"), (0xC0000005, "crashed (0xC0000005)"), (3, "status 3")],
)
def test_how_an_engine_ended_is_told(status, told):
    assert told in running._ending(SimpleNamespace(returncode=status))


def test_without_limits_of_a_processor_the_clock_ends_a_chapter(monkeypatch):
    monkeypatch.setattr(workshop, "resource", None)
    monkeypatch.setattr(workshop, "PATIENCE", 1.0)
    workshop._allow(1.0)
    worker = workshop._Worker()
    with pytest.raises(workshop._Overdue):
        worker.run(partial(time.sleep, 60), 0.3)
    with pytest.raises(workshop._Died):  # not overdue, though its exit status is 0
        worker.run(partial(os._exit, 0), 60.0)
    worker.end()


def test_a_limit_that_is_there_already_is_not_raised(monkeypatch):
    asked = []
    fake = SimpleNamespace(
        RLIMIT_CPU=0, RLIM_INFINITY=-1, getrlimit=lambda which: (5, 5),
        setrlimit=lambda which, limits: asked.append(limits),
    )  # fmt: skip
    monkeypatch.setattr(workshop, "resource", fake)
    workshop._allow(1e6)
    assert asked == [(5, 5)]


def test_memory_and_cores_are_told_without_linux(monkeypatch):
    def nothing(path, *_, **__):
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "read_text", nothing)
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert estimate._process_memory() == estimate.USUAL_PROCESS
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert store.cores() == 7


def test_a_worker_follows_its_parent_without_asking_who_it_is(monkeypatch):
    """On Windows `os.getppid` names a parent that is gone."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    ended = multiprocessing.get_context("spawn").Event()
    gone = SimpleNamespace(join=lambda: None)
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: gone)
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    monkeypatch.setattr(os, "getppid", lambda: pytest.fail("asked"))
    executors._follow_parent()
    assert ended.wait(2)
