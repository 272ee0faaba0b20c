"""libRoadRunner as anyone would use it: the file loaded, CVODE run."""

from __future__ import annotations

import numpy as np

from .jobs import RELATIVE_TOLERANCE, Columns, EngineError, Job


def _load(job: Job):  # noqa: ANN202 - libRoadRunner has no types, and is imported where it is used
    import roadrunner

    roadrunner.Logger.disableLogging()
    # LLJIT, the other one, crashes in processes that have mapped more than 2 GB
    roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.MCJIT)
    return roadrunner.RoadRunner(job.sbml)


def _selections(job: Job) -> dict[str, str]:
    return {
        name: f"[{name}]" if name in job.species and not job.species[name][1] else name
        for name in job.columns
    }


def course(job: Job) -> Columns:
    """Return a course."""
    runner = _load(job)
    runner.integrator.relative_tolerance = RELATIVE_TOLERANCE
    runner.integrator.absolute_tolerance = job.absolute
    selections = _selections(job)
    runner.timeCourseSelections = list(selections.values())
    result = np.array(runner.simulate(0.0, job.end, job.points))
    return {name: result[:, at].tolist() for at, name in enumerate(selections)}


def steady_state(job: Job) -> Columns:
    """Return the steady state."""
    runner = _load(job)
    runner.conservedMoietyAnalysis = True
    runner.simulate(0.0, 1e6, 2)
    try:
        runner.steadyState()
    except RuntimeError as error:
        raise EngineError(f"no steady state: {error}") from None
    return {name: [float(runner[text])] for name, text in _selections(job).items()}
