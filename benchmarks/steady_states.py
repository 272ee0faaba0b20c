"""Steady states of ``cell`` in every engine at hand: same parameter sets, one run, one machine.

Run by hand: ``python benchmarks/steady_states.py --out DIR``. Prints a table with ratios and
writes it as ``steady_states.csv`` and ``steady_states.svg``. Slow engines get fewer of the same
points; their time is per point. Every engine's states are compared with the kernel's.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import roadrunner
from history import record

from transport_model import Model, load_model
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.kernels.kernel import kernel_for
from transport_model.simulation.runner import Runner

SPECIES = ["Na_i", "K_i", "Cl_i", "Glc_i"]
Solve = Callable[[pd.DataFrame], np.ndarray]


def kernel(cell: Model, threads: int) -> Solve:
    """Every point certified, the same four species read as from the other engines."""
    compiled = kernel_for(cell)

    def solve(design: pd.DataFrame) -> np.ndarray:
        results = np.full((len(design), len(SPECIES)), np.nan)
        compiled.solve(cell, design, results, outputs=SPECIES, threads=threads)
        return results

    return solve


def _set(engine: roadrunner.RoadRunner, cell: Model, names: list[str]) -> Callable[[tuple], None]:
    boundary = {n for n in names if cell.quantities[n].kind == "boundary"}

    def put(point: tuple) -> None:
        for name, value in zip(names, point, strict=True):
            if name not in boundary:
                engine[name] = value
        engine.reset()
        for name, value in zip(names, point, strict=True):
            if name in boundary:
                engine[f"[{name}]"] = value

    return put


def roadrunner_solver(cell: Model, *, moieties_once: bool) -> Solve:
    """``steadyState()`` after ``reset()``, with or without the moieties analysed beforehand."""

    def solve(design: pd.DataFrame) -> np.ndarray:
        if moieties_once:
            # Events that do nothing but stop the integrator are no reason to refuse
            roadrunner.Config.setValue(
                roadrunner.Config.ALLOW_EVENTS_IN_STEADY_STATE_CALCULATIONS, True
            )
            runner = Runner(cell.sbml)
            runner.engine.conservedMoietyAnalysis = True
            runner.restart(cell)
            engine = runner.engine
        else:
            engine = roadrunner.RoadRunner(cell.sbml)
        put = _set(engine, cell, list(design.columns))
        found = []
        for point in design.itertuples(index=False, name=None):
            put(point)
            try:
                engine.steadyState()
                found.append([engine[f"[{name}]"] for name in SPECIES])
            except RuntimeError:
                found.append([np.nan] * len(SPECIES))
        return np.array(found)

    return solve


def cvode(cell: Model) -> Solve:
    """Integration to 10⁷ s with a relative tolerance of 1e-10."""

    def solve(design: pd.DataFrame) -> np.ndarray:
        runner = Runner(cell.sbml)
        runner.restart(cell)
        engine = runner.engine
        put = _set(engine, cell, list(design.columns))
        engine.integrator.relative_tolerance = 1e-10
        engine.integrator.absolute_tolerance = 1e-14
        found = []
        for point in design.itertuples(index=False, name=None):
            put(point)
            engine.simulate(0, 1e7, 2)
            found.append([engine[f"[{name}]"] for name in SPECIES])
        return np.array(found)

    return solve


def copasi(cell: Model) -> Solve:
    """COPASI's steady-state task, called through its own Python bindings."""
    import COPASI
    from basico import load_model_from_string

    model = load_model_from_string(cell.sbml)
    inner = model.getModel()
    task = model.getTask("Steady-State")
    by_id: dict[str, object] = {}
    for group in (inner.getModelValues(), inner.getMetabolites()):
        for item in (group.get(i) for i in range(group.size())):
            by_id[item.getSBMLId()] = item

    def solve(design: pd.DataFrame) -> np.ndarray:
        found = []
        items = [by_id[name] for name in design.columns]
        boundary = [cell.quantities[name].kind == "boundary" for name in design.columns]
        for point in design.itertuples(index=False, name=None):
            changed = COPASI.ObjectStdVector()
            for item, still, value in zip(items, boundary, point, strict=True):
                if still:
                    item.setInitialConcentration(value)
                    changed.append(item.getInitialConcentrationReference())
                else:
                    item.setInitialValue(value)
                    changed.append(item.getInitialValueReference())
            inner.updateInitialValues(changed)
            task.process(True)
            found.append([by_id[name].getConcentration() for name in SPECIES])
        return np.array(found)

    return solve


def engines(cell: Model) -> Iterator[tuple[str, Solve, int]]:
    """Yield (name, solver, number of points)."""
    yield "kernel, one core", kernel(cell, 1), 200_000
    yield f"kernel, {os.cpu_count()} cores", kernel(cell, os.cpu_count() or 1), 200_000
    yield "libRoadRunner, moieties once", roadrunner_solver(cell, moieties_once=True), 4000
    yield "libRoadRunner, as it comes", roadrunner_solver(cell, moieties_once=False), 5
    yield "CVODE to 1e7 s", cvode(cell), 400
    if importlib.util.find_spec("basico"):
        yield "COPASI", copasi(cell), 400
    if importlib.util.find_spec("amici"):
        print("AMICI is installed but not timed here: its model needs minutes to build")


def main() -> None:
    """Time every engine and write the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, default=Path("benchmark-results"))
    folder = arguments.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    cell = load_model("cell")
    design = latin_hypercube(200_000, seed=1, **provenance_ranges(load_model("cell")))
    reference = None
    rows = []
    for name, solve, count in engines(cell):
        points = design.head(count)
        solve(points.head(2))  # compile, load, warm up
        times = []
        for _ in range(3 if count >= 1000 else 1):
            start = time.perf_counter()
            found = solve(points)
            times.append((time.perf_counter() - start) / count)
        reference = found if reference is None else reference
        with np.errstate(all="ignore"):
            difference = np.abs(found / reference[:count] - 1).max(axis=1)
        agree = difference < 1e-6
        rows.append(
            {
                "engine": name,
                "points": count,
                "us_per_point": float(np.median(times)) * 1e6,
                "answered": float(np.isfinite(found).all(axis=1).mean()),
                "right": float(agree.mean()),
                "largest_difference": float(difference[agree].max(initial=0.0)),
            }
        )
        print(f"{name}: {rows[-1]['us_per_point']:.2f} µs", flush=True)
    table = pd.DataFrame(rows)
    table["times_kernel_one_core"] = table["us_per_point"] / table["us_per_point"].iloc[0]
    table["times_kernel_all_cores"] = table["us_per_point"] / table["us_per_point"].iloc[1]
    table.to_csv(folder / "steady_states.csv", index=False)
    record((f"steady state by {row['engine']}", row["us_per_point"], "µs") for row in rows)
    draw(table, folder / "steady_states.svg")
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"))


def draw(table: pd.DataFrame, path: Path) -> None:
    """Write the bar chart."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 2.6), layout="constrained")
    axes = figure.subplots()
    axes.barh(table["engine"], table["us_per_point"], color="#0072B2", height=0.6)
    axes.set(xscale="log", xlabel="time per steady state [µs]")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    for row, value in enumerate(table["us_per_point"]):
        axes.annotate(f"{value:,.3g}", (value, row), (3, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
    figure.savefig(path)


if __name__ == "__main__":
    main()
