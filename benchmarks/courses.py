"""Time courses by a kernel, against a bare libRoadRunner loop that does nothing else.

Run by hand: ``python benchmarks/courses.py [ROUNDS [MODEL]]``. Both run the same rows of a cell in
one process, in turns, on one thread, and seconds of the processor are counted, so that whatever
else the machine does falls on both alike. The loop is asked for a tolerance of 1e-10, and the
kernel for the loosest at which its error is no larger, both against CVODE at 1e-13. Prints medians
and appends them to the history.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import roadrunner
from history import record

from transport_model import Model, load_model
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.designs.designs import latin_hypercube
from transport_model.analyses.scans.scan import scan
from transport_model.simulation.runner import runner_for
from transport_model.simulation.tolerances import RELATIVE_TOLERANCE, absolute_tolerances

END, POINTS, ROWS = 3600.0, 61, 500
#: A time at which nothing has come to rest; rows whose error is looked at; tolerances to choose of.
EARLY, CHECKED = 60.0, 50
OURS = (1e-9, 5e-10, 2.5e-10, 1.2e-10, 6e-11)
KEPT = {"Na_i": "[Na_i]", "V_m": "V_m", "J_sglt": "J_sglt"}


def bare_loop(
    sbml: str, absolute: dict[str, float], tolerance: float = RELATIVE_TOLERANCE
) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return the loop that a careful user of libRoadRunner writes."""
    engine = roadrunner.RoadRunner(sbml)
    engine.timeCourseSelections = ["time", *KEPT.values()]
    engine.integrator.relative_tolerance = tolerance
    for name, value in absolute.items():
        engine.integrator.setIndividualTolerance(name, value)

    def run(rows: pd.DataFrame) -> np.ndarray:
        finals = []
        for glucose, permeability in rows.itertuples(index=False, name=None):
            engine.reset()
            engine["[Glc_o]"] = glucose
            engine["P_Na"] = permeability
            course = engine.simulate(0, END, POINTS)
            early = round(EARLY / END * (POINTS - 1))
            finals.append(course[[early, -1], 1:].T.ravel())
        return np.array(finals)

    return run


def timed(task: Callable[[], object]) -> float:
    """Return how long a call takes [s of the processor]."""
    start = time.process_time()
    task()
    return time.process_time() - start


def final_values(model: Model, rows: pd.DataFrame, tolerance: float) -> np.ndarray:
    """Return what libRoadRunner comes to at a tolerance, as :func:`bare_loop` does."""
    runner = runner_for(model.sbml)
    runner.restart(model)
    return bare_loop(model.sbml, absolute_tolerances(runner, tolerance), tolerance)(rows)


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    cell = load_model(sys.argv[2] if len(sys.argv) > 2 else "cell")
    design = latin_hypercube(ROWS, seed=1, Glc_o=(0.5, 20.0), P_Na=(1e-3, 3e-3))
    reductions = [f"{name}:{what}" for name in KEPT for what in (f"value:{EARLY:g}", "final")]
    runner = runner_for(cell.sbml)
    runner.restart(cell)
    bare = bare_loop(cell.sbml, absolute_tolerances(runner, RELATIVE_TOLERANCE))

    def by_kernel(rows: pd.DataFrame, tolerance: float) -> np.ndarray:
        course = Course(END, POINTS, reductions, relative_tolerance=tolerance)
        table = scan(cell, rows, course=course, engine="kernel", threads=1)
        return table[list(course.reductions)].to_numpy()

    few = design.iloc[:CHECKED]
    exact = final_values(cell, few, 1e-13)
    their_error = np.abs(bare(few) / exact - 1).max()
    for tolerance in OURS:
        our_error = np.abs(by_kernel(few, tolerance) / exact - 1).max()
        if our_error <= their_error:
            break

    def ours() -> np.ndarray:
        return by_kernel(design, tolerance)

    theirs, mine, ratios = [], [], []
    for turn in range(rounds):
        pair = {}
        # One goes first in one round, the other in the next
        for task in (bare, ours) if turn % 2 else (ours, bare):
            pair[task] = timed(ours if task is ours else lambda: bare(design)) / ROWS
        theirs.append(pair[bare])
        mine.append(pair[ours])
        ratios.append(pair[bare] / pair[ours])
    print(f"bare libRoadRunner loop   {statistics.median(theirs) * 1e6:8.1f} us a course,"
          f" error {their_error:.1e}")  # fmt: skip
    print(f"scan(..., course=...)     {statistics.median(mine) * 1e6:8.1f} us a course,"
          f" error {our_error:.1e}, tolerance {tolerance:.1e}")  # fmt: skip
    print(f"speed, ours to theirs     {statistics.median(ratios):8.1f}"
          f"   (of the fastest rounds {min(theirs) / min(mine):.1f})")  # fmt: skip
    record([("course, bare libRoadRunner loop", statistics.median(theirs) * 1e6, "µs"),
            ("course by a kernel", statistics.median(mine) * 1e6, "µs")])  # fmt: skip


if __name__ == "__main__":
    main()
