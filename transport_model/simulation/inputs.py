"""What an experimenter changes during a run: steps, ramps, and quantities that are held."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transport_model.errors import InputError, UnknownIdError
from transport_model.model import Model, check_model
from transport_model.quantities import document_of
from transport_model.reserved import RATE, SLOPE, unused_ids

#: Points of one course; more would not fit the memory of a laptop.
MAX_POINTS = 1_000_000
#: Where looks lie between two rows, as a share of their distance: beside round numbers.
BESIDE = 0.9137


@dataclass(frozen=True)
class Step:
    """Values set at one time: before it the old ones, from it on the new.

    Attributes
    ----------
    time
        When, in the model's unit of time.
    values
        New values by id, in model units: parameters, boundary species and floating species.
    """

    time: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Ramp:
    """A quantity that moves evenly from what it is at `start` to the value `to` at `end`.

    Attributes
    ----------
    id
        A parameter or a boundary species.
    start, end
        Times, in the model's unit of time.
    to
        Its value at the end, in model units.
    """

    id: str
    start: float
    end: float
    to: float


Input = Step | Ramp


def check_inputs(
    model: Model, inputs: Sequence[Input], start: float, end: float
) -> tuple[Input, ...]:
    """Return the inputs, if all can be applied between `start` and `end`.

    Returns
    -------
    tuple of Input
        With plain floats for numbers.

    Raises
    ------
    UnknownIdError
        An input names nothing in the model.
    InputError
        A time lies outside the run, a ramp ends before it starts, a value is outside its
        quantity's domain, what is to change moves by itself, or two inputs change one quantity
        at once.
    """
    spans: dict[str, list[tuple[float, float]]] = {}
    numbers = _in_floats(inputs)
    for item in numbers:
        first, last = (item.time, item.time) if isinstance(item, Step) else (item.start, item.end)
        values = item.values if isinstance(item, Step) else {item.id: item.to}
        if not (math.isfinite(first) and math.isfinite(last) and start <= first <= last <= end):
            raise InputError(f"an input's times must lie between {start:g} and {end:g}, in order;"
                             f" not {first:g} to {last:g}")  # fmt: skip
        if isinstance(item, Ramp) and first == last:
            raise InputError(f"the ramp of '{item.id}' takes no time; a jump is a step")
        for name, value in values.items():
            model.validated_value(name, value)
            quantity = model.quantities[name]
            if quantity.kind == "compartment" or quantity.computed:
                why = quantity.computed or "a compartment"
                raise InputError(f"'{name}' cannot be changed during a run: {why}")
            if isinstance(item, Ramp) and quantity.kind == "floating":
                raise InputError(f"'{name}' moves by itself: a step can set it, no ramp can")
            for one, other in spans.get(name, []):
                if (first < other and one < last) or (first, last) == (one, other):
                    raise InputError(f"two inputs change '{name}' at {max(first, one):g}")
            spans.setdefault(name, []).append((first, last))
    return numbers


def _in_floats(inputs: Sequence[Input]) -> tuple[Input, ...]:
    """Return inputs with plain floats: libRoadRunner takes no numbers of NumPy's other types."""
    found: list[Input] = []
    for item in [inputs] if isinstance(inputs, Input) else inputs:
        if isinstance(item, Step):
            values = {name: number(value, f"'{name}'") for name, value in item.values.items()}
            found.append(Step(number(item.time, "the time of a step"), values))
        elif isinstance(item, Ramp):
            what = f"the ramp of '{item.id}'"
            ends = number(item.start, what), number(item.end, what)
            found.append(Ramp(item.id, *ends, number(item.to, what)))
        else:
            raise InputError(f"inputs are steps and ramps, not {item!r:.40}")
    return tuple(found)


def number(value: Any, what: str) -> float:
    """Return a value as a float.

    Parameters
    ----------
    value
        Anything that is a number.
    what
        What it is for: `what` needs a number.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InputError
        It is none.
    """
    if isinstance(value, str):
        raise InputError(f"{what} needs a number, not {value!r:.40}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{what} needs a number, not {value!r:.40}") from None


def whole_number(value: Any, what: str) -> int:
    """Return a value as an int, if it is a whole number; otherwise raise InputError."""
    found = number(value, what)
    if not found.is_integer():
        raise InputError(f"{what} needs a whole number, not {found:g}")
    return int(found)


def course_times(start: float, end: float, points: int) -> tuple[float, float, int]:
    """Return the first and last time and the number of points, if a course can have them."""
    start, end, points = number(start, "start"), number(end, "end"), whole_number(points, "points")
    if not math.isfinite(start):
        raise InputError(f"start must be a finite time, not {start:g}")
    if not math.isfinite(end) or end <= start:
        raise InputError(f"end must be a time after {start:g}, not {end:g}")
    if not 2 <= points <= MAX_POINTS:
        raise InputError(f"points must be 2 to {MAX_POINTS:,}, not {points:,}")
    return start, end, points


def checked_tolerance(relative: float) -> float:
    """Return a relative tolerance as a float, if the integrator can have it."""
    relative = number(relative, "relative_tolerance")
    if not 0 < relative < 1:
        raise InputError(f"relative_tolerance must lie between 0 and 1, not {relative:g}")
    return relative


def changed_ids(inputs: Sequence[Input]) -> list[str]:
    """Return the ids that inputs change, each once."""
    names = [
        name for item in inputs for name in (item.values if isinstance(item, Step) else [item.id])
    ]
    return list(dict.fromkeys(names))


def break_times(inputs: Sequence[Input], start: float, end: float) -> list[float]:
    """Return every time at which an input jumps or bends, and both ends, in order."""
    times = {start, end}
    for item in inputs:
        times |= {item.time} if isinstance(item, Step) else {item.start, item.end}
    return sorted(times)


def set_inputs(
    engine: Any,
    inputs: Sequence[Input],
    time: float,
    selections: Mapping[str, str],
    slopes: Mapping[str, str],
) -> None:
    """Set what jumps or bends at a time, by the engine's names of quantities and of slopes."""
    for item in inputs:
        if isinstance(item, Step):
            if item.time == time:
                for name, value in item.values.items():
                    engine[selections[name]] = value
        elif item.end == time:
            engine[slopes[item.id]] = 0.0
            engine[selections[item.id]] = item.to
    for item in inputs:  # a ramp starts from where another has just ended
        if isinstance(item, Ramp) and item.start == time:
            way = item.to - engine[selections[item.id]]
            engine[slopes[item.id]] = way / (item.end - time)


def course_pieces(inputs: Sequence[Input], times: np.ndarray) -> list[list[float]]:
    """Return the times of a course's rows, cut where an input jumps or bends.

    Parameters
    ----------
    inputs
        As :func:`check_inputs` returns them.
    times
        Rising, of shape (points,), from the start to the end.

    Returns
    -------
    list of list of float
        Both ends of each piece counted. A time that a jump misses by rounding alone is the jump's.
    """
    close = 1e-9 * float(np.diff(times).min())
    return [
        [first, *times[(times > first + close) & (times < last - close)].tolist(), last]
        for first, last in itertools.pairwise(
            break_times(inputs, float(times[0]), float(times[-1]))
        )
    ]


def with_looks(
    pieces: Sequence[Sequence[float]], apart: float
) -> tuple[list[list[float]], list[float]]:
    """Return the times of pieces with more put between those far apart, and those that were put.

    Parameters
    ----------
    pieces
        As :func:`course_pieces` returns them.
    apart
        Furthest that two times are to be apart, about.

    Returns
    -------
    tuple
        The times, and what was put in.
    """
    looked_at, put = [], []
    for piece in pieces:
        times = [piece[0]]
        for first, last in itertools.pairwise(piece):
            more = int((last - first) / apart)
            # Where no model is likely to switch
            shares = (np.arange(more) + BESIDE) / (more + 1)
            between = (first + shares * (last - first)).tolist() if more else []
            times += [*between, last]
            put += between
        looked_at.append(times)
    return looked_at, put


def row_times(inputs: Sequence[Input], times: np.ndarray) -> list[float]:
    """Return the times of a course's rows; one at which an input jumps or bends occurs twice.

    Parameters
    ----------
    inputs, times
        As for :func:`course_pieces`.

    Returns
    -------
    list of float
        In order, both ends among them.
    """
    steps = {item.time for item in inputs if isinstance(item, Step)}
    ends = [float(time) for time in (times[0], times[-1])]
    first, last = ([time] if time in steps else [] for time in ends)
    return [*first, *itertools.chain(*course_pieces(inputs, times)), *last]


def with_slopes(sbml: str, names: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Return SBML in which each of `names` moves at the rate of a parameter, zero at first.

    Parameters
    ----------
    sbml
        SBML L3V2 text.
    names
        Parameters and boundary species.

    Returns
    -------
    tuple of str and dict
        The text, and the ids of the slopes by name.
    """
    import libsbml

    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    slopes = unused_ids(model, SLOPE, names)
    for name in names:
        target = model.getElementBySId(name)
        target.setConstant(False)
        slope = model.createParameter()
        slope.setId(slopes[name])
        slope.setConstant(False)
        slope.setValue(0.0)
        rule = model.createRateRule()
        rule.setVariable(name)
        rule.setMath(libsbml.parseL3Formula(slope.getId()))
    return libsbml.writeSBMLToString(document), slopes


def with_nothing_moved(sbml: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """Return SBML in which neither reactions nor rate rules move any of `names`.

    Returns
    -------
    sbml : str
        The text.
    rates : dict of str to str
        Ids there that hold what would move them, by what rate rules move or by reaction.
    """
    import libsbml

    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    ruled = [name for name in names if model.getRuleByVariable(name) is not None]
    rates = unused_ids(model, RATE, ruled)
    for name, rate in rates.items():
        moves = model.removeRuleByVariable(name)
        parameter = model.createParameter()
        parameter.setId(rate)
        parameter.setConstant(False)
        rule = model.createAssignmentRule()
        rule.setVariable(rate)
        rule.setMath(moves.getMath())
    for name in names:
        if model.getSpecies(name) is not None:
            model.getSpecies(name).setBoundaryCondition(True)
    for reaction in model.getListOfReactions():
        ends = (*reaction.getListOfReactants(), *reaction.getListOfProducts())
        if any(end.getSpecies() in names for end in ends):
            rates[reaction.getId()] = reaction.getId()
    return libsbml.writeSBMLToString(document), rates


def held(model: Model, **values: float) -> Model:
    """Return a copy in which computed quantities are held: a voltage clamp holds ``V_m``.

    An assignment rule gives way to a parameter of the same id, which then can be set, stepped and
    ramped as any other. What the rule was made of still moves: in a clamped ``cell`` the species
    ``charge`` counts the charge that the clamp's electrode supplies.

    Parameters
    ----------
    model
        A model; it is not changed.
    **values
        Values by id, in model units.

    Returns
    -------
    Model
        A new model, in which the quantities are parameters.

    Raises
    ------
    UnknownIdError
        An id names nothing in the model.
    InputError
        A quantity is not one that a rule of the model computes, or the value is not finite.
    """
    check_model(model)
    import libsbml

    document = document_of(model.sbml).clone()
    definition = document.getModel()
    for name, value in values.items():
        rule = definition.getAssignmentRule(name)
        if rule is None or definition.getParameter(name) is None:
            if name not in model.quantities:
                raise UnknownIdError.of(name, model.rules.index, f"model '{model.name}'")
            raise InputError(f"'{name}' is not computed by a rule; set it instead of holding it")
        if not math.isfinite(number(value, f"'{name}'")):
            raise InputError(f"'{name}' must be held at a finite number, not {value}")
        definition.removeRuleByVariable(name)
        definition.getParameter(name).setConstant(True)
        definition.getParameter(name).setValue(float(value))
    return type(model)(model.name, libsbml.writeSBMLToString(document), model.changes)
