"""An experiment's arm as SBML of its own: it starts where the arm starts, its changes are events.

SED-ML has no word for what happens within a simulation. What an experimenter changes is therefore
part of the model that is simulated: a step is an event, a ramp a rate rule whose slope events set.
Integrators stop at events, so that every engine breaks its course exactly where ours does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libsbml
import pandas as pd

from transport_model import Model, Ramp, Step, evaluate
from transport_model.errors import InputError
from transport_model.quantities import has_no_volume
from transport_model.reserved import SLOPE, unused_ids
from transport_model.simulation.inputs import Input, break_times, changed_ids, check_inputs
from transport_model.units import unit_id

#: Prefixes of the ids that an arm's SBML has beyond those of its model.
EVENT, UNIT = "change_", "unit_of_"


def arm_sbml(model: Model, inputs: Sequence[Input] = (), *, name: str = "") -> str:
    """Return SBML that starts where `model` does and changes as `inputs` say.

    A quantity that the model computes for its start alone (``K_i`` in ``cell``) starts at the
    number that comes out. Steps at time zero are the values that the run starts with.

    Parameters
    ----------
    model
        The model with the values set on it, such as
        :meth:`~transport_model.Model.starting_from` a steady state.
    inputs
        Steps and ramps from time zero on, as :func:`~transport_model.simulate` takes them.
    name
        Name of the SBML model; by default that of `model`.

    Raises
    ------
    UnknownIdError
        An input names nothing in the model.
    InputError
        An input's times or values make no sense.
    """
    end = max((time for time in break_times(inputs, 0.0, 0.0)), default=0.0)
    check_inputs(model, inputs, 0.0, end)
    document = libsbml.readSBMLFromString(model.sbml)
    definition = document.getModel()
    definition.setName(name or definition.getName() or model.name)
    started = dict(_started(model))
    while definition.getNumInitialAssignments():
        definition.removeInitialAssignment(0)
    first = {
        target: value
        for item in inputs
        if isinstance(item, Step) and item.time == 0
        for target, value in item.values.items()
    }
    for target, value in {**started, **model.changes, **first}.items():
        _set(definition, target, value)
    ramped = sorted({item.id for item in inputs if isinstance(item, Ramp)})
    for target in changed_ids(inputs):
        if any(target in values for _, values in _later(inputs)) or target in ramped:
            _free(definition, target)
    slopes = unused_ids(definition, SLOPE, ramped)
    for target, slope in slopes.items():
        _add_slope(definition, target, slope)
    levels = {n: first.get(n, model.quantities[n].value) for n in changed_ids(inputs)}
    changed = list(_events(inputs, levels, slopes))
    events = unused_ids(definition, EVENT, map(str, range(len(changed))))
    for event, (time, values) in zip(events.values(), changed, strict=True):
        if time == 0:  # a ramp that starts with the run
            for target, value in values.items():
                _set(definition, target, value)
        else:
            _add_event(definition, event, time, values)
    return libsbml.writeSBMLToString(document)


def driven(model: Model, names: Sequence[str]) -> Model:
    """Return a copy in which held species follow parameters, named as :func:`driver` says.

    Tools set a parameter between two runs without further ado; to change where a species starts,
    some compile the model anew, and others keep what followed from the old start.

    Raises
    ------
    InputError
        A species is not held, or an id of the model stands in the way.
    """
    document = libsbml.readSBMLFromString(model.sbml)
    definition = document.getModel()
    changes = dict(model.changes)
    for name in names:
        quantity = model.quantities[name]
        if quantity.kind != "boundary" or quantity.computed:
            raise InputError(f"'{name}' is no species that is held")
        if definition.getElementBySId(driver(name)) is not None:
            raise InputError(f"'{driver(name)}' is taken in the model")
        _free(definition, name)
        parameter = definition.createParameter()
        parameter.setId(driver(name))
        parameter.setName(f"{quantity.name or name}, as it is set")
        parameter.setConstant(True)
        parameter.setValue(quantity.value)
        unit = _unit_of(definition, name)
        if unit:
            parameter.setUnits(unit)
        rule = definition.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(libsbml.parseL3Formula(driver(name)))
        changes.pop(name, None)
    return Model(model.name, libsbml.writeSBMLToString(document), changes)


def driver(name: str) -> str:
    """Return the id of the parameter that a driven species follows."""
    return f"{name}_set"


def _started(model: Model) -> Iterator[tuple[str, float]]:
    """Yield what initial assignments make of quantities."""
    computed = [n for n, q in model.quantities.items() if q.computed == "initial assignment"]
    if computed:
        start = evaluate(model, pd.DataFrame(index=pd.Index([0.0], name="time"))).iloc[0]
        for name in computed:
            yield name, float(start[name])


def _set(definition: libsbml.Model, name: str, value: float) -> None:
    target = definition.getElementBySId(name)
    if isinstance(target, libsbml.Parameter):
        target.setValue(value)
    elif isinstance(target, libsbml.Compartment):
        target.setSize(value)
    elif _is_amount(definition, target):
        target.unsetInitialConcentration()
        target.setInitialAmount(value)
    else:
        target.unsetInitialAmount()
        target.setInitialConcentration(value)


def _is_amount(definition: libsbml.Model, species: libsbml.Species) -> bool:
    home = definition.getCompartment(species.getCompartment())
    return species.getHasOnlySubstanceUnits() or has_no_volume(home)


def _free(definition: libsbml.Model, name: str) -> None:
    """Let events and rules change a quantity."""
    definition.getElementBySId(name).setConstant(False)


def _later(inputs: Sequence[Input]) -> Iterator[tuple[float, Mapping[str, float]]]:
    for item in inputs:
        if isinstance(item, Step) and item.time > 0:
            yield item.time, item.values


def _events(
    inputs: Sequence[Input], levels: dict[str, float], slopes: Mapping[str, str]
) -> Iterator[tuple[float, dict[str, float]]]:
    """Yield what is set at each time: values that jump, slopes of ramps that start or end."""
    for time in break_times(inputs, 0.0, 0.0):
        values: dict[str, float] = {}
        for item in inputs:
            if isinstance(item, Step) and item.time == time > 0:
                values |= item.values
            elif isinstance(item, Ramp) and item.end == time:
                values |= {item.id: item.to, slopes[item.id]: 0.0}
        levels |= {name: value for name, value in values.items() if name in levels}
        for item in inputs:  # a ramp starts from where another has just ended
            if isinstance(item, Ramp) and item.start == time:
                values[slopes[item.id]] = (item.to - levels[item.id]) / (item.end - time)
        if values:
            yield time, values


def _add_slope(definition: libsbml.Model, name: str, slope_id: str) -> None:
    slope = definition.createParameter()
    slope.setId(slope_id)
    slope.setName(f"rate at which {definition.getElementBySId(name).getName() or name} is changed")
    slope.setConstant(False)
    slope.setValue(0.0)
    unit = _derived_unit(definition, name)
    if unit is not None:
        per_time = libsbml.UnitDefinition(unit)
        time = _time_unit(definition)
        for index in range(time.getNumUnits() if time is not None else 0):
            part = time.getUnit(index).clone()
            part.setExponent(-part.getExponentAsDouble())
            per_time.addUnit(part)
        slope.setUnits(unit_id(definition, per_time, f"{UNIT}{slope_id}"))
    rule = definition.createRateRule()
    rule.setVariable(name)
    rule.setMath(libsbml.parseL3Formula(slope.getId()))


def _derived_unit(definition: libsbml.Model, name: str) -> libsbml.UnitDefinition | None:
    """Return a quantity's unit, or None where the model does not say all of it."""
    target = definition.getElementBySId(name)
    if isinstance(target, libsbml.Parameter) and not target.isSetUnits():
        return None
    unit = target.getDerivedUnitDefinition()
    return unit if unit is not None and unit.getNumUnits() else None


def _time_unit(definition: libsbml.Model) -> libsbml.UnitDefinition | None:
    name = definition.getTimeUnits()
    if not name:
        return None
    defined = definition.getUnitDefinition(name)
    if defined is not None:
        return defined
    made = libsbml.UnitDefinition(definition.getLevel(), definition.getVersion())
    unit = made.createUnit()
    unit.initDefaults()
    unit.setKind(libsbml.UnitKind_forName(name))
    return made


def _unit_of(definition: libsbml.Model, name: str) -> str:
    """Return the id of a quantity's unit, or an empty string."""
    target = definition.getElementBySId(name)
    if isinstance(target, libsbml.Parameter):
        return target.getUnits()
    unit = _derived_unit(definition, name)
    return unit_id(definition, unit, UNIT + name) if unit is not None else ""


def _add_event(
    definition: libsbml.Model, event_id: str, time: float, values: Mapping[str, float]
) -> None:
    event = definition.createEvent()
    event.setId(event_id)
    event.setName(f"the experimenter's change at {time:g} {definition.getTimeUnits()}".rstrip())
    event.setUseValuesFromTriggerTime(True)
    trigger = event.createTrigger()
    trigger.setInitialValue(True)
    trigger.setPersistent(True)
    trigger.setMath(_parsed(f"time >= {_number(time, definition.getTimeUnits())}"))
    for name, value in values.items():
        assignment = event.createEventAssignment()
        assignment.setVariable(name)
        assignment.setMath(_parsed(_number(value, _unit_of(definition, name))))


def _number(value: float, unit: str) -> str:
    return f"{value!r} {unit}".rstrip()


def _parsed(text: str) -> libsbml.ASTNode:
    node = libsbml.parseL3Formula(text)
    if node is None:
        raise InputError(f"'{text}' cannot be written as SBML: {libsbml.getLastParseL3Error()}")
    return node
