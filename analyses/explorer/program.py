"""A model's equations as JavaScript, printed from the same graph as the compiled kernels.

No id of a model becomes a word of the program: values are numbered, and what goes in and comes out
lies in arrays, whose order :class:`Printed` tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from transport_model import Model
from transport_model.mathematics.equations import Equations, read_equations
from transport_model.mathematics.evaluation import result_columns
from transport_model.mathematics.formula_graph import FormulaGraph
from transport_model.mathematics.graph import FUNCTIONS, LEAF, NUMBER, Graph
from transport_model.mathematics.program import (
    formulas_of,
    needed_for,
    once_divided,
    values_at_start,
    velocity_names,
)
from transport_model.mathematics.state_names import amount
from transport_model.mathematics.structure import Structure, structure_of

from .switching import TIME, read_triggers, time_switches

#: Operations as JavaScript has them, written of their operands.
_JAVASCRIPT = {
    "add": "{} + {}", "mul": "{} * {}", "neg": "-{}", "rec": "1 / {}", "pow": "power({}, {})",
    "max": "Math.max({}, {})", "min": "Math.min({}, {})", "lt": "{} < {}", "le": "{} <= {}",
    "eq": "{} === {}", "ne": "{} !== {}", "and": "{} && {}", "or": "{} || {}", "xor": "{} !== {}",
    "not": "!{}", "sel": "{} ? {} : {}", "abs": "Math.abs({})",
    **{name: f"Math.{name}({{}})" for name in FUNCTIONS},
}  # fmt: skip
#: The arguments of each function: what is read, then what is written.
SIGNATURES = {
    "start": "g, x, c",
    "hoist": "c, s, h",
    "balance": "t, y, c, s, h, f",
    "system": "t, y, c, s, h, f, J, d",
    "linear": "t, x, c, h, v, D",
    "outputs": "t, x, c, h, o",
    "breaks": "t, c, h, b",
    "triggers": "t, x, c, h, w",
}


#: Operations in a part of a function; of longer ones browsers make slow code.
LONGEST = 500


@dataclass(frozen=True)
class Printed:
    """A model's program, and the order of what its functions take and give.

    Attributes
    ----------
    text
        An expression of JavaScript whose value is an object of functions:
        ``start(g, x, c)`` computes the starting states and the constants of a run from inputs, of
        which NaN means the value that the model itself computes;
        ``hoist(c, s, h)`` what no state reaches, from constants and conserved sums;
        ``balance(t, y, c, s, h, f)`` the net rates of the independent states;
        ``system(t, y, c, s, h, f, J, d)`` these, their Jacobian, row by row, and their derivatives
        by the time; ``linear(t, x, c, h, v, D)`` all velocities and their derivatives by all
        states; ``outputs(t, x, c, h, o)`` the value of every quantity;
        ``breaks(t, c, h, b)`` values that switch something where they come to zero, each with its
        derivative by the time; ``triggers(t, x, c, h, w)`` whether what an event waits for holds.
        Entries of J, d and D that are always zero are not written.
    inputs, constants, states, velocities
        The order of g, c, x and v.
    outputs
        The order of o, by id.
    structure
        Stoichiometry, conserved sums, independent states y.
    hoisted
        The length of h.
    breaks
        Of each value of b, whether it switches something at every whole number.
    curved
        Whether something bends with the time, or switches along a curve, at times not known here.
    events
        What is awaited in w, in words, and whether it counts as holding before the start.
    """

    text: str
    inputs: tuple[str, ...]
    constants: tuple[str, ...]
    states: tuple[str, ...]
    velocities: tuple[str, ...]
    outputs: tuple[str, ...]
    structure: Structure
    hoisted: int
    breaks: tuple[bool, ...]
    curved: bool
    events: tuple[tuple[str, bool], ...]


def print_program(model: Model) -> Printed:
    """Print a model's program.

    Parameters
    ----------
    model
        The model; its values decide which states follow from conserved sums.

    Raises
    ------
    UnsupportedModelError
        The model has a construct that cannot be computed outside libRoadRunner.
    """
    return _Printer(model).print()


class _Printer:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.equations: Equations = read_equations(model.sbml)
        self.structure = structure_of(model.sbml, values_at_start(model.sbml, model.changes))
        self.graph = Graph(moving=[*self.equations.states, TIME])
        free = [name for name, quantity in model.quantities.items()
                if quantity.settable and name in self.equations.start]  # fmt: skip
        self.free = frozenset(free)
        self.inputs = (*self.equations.values, *free)

    def print(self) -> Printed:
        states, names = self.equations.states, velocity_names(self.equations)
        outputs = tuple(dict.fromkeys([*result_columns(self.equations, self.model),
                                       *self.model.quantities]))  # fmt: skip
        triggers = self._triggers()
        truths = [value for value, _ in triggers.values()]
        functions = {
            **self._reduced(names),
            "linear": self._linear(names),
            "outputs": self._outputs(outputs),
            "triggers": {f"w[{i}]": value for i, value in enumerate(truths)},
        }
        switches, curved = time_switches(
            self.graph, [*functions["balance"].values(), *functions["triggers"].values()]
        )
        functions["breaks"] = {f"b[{2 * i + by}]": switch[by]
                               for i, switch in enumerate(switches) for by in (0, 1)}  # fmt: skip
        hoisted = self._hoisted([value for each in functions.values() for value in each.values()])
        places = {
            **{_given(name): f"g[{i}]" for i, name in enumerate(self.inputs)},
            **{_constant(name): f"c[{i}]" for i, name in enumerate(self.equations.constants)},
            **{name: f"x[{i}]" for i, name in enumerate(states)},
            **{_total(i): f"s[{i}]" for i in range(len(states))},
            TIME: "t",
        }
        own = {states[i]: f"y[{j}]" for j, i in enumerate(self.structure.independent.tolist())}
        held = {f"h[{i}]": value for value, i in hoisted.items()}
        body = [self._function("start", self._start(), places, {}),
                self._function("hoist", held, places, {})]  # fmt: skip
        for name, results in functions.items():
            known = places | own if name in {"balance", "system"} else places
            body.append(self._function(name, results, known, hoisted))
        text = "\n".join([
            "(function () {", '"use strict";',
            "function power(a, b) { return a === 1 || b === 0 ? 1 : Math.pow(a, b); }",
            *body, f"return {{{', '.join(SIGNATURES)}}};", "})()",
        ])  # fmt: skip
        whole = tuple(each for _, _, each in switches)
        events = tuple((name, initial) for name, (_, initial) in triggers.items())
        return Printed(text, self.inputs, self.equations.constants, states, tuple(names), outputs,
                       self.structure, len(hoisted), whole, curved, events)  # fmt: skip

    def _start(self) -> dict[str, int]:
        """Return starting states and constants, by place."""
        graph, start = self.graph, self.equations.start
        leaves = {name: graph.leaf(_given(name)) for name in self.inputs}
        known = {name: leaf for name, leaf in leaves.items() if name not in self.free}
        read = FormulaGraph(graph, {TIME: graph.number(0.0), **known})
        wanted = (*self.equations.states, *self.equations.constants)
        for name in needed_for(start, [name for name in wanted if name in start]):
            value = read.define(name, start[name])
            if name in self.free:
                is_said = graph.apply("eq", leaves[name], leaves[name])
                read.values[name] = graph.apply("sel", is_said, leaves[name], value)
        return {
            **{f"x[{i}]": read.named(name) for i, name in enumerate(self.equations.states)},
            **{f"c[{i}]": read.named(name) for i, name in enumerate(self.equations.constants)},
        }

    def _dynamics(self) -> FormulaGraph:
        graph = self.graph
        return FormulaGraph(
            graph, {name: graph.leaf(_constant(name)) for name in self.equations.constants}
        )

    def _reduced(self, names: Sequence[str]) -> dict[str, dict[str, int]]:
        """Return net rates of the independent states and their derivatives, by place."""
        graph, states, structure = self.graph, self.equations.states, self.structure
        free = structure.independent.tolist()
        leaves = [graph.leaf(states[i]) for i in free]
        read = self._dynamics()
        for i in set(range(len(states))) - set(free):
            followed = graph.combination(structure.link[i], leaves)
            read.values[states[i]] = graph.total([graph.leaf(_total(i)), followed])
        defined = _define(read, formulas_of(self.equations))
        rates = [read.named(name) for name in names]
        net = [graph.combination(structure.stoichiometry[i], rates) for i in free]
        time = graph.leaf(TIME)
        slopes = graph.derivatives(net, [*leaves, time], defined)
        values = {f"f[{j}]": value for j, value in enumerate(net)}
        matrix = {
            f"J[{row * len(free) + column}]": found[leaf]
            for row, found in enumerate(slopes)
            for column, leaf in enumerate(leaves)
            if leaf in found
        }
        drift = {f"d[{row}]": found[time] for row, found in enumerate(slopes) if time in found}
        return {"balance": values, "system": {**values, **matrix, **drift}}

    def _linear(self, names: Sequence[str]) -> dict[str, int]:
        graph, states = self.graph, self.equations.states
        read = self._dynamics()
        defined = _define(read, formulas_of(self.equations))
        rates = [read.named(name) for name in names]
        leaves = [graph.leaf(name) for name in states]
        slopes = graph.derivatives(rates, leaves, defined)
        return {
            **{f"v[{k}]": value for k, value in enumerate(rates)},
            **{
                f"D[{row * len(states) + column}]": found[leaf]
                for row, found in enumerate(slopes)
                for column, leaf in enumerate(leaves)
                if leaf in found
            },
        }

    def _outputs(self, outputs: Sequence[str]) -> dict[str, int]:
        read, aliases = self._dynamics(), self.model.amount_columns
        _define(read, formulas_of(self.equations))
        return {f"o[{i}]": read.named(amount(aliases[name]) if name in aliases else name)
                for i, name in enumerate(outputs)}  # fmt: skip

    def _triggers(self) -> dict[str, tuple[int, bool]]:
        read = self._dynamics()
        _define(read, formulas_of(self.equations))
        return read_triggers(self.model, read)

    def _hoisted(self, results: Iterable[int]) -> dict[int, int]:
        """Return the operations that no state and no time reaches, but what moves rests on."""
        graph = self.graph
        found: dict[int, int] = {}
        seen: set[int] = set()
        waiting = list(results)
        while waiting:
            value = waiting.pop()
            if value in seen or graph.operations[value] in {NUMBER, LEAF}:
                continue
            seen.add(value)
            if graph.moves[value]:
                waiting.extend(graph.operands[value])
            else:
                found[value] = len(found)
        return found

    def _function(
        self,
        name: str,
        results: Mapping[str, int],
        leaves: Mapping[str, str],
        hoisted: Mapping[int, int],
    ) -> str:
        """Print one function that fills places with values."""
        graph = self.graph
        needed = self._needed(results.values(), hoisted)
        given: dict[int, str] = {}
        for value in needed:
            if graph.operations[value] == NUMBER:
                given[value] = _number(graph.operands[value][0])
            elif graph.operations[value] == LEAF:
                given[value] = leaves[graph.operands[value][0]]
            elif value in hoisted:
                given[value] = self._held(value, f"h[{hoisted[value]}]")
        computed = [value for value in needed if value not in given]
        quotients = once_divided(graph, computed, results.values())
        divisors = set(quotients.values())
        steps: dict[int, tuple[str, tuple[int, ...]]] = {}
        for value in computed:
            operands = graph.operands[value]
            if value in quotients:
                (above,) = (each for each in operands if each != quotients[value])
                steps[value] = "{} / {}", (above, graph.operands[quotients[value]][0])
            elif value not in divisors:
                steps[value] = _JAVASCRIPT[graph.operations[value]], operands
        return self._parts(name, steps, results, given)

    def _held(self, value: int, place: str) -> str:
        """Return what reads a value from an array, where a condition is a number."""
        return f"({place} !== 0)" if self.graph.is_condition(value) else place

    def _parts(
        self,
        name: str,
        steps: Mapping[int, tuple[str, tuple[int, ...]]],
        results: Mapping[str, int],
        given: Mapping[int, str],
    ) -> str:
        """Print a function in parts, each as long as browsers compile well; an array joins them."""
        part_of = {value: i // LONGEST for i, value in enumerate(steps)}
        names = {value: f"v{i % LONGEST}" for i, value in enumerate(steps)}
        places: dict[int, int] = {}
        for value, (_, operands) in steps.items():
            for each in operands:
                if part_of.get(each, part_of[value]) != part_of[value]:
                    places.setdefault(each, len(places))
        count = max(part_of.values(), default=0) + 1
        computed: list[list[str]] = [[] for _ in range(count)]
        kept: list[list[str]] = [[] for _ in range(count)]

        def text(value: int, part: int) -> str:
            if value in given:
                return given[value]
            is_own = part_of[value] == part
            return names[value] if is_own else self._held(value, f"p[{places[value]}]")

        for value, (form, operands) in steps.items():
            part = part_of[value]
            words = form.format(*(text(each, part) for each in operands))
            computed[part].append(f"{names[value]} = {words}")
        for value, place in places.items():
            kept[part_of[value]].append(f"p[{place}] = {names[value]};")
        for place, value in results.items():
            part = part_of.get(value, 0)
            kept[part].append(f"{place} = {text(value, part)};")
        bodies = [[*(["const " + ",\n".join(own) + ";"] if own else []), *kept[i]]
                  for i, own in enumerate(computed)]  # fmt: skip
        taken = SIGNATURES[name]
        if count == 1:
            return "\n".join([f"function {name}({taken}) {{", *bodies[0], "}"])
        lines = [f"const {name}Told = new Float64Array({len(places)});",
                 f"function {name}({taken}) {{",
                 *(f"{name}{i}({taken}, {name}Told);" for i in range(count)), "}"]  # fmt: skip
        for i, body in enumerate(bodies):
            lines += [f"function {name}{i}({taken}, p) {{", *body, "}"]
        return "\n".join(lines)

    def _needed(self, results: Iterable[int], hoisted: Mapping[int, int]) -> list[int]:
        """Return what a function is made of, operands first; what is hoisted is there already."""
        graph, found, waiting = self.graph, set[int](), list(results)
        while waiting:
            value = waiting.pop()
            if value not in found:
                found.add(value)
                if graph.operations[value] not in {NUMBER, LEAF} and value not in hoisted:
                    waiting.extend(graph.operands[value])
        return sorted(found)


def _define(read: FormulaGraph, formulas: Mapping[str, sp.Expr]) -> list[int]:
    return [read.define(name, formula) for name, formula in formulas.items()]


def _given(name: str) -> str:
    return f"given({name})"


def _constant(name: str) -> str:
    return f"constant({name})"


def _total(state: int) -> str:
    return f"total({state})"


def _number(text: str) -> str:
    words = {"True": "true", "False": "false", "inf": "Infinity", "-inf": "(-Infinity)",
             "nan": "NaN"}  # fmt: skip
    return words.get(text, f"({text})" if text.startswith("-") else text)
