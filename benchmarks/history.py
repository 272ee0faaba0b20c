"""What benchmarks measured, run by run: ``benchmark-results/history.csv``."""

from __future__ import annotations

import csv
import datetime as dt
import os
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
HISTORY = ROOT / "benchmark-results" / "history.csv"
COLUMNS = ("date", "commit", "machine", "load", "benchmark", "value", "unit")


def record(rows: Iterable[tuple[str, float, str]], path: Path = HISTORY) -> None:
    """Append measurements.

    Parameters
    ----------
    rows
        Of each the name of the benchmark, the value, and its unit.
    path
        The file; made with its heading if it is not there.
    """
    is_new = not path.exists()
    run = (dt.datetime.now(dt.UTC).date().isoformat(), commit(), machine(), f"{load():.1f}")
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(COLUMNS)
        writer.writerows((*run, name, f"{value:.4g}", unit) for name, value, unit in rows)


def latest(path: Path = HISTORY) -> dict[str, dict[str, str]]:
    """Return the last row of every benchmark, by its name."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["benchmark"]: row for row in csv.DictReader(file)}


def commit() -> str:
    """Return the commit that lies here, with ``+`` where something has been changed."""
    done = subprocess.run(["git", "describe", "--always", "--dirty=+", "--exclude=*"], cwd=ROOT,
                          capture_output=True, text=True, check=False)  # fmt: skip
    return done.stdout.strip()


def machine() -> str:
    """Return the processor and the number of its cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        name = next(line.partition(":")[2] for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{' '.join(name.split())}, {os.cpu_count()} cores"


def load() -> float:
    """Return how many processes wanted a processor in the last minute; NaN if nobody tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
