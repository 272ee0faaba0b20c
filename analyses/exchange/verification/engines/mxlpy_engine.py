"""MxlPy: the SBML turned into Python functions, integrated by SciPy."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from .jobs import RELATIVE_TOLERANCE, Columns, EngineError, Job


def course(job: Job) -> Columns:
    """Return a course."""
    mxlpy = import_module("mxlpy")
    scipy = import_module("mxlpy.integrators.int_scipy").Scipy
    read = import_module("mxlpy.sbml").read

    with TemporaryDirectory() as folder:
        path = Path(folder, "model.xml")
        path.write_text(job.sbml, encoding="utf-8", newline="\n")
        model = read(file=path)
    integrator = partial(scipy, atol=job.absolute, rtol=RELATIVE_TOLERANCE)
    simulator = mxlpy.Simulator(model, integrator=integrator).simulate_time_course(job.times)
    table = simulator.get_result().unwrap_or_err().get_combined()
    if len(table) != job.points:
        raise EngineError(f"MxlPy gave up after {len(table)} of {job.points} points")
    columns: Columns = {}
    for name in job.columns:
        home, is_amount = job.species.get(name, ("", True))
        # A species of MxlPy is an amount; its concentration, where the model uses it, is apart
        if not is_amount and f"{name}_conc" in table:
            columns[name] = table[f"{name}_conc"].tolist()
        elif name in table and not is_amount:
            size = table[home] if home in table else job.sizes[home]
            columns[name] = np.asarray(table[name] / size, dtype=float).tolist()
        elif name in table:
            columns[name] = table[name].tolist()
    return columns
