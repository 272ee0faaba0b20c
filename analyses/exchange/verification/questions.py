"""What engines are asked: a model's tests as self-contained jobs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import libsbml
import numpy as np

from transport_model import Model
from transport_model.errors import UnsupportedModelError
from transport_model.kernels.kernel import cache_folder
from transport_model.mathematics.evaluation import start_values
from transport_model.quantities import document_of

from ..models.variants import with_changes_written
from .engines.jobs import RELATIVE_TOLERANCE, START, Job


def template_of(model: Model, names: Sequence[str]) -> str:
    """Return SBML in which the values of `names` are parameters, also where species start.

    For engines that compile a model, and can then change parameters alone.
    """
    document = libsbml.readSBMLFromString(with_changes_written(model))
    definition = document.getModel()
    for name in names:
        quantity = model.quantities[name]
        if quantity.kind == "parameter":
            continue
        parameter = definition.createParameter()
        parameter.setId(START + name)
        parameter.setConstant(True)
        parameter.setValue(quantity.value)
        assignment = definition.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(libsbml.parseL3Formula(START + name))
    return libsbml.writeSBMLToString(document)


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
        values={name: float(quantities[name].value) for name in names},
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
