"""What one right-hand side, one load and one certified steady state of ``cell`` cost.

Run by hand: ``python benchmarks/single_solves.py``. Prints medians and appends to the history.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from history import record

from transport_model import load_model, simulate, steady_state
from transport_model.simulation.runner import Runner, runner_for


def median(task: Callable[[], object], repeats: int, inner: int = 1) -> float:
    """Return the median time of one call [s]."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for _ in range(inner):
            task()
        times.append((time.perf_counter() - start) / inner)
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    cell = load_model("cell")
    runner = runner_for(cell.sbml)
    runner.restart(cell)
    engine = runner.engine.model
    empty = median(engine.getFloatingSpeciesAmounts, 50, 1000)
    rates = median(engine.getReactionRates, 50, 1000)
    steady_state(cell)
    values = iter(range(1, 10**6))
    rows = [
        ("read the SBML, tables included", median(lambda: load_model("cell").quantities, 5), "s"),
        ("libRoadRunner: load and compile",
         median(lambda: Runner(cell.sbml), 5), "s"),
        ("libRoadRunner: all rates, as called from Python", rates * 1e6, "µs"),
        ("  less a call that computes nothing: one right-hand side", (rates - empty) * 1e6, "µs"),
        ("certified steady state, another parameter each time",
         median(lambda: steady_state(cell.with_values(P_Na=1.7e-3 * (1 + 1e-4 * next(values)))),
                200) * 1e3, "ms"),
        ("one hour, 361 points, 80 columns",
         median(lambda: simulate(cell, 3600, 361), 10) * 1e3, "ms"),
    ]  # fmt: skip
    record((label.strip(), value, unit) for label, value, unit in rows)
    for label, value, unit in rows:
        print(f"{label:<60} {value:8.3f} {unit}")


if __name__ == "__main__":
    main()
