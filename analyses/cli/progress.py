"""What the command line says while it works. Nothing here computes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .talk import Sparing, is_watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..scans.large.run import Tally


@contextmanager
def busy(text: str) -> Iterator[None]:
    """Show that something is going on."""
    if not is_watched():
        with _heartbeat(lambda: text):
            yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@contextmanager
def counting(total: int, text: str) -> Iterator[Callable[[int], object]]:
    """Show how many of `total` are done; yields what to call with each batch."""
    if not is_watched():
        sparing, count = Sparing(), 0

        def more(done: int) -> None:
            nonlocal count
            count += done
            sparing.say(f"{count:,} of {total:,} {text}", done=count, of=total)

        with _heartbeat(lambda: f"{count:,} of {total:,} {text}"):
            yield more
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(text, total=total)
        yield lambda done: progress.advance(task, done)


@contextmanager
def steps() -> Iterator[Callable[[str], object]]:
    """Show which step is being done; yields what to call with its name."""
    if not is_watched():
        current = "starting"

        def name(step: str) -> None:
            nonlocal current
            current = step

        with _heartbeat(lambda: current):
            yield name
        return
    from rich.console import Console

    with Console(stderr=True).status("starting") as status:
        yield lambda step: status.update(step)


@contextmanager
def _heartbeat(doing: Callable[[], str]) -> Iterator[None]:
    """Say now and then, where nobody watches, what is being done and for how long."""
    over, sparing, started = threading.Event(), Sparing(), time.monotonic()

    def beat() -> None:
        while not over.wait(1.0):
            seconds = time.monotonic() - started
            sparing.say(f"{doing()}: {seconds:.0f} s so far", seconds=round(seconds, 1))

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def tallying() -> Iterator[Callable[[Tally], object]]:
    """Show how far a large scan is: a bar for a person, a line now and then for a log.

    Yields what to call with the tally after each part.
    """
    started = time.monotonic()

    def seconds_left(tally: Tally) -> float | None:
        new = tally.done - tally.resumed
        return (time.monotonic() - started) / new * (tally.rows - tally.done) if new else None

    def rate(tally: Tally) -> float:
        return (tally.done - tally.resumed) / max(time.monotonic() - started, 1e-9)

    def words(tally: Tally) -> str:
        left = seconds_left(tally)
        speed = rate(tally)
        told = f"{tally.failed:,} failed, {speed:{',.0f' if speed >= 10 else '.2g'}}/s"
        return told if left is None else f"{told}, {_duration(left)} left"

    if not is_watched():
        sparing = Sparing()

        def line(tally: Tally) -> None:
            left = seconds_left(tally)
            sparing.say(
                f"{tally.done:,} of {tally.rows:,} points, {words(tally)}",
                done=tally.done,
                of=tally.rows,
                failed=tally.failed,
                points_per_second=round(rate(tally), 1),
                seconds_left=None if left is None else round(left, 1),
            )

        yield line
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("starting", total=None)

        def show(tally: Tally) -> None:
            progress.update(bar, total=tally.rows, completed=tally.done, description=words(tally))

        yield show


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes}:{rest:02d}"
