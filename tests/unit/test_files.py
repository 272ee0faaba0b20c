"""Files and folders are complete or untouched, whatever stands in the way."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from transport_model import files
from transport_model.errors import InputError
from transport_model.files import (
    check_folder,
    check_target,
    folder_beside,
    reason,
    write_file,
    write_folder,
    write_text,
)


def names(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def stumble(part: Path) -> None:
    part.write_text("half", encoding="utf-8")
    raise OSError(errno.EIO, "the disk stumbles")


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(InputError, match=r"cannot write '.*table\.csv': the disk stumbles"):
        write_file(path, stumble)
    with pytest.raises(KeyboardInterrupt):
        write_file(path, lambda part: (part.touch(), (_ for _ in ()).throw(KeyboardInterrupt)))
    assert names(tmp_path) == ["table.csv"]
    assert path.read_text() == "old"


def test_the_old_file_is_there_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")

    def write(part: Path) -> None:
        part.write_text("new")
        assert path.read_text() == "old"

    write_file(path, write)
    assert path.read_text() == "new"


def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    (tmp_path / "far").mkdir()
    path, link = tmp_path / "far" / "table.csv", tmp_path / "link.csv"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to("far/table.csv")
    write_text(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    link.unlink()
    link.symlink_to("far/to-come.csv")
    write_text(link, "first")
    assert (tmp_path / "far" / "to-come.csv").read_text() == "first"


def test_a_pipe_is_written_into(tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "a,b\n")
    reader.join(5)
    assert got == ["a,b\n"]
    assert pipe.is_fifo()
    assert [p.name for p in tmp_path.iterdir()] == ["pipe.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_devices_are_written_into_and_a_full_one_says_so():
    write_text(Path("/dev/null"), "gone")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(InputError, match="cannot write '/dev/full': the disk is full"):
        write_text(Path("/dev/full"), "much")


def test_what_the_disk_said_is_told_even_where_it_gives_no_number():
    assert reason(OSError("Error writing\n bytes to file")) == "Error writing bytes to file"
    assert reason(OSError(errno.EROFS, os.strerror(errno.EROFS))) == "Read-only file system"
    assert reason(OSError()) == "OSError"


def test_a_new_folder_appears_whole_with_the_permissions_of_any_other(tmp_path):
    folder, other = tmp_path / "report", tmp_path / "other"
    other.mkdir()
    with write_folder(folder, "report") as part:
        (part / "data").mkdir()
        (part / "data" / "a.csv").write_text("1")
        assert not folder.exists()
    assert names(tmp_path) == ["report/data/a.csv"]
    assert folder.stat().st_mode == other.stat().st_mode


def test_a_folder_keeps_what_is_not_replaced(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("old")
    (tmp_path / "mine.txt").write_text("mine")
    with write_folder(tmp_path, "report") as part:
        (part / "data").mkdir()
        (part / "data" / "a.csv").write_text("new")
        (part / "b.html").write_text("page")
        assert (tmp_path / "data" / "a.csv").read_text() == "old"
    assert names(tmp_path) == ["b.html", "data/a.csv", "mine.txt"]
    assert (tmp_path / "data" / "a.csv").read_text() == "new"


@pytest.mark.parametrize("there", [True, False])
def test_a_failure_leaves_a_folder_as_it_was(tmp_path, there):
    folder = tmp_path / "report"
    if there:
        folder.mkdir()
    with (
        pytest.raises(InputError, match=r"cannot write the report to '.*report': .* stumbles"),
        write_folder(folder, "report") as part,
    ):
        stumble(part / "a.csv")
    assert [p.name for p in tmp_path.rglob("*")] == (["report"] if there else [])


def fill(folder: Path, *files: str) -> None:
    for name in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("new")


def test_a_folder_in_the_place_of_a_file_leaves_all_as_it_was(tmp_path):
    (tmp_path / "z.html").mkdir()
    (tmp_path / "a.csv").write_text("old")
    with (
        pytest.raises(InputError, match=r"cannot write the report to .*z\.html' is a folder"),
        write_folder(tmp_path, "report") as part,
    ):
        fill(part, "a.csv", "b.csv", "z.html")
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"


def test_a_disk_that_fails_half_way_leaves_a_folder_as_it_was(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("old")
    move = files._move

    def failing(part: Path, target: Path) -> None:
        if target.name == "c.csv":
            raise OSError(28, "No space left on device")
        move(part, target)

    monkeypatch.setattr(files, "_move", failing)
    with (
        pytest.raises(InputError, match="the disk is full"),
        write_folder(tmp_path, "report") as part,
    ):
        fill(part, "a.csv", "b.csv", "data/c.csv")
    assert names(tmp_path) == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"
    assert not (tmp_path / "data").exists()


def test_two_writers_of_one_new_folder_both_end_well(tmp_path):
    folder = tmp_path / "report"
    with write_folder(folder, "report") as late:
        (late / "late.txt").write_text("")
        with write_folder(folder, "report") as early:
            (early / "early.txt").write_text("")
    assert names(tmp_path) == ["report/early.txt", "report/late.txt"]


def test_a_folder_that_must_be_new_is_not_mixed_with_another(tmp_path):
    folder = tmp_path / "kernel"

    def both() -> None:
        with folder_beside(folder) as part:
            (part / "mine").touch()
            folder.mkdir()
            (folder / "theirs").touch()

    with pytest.raises(OSError, match="not empty"):
        both()
    assert names(tmp_path) == ["kernel/theirs"]


def test_targets_are_refused_before_the_work(tmp_path, monkeypatch):
    (tmp_path / "file").touch()

    def check_report(folder: Path) -> None:
        check_folder(folder, "report")

    for check, path, words in (
        (check_target, tmp_path, "is a folder; name a file"),
        (check_target, tmp_path / "none" / "a.csv", "there is no folder '.*none' to write 'a.csv'"),
        (check_report, tmp_path / "file", "name a folder for the report"),
        (
            check_report,
            tmp_path / "none" / "r",
            "no folder '.*none' to make",
        ),
    ):
        with pytest.raises(InputError, match=words):
            check(path)
    check_target(Path("/dev/null"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    for check in (lambda: check_target(tmp_path / "a"), lambda: check_folder(tmp_path / "a", "b")):
        with pytest.raises(InputError, match="cannot be written to"):
            check()
