"""The process in which a foreign engine runs: jobs in as JSON, a line of JSON out per job.

Run with ``python -m`` and the name of a file, it reads the request from standard input and appends
to that file, because what these libraries print ends up on standard output.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path

from .jobs import Job


def main() -> None:
    """Answer every job of the request."""
    warnings.simplefilter("ignore")
    request = json.loads(sys.stdin.buffer.read())
    jobs = [Job(**job) for job in request["jobs"]]
    with Path(sys.argv[1]).open("a", encoding="utf-8") as answers:
        for job in jobs:
            answers.write(json.dumps(_answer(request["module"], job)) + "\n")
            answers.flush()


def _answer(module: str, job: Job) -> dict[str, object]:
    # The outermost door: these libraries raise whatever they like (SystemError and bare Exception
    # among it), and whatever they raise is the answer to this one job
    try:
        engine = importlib.import_module(module)
        solve = engine.course if job.kind == "course" else engine.steady_state
        return {"columns": solve(job)}
    except Exception as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return {"error": text[:300]}


if __name__ == "__main__":
    main()
