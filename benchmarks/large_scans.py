"""Large scans against the bare kernel, and two Dask workers against one: run by hand.

Usage: ``python benchmarks/large_scans.py [ROWS]``; ten million rows by default.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from history import record

from transport_model import load_model
from transport_model.analyses.scans.designs.grids import Grid
from transport_model.analyses.scans.large.executors import Cluster
from transport_model.analyses.scans.large.reading import open_scan
from transport_model.analyses.scans.large.run import plan_scan, run_scan
from transport_model.kernels.kernel import kernel_for

OUTPUTS = ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "J_pump", "J_sglt")


def design(rows: int) -> Grid:
    """Return a grid of six axes with about as many rows."""
    side = rows / 1000
    return Grid(
        {
            "Glc_o": np.geomspace(0.1, 30, round(side**0.5)),
            "P_Na": np.linspace(1e-3, 3e-3, round(side / round(side**0.5))),
            "K_o": np.linspace(3, 6, 10),
            "J_pump_max": np.linspace(1.2, 2.4, 10),
            "Na_o": np.linspace(120, 150, 5),
            "n_SGLT": [0.03, 0.05],
        }
    )


def main() -> None:
    """Time and print everything."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    cell, points = load_model("cell"), design(rows)
    rows = len(points)
    kernel = kernel_for(cell, list(points.columns))
    seconds = 0.0
    for first in range(0, rows, 131_072):
        block = points.rows(first, min(rows, first + 131_072))
        results = np.full((len(block), len(OUTPUTS)), np.nan)
        start = time.perf_counter()
        kernel.solve(cell, block, results, outputs=list(OUTPUTS))
        seconds += time.perf_counter() - start
    print(f"bare kernel, two threads: {seconds:.1f} s, {1e6 * seconds / rows:.2f} us a point")

    folder = Path(tempfile.mkdtemp(prefix="scan-"))
    plan = plan_scan(cell, points, engine="kernel", outputs=OUTPUTS)
    start = time.perf_counter()
    tally = run_scan(plan, folder / "here")
    whole = time.perf_counter() - start
    size = sum(p.stat().st_size for p in (folder / "here").glob("part-*"))
    print(f"into Parquet: {whole:.1f} s, {1e6 * whole / rows:.2f} us a point,"
          f" {100 * seconds / whole:.0f} % of the kernel's speed; {tally.failed} failed,"
          f" {size / 2**20:.0f} MiB")  # fmt: skip
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MiB")
    record([("a point of a large scan, bare kernel", 1e6 * seconds / rows, "µs"),
            ("a point of a large scan, into Parquet", 1e6 * whole / rows, "µs")])  # fmt: skip
    start = time.perf_counter()
    run_scan(plan, folder / "here")
    print(f"resuming the finished scan: {time.perf_counter() - start:.2f} s")
    start = time.perf_counter()
    mean = open_scan(folder / "here").to_pandas(["V_m"])["V_m"].mean()
    print(f"reading one column back: {time.perf_counter() - start:.2f} s (mean V_m {mean:.3f} mV)")
    shutil.rmtree(folder / "here")

    for workers in (1, 2):
        timed_cluster(plan, folder, workers)
    shutil.rmtree(folder)


def timed_cluster(plan, folder: Path, workers: int) -> None:
    """Time the plan on a scheduler and workers of their own."""
    file = folder / f"scheduler-{workers}.json"
    start_process = [sys.executable, "-m"]
    processes = [
        subprocess.Popen(
            [
                *start_process,
                "distributed.cli.dask_scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                str(file),
            ],
            stderr=subprocess.DEVNULL,
        )
    ]
    while not file.exists():
        time.sleep(0.1)
    processes += [
        subprocess.Popen(
            [
                *start_process,
                "distributed.cli.dask_worker",
                "--scheduler-file",
                str(file),
                "--nthreads",
                "1",
                "--no-dashboard",
                "--local-directory",
                str(folder),
            ],
            stderr=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    import json

    address = json.loads(file.read_text())["address"]
    small = plan_scan(plan.model, plan.design.rows(0, 2000), engine="kernel", outputs=OUTPUTS,
                      part_rows=100)  # fmt: skip
    time.sleep(3)
    run_scan(small, folder / f"warm-{workers}", executor=Cluster(address))  # loads the kernel
    start = time.perf_counter()
    run_scan(plan, folder / f"cluster-{workers}", executor=Cluster(address))
    print(f"Dask, {workers} workers of one thread: {time.perf_counter() - start:.1f} s")
    shutil.rmtree(folder / f"cluster-{workers}")
    for process in processes[::-1]:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
