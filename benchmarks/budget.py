"""Budgets of time and of exactness, and whether the last measurements keep to them.

``python benchmarks/budget.py --run`` measures, which takes a minute, and appends to
``benchmark-results/history.csv``; without ``--run`` the last measurements are judged, and the exit
status is 1 where one exceeds its budget. ``docs/budgets.md`` has these tables from here. Times are
of a processor, so that another program on the machine disturbs them less, and the median of a few.
"""

from __future__ import annotations

import importlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from history import latest, record

from transport_model import control_coefficients, load_model, scan, simulate, steady_state
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.kernels.kernel import kernel_for

POINTS = 50_000


@dataclass(frozen=True)
class Budget:
    """What a benchmark may come to.

    Attributes
    ----------
    name, what, unit
        Of the benchmark: in the history, in words, and its unit.
    most
        The largest value that is accepted, or the constant of the product, as ``module:NAME``.
    measure
        Returns the value.
    """

    name: str
    what: str
    unit: str
    most: float | str
    measure: Callable[[], float]

    @property
    def limit(self) -> float:
        """The largest value that is accepted."""
        if isinstance(self.most, str):
            module, _, name = self.most.partition(":")
            return float(getattr(importlib.import_module(module), name))
        return self.most


def processor_seconds(task: Callable[[], object], repeats: int = 5) -> float:
    """Return the median time of a processor of a call, after a first that does not count [s]."""
    task()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return statistics.median(times)


def one_state() -> float:
    """Return the time of a certified steady state, each time at another place [ms]."""
    cell, values = load_model("cell"), iter(np.linspace(1e-3, 1.1e-3, 51))
    return 1e3 * processor_seconds(lambda: steady_state(cell.with_values(P_Na=next(values))), 50)


def one_course() -> float:
    """Return the time of a course of an hour with 361 points [ms]."""
    cell = load_model("cell")
    return 1e3 * processor_seconds(lambda: simulate(cell, 3600, 361))


def one_of_many() -> float:
    """Return the time of one state among many, all parameters at random [µs]."""
    cell = load_model("cell")
    design = latin_hypercube(POINTS, seed=1, **provenance_ranges(cell))
    kernel, results = kernel_for(cell), np.full((POINTS, 1), np.nan)
    solve = partial(kernel.solve, cell, design, results, outputs=["J_sglt"], threads=1)
    return 1e6 * processor_seconds(solve) / POINTS


def one_command(*arguments: str) -> float:
    """Return the time of a command whose model has been seen before [s]."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "transport_model", *arguments]
        environment = {**os.environ, "TRANSPORT_MODEL_CACHE": cache}
        times = []
        for _ in range(4):
            before = sum(os.times()[2:4])
            subprocess.run(command, env=environment, capture_output=True, check=True)
            times.append(sum(os.times()[2:4]) - before)
    return min(times[1:])


def engines_apart() -> float:
    """Return how far states by a kernel and by libRoadRunner are apart, at 20 random points [1]."""
    cell = load_model("cell")
    design = latin_hypercube(20, seed=2, **provenance_ranges(cell))
    tables = [scan(cell, design, engine=engine) for engine in ("kernel", "roadrunner")]
    ours, theirs = (table[["Na_i", "K_i", "Cl_i", "Glc_i"]].to_numpy() for table in tables)
    return float(np.nanmax(np.abs(ours / theirs - 1)))


def courses_apart() -> float:
    """Return how far a course is from one by tolerances a hundred times as fine, at an hour [1]."""
    hungry = load_model("cell").with_values(Glc_o=5.0)
    found = [simulate(hungry, 3600, 2, relative_tolerance=each).iloc[-1] for each in (1e-10, 1e-12)]
    names = ["Na_i", "K_i", "Cl_i", "Glc_i"]
    return float(np.abs(found[0][names] / found[1][names] - 1).max())


TIMES = (
    Budget("steady_state", "one certified steady state of `cell`", "ms", 15.0, one_state),
    Budget("simulate", "a course of an hour, 361 points", "ms", 30.0, one_course),
    Budget("kernel_point", f"one of {POINTS:,} steady states, one core", "µs", 1.0, one_of_many),
    Budget("help", "`transport-model --help`", "s", 0.3, partial(one_command, "--help")),
    Budget("command", "`transport-model steady-state`", "s", 1.5,
           partial(one_command, "steady-state")),
)  # fmt: skip
EXACTNESS = (
    Budget("imbalance", "relative imbalance of `cell` at rest", "1",
           "transport_model.certificate:MAX_IMBALANCE",
           lambda: steady_state(load_model("cell")).residual),
    Budget("state_error", "relative error of that state", "1",
           "transport_model.certificate:MAX_ERROR",
           lambda: steady_state(load_model("cell")).error),
    Budget("engines_apart", "kernel against libRoadRunner, 20 random points", "1",
           "transport_model.analyses.exchange.verification.verify:TOLERANCE", engines_apart),
    Budget("courses_apart", "a course of an hour against tolerances a hundred times as fine", "1",
           "transport_model.simulation.tolerances:LOOSER_TOLERANCE", courses_apart),
    Budget("summation", "departure from the summation theorems of control", "1", 1e-9,
           lambda: control_coefficients(load_model("cell")).summation),
)  # fmt: skip


def table(budgets: tuple[Budget, ...]) -> str:
    """Return budgets and their last measurements as a table in Markdown."""
    lines = ["| what | at most | measured | commit | load |", "|---|---|---|---|---|"]
    for budget in budgets:
        row = latest()[budget.name]
        unit = "" if budget.unit == "1" else f" {budget.unit}"
        lines.append(
            f"| {budget.what} | {budget.limit:g}{unit} | {float(row['value']):.2g}{unit}"
            f" | `{row['commit']}` | {row['load']} |"
        )
    return "\n".join(lines)


def exceeded(budgets: tuple[Budget, ...] = (*TIMES, *EXACTNESS)) -> list[str]:
    """Return a sentence for every budget that its last measurement exceeds, or that has none."""
    rows, told = latest(), []
    for budget in budgets:
        if budget.name not in rows:
            told.append(f"{budget.name} has not been measured")
        elif not float(rows[budget.name]["value"]) <= budget.limit:
            value = rows[budget.name]["value"]
            told.append(f"{budget.name} is {value} {budget.unit}, not at most {budget.limit:g}")
    return told


def main() -> None:
    """Measure if asked to, and judge."""
    if sys.argv[1:] == ["--run"]:
        budgets = (*TIMES, *EXACTNESS)
        record([(budget.name, budget.measure(), budget.unit) for budget in budgets])
    elif sys.argv[1:]:
        sys.exit(__doc__)
    print(table(TIMES), table(EXACTNESS), sep="\n\n")
    told = exceeded()
    if told:
        sys.exit("\n".join(told))


if __name__ == "__main__":
    main()
