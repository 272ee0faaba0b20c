"""Where chapters are computed: side by side, in processes that may take too long or die.

A chapter can hang in a library, which nothing but the end of its process stops. The processes are
no children of :mod:`multiprocessing`, which begin by importing the user's script again: one without
a guard would start its report a second time in each of them.
"""

from __future__ import annotations

import math
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import Any

import numpy as np

from transport_model import Model, steady_state
from transport_model.errors import SteadyStateError, TransportModelError

from .chapter import Chapter, LeftOut, Planned, Search
from .drawing import draw

#: Time of a processor that a chapter may take [s], and how many times that by the clock: a busy
#: machine is slow, and what sleeps takes no time of a processor.
BUDGET, PATIENCE = 90.0, 8.0
#: Most processes: a chapter or two take most of the time, so that more would have nothing to do.
WORKERS = 3
_START = "import sys; sys.path[:] = sys.argv[1:]; from {} import serve; serve()"
try:
    import resource
except ImportError:  # not there on Windows, where the clock alone tells
    resource = None


class _Overdue(Exception):
    """A task took longer than it may."""


class _Died(Exception):
    """A task took its process down."""


class _Worker:
    """A process that runs one task after another; it is replaced when a task ends it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, task: Callable[[], Any], budget: float) -> Any:
        """Return what a task returns, or raise what it raises.

        Raises
        ------
        _Overdue, _Died
            The process had to be ended after `budget` [s], or ended by itself.
        """
        process = self._process = self._process or _started()
        assert process.stdin is not None
        assert process.stdout is not None
        overdue = threading.Event()
        timer = threading.Timer(PATIENCE * budget, lambda: (overdue.set(), process.kill()))
        timer.start()
        try:
            pickle.dump((task, budget), process.stdin)
            process.stdin.flush()
            good, value = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            process.wait()  # its pipe is closed; how it ended tells why
            self.end()
            used_up = resource is not None and process.returncode == -signal.SIGXCPU
            raise (_Overdue if used_up or overdue.is_set() else _Died) from None
        finally:
            timer.cancel()
        if not good:
            raise value
        return value

    def end(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _START.format(__name__), *sys.path],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def serve() -> None:
    """Run the tasks that come through standard input, until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever asked ends this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print is no answer
    while True:
        try:
            task, budget = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        _allow(budget)
        try:
            answer = (True, task())
        except Exception as error:  # whatever it is, it is raised where the task was given
            answer = (False, error)
        pickle.dump(answer, answers)
        answers.flush()


def _allow(budget: float) -> None:
    """Have this process ended by a signal once it has used `budget` [s] of a processor more."""
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = math.ceil(time.process_time() + budget)
        if most != resource.RLIM_INFINITY:
            wanted = min(wanted, most)
        resource.setrlimit(resource.RLIMIT_CPU, (wanted, most))


def compute(
    plan: Sequence[Planned], say: Callable[[str], object], *, budget: float = BUDGET
) -> list[Chapter[Any] | LeftOut]:
    """Return the chapters of a plan in its order, their figures drawn.

    What takes more than `budget` [s] of a processor's time, or takes its process down, is left out
    with that as the reason.
    """
    count = max(1, min(WORKERS, os.cpu_count() or 1, len(plan)))
    workers = [_Worker() for _ in range(count)]
    free: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def run(planned: Planned) -> Chapter[Any] | LeftOut:
        worker = free.get()
        try:
            return worker.run(partial(attempt, planned), budget)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(run, planned) for planned in plan]
        try:
            chapters = []
            for planned, future in zip(plan, futures, strict=True):
                say(planned.title[0].lower() + planned.title[1:])
                chapters.append(_outcome(planned, future, budget))
            return chapters
        finally:
            for future in futures:
                future.cancel()
            for worker in workers:
                worker.end()


def search(model: Model, *, budget: float = BUDGET) -> Search:
    """Look for the steady state that a model's start leads to.

    It is looked for in a process of its own, for at most `budget` [s] of a processor's time.
    """
    worker = _Worker()
    try:
        return Search(worker.run(partial(steady_state, model), budget))
    except SteadyStateError as error:
        return Search(None, str(error).rstrip("."), error.period)
    except TransportModelError as error:
        return Search(None, str(error).rstrip("."))
    except _Overdue:
        return Search(None, f"none was found within {budget:g} s")
    except _Died:
        return Search(None, "the process that looked for it died")
    finally:
        worker.end()


def attempt(planned: Planned) -> Chapter[Any] | LeftOut:
    """Return a chapter with its figures drawn, or why it does not apply to its model."""
    try:
        chapter = planned.compute()
        drawn = {name: draw(figure, name) for name, figure in chapter.figures.items()}
        return replace(chapter, figures={}, drawn=drawn)
    except TransportModelError as error:
        why = str(error).rstrip(".")
    except RecursionError:
        why = "its formulas are nested too deep"
    except np.linalg.LinAlgError:
        why = "the equations that give it are singular at this state"
    return LeftOut(planned.anchor, planned.title, why)


def _outcome(
    planned: Planned, future: Future[Chapter[Any] | LeftOut], budget: float
) -> Chapter[Any] | LeftOut:
    try:
        return future.result()
    except _Overdue:
        why = f"it takes longer than the {budget:g} s that a chapter is given"
    except _Died:
        why = "the process that computed it died"
    if planned.instead:
        why += f"; '{planned.instead}' has no such limit"
    return LeftOut(planned.anchor, planned.title, why)
