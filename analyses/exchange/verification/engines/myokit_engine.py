"""Myokit: its reading of the SBML, its own equations written as Python, SciPy's LSODA.

Myokit's CVODES needs a compiler and SUNDIALS' headers at run time; its right-hand side does not.
"""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from .jobs import Columns, EngineError, Job
from .ode import integrate


def read(job: Job) -> Any:
    """Return Myokit's model of a job's SBML."""
    if job.has_events:
        raise EngineError("Myokit's import leaves out events")
    from myokit.formats.sbml import SBMLImporter

    with TemporaryDirectory() as folder:
        path = Path(folder, "model.xml")
        path.write_text(job.sbml, encoding="utf-8", newline="\n")
        return SBMLImporter().model(str(path))


def course(job: Job) -> Columns:
    """Return a course."""
    import myokit

    model = read(job)
    # Before the states can be numbered, their order must be fixed: Myokit keeps it
    states = list(model.states())
    names = {variable: f"v{at}" for at, variable in enumerate(model.variables(deep=True))}
    lines = []
    writer = myokit.formats.ewriter("python")
    writer.set_lhs_function(
        lambda lhs: ("d_" if isinstance(lhs, myokit.Derivative) else "") + names[lhs.var()]
    )
    time = model.time()
    for group in model.solvable_order().values():
        lines += [writer.eq(equation) for equation in group if equation.lhs.var() is not time]
    state_names = [names[variable] for variable in states]
    kept = {variable.qname(): names[variable] for variable in model.variables(deep=True)}
    code = "\n    ".join(
        [
            f"def compute({names[time]}, y):",
            f"[{', '.join(state_names)}] = y" if states else "pass",
            *lines,
            f"return [{', '.join('d_' + name for name in state_names)}], locals()",
        ]
    )
    scope: dict[str, Any] = {"math": math}
    exec(compile(code, "<Myokit's equations>", "exec"), scope)
    compute = scope["compute"]
    start = np.array(model.initial_values(as_floats=True), dtype=float)
    path = integrate(lambda t, y: np.array(compute(t, y)[0]), start, job.times)
    rows = [compute(t, y)[1] for t, y in zip(job.times, path, strict=True)]
    found = {name: [float(row[local]) for row in rows] for name, local in kept.items()}
    return columns_by_id(job, found)


def columns_by_id(job: Job, found: dict[str, list[float]]) -> Columns:
    """Return columns by SBML id, from those by the names that Myokit's import gives.

    Parameters
    ----------
    found
        By ``component.name``: ``global.<id>`` for parameters, ``<compartment>.<id>_amount`` and
        ``<compartment>.<id>_concentration`` for species, ``<compartment>.size``.
    """
    columns: Columns = {}
    for name in job.columns:
        if name in job.species:
            home, is_amount = job.species[name]
            label = f"{home}.{name}_{'amount' if is_amount else 'concentration'}"
        elif name in job.sizes:
            label = f"{name}.size"
        else:
            label = f"global.{name}"
        if label in found:
            columns[name] = found[label]
    if not columns:
        raise EngineError("Myokit's import keeps none of the model's ids")
    return columns
