"""Large scans end with the same bytes, whatever happens to them on the way."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from transport_model.analyses.reductions import read_reduction
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.designs.designs import grid
from transport_model.analyses.scans.designs.grids import Grid
from transport_model.analyses.scans.large import store
from transport_model.analyses.scans.large.executors import Cluster, Processes
from transport_model.analyses.scans.large.parts import CRASHED, Part, Task, solve_part
from transport_model.analyses.scans.large.reading import open_scan
from transport_model.analyses.scans.large.run import plan_scan, run_scan
from transport_model.analyses.scans.large.store import read_part_failures
from transport_model.analyses.scans.scan import scan
from transport_model.errors import ComputationError, InputError

AXES = {"Glc_o": [0.5, 1.0, 5.0, 20.0], "P_Na": [1e-3, 2e-3, 4e-3], "K_o": [3.0, 4.5]}
OUTPUTS = ("V_m", "Na_i", "J_sglt")


def sums(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("part-*")}


@pytest.fixture(scope="module")
def plan():
    from transport_model import load_model

    return plan_scan(load_model("cell"), Grid(AXES), engine="roadrunner", outputs=OUTPUTS,
                     part_rows=5)  # fmt: skip


@pytest.fixture(scope="module")
def undisturbed(plan, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scans") / "undisturbed"
    tally = run_scan(plan, folder)
    assert (tally.done, tally.failed, tally.resumed) == (24, 0, 0)
    return folder


def test_a_large_scan_says_what_a_scan_says(cell, undisturbed):
    expected = scan(cell, grid(**AXES), engine="roadrunner", outputs=OUTPUTS)
    found = open_scan(undisturbed).to_pandas()
    pd.testing.assert_frame_equal(found.rename_axis(None), expected, check_exact=True)


def test_processes_give_the_same_bytes(plan, undisturbed, tmp_path):
    run_scan(plan, tmp_path / "scan", executor=Processes(2))
    assert sums(tmp_path / "scan") == sums(undisturbed)


@pytest.mark.slow
def test_the_kernel_gives_the_same_bytes_on_threads_and_on_processes(cell, tmp_path):
    plan = plan_scan(cell, Grid(AXES), engine="kernel", outputs=OUTPUTS, part_rows=7)
    run_scan(plan, tmp_path / "threads")
    run_scan(plan, tmp_path / "processes", executor=Processes(2))
    assert sums(tmp_path / "threads") == sums(tmp_path / "processes")


def test_a_finished_scan_is_not_run_again(plan, undisturbed):
    before = {p.name: p.stat().st_mtime_ns for p in undisturbed.glob("part-*")}
    tally = run_scan(plan, undisturbed)
    assert tally.resumed == tally.done == 24
    assert before == {p.name: p.stat().st_mtime_ns for p in undisturbed.glob("part-*")}


@pytest.mark.parametrize("damage", ["cut", "emptied", "removed", "another", "garbage"])
def test_damaged_parts_are_found_and_repaired(plan, undisturbed, tmp_path, damage):
    folder = tmp_path / "scan"
    run_scan(plan, folder)
    part = folder / "part-000002.parquet"
    content = part.read_bytes()
    another = (folder / "part-000004.parquet").read_bytes()
    part.write_bytes({"cut": content[:-7], "emptied": b"", "removed": content, "garbage": b"x" * 99,
                      "another": another}[damage])  # fmt: skip
    if damage == "removed":
        part.unlink()
    for ending in (".0badcafe.part", ".tmp"):
        (folder / f".part-000003.parquet{ending}").write_bytes(b"half")
    tally = run_scan(plan, folder)
    assert tally.resumed == 19
    assert tally.repaired == (damage != "removed")
    assert sums(folder) == sums(undisturbed)
    assert {path.name for path in folder.glob(".*")} <= {".lock"}


def test_another_plan_is_refused_with_what_differs(cell, plan, undisturbed):
    for change, words in (
        ({"model": cell.with_values(K_o=6.0)}, "K_o"),
        ({"outputs": ("V_m",)}, "outputs"),
        ({"part_rows": 6}, "part_rows"),
        ({"design": Grid(AXES | {"K_o": [3.0, 5.0]})}, "design"),
    ):
        given = {"model": cell, "design": plan.design, "outputs": OUTPUTS, "part_rows": 5, **change}
        other = plan_scan(given.pop("model"), given.pop("design"), engine="roadrunner", **given)
        with pytest.raises(InputError, match="another scan") as error:
            run_scan(other, undisturbed)
        assert words in str(error.value)


def test_a_scan_of_an_earlier_format_is_read_but_not_continued(plan, tmp_path, monkeypatch):
    folder = tmp_path / "scan"
    with monkeypatch.context() as earlier:
        earlier.setattr(store, "FORMAT", 1)
        run_scan(replace(plan), folder)
    assert open_scan(folder).complete
    with pytest.raises(InputError, match=r"format 1, begun by an earlier .* another folder"):
        run_scan(replace(plan), folder)


def test_folders_that_hold_something_else(plan, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="other files"):
        run_scan(plan, tmp_path)
    with pytest.raises(InputError, match="is a file"):
        run_scan(plan, tmp_path / "notes.txt")
    with pytest.raises(InputError, match="no folder"):
        run_scan(plan, tmp_path / "none" / "scan")
    with pytest.raises(InputError, match="no scan"):
        open_scan(tmp_path)
    assert [p.name for p in tmp_path.iterdir() if not p.name.startswith(".")] == ["notes.txt"]


def test_one_process_at_a_time(plan, tmp_path):
    from transport_model.analyses.scans.large.store import Store

    with Store(tmp_path / "scan", plan), pytest.raises(InputError, match="another process"):
        run_scan(plan, tmp_path / "scan")


def test_scans_need_nothing_of_unix_to_be_imported():
    code = (
        "import sys; sys.modules['fcntl'] = None; import transport_model.analyses.scans.large.run"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=os.environ)


def test_a_full_disk_is_said_and_leaves_nothing_half(plan, tmp_path, monkeypatch):
    import errno

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = tmp_path / "scan"
    done = []

    def after(tally):
        done.append(tally.done)
        if tally.done >= 10:
            monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ComputationError, match="disk is full"):
        run_scan(plan, folder, progress=after)
    monkeypatch.undo()
    assert {path.name for path in folder.glob(".*")} <= {".lock"}
    assert all(read_part_failures(p, plan.identity, 5) is not None for p in folder.glob("part-*"))
    assert run_scan(plan, folder).resumed == 10


def die_of_glucose(task: Task) -> Part:
    """Solve a part, but go down on any row with one certain lumen glucose and permeability."""
    rows = task.rows
    if ((rows["Glc_o"] == 5.0) & (rows["P_Na"] == 2e-3) & (rows["K_o"] == 3.0)).any():
        os.kill(os.getpid(), signal.SIGKILL)
    return solve_part(task)


@pytest.mark.parametrize("where", ["processes", "cluster"])
@pytest.mark.slow
def test_a_poisonous_row_costs_one_row(plan, undisturbed, tmp_path, where, request):
    if where == "processes":
        executor = Processes(2, work=die_of_glucose)
    else:
        executor = Cluster(request.getfixturevalue("scheduler").address, work=die_of_glucose)
    tally = run_scan(plan, tmp_path / "scan", executor=executor)
    assert dict(tally.failures) == {CRASHED: 1}
    expected = open_scan(undisturbed).to_pandas()
    found = open_scan(tmp_path / "scan").to_pandas()
    (row,) = found.index[~found["converged"]]
    assert expected.loc[row, ["Glc_o", "P_Na", "K_o"]].tolist() == [5.0, 2e-3, 3.0]
    pd.testing.assert_frame_equal(found.drop(row), expected.drop(row), check_exact=True)
    assert found.loc[row, list(OUTPUTS)].isna().all()


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Keep a scheduler and two workers as processes of their own, on the loopback interface."""
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    cluster = LoopbackCluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


class LoopbackCluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "scheduler.json"
        self.scheduler = self.start_scheduler("tcp://127.0.0.1:0")
        deadline = time.monotonic() + 30
        while not self.file.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.address = json.loads(self.file.read_text())["address"]
        self.workers = [self.start_worker(), self.start_worker()]

    def start(self, *arguments: str) -> subprocess.Popen:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=self.folder,
        )  # fmt: skip

    def start_scheduler(self, address: str) -> subprocess.Popen:
        host, port = address.removeprefix("tcp://").split(":")
        return self.start("dask_scheduler", "--host", host, "--port", port, "--no-dashboard",
                          "--scheduler-file", str(self.file))  # fmt: skip

    def start_worker(self) -> subprocess.Popen:
        return self.start("dask_worker", self.address, "--nthreads", "1", "--no-dashboard",
                          "--host", "127.0.0.1", "--local-directory", str(self.folder))  # fmt: skip

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def open_sockets() -> set[int]:
    gc.collect()
    found = (item for item in gc.get_objects() if type(item) is socket.socket)
    return {item.fileno() for item in found} - {-1}


@pytest.fixture
def nothing_left_open():
    """Demand that a run on a cluster closes its sockets and ends its threads."""
    sockets, threads = open_sockets(), set(threading.enumerate())
    yield
    assert open_sockets() <= sockets
    assert not [t for t in set(threading.enumerate()) - threads if t.name in ("cluster", "IO loop")]


@pytest.mark.usefixtures("nothing_left_open")
def test_a_cluster_gives_the_same_bytes(plan, undisturbed, scheduler, tmp_path):
    run_scan(plan, tmp_path / "scan", executor=Cluster(scheduler.address))
    assert sums(tmp_path / "scan") == sums(undisturbed)


@pytest.mark.usefixtures("nothing_left_open")
def test_a_worker_and_the_scheduler_may_die_on_the_way(plan, undisturbed, scheduler, tmp_path):
    died = []

    def kill(tally):
        if tally.done >= 5 and "worker" not in died:
            died.append("worker")
            worker = scheduler.workers.pop()
            worker.kill()
            worker.wait()
        elif tally.done >= 10 and "scheduler" not in died:
            died.append("scheduler")
            scheduler.scheduler.kill()
            scheduler.scheduler.wait()
            scheduler.scheduler = scheduler.start_scheduler(scheduler.address)
            scheduler.workers.append(scheduler.start_worker())

    run_scan(plan, tmp_path / "scan", executor=Cluster(scheduler.address), progress=kill)
    assert died == ["worker", "scheduler"]
    assert sums(tmp_path / "scan") == sums(undisturbed)


@pytest.mark.usefixtures("nothing_left_open")
@pytest.mark.slow
def test_a_cluster_that_is_not_there(plan, tmp_path):
    pytest.importorskip("distributed", reason="needs the extra 'cluster'")
    with pytest.raises(InputError, match="no scheduler answers"):
        run_scan(plan, tmp_path / "scan", executor=Cluster("tcp://127.0.0.1:1"))


COMMAND = [sys.executable, "-m", "transport_model", "scan", "--vary", "Glc_o=0.5,1,5,20",
           "--vary", "P_Na=1e-3,2e-3,4e-3", "--vary", "K_o=3,4.5", "--engine", "roadrunner",
           "--part-rows", "1", "--output", "V_m"]  # fmt: skip


def kill_at_random(folder: Path, times: int, seed: int) -> int:
    """Start the command, kill it at a random moment, `times` over; return how often it was hit."""
    rng = random.Random(seed)
    hit = 0
    for _ in range(times):
        process = subprocess.Popen(
            [*COMMAND, "--workers", "2", "--out", f"{folder}/"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(rng.uniform(0.3, 5.0))
        except subprocess.TimeoutExpired:
            process.send_signal(rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
            process.wait()
            hit += 1
    return hit


def undisturbed_command(tmp_path):
    subprocess.run([*COMMAND, "--out", f"{tmp_path}/whole/"], check=True, capture_output=True)
    return sums(tmp_path / "whole")


def check_kills(tmp_path, times):
    whole = undisturbed_command(tmp_path)
    assert len(whole) == 24
    assert kill_at_random(tmp_path / "killed", times, seed=times) > 0
    time.sleep(1.5)  # workers of the last one notice that their parent is gone
    subprocess.run([*COMMAND, "--out", f"{tmp_path}/killed/"], check=True, capture_output=True)
    assert sums(tmp_path / "killed") == whole


def test_kills_at_random_moments_change_no_byte(tmp_path):
    check_kills(tmp_path, 3)


@pytest.mark.slow
def test_fifty_kills_at_random_moments_change_no_byte(tmp_path):
    for round_number in range(10):
        folder = tmp_path / str(round_number)
        folder.mkdir()
        check_kills(folder, 5)


def test_time_courses_are_scanned_too(cell, tmp_path):
    course = Course(600.0, 61, [read_reduction("Na_i:final"), read_reduction("V_m:max")])
    plan = plan_scan(cell, grid(J_pump_max=[0.0, 1.0, 2.0]), course=course, part_rows=2)
    run_scan(plan, tmp_path / "scan")
    found = open_scan(tmp_path / "scan").to_pandas()
    expected = scan(cell, grid(J_pump_max=[0.0, 1.0, 2.0]), course=course)
    pd.testing.assert_frame_equal(found.rename_axis(None), expected, check_exact=True)


def test_reading_back_loads_what_is_asked_for(undisturbed):
    data = open_scan(undisturbed)
    assert len(data) == data.rows == 24
    assert data.complete
    assert data.unit("V_m") == "mV"
    table = data.to_pandas(["V_m"], where=ds.field("Glc_o") > 4)
    assert list(table.columns) == ["V_m"]
    assert len(table) == 12
    with pytest.raises(InputError, match="did you mean 'V_m'"):
        data.to_pandas(["Vm"])


def test_parts_are_plain_parquet_with_units(undisturbed):
    path = undisturbed / "part-000000.parquet"
    about = json.loads(pq.read_schema(path).metadata[b"transport_model"])
    assert about["units"]["V_m"] == "mV"
    assert list(pd.read_parquet(path)["row"]) == [0, 1, 2, 3, 4]


def test_a_row_that_fails_is_a_row_with_a_status(cell, tmp_path):
    plan = plan_scan(cell, grid(K_o=[4.5, 5.0], n_X=[250.0, 5000.0]), engine="roadrunner")
    tally = run_scan(plan, tmp_path / "scan")
    table = open_scan(tmp_path / "scan").to_pandas()
    assert len(table) == 4
    failed = open_scan(tmp_path / "scan").failures.total()
    assert tally.failed == (~table["converged"]).sum() == failed
