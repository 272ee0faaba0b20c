"""Ask an engine in a process of its own, which may crash or hang."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from . import Referee
from .jobs import Job

_WORKER = f"{__package__}.worker"


@dataclass(frozen=True)
class Answer:
    """What an engine answered to one job: its columns, or why there are none."""

    job: Job
    columns: Mapping[str, Sequence[float]]
    error: str = ""


def ask(
    engine: Referee, jobs: Sequence[Job], *, progress: Callable[[str], object] | None = None
) -> list[Answer]:
    """Have an engine answer some jobs, in order.

    A job that takes down its process is answered with an error, and the others are asked again in
    a new one. A process that takes longer than the engine may leaves the rest unanswered.
    """
    answers: list[Answer] = []
    while len(answers) < len(jobs):
        if progress is not None:
            progress(f"{engine.title}: {jobs[len(answers)].test}")
        rest = jobs[len(answers) :]
        found, ending, is_late = _process(engine, rest)
        answers += [
            Answer(job, answer.get("columns", {}), answer.get("error", ""))
            for job, answer in zip(rest, found, strict=False)
        ]
        rest = jobs[len(answers) :]
        if is_late:
            answers += [Answer(job, {}, ending) for job in rest]
        elif rest:
            answers.append(Answer(rest[0], {}, ending))
    return answers


def _process(engine: Referee, jobs: Sequence[Job]) -> tuple[list[dict], str, bool]:
    """Return the answers of one process, how it ended, and whether it took too long."""
    request = json.dumps({"module": engine.module, "jobs": [asdict(job) for job in jobs]})
    with tempfile.TemporaryDirectory(prefix="transport-model-") as folder:
        path = Path(folder, "answers")
        # Not the working directory: what lies there is not to be taken for a library
        command = [
            sys.executable,
            "-P",
            "-m",
            _WORKER,
            str(path),
        ]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            cwd=folder, start_new_session=True,
            env={**os.environ, "PYTHONUTF8": "1", "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        is_late = False
        try:
            process.communicate(request.encode(), timeout=engine.timeout)
        except subprocess.TimeoutExpired:
            is_late = True
        finally:
            _end(process)
        ending = f"no answer within {engine.timeout:g} s" if is_late else _ending(process)
        return _read(path), ending, is_late


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, and the compilers it may have started."""
    if process.poll() is None:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.communicate()


def _ending(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    if code < 0:
        names = {one.value: one.name for one in signal.Signals}
        return f"its process crashed ({names.get(-code, f'signal {-code}')})"
    if code >= 0xC0000000:  # as Windows counts what other systems call signals
        return f"its process crashed (0x{code:X})"
    return f"its process ended with exit status {code}"


def _read(path: Path) -> list[dict]:
    """Return the whole lines of the answers; a process that dies may leave half a line."""
    if not path.exists():
        return []
    text = path.read_text("utf-8")
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
