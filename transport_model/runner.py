"""libRoadRunner behind one door: load once, set everything, run.

What libRoadRunner does by itself and what is done about it here (measured with 2.10.0):

- ``reset()`` keeps parameters that events or users changed: every quantity is set at every run.
- ``reset()`` turns starting concentrations into amounts with the volumes of the moment before:
  where a rule makes the volume, only a second one gets them right.
- Changing ``init(X)`` recompiles the model (0.25 s): starting values are made parameters, which
  cost a memory write, and boundary species are set after the reset.
- ``steadyState()`` derives the conserved sums anew at every call: a runner for steady states has
  them analysed once.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache

import libsbml
import numpy as np
import roadrunner

from transport_model.errors import SimulationError, UnsupportedModelError
from transport_model.model import Model
from transport_model.quantities import document_of, read_quantities

_START = "start_of_"

# SUNDIALS writes its complaints past Python to the terminal; they come back as exceptions anyway
os.environ.setdefault("SUNLOGGER_ERROR_FILENAME", os.devnull)
os.environ.setdefault("SUNLOGGER_WARNING_FILENAME", os.devnull)
roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.LLJIT)
roadrunner.Logger.disableLogging()


class Runner:
    """One compiled libRoadRunner instance of a model's SBML.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    conserved
        Whether to eliminate conserved sums, as steady states need and time courses do not.
    """

    def __init__(self, sbml: str, *, conserved: bool) -> None:
        text, self._starts = _with_start_parameters(sbml)
        try:
            self.engine = roadrunner.RoadRunner(text)
            if conserved:
                self.engine.conservedMoietyAnalysis = True
        except RuntimeError as error:
            raise UnsupportedModelError(
                f"libRoadRunner cannot run this model: {_first_sentence(error)}"
            ) from None
        self._boundary = {
            species.getId(): species.getHasOnlySubstanceUnits()
            for species in document_of(sbml).getModel().getListOfSpecies()
            if species.getId() not in self._starts
            and (species.getBoundaryCondition() or species.getConstant())
        }

    def restart(self, model: Model) -> None:
        """Put every quantity of `model` in place and go back to time zero."""
        engine = self.engine
        boundary: list[tuple[str, float]] = []
        for name, quantity in model.quantities.items():
            if not quantity.settable or np.isnan(quantity.value):
                continue
            if name in self._starts:
                engine[_START + name] = quantity.value
            elif name in self._boundary:
                boundary.append((name if quantity.is_amount else f"[{name}]", quantity.value))
            elif quantity.kind == "parameter" or name in model.changes:
                engine[name] = quantity.value
        engine.reset()
        engine.reset()
        for selection, value in boundary:
            engine[selection] = value

    def set_tolerances(self, relative: float, absolute: Mapping[str, float]) -> None:
        """Set CVODE's tolerances; the absolute one by state id, as an amount."""
        integrator = self.engine.integrator
        integrator.relative_tolerance = relative
        for name, value in absolute.items():
            integrator.setIndividualTolerance(name, value)


@lru_cache(maxsize=8)
def runner_for(sbml: str, *, conserved: bool) -> Runner:
    """Return the process's runner of a model; shared, so :meth:`Runner.restart` it first."""
    return Runner(sbml, conserved=conserved)


def _with_start_parameters(sbml: str) -> tuple[str, frozenset[str]]:
    """Return SBML in which the starting value of every dynamic quantity is a parameter."""
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    ruled = {rule.getVariable(): rule for rule in model.getListOfRules()}
    values = read_quantities(sbml)
    starts: set[str] = set()
    for species in model.getListOfSpecies():
        name = species.getId()
        rule = ruled.get(name)
        still = species.getBoundaryCondition() or species.getConstant()
        if (rule is not None and rule.isAssignment()) or (still and rule is None):
            continue
        starts.add(name)
    starts |= {
        name
        for name, rule in ruled.items()
        if rule.isRate() and (model.getParameter(name) or model.getCompartment(name))
    }
    for name in sorted(starts):
        if model.getInitialAssignment(name) is not None:
            starts.discard(name)
            continue
        parameter = model.createParameter()
        parameter.setId(_START + name)
        parameter.setConstant(True)
        parameter.setValue(values[name].value)
        assignment = model.createInitialAssignment()
        assignment.setSymbol(name)
        assignment.setMath(libsbml.parseL3Formula(_START + name))
    return libsbml.writeSBMLToString(document), frozenset(starts)


def _first_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split("; In virtual")[0][:200]


def failure(error: RuntimeError, model: Model, doing: str) -> SimulationError:
    """Return libRoadRunner's complaint as an error of ours."""
    return SimulationError(f"model '{model.name}': {doing} failed: {_first_sentence(error)}")
