"""Where parts of a large scan are solved: here, on processes of this machine, or on a cluster.

Every executor takes tasks one by one as it has room for them, and gives parts back as they are
done, in any order. A task whose process dies is tried again; one that takes its process down
alone comes back as :class:`FatalTask`.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from transport_model.errors import ComputationError, InputError

from .parts import Part, Task, encode, solve, solve_part

#: How often a task is tried alone before its death is its own fault.
TRIALS = 2
#: Seconds for which a lost scheduler is looked for again.
PATIENCE = 30.0


@dataclass(frozen=True)
class FatalTask:
    """A task that takes down every process that tries it."""

    task: Task


Done = Part | FatalTask


class Executor(Protocol):
    """Solves tasks somewhere."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Solve every task; parts come back as they are done."""
        ...


@dataclass(frozen=True)
class InProcess:
    """In this process, with the kernel's threads; parts are encoded while the next is solved."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Solve every task; parts come back in order."""
        with ThreadPoolExecutor(1) as encoder:
            pending: Future[Part] | None = None
            for task in tasks:
                table = solve(task)
                if pending is not None:
                    yield pending.result()
                pending = encoder.submit(encode, task, table)
            if pending is not None:
                yield pending.result()


# pebble.ProcessPool (5.2.3) passes the same tests, but saves 13 lines of this module's 327: its
# workers, too, outlive a parent that is killed, and its tasks, too, go through a pipe
@dataclass(frozen=True)
class Processes:
    """On processes of this machine.

    Attributes
    ----------
    workers
        How many.
    work
        What they do; a function of an installed module.
    """

    workers: int
    work: Callable[[Task], Part] = solve_part

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Solve every task; parts come back as they are done."""
        waiting = iter(tasks)
        suspects: list[Task] = []
        with tempfile.TemporaryDirectory(prefix="transport-model-") as folder:
            while True:
                yield from self._pool(Path(folder), waiting, suspects)
                if not suspects:
                    return
                # One of those in flight took the pool down: each by itself tells which
                for task in suspects:
                    yield self._alone(Path(folder), task)
                suspects.clear()

    def _pool(self, folder: Path, waiting: Iterator[Task], suspects: list[Task]) -> Iterator[Done]:
        """Run tasks until there are none, or until a death leaves `suspects`."""
        running: dict[Future[Part], Task] = {}
        with self._executor(self.workers) as pool:
            try:
                for task in waiting:
                    running[pool.submit(_from_file, self.work, _to_file(task, folder))] = task
                    if len(running) >= self.workers + 1:
                        yield from _finished(running)
                while running:
                    yield from _finished(running)
            except BrokenProcessPool:
                suspects.extend(running.values())
            except BaseException:
                _stop(pool)
                raise

    def _alone(self, folder: Path, task: Task) -> Done:
        for _ in range(TRIALS):
            with self._executor(1) as pool:
                try:
                    return pool.submit(_from_file, self.work, _to_file(task, folder)).result()
                except BrokenProcessPool:
                    continue
                except BaseException:
                    _stop(pool)
                    raise
        return FatalTask(task)

    @staticmethod
    def _executor(workers: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, mp_context=context, initializer=_follow_parent)


def _to_file(task: Task, folder: Path) -> Path:
    """Put a task in a file for a worker to take out.

    What goes through the pool's own pipe has to be small: when a worker dies while the pipe is
    full, the pool of Python before 3.11.5 waits for ever (python/cpython issue 94777).
    """
    path = folder / f"{task.part}-{task.rows.index[0]}-{len(task.rows)}"
    path.write_bytes(pickle.dumps(task))
    return path


def _from_file(work: Callable[[Task], Part], path: Path) -> Part:
    part = work(pickle.loads(path.read_bytes()))
    path.unlink(missing_ok=True)
    return part


def _finished(running: dict[Future[Part], Task]) -> Iterator[Part]:
    done, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        part = future.result()
        del running[future]
        yield part


def _stop(pool: ProcessPoolExecutor) -> None:
    """End a pool's processes at once; what they were doing is not wanted any more."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _follow_parent() -> None:
    """End this process when its parent is gone: a killed scan leaves nobody behind.

    Ctrl-C reaches every process of a terminal; what becomes of it is the parent's to say.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()  # not `os.getppid`, which on Windows stays the same
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@dataclass(frozen=True)
class Cluster:
    """On the workers of a Dask cluster.

    Attributes
    ----------
    address
        Of the scheduler, such as ``tcp://host:8786``.
    work
        What the workers do; a function of a module that is installed there.
    patience
        Seconds for which a lost scheduler is looked for again.
    """

    address: str
    work: Callable[[Task], Part] = solve_part
    patience: float = PATIENCE

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Solve every task; parts come back as they are done."""
        try:
            import distributed  # noqa: F401
        except ImportError:
            raise InputError(
                "a cluster needs dask.distributed: pip install 'transport-model[cluster]'"
            ) from None
        waiting = iter(tasks)
        again: list[Task] = []
        with _Loop() as loop:
            client = self._client(loop, first=True)
            while True:
                try:
                    yield from self._through(client, waiting, again)
                finally:
                    with suppress(TimeoutError, OSError):  # what is left open closes with the loop
                        client.close(timeout=2)
                if not again:
                    return
                client = self._client(loop, first=False)

    def _through(self, client: Any, waiting: Iterator[Task], again: list[Task]) -> Iterator[Done]:
        """Run tasks through a client; those in flight when the scheduler is lost are `again`."""
        import dask.config
        from dask.distributed import wait as any_of
        from distributed.scheduler import KilledWorker

        running: dict[Any, Task] = {}
        # A task is its rows; sent with the call, it outlives any worker
        dask.config.set({"distributed.admin.large-graph-warning-threshold": "1 GiB"})
        retried, again[:] = list(again), []
        try:
            while True:
                room = 2 * max(1, len(client.scheduler_info(n_workers=-1)["workers"])) + 1
                while len(running) < room:
                    task = retried.pop() if retried else next(waiting, None)
                    if task is None:
                        break
                    running[client.submit(self.work, task, pure=False)] = task
                if not running:
                    return
                with client.as_current():
                    done = any_of(list(running), return_when="FIRST_COMPLETED").done
                for future in done:
                    if future.status == "lost" or future.cancelled():
                        raise OSError("the scheduler is gone")
                    try:
                        part = future.result()
                    except KilledWorker:
                        part = FatalTask(running[future])
                    del running[future]
                    yield part
        except (OSError, TimeoutError, _cancelled()):
            again.extend([*running.values(), *retried])

    def _client(self, loop: _Loop, *, first: bool) -> Any:
        from dask.distributed import Client

        # What it has to say about lost connections is said by us, once
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        deadline = time.monotonic() + (10.0 if first else self.patience)
        while True:
            try:
                return Client(self.address, timeout=5, set_as_default=False, loop=loop.io)
            except (OSError, TimeoutError, ValueError):
                if time.monotonic() > deadline:
                    if first:
                        raise InputError(f"no scheduler answers at '{self.address}'") from None
                    raise ComputationError(
                        f"the scheduler at '{self.address}' is gone; what is done stays, and the"
                        " same command continues"
                    ) from None
                time.sleep(0.5)


def _cancelled() -> type[BaseException]:
    from concurrent.futures import CancelledError

    return CancelledError


class _Loop:
    """An event loop in a thread of its own, for the clients of one run.

    The loop that a Dask client makes for itself runs on, its sockets open, when the client cannot
    start or has lost its scheduler; this one ends, and closes what was opened on it.
    """

    def __init__(self) -> None:
        self.io: Any = None
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._turn()), name="cluster", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.io.add_callback(self._stop.set)
        self._thread.join(timeout=10)

    async def _turn(self) -> None:
        from tornado.ioloop import IOLoop

        self.io, self._stop = IOLoop.current(), asyncio.Event()
        self._ready.set()
        await self._stop.wait()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=5)
        for opened, _ in list(self.io.handlers.values()):
            self.io.remove_handler(opened)
            self.io.close_fd(opened)
