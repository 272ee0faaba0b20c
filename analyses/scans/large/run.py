"""Large scans: into a folder, part by part, to be continued whenever they were stopped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from transport_model import Model
from transport_model.errors import InputError
from transport_model.model import check_model
from transport_model.ranges import warn_outside

from ..courses import Course
from ..designs.base import Design, check_design
from ..designs.files import as_design
from ..scan import (
    WORTH_COMPILING,
    Engine,
    scan,
    usable_courses,
    usable_kernel,
)
from .executors import Executor, FatalTask, InProcess
from .parts import Part, Task, check_outputs, crashed_rows, encode
from .shards import Shard
from .store import MANIFEST, PART_ROWS, SLOW_PART_ROWS, Plan, Store, read_manifest


@dataclass
class Tally:
    """How far a large scan is.

    Attributes
    ----------
    rows, done
        Of the whole scan or shard, and how many of them are in the folder.
    resumed
        How many of those were there when this run began.
    repaired
        Parts that were there but cut short or not readable, and are solved again.
    failures
        Rows without a result, by status.
    """

    rows: int
    done: int = 0
    resumed: int = 0
    repaired: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """Rows without a result."""
        return self.failures.total()


def plan_scan(
    model: Model,
    design: pd.DataFrame | Design,
    *,
    engine: Engine | str = Engine.AUTO,
    outputs: Sequence[str] | None = None,
    course: Course | None = None,
    part_rows: int | None = None,
    folder: Path | None = None,
) -> Plan:
    """Return what a large scan is, after a look at its first and its last row.

    Parameters
    ----------
    model, design, engine, outputs, course
        As :func:`scan` takes them. The engine is settled here, for all parts alike.
    part_rows
        Rows of a part.
    folder
        Where the scan may have begun already: then its engine and size of parts are kept, and
        nothing has to be tried first.

    Returns
    -------
    Plan
        Everything that decides the result, and nothing else.

    Raises
    ------
    InputError
        As :func:`scan`.
    """
    check_model(model)
    points = as_design(design)
    if part_rows is not None and part_rows < 1:
        raise InputError(f"a part needs at least one row, not {part_rows}")
    engine = Engine.named(engine)
    wanted = None if outputs is None else tuple(outputs)
    check_outputs(model, wanted, points.columns)
    probe = pd.concat([points.rows(0, 1), points.rows(len(points) - 1, len(points))])
    check_design(probe, model=model)
    warn_outside(model.name, points.bounds(), model.unit)
    begun = read_manifest(folder) if folder and (folder / MANIFEST).is_file() else None
    if begun is not None:
        engine = Engine(begun["engine"]) if engine is Engine.AUTO else engine
        size = part_rows or int(begun["part_rows"])
        return Plan(model, points, engine, wanted, course, size)
    if engine is Engine.AUTO:
        engine = _engine_for(model, points, course)
    # Unknown outputs and models without a steady state are refused before anything is written
    scan(model, probe.iloc[:1], engine=engine, outputs=wanted, course=course)
    fast = engine is Engine.KERNEL
    return Plan(model, points, engine, wanted, course,
                part_rows or (PART_ROWS if fast else SLOW_PART_ROWS))  # fmt: skip


def _engine_for(model: Model, design: Design, course: Course | None) -> Engine:
    """Return the engine of all parts.

    Not by what lies in this machine's cache: every shard has to come to the same.
    """
    columns = list(map(str, design.columns))
    if course is not None:
        many = usable_courses(model, columns, course.way, Engine.AUTO, len(design))
        is_there = many is not None
    else:
        is_there = len(design) >= WORTH_COMPILING
        is_there = is_there and usable_kernel(model, columns, Engine.AUTO) is not None
    return Engine.KERNEL if is_there else Engine.ROADRUNNER


def run_scan(
    plan: Plan,
    folder: Path,
    *,
    executor: Executor | None = None,
    shard: Shard | None = None,
    progress: Callable[[Tally], object] | None = None,
) -> Tally:
    """Solve what is not yet in a folder, and put it there.

    Stopped at any moment, by any signal, and run again with the same plan, it ends with the same
    bytes in every part as an undisturbed run, whichever executor is used.

    Parameters
    ----------
    plan
        What the scan is.
    folder
        New, empty, or holding a scan of the same plan.
    executor
        Where parts are solved; in this process by default.
    shard
        Which share of the parts is solved; all of them by default. Shards may run at once, into
        the same folder or folders of their own that :func:`merge_scans` brings together.
    progress
        Called with the tally after each part, and once before the first.

    Returns
    -------
    Tally
        How far the scan, or the shard, is: all of it.

    Raises
    ------
    InputError
        The folder holds something else, or a scan of another plan; there are more shards than
        parts.
    ComputationError
        The disk is full, or a cluster is gone; what is done stays.
    """
    executor = executor or InProcess()
    threads = None if isinstance(executor, InProcess) else 1
    own = (shard or Shard()).parts(plan.parts)
    with Store(folder, plan, shard) as store:
        tally = Tally(sum(map(plan.rows_of, own)))
        missing = []
        for part in own:
            failures = store.done(part)
            if failures is None:
                missing.append(part)
                tally.repaired += store.path(part).exists()
            else:
                tally.done += plan.rows_of(part)
                tally.failures.update(failures)
        tally.resumed = tally.done
        if progress is not None:
            progress(tally)
        tasks: Iterator[Task] = (plan.task(part, threads) for part in missing)
        for done in executor.run(tasks):
            part = _isolate_fatal_rows(done.task, executor) if isinstance(done, FatalTask) else done
            store.put(part)
            tally.done += part.rows
            tally.failures.update(part.failures)
            if progress is not None:
                progress(tally)
    return tally


def _isolate_fatal_rows(task: Task, executor: Executor) -> Part:
    """Solve a task that takes its process down, all but the rows that do it."""
    tables = dict(_halves(task, executor))
    like = next((table for table in tables.values() if table is not None), None)
    if like is None:  # every row is fatal: a row of the same kind tells the columns
        like = task.rows.assign(converged=False, status="", residual=float("nan"))
    whole = [
        crashed_rows(piece, like) if table is None else table
        for piece, table in _ordered(tables, task)
    ]
    return encode(task, pd.concat(whole))


def _ordered(
    tables: dict[tuple[int, int], pd.DataFrame | None], task: Task
) -> Iterator[tuple[Task, pd.DataFrame | None]]:
    for (first, last), table in sorted(tables.items()):
        yield task.cut(first, last), table


def _halves(
    task: Task, executor: Executor
) -> Iterator[tuple[tuple[int, int], pd.DataFrame | None]]:
    """Halve a task until its fatal rows stand alone; yields row bounds and results."""
    pieces = [(0, len(task.rows))]
    while pieces:
        first, last = pieces.pop()
        if last - first == 1:
            yield (first, last), None
            continue
        middle = (first + last) // 2
        for low, high in ((first, middle), (middle, last)):
            (done,) = executor.run(iter([task.cut(low, high)]))
            if isinstance(done, FatalTask):
                pieces.append((low, high))
            else:
                yield (low, high), done.table()
