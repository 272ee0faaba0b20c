"""The functions of a kernel that are written from its model.

Each is a function of arrays: the inputs ``g`` of a point, what it keeps from the start on in ``k``,
``c`` for what is computed once a point, the states ``x`` or the independent states ``y``, and what it
fills.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import llvmlite.ir as ir

from transport_model.kernels.graph_code import GraphCode, Hoisted
from transport_model.kernels.lanes import LONG, POINTER, Array, Code, Mask, Module
from transport_model.kernels.machine import FOREIGN
from transport_model.kernels.model_values import ModelValues, given, kept
from transport_model.mathematics.graph import LEAF, NUMBER

#: Relative distance of the two sides of a comparison at which a state is at a kink.
KINK = 1e-6
#: Operations that are computed only for results that are wanted.
DEAR = {"exp", "log", "pow", *FOREIGN}


class ModelCode:
    """Writes the functions of one model into a module.

    Parameters
    ----------
    module
        The module.
    values
        What the model computes.

    Attributes
    ----------
    hoisted
        What a point computes once.
    """

    def __init__(self, module: Module, values: ModelValues) -> None:
        self.module, self.values = module, values
        self.hoisted = Hoisted()
        self.states, self.count = len(values.states), len(values.independent)
        #: Arguments that all functions have.
        self.common: dict[str, tuple[int, ...] | None] = {"g": (1,), "k": (1,), "c": (1,)}

    def _leaves(self, g: Array, k: Array) -> dict[str, Any]:
        values = self.values
        leaves: dict[str, Any] = {given(name): (lambda place=place: g[place])
                                  for place, name in enumerate(values.inputs)}  # fmt: skip
        return leaves | {kept(name): (lambda place=place: k[place])
                         for place, name in enumerate(values.kept)}  # fmt: skip

    def _graph(
        self, code: Code, g: Array, k: Array, c: Array, states: Sequence[tuple[str, Any]]
    ) -> GraphCode:
        """Return a writer that finds inputs, states and what is computed once a point."""
        leaves = self._leaves(g, k) | dict(states)
        return GraphCode(code, self.values.graph, leaves,
                         lambda value: c[self.hoisted.place(value)])  # fmt: skip

    def of_independent(self, code: Code, g: Array, k: Array, c: Array, y: Array) -> GraphCode:
        """Return a writer to which the independent states are known."""
        names = [self.values.states[i] for i in self.values.independent]
        return self._graph(code, g, k, c, [(n, lambda j=j: y[j]) for j, n in enumerate(names)])

    def _of_states(self, code: Code, g: Array, k: Array, c: Array, x: Array) -> GraphCode:
        places = enumerate(self.values.states)
        return self._graph(code, g, k, c, [(name, lambda i=i: x[i]) for i, name in places])

    def system(self) -> None:
        """Write ``system``: states, net and gross rates, Jacobian, and Newton's step."""
        values, n = self.values, self.count
        arguments = {**self.common, "y": (n,), "x": (self.states,), "f": (n,), "gross": (n,),
                     "jacobian": (n, n), "step": (n,)}  # fmt: skip
        with self.module.function("system", arguments) as (code, arrays):
            g, k, c, y, x, f, gross, jacobian, step = arrays
            written = self.of_independent(code, g, k, c, y)
            solution = values.step or ()
            found = written.values([*values.by_independent, *values.balance, *values.gross,
                                    *values.jacobian.values(), *solution])  # fmt: skip
            places: list[tuple[Array, Any]] = [(x, i) for i in range(self.states)]
            places += [(f, j) for j in range(n)] + [(gross, j) for j in range(n)]
            places += [(jacobian, place) for place in values.jacobian]
            places += [(step, j) for j in range(len(solution))]
            for (array, place), value in zip(places, found, strict=True):
                array[place] = value

    def balance(self) -> None:
        """Write ``balance``: net rates of the independent states alone."""
        n = self.count
        with self.module.function("balance", {**self.common, "y": (n,), "f": (n,)}) as (
            code,
            (g, k, c, y, f),
        ):
            found = self.of_independent(code, g, k, c, y).values(self.values.balance)
            for j, value in enumerate(found):
                f[j] = value

    def states_of(self) -> None:
        """Write ``states``: all states from the independent ones."""
        arguments = {**self.common, "y": (self.count,), "x": (self.states,)}
        with self.module.function("states", arguments) as (code, (g, k, c, y, x)):
            found = self.of_independent(code, g, k, c, y).values(self.values.by_independent)
            for i, value in enumerate(found):
                x[i] = value

    def diagonal(self) -> None:
        """Write ``diagonal``: how fast each independent state moves by itself [1/time]."""
        n, jacobian = self.count, self.values.jacobian
        with self.module.function("diagonal", {**self.common, "y": (n,), "rates": (n,)}) as (
            code,
            (g, k, c, y, rates),
        ):
            own = [jacobian.get((j, j), self.values.graph.number(0.0)) for j in range(n)]
            for j, value in enumerate(self.of_independent(code, g, k, c, y).values(own)):
                rates[j] = value

    def rates(self) -> None:
        """Write ``rates``: every state's net, gross and exchange rate."""
        sizes = dict.fromkeys(("x", "net", "gross", "exchange"), (self.states,))
        with self.module.function("rates", {**self.common, **sizes}) as (code, arrays):
            g, k, c, x, *filled = arrays
            values, written = self.values, self._of_states(code, g, k, c, x)
            for array, wanted in zip(
                filled, (values.net, values.net_gross, values.exchange), strict=True
            ):
                for i, value in enumerate(written.values(wanted)):
                    array[i] = value

    def kink(self) -> None:
        """Write ``kink``, which tells where a state lies where a formula changes its branch."""
        moves = self.values.graph.moves
        pairs = [pair for pair in self.values.kinks if moves[pair[0]] or moves[pair[1]]]
        arguments = {**self.common, "x": (self.states,)}
        with self.module.function("kink", arguments, answers=True) as (code, (g, k, c, x)):
            found = code.truth(False)
            written = self._of_states(code, g, k, c, x)
            for pair in pairs:
                a, b = written.values(pair)
                found = found | (abs(a - b) <= (abs(a) + abs(b)) * KINK)
            code.answer(found)

    def outputs(self) -> None:
        """Write ``outputs``, which computes those results that have a place.

        What many results rest on is computed first, and each result by itself where it is wanted.
        """
        values, module = self.values, self.module.module
        kind = ir.FunctionType(ir.VoidType(), [POINTER] * 6 + [LONG, LONG])
        function = ir.Function(module, kind, "outputs")
        function.linkage = "internal"
        function.attributes.add("noinline")
        code = Code(self.module, function)
        g, k, c, x = (Array(code, pointer, (1,)) for pointer in function.args[:4])
        places, results, block, blocks = function.args[4:]
        written = self._of_states(code, g, k, c, x)
        written.values(self._shared())
        for number, value in enumerate(values.outputs.values()):
            builder = code.builder
            where = builder.load(
                builder.gep(places, [ir.Constant(LONG, number)], source_etype=LONG), typ=LONG
            )
            with code.when(builder.icmp_signed(">=", where, ir.Constant(LONG, 0))):
                known = dict(written.written)
                (found,) = written.values([value])
                written.written = known  # it was computed only where it was wanted
                place = builder.add(builder.mul(where, blocks), block)
                builder.store(found.value, builder.gep(results, [place], source_etype=code.vector))
        code.builder.ret_void()

    def _shared(self) -> list[int]:
        """Return what more than one result rests on and costs little."""
        graph = self.values.graph
        uses: Counter[int] = Counter()
        for value in set(self.values.outputs.values()):
            uses.update(graph.needed([value]))
        dear: set[int] = set()
        for value in sorted(uses):
            if graph.operations[value] not in {NUMBER, LEAF} and graph.moves[value]:
                is_dear = graph.operations[value] in DEAR
                if is_dear or not dear.isdisjoint(graph.operands[value]):
                    dear.add(value)
        return [value for value, count in uses.items()
                if count > 1 and graph.moves[value] and value not in dear]  # fmt: skip

    def start(self) -> None:
        """Write ``start``: starting values, and what is kept from then on.

        The answer is where computed starting values are possible.
        """
        arguments = {"g": (1,), "k": (1,), "initial": (self.states,)}
        with self.module.function("start", arguments, answers=True) as (code, (g, k, initial)):
            values = self.values
            written = GraphCode(code, values.graph, self._leaves(g, k))
            for i, value in enumerate(written.values(values.initial)):
                initial[i] = value
            for place, value in enumerate(written.values(list(values.kept.values()))):
                k[place] = value
            feasible = code.truth(True)
            for value in written.values(values.checked):
                feasible = feasible & ~(value < 0.0)
            code.answer(feasible)

    def constants(self) -> None:
        """Write ``constants``: all that no state reaches.

        To be written last: the other functions say what that is.
        """
        with self.module.function("constants", self.common) as (code, (g, k, c)):
            written = GraphCode(code, self.values.graph, self._leaves(g, k))
            for place, value in enumerate(written.values(list(self.hoisted.places))):
                c[place] = code.select(value, 1.0, 0.0) if isinstance(value, Mask) else value
