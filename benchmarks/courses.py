"""Time courses in a scan, against a bare libRoadRunner loop that does nothing else.

Run by hand: ``python benchmarks/courses.py [ROUNDS]``. Both run the same rows of ``cell`` in one
process, in turns of a few rows, so that whatever else the machine does falls on both alike.
Prints medians and writes nothing.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import roadrunner

from transport_model import load_model
from transport_model.analyses.scans.courses import Course
from transport_model.analyses.scans.designs.designs import latin_hypercube
from transport_model.analyses.scans.scan import scan
from transport_model.simulation.runner import runner_for
from transport_model.simulation.tolerances import RELATIVE_TOLERANCE, absolute_tolerances

END, POINTS, ROWS = 3600.0, 61, 500
KEPT = {"Na_i": "[Na_i]", "V_m": "V_m", "J_sglt": "J_sglt"}


def bare_loop(sbml: str, absolute: dict[str, float]) -> Callable[[pd.DataFrame], np.ndarray]:
    """Return the loop that a careful user of libRoadRunner writes."""
    engine = roadrunner.RoadRunner(sbml)
    engine.timeCourseSelections = ["time", *KEPT.values()]
    engine.integrator.relative_tolerance = RELATIVE_TOLERANCE
    for name, value in absolute.items():
        engine.integrator.setIndividualTolerance(name, value)

    def run(rows: pd.DataFrame) -> np.ndarray:
        finals = []
        for glucose, permeability in rows.itertuples(index=False, name=None):
            engine.reset()
            engine["[Glc_o]"] = glucose
            engine["P_Na"] = permeability
            finals.append(engine.simulate(0, END, POINTS)[-1][1:])
        return np.array(finals)

    return run


def timed(task: Callable[[], object]) -> float:
    """Return how long a call takes [s]."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    cell = load_model("cell")
    design = latin_hypercube(ROWS, seed=1, Glc_o=(0.5, 20.0), P_Na=(1e-3, 3e-3))
    course = Course(END, POINTS, [f"{name}:final" for name in KEPT])
    runner = runner_for(cell.sbml)
    runner.restart(cell)
    bare = bare_loop(cell.sbml, absolute_tolerances(runner, RELATIVE_TOLERANCE))
    finals = scan(cell, design, course=course)[[f"{name}_final" for name in KEPT]]
    difference = np.abs(bare(design) / finals.to_numpy() - 1).max()
    ratios, theirs, ours = [], [], []
    for turn in range(rounds):
        # One goes first in one round, the other in the next
        pair = {}
        for which in ("bare", "scan") if turn % 2 else ("scan", "bare"):
            task = (lambda: bare(design)) if which == "bare" else (
                lambda: scan(cell, design, course=course)
            )  # fmt: skip
            pair[which] = timed(task) / ROWS
        theirs.append(pair["bare"])
        ours.append(pair["scan"])
        ratios.append(pair["bare"] / pair["scan"])
    print(f"bare libRoadRunner loop   {statistics.median(theirs) * 1e3:8.3f} ms a course")
    print(f"scan(..., course=...)     {statistics.median(ours) * 1e3:8.3f} ms a course")
    print(f"speed, ours to theirs     {statistics.median(ratios):8.3f}"
          f"   (of the fastest rounds {min(theirs) / min(ours):.3f})")  # fmt: skip
    print(f"largest relative difference of a final value {difference:.1e}")


if __name__ == "__main__":
    main()
