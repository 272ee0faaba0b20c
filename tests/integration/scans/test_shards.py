"""Shards of a large scan meet in one folder, or are merged, and are the undivided scan."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from transport_model import load_model
from transport_model.analyses.scans.designs.grids import Grid
from transport_model.analyses.scans.large import shards, store
from transport_model.analyses.scans.large.merging import merge_scans
from transport_model.analyses.scans.large.reading import open_scan
from transport_model.analyses.scans.large.run import plan_scan, run_scan
from transport_model.analyses.scans.large.shards import Shard
from transport_model.analyses.scans.large.store import Store
from transport_model.errors import ComputationError, InputError

TEXT = "model m\n S = 1; k = 1; d = 2\n -> S; k\n S -> ; d*S\nend\n"
COUNT = 8


def contents(folder: Path) -> dict[str, str]:
    """Every file of a scan that is not hidden, by its checksum."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest()
            for p in folder.iterdir() if not p.name.startswith(".")}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "m.ant"
    path.write_text(TEXT)
    return load_model(path)


@pytest.fixture(scope="module")
def plan(model):
    axes = {"k": [1.0, 2.0, 3.0, 4.0, 5.0], "d": [1.0, 2.0, 3.0]}
    return plan_scan(model, Grid(axes), engine="roadrunner", part_rows=2)


@pytest.fixture(scope="module")
def undivided(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans") / "undivided"
    run_scan(plan, folder)
    assert len(list(folder.glob("part-*"))) == COUNT
    return contents(folder)


@pytest.mark.parametrize("of", [2, 3, COUNT])
def test_shards_that_meet_in_one_folder_are_the_undivided_scan(plan, undivided, tmp_path, of):
    folder = tmp_path / "scan"
    done = [run_scan(plan, folder, shard=Shard(n, of)).done for n in reversed(range(1, of + 1))]
    assert sum(done) == 15
    assert contents(folder) == undivided
    assert merge_scans([folder]).complete


def test_shards_in_folders_of_their_own_are_merged(plan, undivided, tmp_path):
    folders = [tmp_path / f"shard{n}" for n in (1, 2, 3)]
    for number, folder in enumerate(folders, 1):
        run_scan(plan, folder, shard=Shard(number, 3))
    data = merge_scans(folders, tmp_path / "whole")
    assert data.complete
    assert contents(tmp_path / "whole") == undivided
    # And once more, over itself, and into one of the shards
    merge_scans(folders, tmp_path / "whole")
    merge_scans(folders, folders[1])
    assert contents(tmp_path / "whole") == contents(folders[1]) == undivided
    assert run_scan(plan, tmp_path / "whole").resumed == 15


def test_missing_shards_are_named_and_nothing_is_written(plan, tmp_path):
    for number in (1, 4):
        run_scan(plan, tmp_path / f"{number}", shard=Shard(number, 4))
    folders = [tmp_path / "1", tmp_path / "4"]
    with pytest.raises(ComputationError) as error:
        merge_scans(folders, tmp_path / "whole")
    assert "lacks 4 of 8 parts: shard 2/4 (2 of 2 parts), shard 3/4 (2 of 2 parts);" in str(
        error.value
    )
    assert not (tmp_path / "whole").exists()
    assert open_scan(folders[0]).missing.startswith("shard 2/4 (2 of 2 parts), shard 3/4")
    for folder in folders:  # as copied without hidden files
        for hidden in folder.glob(".*"):
            hidden.unlink()
    with pytest.raises(ComputationError, match=r"parts: part 1, part 2, part 5, part 6;"):
        merge_scans(folders, tmp_path / "whole")


def flip(path: Path) -> None:
    """Change one bit of a part's last value of S, and leave its footer."""
    with pq.ParquetFile(path) as file:
        chunk = file.metadata.row_group(0).column(file.schema_arrow.names.index("S"))
    content = bytearray(path.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size - 1] ^= 1
    path.write_bytes(content)


def test_damaged_parts_are_named_and_are_solved_again(plan, undivided, tmp_path):
    folder = tmp_path / "scan"
    for number in (1, 2):
        run_scan(plan, folder, shard=Shard(number, 2))
    part = folder / "part-000003.parquet"
    part.write_bytes(part.read_bytes()[:-9])
    with pytest.raises(ComputationError, match=r"shard 2/2 \(1 of 4 parts\)"):
        merge_scans([folder])
    assert run_scan(plan, folder, shard=Shard(2, 2)).repaired == 1
    assert contents(folder) == undivided
    shutil.copytree(folder, tmp_path / "copy")
    flip(part)  # which only its checksums tell
    with pytest.raises(ComputationError, match=r"part-000003\.parquet is damaged: .* remove it"):
        merge_scans([folder])
    merge_scans([folder, tmp_path / "copy"], tmp_path / "whole")
    assert contents(tmp_path / "whole") == undivided


def test_foreign_shards_and_parts_are_named(model, plan, undivided, tmp_path):
    deep = tmp_path / ("deep" * 50)  # a message names the ends of long paths
    deep.mkdir()
    ours, theirs, other = deep / "ours", deep / "theirs", deep / "other"
    run_scan(plan, ours, shard=Shard(1, 2))
    run_scan(plan, other, shard=Shard(2, 2))
    foreign = plan_scan(model.with_values(d=7.0), Grid({"k": [1.0, 2.0, 3.0]}),
                        engine="roadrunner", part_rows=2)  # fmt: skip
    run_scan(foreign, theirs)
    told = r"'…\S*/theirs' holds a shard of another scan than '…\S*/ours'; its model changes d is 7"
    with pytest.raises(InputError, match=told):
        merge_scans([ours, theirs], tmp_path / "whole")
    with pytest.raises(InputError, match="holds no scan"):
        merge_scans([ours, tmp_path], tmp_path / "whole")
    with pytest.raises(InputError, match="another scan"):
        merge_scans([ours, other], theirs)
    for name in ("part-000001.parquet", "part-000009.parquet"):
        shutil.copy(theirs / "part-000001.parquet", ours / name)
        with pytest.raises(InputError, match=rf"{name} is no part of the scan"):
            merge_scans([ours, other], tmp_path / "whole")
        (ours / name).unlink()
    shutil.copy(ours / "part-000002.parquet", ours / "part-000001.parquet")  # ours, misplaced
    with pytest.raises(InputError, match=r"part-000001\.parquet is no part of the scan"):
        merge_scans([ours, other], tmp_path / "whole")
    (ours / "part-000001.parquet").unlink()
    with pytest.raises(InputError, match="need one to be merged into"):
        merge_scans([ours, other])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        merge_scans([ours, other], tmp_path / "mine")
    assert not (tmp_path / "whole").exists()
    merge_scans([ours, other], tmp_path / "whole")
    assert contents(tmp_path / "whole") == undivided


def test_parts_that_differ_between_folders_are_named(plan, tmp_path, monkeypatch):
    for name in ("a", "b"):
        run_scan(plan, tmp_path / name)
    part = tmp_path / "b" / "part-000004.parquet"
    with monkeypatch.context() as patch:  # as from a machine whose last digit is another
        from transport_model.analyses.scans.large import run

        solve = run.InProcess.run
        patch.setattr(run.InProcess, "run", lambda self, tasks: map(_shifted, solve(self, tasks)))
        part.unlink()
        run_scan(plan, tmp_path / "b")
    with pytest.raises(InputError, match=r"part-000004\.parquet and .* are not the same"):
        merge_scans([tmp_path / "a", tmp_path / "b"], tmp_path / "whole")


def _shifted(part):
    from dataclasses import replace

    import pyarrow as pa

    table = pq.read_table(pa.BufferReader(part.content))
    place = table.schema.names.index("S")
    values = pa.array(table["S"].to_numpy() * (1 + 1e-16 * 4))
    sink = pa.BufferOutputStream()
    pq.write_table(table.set_column(place, "S", values), sink, write_page_checksum=True)
    return replace(part, content=sink.getvalue().to_pybytes())


def test_more_shards_than_parts_are_refused_before_anything_is_written(plan, tmp_path):
    with pytest.raises(InputError, match=r"8 parts cannot be divided into 9 shards; --part-rows 1"):
        run_scan(plan, tmp_path / "scan", shard=Shard(1, 9))
    assert not (tmp_path / "scan").exists()


def held(folder: Path, name: str) -> FileLock:
    folder.mkdir(exist_ok=True)
    lock = FileLock(folder / name)
    lock.acquire()
    return lock


def test_who_may_write_beside_whom(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(shards, "PATIENCE", 0.2)
    folder = tmp_path / "scan"
    lock = held(folder, ".shard-1-of-2")
    with pytest.raises(InputError, match=r"is writing shard 1/2 of the scan"):
        run_scan(plan, folder, shard=Shard(1, 2))
    for other in (Shard(), Shard(1, 3)):
        with pytest.raises(InputError, match=r"shard 1/2 of the scan in .* is running"):
            run_scan(plan, folder, shard=other)
    half = folder / ".part-000000.parquet.0badcafe.part"  # which shard 1/2 is filling
    half.write_bytes(b"half")
    assert run_scan(plan, folder, shard=Shard(2, 2)).done == 7
    assert half.exists()
    lock.release()
    lock = held(folder, ".lock")
    with pytest.raises(InputError, match="another process is writing the scan"):
        run_scan(plan, folder, shard=Shard(1, 2))
    lock.release()
    assert run_scan(plan, folder, shard=Shard(1, 2)).done == 8
    assert not half.exists()


def test_a_file_system_without_locks_is_written_to_all_the_same(
    plan, undivided, tmp_path, monkeypatch
):
    import errno

    def none(*_, **__):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(shards.FileLock, "acquire", none)
    folder = tmp_path / "scan"
    folder.mkdir()
    leftover = folder / ".part-000000.parquet.0badcafe.part"
    leftover.write_bytes(b"perhaps being filled")
    for number in (1, 2):
        run_scan(plan, folder, shard=Shard(number, 2))
    assert contents(folder) == undivided
    assert leftover.exists()


def test_a_shard_of_another_plan_is_refused_in_a_shared_folder(model, plan, tmp_path):
    run_scan(plan, tmp_path / "scan", shard=Shard(1, 2))
    other = plan_scan(model, Grid({"k": [1.0, 2.0, 3.0]}), engine="roadrunner", part_rows=1)
    with pytest.raises(InputError, match="another scan; its"):
        run_scan(other, tmp_path / "scan", shard=Shard(2, 2))


def test_a_folder_is_a_scan_from_the_first_file_on(plan, undivided, tmp_path, monkeypatch):
    """So that a shard that starts at any moment of another's start is let in."""
    folder, write = tmp_path / "scan", store.write_beside
    written = []

    def watched(path, content):
        write(path, content)
        written.append(path.name)
        store.refuse_strangers(folder)

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_beside", watched)
        run_scan(plan, folder, shard=Shard(1, 2))
    assert len(written) == 2 + COUNT // 2
    (folder / "model.xml").unlink()  # as after a kill between the first file and the second
    run_scan(plan, folder, shard=Shard(2, 2))
    assert contents(folder) == undivided


@pytest.mark.parametrize("there", [pytest.param(True, marks=pytest.mark.slow), False])
def test_shards_that_start_at_once_are_all_let_in(plan, undivided, tmp_path, there):
    gate = threading.Barrier(COUNT)

    def start(folder, number):
        gate.wait(timeout=60)
        Store(folder, plan, Shard(number, COUNT)).close()

    with ThreadPoolExecutor(COUNT) as pool:
        for attempt in range(25):
            folder = tmp_path / f"{attempt}"
            if there:
                folder.mkdir()
            list(pool.map(start, [folder] * COUNT, range(1, COUNT + 1)))
            assert contents(folder).items() <= undivided.items()
            assert len(contents(folder)) == 2


def test_every_machine_chooses_the_same_engine(model, monkeypatch):
    from transport_model.kernels import kernel

    for cached in (True, False):
        monkeypatch.setattr(kernel, "is_cached", lambda *_, cached=cached: cached)
        assert plan_scan(model, Grid({"k": [1.0, 2.0]})).engine == "roadrunner"


@pytest.mark.parametrize("text", ["", "1", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/2", "1/9999999",
                                  "1.5/4", "²/4"])  # fmt: skip
def test_shards_that_are_none(text):
    with pytest.raises(InputError, match=r"shard"):
        Shard.named(text)


def test_shards_start_at_once_and_are_killed_and_continue(tmp_path):
    """Through the command, as an array job runs it."""
    (tmp_path / "m.ant").write_text(TEXT)
    command = [sys.executable, "-m", "transport_model", "scan", "--model", tmp_path / "m.ant",
               "--vary", "k=1:5:200", "--vary", "d=1,2,3", "--engine", "roadrunner",
               "--part-rows", "20"]  # fmt: skip
    whole, folder = f"{tmp_path}/whole/", f"{tmp_path}/scan/"
    subprocess.run([*command, "--out", whole], check=True, capture_output=True)
    part = tmp_path / "scan" / "part-000001.parquet"
    with ExitStack() as stack:
        jobs = [
            stack.enter_context(
                subprocess.Popen([*command, "--out", folder, "--shard", f"{number}/3"],
                                 stderr=subprocess.PIPE)
            )
            for number in (1, 2, 3)
        ]  # fmt: skip
        while not part.exists() and jobs[1].poll() is None:
            time.sleep(0.01)
        jobs[1].kill()
        said = [job.communicate(timeout=120)[1] for job in jobs]
    assert [job.returncode in allowed for job, allowed in
            zip(jobs, ((0,), (0, -9), (0,)), strict=True)] == [True] * 3, said  # fmt: skip
    said = subprocess.run([*command, "--out", folder, "--shard", "2/3"], check=True,
                          capture_output=True, text=True).stderr  # fmt: skip
    assert "200 points of shard 2/3" in said
    assert contents(tmp_path / "scan") == contents(tmp_path / "whole")
