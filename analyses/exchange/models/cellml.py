"""A model as CellML 2.0, written by Myokit and validated by libCellML.

What is done here besides is what Myokit leaves undone: functions are written out, numbers get the
units of their place.
"""

from __future__ import annotations

import importlib
import math
import tempfile
import warnings
from pathlib import Path
from typing import Any

import libsbml

from transport_model import Model
from transport_model.errors import InputError
from transport_model.mathematics.evaluation import start_values
from transport_model.quantities import write_value
from transport_model.reading.mathematics import nodes, with_functions_expanded

from .libcellml_issues import issues
from .losses import Exported, Loss
from .variants import with_changes_written

_LABEL = "CellML 2.0"


def export_cellml(model: Model) -> Exported:
    """Return a model as CellML 2.0, with the values set on it, and what that cannot carry.

    The text has passed libCellML's parser, validator and analyser without an error; what the
    analyser warns of, mostly units, is among the losses, and so is a text that it does not survive.

    Raises
    ------
    InputError
        Myokit or libCellML is missing, or cannot say the model in CellML.
    """
    text = _written(model.name, _spelled_out(model))
    _library("libcellml")
    errors, warned = issues(text)
    if errors:
        raise InputError(f"model '{model.name}' does not fit CellML 2.0: {errors[0]}")
    said = [Loss(_LABEL, "units of a formula", issue) for issue in warned]
    return Exported(text, (*_structural(model), *said))


def _spelled_out(model: Model) -> str:
    """Return a model's SBML without what Myokit does not read, or reads as something else."""
    document = with_functions_expanded(with_changes_written(model))
    target = document.getModel()
    _refuse_what_it_cannot_say(model, target)
    _starts_as_numbers(model, target)
    for rule in target.getListOfRules():
        species = target.getSpecies(rule.getVariable())
        if species is not None:  # no reaction moves it, which Myokit wants to be told
            species.setBoundaryCondition(True)
    return libsbml.writeSBMLToString(document)


def _refuse_what_it_cannot_say(model: Model, target: Any) -> None:
    refused = f"model '{model.name}' cannot be written as CellML"
    if target.getNumEvents():
        raise InputError(f"{refused}: it has events, which Myokit does not write")
    ruled = {rule.getVariable() for rule in target.getListOfRules()}
    for species in target.getListOfSpecies():
        held = species.getBoundaryCondition() or species.getIdAttribute() in ruled
        if held and not species.getHasOnlySubstanceUnits() and species.getCompartment() in ruled:
            raise InputError(
                f"{refused}: Myokit takes '{species.getIdAttribute()}' for an amount, but it is a"
                f" concentration in '{species.getCompartment()}', the size of which changes"
            )


def _starts_as_numbers(model: Model, target: Any) -> None:
    """Put numbers in place of initial assignments, which Myokit takes for equations that hold on.

    What is computed from constants alone holds on, and stays.
    """
    constant = {
        item.getIdAttribute()
        for item in (*target.getListOfParameters(), *target.getListOfCompartments())
        if item.getConstant()
    }
    start: dict[str, float] = {}
    for assignment in list(target.getListOfInitialAssignments()):
        name = assignment.getSymbol()
        if not assignment.isSetMath():
            continue
        used = {node.getName() for node in nodes(assignment.getMath()) if node.isName()}
        if name in constant and used <= constant:
            continue
        start = start or start_values(model)
        if name not in model.quantities or not math.isfinite(start.get(name, math.nan)):
            raise InputError(
                f"model '{model.name}' cannot be written as CellML: '{name}' is computed at the"
                " start, and not to a number that a variable could have"
            )
        write_value(target, model.quantities[name], name, start[name])
        target.removeInitialAssignment(name)


def _written(name: str, sbml: str) -> str:
    myokit = _library("myokit")
    parser = _library("myokit.formats.sbml").SBMLParser()
    exporter = _library("myokit.formats.cellml").CellMLExporter()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of parts that the list of losses names
        path = Path(folder) / "model.cellml"
        try:
            translated = parser.parse_string(sbml.encode()).myokit_model()
            _give_units(myokit, translated)
            _keep_time(translated)
            exporter.model(str(path), translated, version="2.0")
        except (
            myokit.MyokitError, NotImplementedError, ValueError, KeyError, ArithmeticError,
        ) as error:  # fmt: skip
            problem = " ".join(str(error).split())[:300]
            raise InputError(f"Myokit cannot write model '{name}' as CellML: {problem}") from None
        return path.read_text(encoding="utf-8")


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise InputError(
            f"CellML needs {package}: pip install 'transport-model[exchange]'"
        ) from None


def _give_units(myokit: Any, model: Any) -> None:
    """Give a bare number the unit that its place needs.

    Myokit turns an initial concentration into ``5 * size``, a number without a unit times a
    volume; here the number becomes a concentration.
    """
    for variable in model.variables(deep=True):
        right = variable.rhs()
        if variable.is_state() or variable.unit() is None or not isinstance(right, myokit.Multiply):
            continue
        number, size = right
        if not isinstance(number, myokit.Number) or not isinstance(size, myokit.Name):
            continue
        volume = size.var().unit()
        if volume is not None and number.unit() is None:
            unit = variable.unit() / volume
            variable.set_rhs(myokit.Multiply(myokit.Number(number.eval(), unit), size))


def _keep_time(model: Any) -> None:
    """Let a model without states be valid: in CellML only a derivative makes a variable time."""
    time = model.time()
    if model.count_states():
        return
    clock = time.parent().add_variable_allow_renaming("clock")
    clock.set_unit(time.unit())
    clock.set_rhs(1)
    clock.promote(0)


def _structural(model: Model) -> list[Loss]:
    """Return what CellML, which knows variables and equations only, has no place for."""
    document = libsbml.readSBMLFromString(model.sbml)
    source = document.getModel()
    losses = []
    if source.getNumReactions():
        losses.append(Loss(_LABEL, "reactions", "CellML has equations only: the balances of"
                           " species take their place"))  # fmt: skip
    if source.getNumSpecies():
        losses.append(Loss(_LABEL, "species and compartments", "become <id>_amount and"
                           " <id>_concentration in components named for compartments"))  # fmt: skip
    if source.getNumInitialAssignments():
        losses.append(Loss(_LABEL, "initial assignments", "become numbers, but for those"
                           " computed from constants"))  # fmt: skip
    if source.getNumConstraints():
        losses.append(Loss(_LABEL, "constraints", "CellML has no place for bounds of values"))
    things = [*source.getListOfSpecies(), *source.getListOfParameters(),
              *source.getListOfCompartments(), *source.getListOfReactions()]  # fmt: skip
    if any(thing.getName() for thing in things):
        losses.append(Loss(_LABEL, "names", "CellML variables have ids only"))
    if any(thing.getNumCVTerms() or thing.isSetSBOTerm() for thing in things):
        losses.append(Loss(_LABEL, "annotations", "Myokit does not write them"))
    if source.isSetNotes() or model.changes:
        losses.append(Loss(_LABEL, "notes", "CellML has none"))
    return losses
