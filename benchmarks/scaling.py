"""How the kernel's cost grows with the number of points, and with the size of a model.

Run by hand: ``python benchmarks/scaling.py --out DIR``. Each number of points runs in a process of
its own, so that its peak memory is its own. Points are solved in batches whose results are reduced
at once, as a large study would; time per point and memory should not grow with their number. Models
of growing size are chains of reversible steps, for which the steady state is known.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from history import record

from transport_model import load_model
from transport_model.analyses.scans.designs.designs import provenance_ranges
from transport_model.kernels.kernel import kernel_for

BATCH = 100_000
POINTS = (10**3, 10**4, 10**5, 10**6, 10**7)
CHAINS = (5, 12, 24, 50, 100)


def solve_points(count: int) -> None:
    """Solve `count` random points of ``cell`` and print time and peak memory."""
    cell = load_model("cell")
    kernel = kernel_for(cell)
    ranges = provenance_ranges(cell)
    low = np.array([low for low, _ in ranges.values()])
    high = np.array([high for _, high in ranges.values()])
    rng = np.random.default_rng(1)
    solving, certified, uptake = 0.0, 0, 0.0
    for first in range(0, count, BATCH):
        rows = min(BATCH, count - first)
        design = pd.DataFrame(
            low + rng.random((rows, len(low))) * (high - low), columns=list(ranges)
        )
        results = np.full((rows, 1), np.nan)
        start = time.perf_counter()
        status, _ = kernel.solve(cell, design, results, outputs=["J_sglt"])
        solving += time.perf_counter() - start
        certified += int((status == 0).sum())
        uptake += float(np.nansum(results))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(count, solving, certified, peak, uptake / max(certified, 1))


def chain(length: int) -> str:
    """Return a chain of reversible steps between a source and a sink, in Antimony."""
    lines = ["model chain", "  -> S0; 2", f"  S{length - 1} -> ; 0.5*S{length - 1}"]
    lines += [f"  S{i} -> S{i + 1}; 3*S{i} - 1.5*S{i + 1}" for i in range(length - 1)]
    lines += [f"  S{i} = 1" for i in range(length)]
    return "\n".join([*lines, "  k = 1", "end"])


def solve_chain(length: int, folder: Path) -> dict[str, float]:
    """Compile the kernel of a chain and time it; the last state must be 4."""
    path = folder / f"chain{length}.ant"
    path.write_text(chain(length))
    model = load_model(path)
    start = time.perf_counter()
    kernel = kernel_for(model)
    compiling = time.perf_counter() - start
    design = pd.DataFrame({"S0": np.linspace(0.1, 10, 100_000 // length)})
    results = np.full((len(design), 1), np.nan)
    start = time.perf_counter()
    kernel.solve(model, design, results, outputs=[f"S{length - 1}"], threads=1)
    per_point = (time.perf_counter() - start) / len(design)
    wrong = float(np.abs(results / 4 - 1).max())
    return {"states": length, "compile_s": compiling, "us_per_point_one_core": per_point * 1e6,
            "largest_error": wrong}  # fmt: skip


def main() -> None:
    """Run both parts and write their tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("benchmark-results"))
    parser.add_argument("--points", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.points:
        solve_points(arguments.points)
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    kernel_for(load_model("cell"))  # compiled before anything is timed
    rows = []
    for count in POINTS:
        command = [sys.executable, __file__, "--points", str(count)]
        line = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        solving = float(line[1])
        row = {"points": count, "solving_s": solving, "certified": int(line[2])}
        rows.append({**row, "us_per_point": solving / count * 1e6, "peak_MiB": float(line[3])})
        print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    pd.DataFrame(rows).to_csv(arguments.out / "scaling_points.csv", index=False)
    record((f"one of {row['points']:,} states", row["us_per_point"], "µs") for row in rows)
    with tempfile.TemporaryDirectory() as folder:
        table = pd.DataFrame([solve_chain(length, Path(folder)) for length in CHAINS])
    table.to_csv(arguments.out / "scaling_states.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
