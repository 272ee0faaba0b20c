"""libRoadRunner behind one door: load once, set everything, run.

What libRoadRunner does by itself and what is done about it here (measured with 2.10.0):

- ``reset()`` keeps parameters, compartments and boundary species that events or users changed:
  all go back to the file's numbers first, and every quantity is set at every run.
- No reset computes a constant's initial assignment from changed values: where there are changes,
  it is computed here.
- A reset multiplies concentrations with a compartment's size in the file, whatever was set since,
  unless an initial assignment makes the size: it does, from a parameter.
- A reset fires events that are due at time zero, so that nothing may be set after the last one.
- ``reset()`` turns starting concentrations into amounts with the volumes of the moment before:
  where a rule makes the volume, only a second one gets them right.
- Changing ``init(X)`` recompiles the model (0.55 s): starting values are made parameters, which
  cost a memory write. Boundary species are set before both resets: before the first, because
  starting values may follow from them, and before the second, when volumes are known.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import roadrunner

from transport_model.errors import InputError, SimulationError, UnsupportedModelError
from transport_model.kept import keep, kept, processor, remembered
from transport_model.mathematics.program import values_at_start
from transport_model.model import Model
from transport_model.quantities import (
    document_of,
    ids_set_by_start_or_event,
    is_delayed,
    read_quantities,
    rule_kinds,
)

if TYPE_CHECKING:
    import libsbml

# SUNDIALS writes its complaints past Python to the terminal; they come back as exceptions anyway
os.environ.setdefault("SUNLOGGER_ERROR_FILENAME", os.devnull)
os.environ.setdefault("SUNLOGGER_WARNING_FILENAME", os.devnull)
# LLJIT would load a model in 0.18 s instead of 0.55 s, but its switch tables hold 32-bit distances:
# once the process has mapped more than 2 GB, the first call of a model jumps astray (SIGSEGV)
roadrunner.Config.setValue(roadrunner.Config.LLVM_BACKEND, roadrunner.Config.MCJIT)
roadrunner.Logger.disableLogging()


@dataclass(frozen=True)
class _Told:
    """What is known of a model before it runs.

    Attributes
    ----------
    text, starts, given, missing, events, changes
        Those of :class:`~transport_model.simulation.engine_text.EngineText`.
    rated
        Ids under rate rules.
    has_events, has_delays
        Whether the model has events of its own, and any with a delay.
    remembers
        Whether events outlive a reset, or happen in one: each run needs a new engine.
    """

    text: str
    starts: dict[str, str]
    given: dict[str, str]
    missing: dict[str, str]
    events: dict[str, str]
    changes: dict[str, str]
    rated: list[str]
    has_events: bool
    has_delays: bool
    remembers: bool


@remembered
def _told(sbml: str) -> _Told:
    from transport_model.simulation.engine_text import engine_text

    made = engine_text(sbml)
    model = document_of(sbml).getModel()
    rules, events = model.getListOfRules(), list(model.getListOfEvents())
    return _Told(
        **vars(made),
        rated=[rule.getVariable() for rule in rules if rule.isRate() and rule.isSetMath()],
        has_events=bool(events),
        has_delays=any(map(is_delayed, events)),
        remembers=any(map(_is_remembered, events)),
    )


class Runner:
    """One compiled libRoadRunner instance of a model's SBML.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    """

    def __init__(self, sbml: str) -> None:
        told = _told(sbml)
        self._text, self._starts, self._given, self.missing = (
            told.text, told.starts, told.given, told.missing
        )  # fmt: skip
        #: The model's own events by the ids that they have here, in words.
        self.events = told.events
        #: Events here that tell the changes of a comparison, by id, with its formula.
        self.changes = told.changes
        #: Whether the model has events of its own, and any with a delay.
        self.has_events, self.has_delays = told.has_events, told.has_delays
        self._remembers = told.remembers
        self.engine = _kept_engine(self._text)
        kinds = rule_kinds(sbml)
        #: Ids under assignment rules, species among them: neither states nor to be written.
        self.assigned = {name for name, kind in kinds.items() if kind == "assignment"}
        #: Ids under rate rules, which are states.
        self.rated = told.rated
        moving = dict.fromkeys([*self.engine.model.getFloatingSpeciesIds(), *self.rated])
        #: Ids of the amounts and the rest that moves.
        self.moving = [name for name in moving if name not in self.assigned]
        #: How many formulas a step of the integrator evaluates; its own work is as much as a few.
        self.formulas = 5 + (
            self.engine.model.getNumReactions() + len(self.assigned) + len(self.rated)
        )
        #: Whether the integrator may stop between two times and go on: where triggers follow the
        #: time, it would look at them anew and with other states.
        self.can_pause = not (self.events or self.changes) or (
            "symbols/time" not in self._text and "<delay" not in self._text
        )
        quantities = read_quantities(sbml)
        settable = {name for name, quantity in quantities.items() if quantity.settable}
        started = [
            name
            for name, quantity in quantities.items()
            if quantity.kind == "boundary" and quantity.computed == "initial assignment"
        ]
        # Neither a reset nor a value set on the model puts these in place
        self._computed = [
            name
            for name in (*started, *ids_set_by_start_or_event(sbml))
            if name not in kinds and name not in settable
        ]

    def restart(self, model: Model) -> None:
        """Put every quantity of `model` in place and go back to time zero.

        Raises
        ------
        UnsupportedModelError
            With the changes of `model` an initial assignment has to be computed that has no
            symbolic form, or the size of a compartment is changed that has none in the SBML.
        """
        for name, found in self.missing.items():
            if name not in model.changes:
                raise InputError(
                    f"'{name}' has {found} in model '{model.name}'; set one, such as {name}=1"
                )
        if self._remembers:
            self.engine = _engine(self._with_numbers(*self._values(model)))
            return
        engine = self.engine
        # Twice, for volumes that follow from what the first one puts in place
        engine.resetAll()
        engine.resetAll()
        if not model.changes:
            return
        values, boundary = self._values(model)
        # An event due at time zero fires within a reset, and may change what was set
        again = {**values, **boundary} if self.has_events else boundary
        for wanted in ({**values, **boundary}, again):
            for selection, value in wanted.items():
                engine[selection] = value
            engine.reset()

    def _values(self, model: Model) -> tuple[dict[str, float], dict[str, float]]:
        """Return the value of every selection that has to be set: what resets keep, and the rest.

        The rest is boundary species, whose amounts depend on volumes.
        """
        values: dict[str, float] = {}
        boundary: dict[str, float] = {}
        for name, quantity in model.quantities.items():
            if not quantity.settable:
                continue
            as_given = quantity.converted and name not in model.changes
            value = quantity.given if as_given else quantity.value
            if name in self._starts:
                values[self._starts[name]] = 0.0 if as_given else value
                if quantity.converted:
                    values[self._given[name]] = value if as_given else 0.0
                if quantity.kind == "compartment":
                    values[name] = value
            elif quantity.kind != "boundary" and not np.isnan(value):
                values[name] = value
            if quantity.kind == "boundary" and quantity.computed != "rate rule":
                boundary[name if quantity.is_amount != as_given else f"[{name}]"] = value
        start = values_at_start(model.sbml, model.changes) if self._computed else {}
        for name in self._computed:
            quantity = model.quantities.get(name)
            if quantity is not None and quantity.kind == "boundary":
                boundary[name if quantity.is_amount else f"[{name}]"] = start[name]
            else:
                values[name] = start[name]
        return values, boundary

    def _with_numbers(self, values: Mapping[str, float], boundary: Mapping[str, float]) -> str:
        """Return the text with values in place of its numbers, as a file of their own."""
        import libsbml

        document = libsbml.readSBMLFromString(self._text)
        model = document.getModel()
        for name, value in values.items():
            model.removeInitialAssignment(name)
            target = model.getElementBySId(name)
            kind = target.getTypeCode()
            if kind == libsbml.SBML_COMPARTMENT:
                target.setSize(value)
            elif kind == libsbml.SBML_SPECIES_REFERENCE:
                target.setStoichiometry(value)
            else:
                target.setValue(value)
        for selection, value in boundary.items():
            name = selection.strip("[]")
            model.removeInitialAssignment(name)
            species = model.getSpecies(name)
            (species.setInitialAmount if name == selection
             else species.setInitialConcentration)(value)  # fmt: skip
        return libsbml.writeSBMLToString(document)

    def set_tolerances(self, relative: float, absolute: Mapping[str, float]) -> None:
        """Set CVODE's tolerances; the absolute one by state id, as an amount."""
        integrator = self.engine.integrator
        integrator.relative_tolerance = relative
        for name, value in absolute.items():
            integrator.setIndividualTolerance(name, value)


def _kept_engine(text: str) -> roadrunner.RoadRunner:
    """Return a compiled instance, its machine code from disk if it has been there before."""
    named = f"{text}\0{processor()}"
    known = kept("engine", named)
    if known is None:
        engine = _engine(text)
        keep("engine", named, engine.saveStateS())
        return engine
    engine = _engine(None)
    engine.loadStateS(known)
    return engine


def _engine(text: str | None) -> roadrunner.RoadRunner:
    """Return a compiled instance, or an empty one.

    Without the properties by id that libRoadRunner otherwise puts on its class: a parameter called
    ``reset`` would take the place of a method, in every model of the process.
    """
    key = roadrunner.Config.ROADRUNNER_DISABLE_PYTHON_DYNAMIC_PROPERTIES
    users = roadrunner.Config.getValue(key)
    roadrunner.Config.setValue(key, True)
    try:
        engine = roadrunner.RoadRunner(*([text] if text else []))
    except RuntimeError as error:
        raise UnsupportedModelError(
            f"libRoadRunner cannot run this model: {_first_sentence(error)}"
        ) from None
    finally:
        roadrunner.Config.setValue(key, users)
    return engine


def _is_remembered(event: libsbml.Event) -> bool:
    """Whether an event outlives a reset, or happens in one.

    A delayed event that is due stays due, and one whose trigger is false before time zero may
    happen at it, as often as the model is reset.
    """
    return is_delayed(event) or not event.getTrigger().getInitialValue()


@lru_cache(maxsize=8)
def runner_for(sbml: str) -> Runner:
    """Return the process's runner of a model; shared, so :meth:`Runner.restart` it first."""
    return Runner(sbml)


def rates_of(runner: Runner) -> np.ndarray:
    """Return the rates of a runner's states where its engine stands, in the order of `moving`."""
    found = []
    for name in runner.moving:
        try:
            found.append(runner.engine[f"{name}'"])
        except RuntimeError:  # libRoadRunner does not tell that of species under rate rules
            found.append(0.0)
    return np.array(found, dtype=float)


def _first_sentence(error: Exception) -> str:
    return " ".join(str(error).split()).split("; In virtual")[0][:200]


def failure(error: RuntimeError, model: Model, doing: str, cause: str = "") -> SimulationError:
    """Return libRoadRunner's complaint as an error of ours, and one of ours as it is."""
    if isinstance(error, SimulationError):
        return error
    why = cause or _first_sentence(error)
    return SimulationError(f"model '{model.name}': {doing} failed: {why}")
