"""What engines are asked: a model's tests as self-contained jobs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import libsbml
import numpy as np

from transport_model import Model
from transport_model.errors import UnsupportedModelError
from transport_model.kept import cache_folder
from transport_model.mathematics.evaluation import start_values
from transport_model.quantities import document_of
from transport_model.reserved import START, unused_ids

from ..models.variants import with_changes_written
from .engines.jobs import RELATIVE_TOLERANCE, Job


def template_of(model: Model, names: Sequence[str]) -> str:
    """Return SBML in which the values of `names` are parameters, also where species start.

    For engines that compile a model, and can then change parameters alone.
    """
    document = libsbml.readSBMLFromString(with_changes_written(model))
    definition = document.getModel()
    for name, parameter_id in _parameter_ids(model, names).items():
        if parameter_id == name:
            continue
        parameter = definition.createParameter()
        parameter.setId(parameter_id)
        parameter.setConstant(True)
        parameter.setValue(model.quantities[name].value)
        assignment = definition.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(libsbml.parseL3Formula(parameter_id))
    return libsbml.writeSBMLToString(document)


def _parameter_ids(model: Model, names: Sequence[str]) -> dict[str, str]:
    """Return the id of the template's parameter that holds each value."""
    started = [name for name in names if model.quantities[name].kind != "parameter"]
    ids = unused_ids(document_of(model.sbml).getModel(), START, started)
    return {name: ids.get(name, name) for name in names}


def job_of(
    model: Model,
    test: str,
    kind: str,
    template: str,
    names: Sequence[str],
    columns: Sequence[str],
    end: float,
    points: int,
) -> Job:
    """Return the job that asks for one course or steady state of a model."""
    quantities = model.quantities
    start = _start(model)
    sizes = [abs(start[n]) for n, q in quantities.items() if q.kind == "floating" and start.get(n)]
    smallest = min((size for size in sizes if math.isfinite(size)), default=1.0)
    return Job(
        test=test,
        kind=kind,
        sbml=with_changes_written(model),
        template=template,
        values={
            parameter_id: float(quantities[name].value)
            for name, parameter_id in _parameter_ids(model, names).items()
        },
        end=float(end),
        points=points,
        columns=list(columns),
        species={
            name: (quantity.compartment, quantity.is_amount)
            for name, quantity in quantities.items()
            if quantity.kind in {"floating", "boundary"}
        },
        sizes={n: start.get(n, np.nan) for n, q in quantities.items() if q.kind == "compartment"},
        # Below CVODE's 1e-10 of a thousandth of the smallest amount that moves
        absolute=RELATIVE_TOLERANCE * 1e-2 * smallest,
        has_events=document_of(model.sbml).getModel().getNumEvents() > 0,
        folder=str(cache_folder() / "amici"),
    )


def _start(model: Model) -> dict[str, float]:
    try:
        return {name: float(value) for name, value in start_values(model).items()}
    except UnsupportedModelError:  # no symbolic form: the file's numbers
        return {name: quantity.value for name, quantity in model.quantities.items()}
