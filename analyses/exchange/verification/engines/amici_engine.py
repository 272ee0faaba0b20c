"""AMICI: the SBML compiled once, then its CVODES run with other parameter values (AMICI 1.0).

Compiling takes minutes; what comes out is kept in the cache folder, under the template's hash.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

import libsbml
import numpy as np

from .jobs import RELATIVE_TOLERANCE, Columns, EngineError, Job


@lru_cache(maxsize=1)
def _module(template: str, folder: str) -> Any:
    """Return AMICI's compiled module of a model."""
    amici = import_module("amici")
    importer = import_module("amici.importers.sbml").SbmlImporter

    key = hashlib.sha256(f"{metadata.version('amici')} {template}".encode()).hexdigest()[:16]
    name = f"amici_{key}"
    place = Path(folder, name)
    done = place / "built"
    if not done.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        importer(_amounts_first(template), from_file=False).sbml2amici(
            name, output_dir=place, generate_sensitivity_code=False,
            compute_conservation_laws=False,
        )  # fmt: skip
        done.touch()
    return amici.import_model_module(name, place)


def _amounts_first(sbml: str) -> str:
    """Return SBML with its species of amounts before those of concentrations.

    AMICI 1.0.1 goes through species in the order of the file, and needs to know how fast a volume
    changes, which may follow from an amount, before it comes to the concentrations in it.
    """
    document = libsbml.readSBMLFromString(sbml)
    listed = document.getModel().getListOfSpecies()
    species = [listed.get(index).clone() for index in range(listed.size())]
    listed.clear()
    for item in sorted(species, key=lambda item: not item.getHasOnlySubstanceUnits()):
        listed.append(item)
    return libsbml.writeSBMLToString(document)


def course(job: Job) -> Columns:
    """Return a course."""
    sundials = import_module("amici.sim.sundials")

    model = _module(job.template, job.folder).get_model()
    known = set(model.get_free_parameter_ids())
    missing = [name for name in job.values if name not in known]
    if missing:
        raise EngineError(f"AMICI has no parameter for {', '.join(missing)}")
    for name, value in job.values.items():
        model.set_free_parameter_by_id(name, value)
    model.set_timepoints(job.times)
    solver = model.create_solver()
    solver.set_relative_tolerance(RELATIVE_TOLERANCE)
    solver.set_absolute_tolerance(job.absolute)
    solver.set_max_steps(1_000_000)
    result = sundials.run_simulation(model, solver)
    if result.status != sundials.AMICI_SUCCESS:
        raise EngineError(f"AMICI: integration ended with status {result.status}")
    values = np.asarray(result.y)
    at = {name: index for index, name in enumerate(model.get_observable_ids())}
    # Default observables: every species, as it is read in the model, and every rule's target
    return {name: values[:, at[f"y{name}"]].tolist() for name in job.columns if f"y{name}" in at}
