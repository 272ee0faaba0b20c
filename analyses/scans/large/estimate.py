"""What a large scan will take: time, memory and disk, from points that are solved now."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd

from transport_model.kernels.kernel import cores

from ..scan import Engine
from .parts import encode, solve
from .shards import Shard
from .store import Plan, check_place, part_path, read_part_failures

#: Seconds for which points are solved, and the most that are.
SECONDS, MOST = 2.0, 65_536
#: Points that are solved at a time: a kernel's have to fill its threads.
BATCH = {Engine.KERNEL: 16_384, Engine.ROADRUNNER: 16}
#: A part is held about this often: the results, their table, its Arrow copy and the file's bytes;
#: in this process that of the part before is still being written.
COPIES, COPIES_IN_PROCESS = 3.0, 5.0
#: A process that has loaded everything but no points, where the system does not tell [MB].
USUAL_PROCESS = 350.0


def estimate_scan(
    plan: Plan,
    folder: Path | str,
    *,
    workers: int | None = None,
    shard: Shard | None = None,
    elsewhere: bool = False,
) -> pd.DataFrame:
    """Solve some points of a scan, spread over its design, and say what the whole will take.

    Nothing is written. Parts that the folder holds already do not count.

    Parameters
    ----------
    plan
        What the scan is.
    folder
        Where it is to be, or has begun.
    workers
        Processes of this machine that will solve it; None for this one.
    shard
        The share that is asked about; the whole scan by default.
    elsewhere
        Whether it is solved on other machines: the time is then that of one core for all points.

    Returns
    -------
    pandas.DataFrame
        Indexed by what is estimated, with columns ``value`` and ``unit``: points and parts that are
        left, points measured, time of a point on the machine as it is to be used [ms], time to
        solve and write all, once the program has started [s], memory of all processes together
        [MB], disk [MB] and what is free of it [MB].

    Raises
    ------
    InputError
        The design cannot be set on the model, or the scan not written to the folder.
    """
    place = Path(folder)
    check_place(place, plan, shard or Shard())
    own = (shard or Shard()).parts(plan.parts)
    left = [part for part in own if read_part_failures(
        part_path(place, part), plan.identity, plan.rows_of(part)) is None]  # fmt: skip
    points = sum(map(plan.rows_of, left))
    threads = None if workers is None and not elsewhere else 1
    measured, seconds, columns, size = _measure(plan, threads)
    at_once = min(workers or 1, cores(), max(len(left), 1))
    of_point = seconds / measured / (1 if elsewhere else at_once)
    largest = max(map(plan.rows_of, left), default=0)
    copies = COPIES if workers else COPIES_IN_PROCESS
    of_part = largest * columns * 8 * copies / 1e6
    processes = workers + 1 if workers else 1
    memory = processes * _process_memory() + (workers or 1) * of_part
    values = {
        "points left": (points, ""),
        "parts left": (len(left), ""),
        "points measured": (measured, ""),
        "time of a point": (1e3 * of_point, "ms"),
        "time to solve": (of_point * points, "s"),
        "memory": (memory, "MB"),
        "disk": (size * points / 1e6, "MB"),
        "disk, free": (shutil.disk_usage(_existing(place)).free / 1e6, "MB"),
    }
    if elsewhere:
        values["time on one core"] = values.pop("time to solve")
    table = pd.DataFrame.from_dict(values, orient="index", columns=["value", "unit"])
    return table.astype({"value": float}).rename_axis("estimate")


def _measure(plan: Plan, threads: int | None) -> tuple[int, float, int, float]:
    """Return points solved, the time that took [s], columns of their table and bytes a point."""
    batch = min(BATCH[plan.engine], len(plan.design))
    task = replace(plan.task(0, threads), rows=plan.design.rows(0, 1))
    solve(task)  # what is loaded or compiled once is no matter of points
    measured, seconds = 0, 0.0
    tables: list[pd.DataFrame] = []
    for first in _spread(len(plan.design), batch):
        rows = plan.design.rows(first, min(first + batch, len(plan.design)))
        started = time.perf_counter()
        table = solve(replace(task, rows=rows))
        part = encode(task, table)
        seconds += time.perf_counter() - started
        measured += len(rows)
        tables.append(table)
        if seconds > SECONDS or measured >= MOST:
            break
    part = encode(task, pd.concat(tables))
    # What every file has at its end does not grow with its rows
    least = len(encode(task, tables[0].iloc[:1]).content)
    size = (len(part.content) - least) / max(measured - 1, 1)
    return measured, seconds, tables[0].shape[1], size + least / plan.part_rows


def _spread(rows: int, batch: int) -> Iterator[int]:
    """Yield first rows of batches that fill a design ever more densely, none of them twice."""
    places = -(-rows // batch)
    seen: set[int] = set()
    for number in range(4 * places):
        place = int(places * (number * 0.6180339887498949 % 1.0))
        if place not in seen:
            seen.add(place)
            yield place * batch


def _process_memory() -> float:
    """Return what a process takes that has loaded what is needed [MB]."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return USUAL_PROCESS
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _existing(folder: Path) -> Path:
    """Return a folder, or the nearest one above it that is there."""
    absolute = folder.absolute()
    return next(path for path in (absolute, *absolute.parents) if path.is_dir())
