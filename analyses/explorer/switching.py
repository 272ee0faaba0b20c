"""When a model switches by the time alone, and what its events wait for, as values of its graph.

An integrator that takes long steps runs over a pulse. The times of most switches follow from the
equations: they lie where a difference of two sides that is straight in the time, between jumps,
comes to zero, and where a straight argument of a floor comes to a whole number.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.formula_graph import FormulaGraph
from transport_model.mathematics.formula_reader import FormulaReader
from transport_model.mathematics.graph import LEAF, NUMBER, Graph
from transport_model.model import Model
from transport_model.reading.mathematics import with_functions_expanded

TIME = "csymbol(time)"
#: Operations that choose where two sides meet; floors choose at whole numbers.
_CHOICES, _FLOORS = frozenset({"lt", "le", "eq", "ne", "max", "min"}), frozenset({"floor", "ceil"})


def time_switches(graph: Graph, results: Iterable[int]) -> tuple[list[tuple[int, int, bool]], bool]:
    """Return what tells when values switch by the time alone.

    Parameters
    ----------
    graph
        Where the states and the time move.
    results
        The values.

    Returns
    -------
    list of tuple
        A value, its derivative by the time, and whether it counts at every whole number and not at
        zero alone.
    bool
        Whether something follows the time along a curve, so that its times are not known.
    """
    needed = graph.needed(results)
    time = graph.leaf(TIME)
    follows, moves = {time}, set[int]()
    for value in needed:
        operation, operands = graph.operations[value], graph.operands[value]
        if operation == LEAF and graph.moves[value] and value != time:
            moves.add(value)
        elif operation not in {NUMBER, LEAF}:
            if any(each in follows for each in operands):
                follows.add(value)
            if any(each in moves for each in operands):
                moves.add(value)
    candidates: dict[int, bool] = {}
    for value in needed:
        operands = graph.operands[value]
        if value not in follows or value in moves or graph.operations[value] in {NUMBER, LEAF}:
            continue
        if graph.operations[value] in _CHOICES and not any(map(graph.is_condition, operands)):
            sides = graph.total([operands[0], graph.apply("neg", operands[1])])
            candidates.setdefault(sides, False)
        elif graph.operations[value] in _FLOORS:
            candidates[operands[0]] = True
    found, is_curved = [], False
    for value, whole in candidates.items():
        (first,) = graph.derivatives([value], [time])
        slope = first.get(time, graph.number(0.0))
        (second,) = graph.derivatives([slope], [time])
        if second:
            is_curved = True
        else:
            found.append((value, slope, whole))
    return found, is_curved or _is_curved(graph, results)


def _is_curved(graph: Graph, results: Iterable[int]) -> bool:
    """Whether a value bends with the time between its switches."""
    time = graph.leaf(TIME)
    slopes = [row[time] for row in graph.derivatives(list(results), [time]) if time in row]
    return any(graph.derivatives(slopes, [time]))


def read_triggers(model: Model, read: FormulaGraph) -> dict[str, tuple[int, bool]]:
    """Return what each event waits for, by what it is called: a number, one where that holds.

    Beside it stands whether it counts as holding before the start.

    Raises
    ------
    UnsupportedModelError
        A trigger cannot be computed here.
    """
    if not read_equations(model.sbml).has_events:
        return {}
    graph = read.graph
    document: Any = with_functions_expanded(model.sbml)
    sbml: Any = document.getModel()
    reader = FormulaReader(sbml)
    found: dict[str, tuple[int, bool]] = {}
    for number, event in enumerate(sbml.getListOfEvents(), 1):
        trigger = event.getTrigger()
        if trigger is None or not trigger.isSetMath():
            continue  # never happens
        words = f"event '{event.getId()}'" if event.isSetId() else f"event {number}"
        value = read.value(reader.formula(trigger, f"the trigger of {words}"))
        holds = value if graph.is_condition(value) else graph.apply("ne", value, graph.number(0.0))
        truth = graph.apply("sel", holds, graph.number(1.0), graph.number(0.0))
        found[words] = truth, bool(trigger.getInitialValue())
    return found
