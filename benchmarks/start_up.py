"""What commands cost before they do anything: with an empty cache, and with a filled one.

Run by hand: ``python benchmarks/start_up.py``. Each command runs in a process of its own, first
with a cache folder that is empty and then again; the least of the further runs counts. Prints
seconds of the processor and appends to the history.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

from history import record

COMMANDS = {
    "--help": ["--help"],
    "steady-state": ["steady-state"],
    "scan of 100 points by a kernel": ["scan", "--vary", "Glc_o=1:10:100", "--engine", "kernel",
                                       "--out", "-"],
    "a typo in --set": ["steady-state", "--set", "Glcc_o=3"],
}  # fmt: skip
REPEATS = 5


def seconds(command: list[str], cache: str) -> float:
    """Return the processor's time that a command takes [s]."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "transport_model", *command],
        env={**os.environ, "TRANSPORT_MODEL_CACHE": cache},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    print(f"{'':32} {'cold':>6} {'warm':>6}  s of the processor")
    for name, command in COMMANDS.items():
        with tempfile.TemporaryDirectory() as cache:
            cold = seconds(command, cache)
            warm = min(seconds(command, cache) for _ in range(REPEATS))
        print(f"{name:32} {cold:6.2f} {warm:6.2f}")
        record([(f"{name}, cold", cold, "s"), (f"{name}, warm", warm, "s")])


if __name__ == "__main__":
    main()
