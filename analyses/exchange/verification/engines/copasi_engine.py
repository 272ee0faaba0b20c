"""COPASI: its deterministic LSODA and its steady-state task."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .jobs import RELATIVE_TOLERANCE, Columns, EngineError, Job

#: What the steady-state task answers when it has found a state.
_FOUND = {1, 2}


@contextmanager
def _loaded(job: Job) -> Iterator[tuple[Any, Any]]:
    import basico

    model = basico.load_model_from_string(job.sbml)
    if model is None:
        raise EngineError("COPASI cannot read the model")
    try:
        yield basico, model
    finally:
        basico.remove_datamodel(model)


def course(job: Job) -> Columns:
    """Return a course."""
    with _loaded(job) as (basico, model):
        table = basico.run_time_course(
            0.0, job.end, job.points - 1, model=model, method="deterministic", use_sbml_id=True,
            r_tol=RELATIVE_TOLERANCE, a_tol=job.absolute, max_steps=1_000_000,
        )  # fmt: skip
        if len(table) != job.points:
            raise EngineError(f"COPASI gave up after {len(table)} of {job.points} points")
        found = {str(name): table[name].to_numpy() for name in table.columns}
    return job.from_concentrations(found)


def steady_state(job: Job) -> Columns:
    """Return the steady state."""
    with _loaded(job) as (basico, model):
        if basico.run_steadystate(model=model) not in _FOUND:
            raise EngineError("COPASI found no steady state")
        found: dict[str, np.ndarray] = {}
        for read, column in ((basico.get_species, "concentration"),
                             (basico.get_parameters, "value"),
                             (basico.get_compartments, "size")):  # fmt: skip
            table = read(model=model)
            if table is not None:
                values = table[column].to_numpy(float)
                found |= {str(n): v[None] for n, v in zip(table["sbml_id"], values, strict=True)}
    return job.from_concentrations(found)
