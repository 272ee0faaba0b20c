"""The functions of a kernel that are written from its model.

Each is a function of arrays: the inputs ``g`` of a point, what it keeps from the start on in ``k``,
``c`` for what is computed once a point, the states ``x`` or the independent states ``y``, and what
it fills.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import llvmlite.ir as ir

from transport_model.kernels.functions import Code, Module
from transport_model.kernels.graph_code import GraphCode, Hoisted
from transport_model.kernels.lanes import LONG, POINTER, Array, Index, Mask
from transport_model.kernels.machine import FOREIGN
from transport_model.kernels.model_values import ModelValues, given, kept
from transport_model.mathematics.graph import LEAF, NUMBER

#: Relative distance of the two sides of a comparison at which a state is at a kink.
KINK = 1e-6
#: Values of one function: of more, LLVM takes more than its share of time.
MOST_VALUES = 1500
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

    def read_inputs(
        self, code: Code, arguments: Mapping[str, Any], block: Index, blocks: Index, g: Array
    ) -> None:
        """Fill in the inputs of a block of points: those of all, and those of the design.

        The arguments are those that both kernels have: ``base``, ``design``, ``columns`` and
        ``COLUMNS``.
        """
        base, design = (Array(code, arguments[name], (1,)) for name in ("base", "design"))
        for place in code.turns(len(self.values.inputs)):
            g[place] = base[place]
        for column in code.turns(arguments["COLUMNS"]):
            g[code.whole(arguments["columns"], column)] = design[column * blocks + block]

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

    def _fill(
        self,
        name: str,
        arguments: dict[str, tuple[int, ...]],
        reader: Callable[..., GraphCode],
        results: Sequence[tuple[str, Any, int]],
    ) -> None:
        """Write a function that stores values: array, place and value of each result.

        LLVM takes the square of its length for one that is long: such a one is written in parts,
        which compute again the little that they share.
        """
        common = {**self.common, **arguments}
        parts = self._parts(results)
        for number, part in enumerate(parts):
            own = name if len(parts) == 1 else f"{name}.{number}"
            with self.module.function(own, common) as (code, arrays):
                known = dict(zip(common, arrays, strict=True))
                found = reader(code, *arrays[:4]).values([value for *_, value in part])
                for (array, place, _), value in zip(part, found, strict=True):
                    is_mask = isinstance(value, Mask)
                    known[array][place] = code.select(value, 1.0, 0.0) if is_mask else value
        if len(parts) > 1:
            with self.module.function(name, common) as (code, arrays):
                for number in range(len(parts)):
                    code.call(f"{name}.{number}", *arrays)

    def _parts(self, results: Sequence[tuple[str, Any, int]]) -> list[list[tuple[str, Any, int]]]:
        graph = self.values.graph
        parts: list[list[tuple[str, Any, int]]] = [[]]
        needed: set[int] = set()
        for result in results:
            new = set(graph.needed([result[2]]))
            is_its_own = len(new - needed) > len(new & needed)
            if parts[-1] and is_its_own and len(needed | new) > MOST_VALUES:
                parts.append([])
                needed = set()
            needed |= new
            parts[-1].append(result)
        return parts

    def system(self) -> None:
        """Write ``system``: states, net and gross rates, Jacobian, and Newton's step."""
        values, n = self.values, self.count
        arguments = {"y": (n,), "x": (self.states,), "f": (n,), "gross": (n,),
                     "jacobian": (n, n), "step": (n,)}  # fmt: skip
        self._fill("system", arguments, self.of_independent, [
            *(("x", i, value) for i, value in enumerate(values.by_independent)),
            *(("f", j, value) for j, value in enumerate(values.balance)),
            *(("gross", j, value) for j, value in enumerate(values.gross)),
            *(("jacobian", place, value) for place, value in values.jacobian.items()),
            *(("step", j, value) for j, value in enumerate(values.step or ())),
        ])  # fmt: skip

    def slopes(self) -> None:
        """Write ``slopes``: net rates of the independent states, and their Jacobian."""
        values, n = self.values, self.count
        self._fill("slopes", {"y": (n,), "f": (n,), "jacobian": (n, n)}, self.of_independent, [
            *(("f", j, value) for j, value in enumerate(values.balance)),
            *(("jacobian", place, value) for place, value in values.jacobian.items()),
        ])  # fmt: skip

    def balance(self) -> None:
        """Write ``balance``: net rates of the independent states alone."""
        n = self.count
        self._fill("balance", {"y": (n,), "f": (n,)}, self.of_independent,
                   [("f", j, value) for j, value in enumerate(self.values.balance)])  # fmt: skip

    def states_of(self) -> None:
        """Write ``states``: all states from the independent ones."""
        found = [("x", i, value) for i, value in enumerate(self.values.by_independent)]
        arguments = {"y": (self.count,), "x": (self.states,)}
        self._fill("states", arguments, self.of_independent, found)

    def diagonal(self) -> None:
        """Write ``diagonal``: how fast each independent state moves by itself [1/time]."""
        n, jacobian = self.count, self.values.jacobian
        zero = self.values.graph.number(0.0)
        self._fill("diagonal", {"y": (n,), "rates": (n,)}, self.of_independent,
                   [("rates", j, jacobian.get((j, j), zero)) for j in range(n)])  # fmt: skip

    def rates(self) -> None:
        """Write ``rates``: every state's net, gross and exchange rate."""
        values = self.values
        sizes = (self.states,)
        arguments: dict[str, tuple[int, ...]] = {
            "x": sizes, "net": sizes, "gross": sizes, "exchange": sizes,
        }  # fmt: skip
        self._fill("rates", arguments, self._of_states, [
            (name, i, value)
            for name, of in (("net", values.net), ("gross", values.net_gross),
                             ("exchange", values.exchange))
            for i, value in enumerate(of)
        ])  # fmt: skip

    def volumes(self) -> None:
        """Write ``volumes``: the sizes of the compartments."""
        sizes = self.values.volumes.values()
        arguments = {"x": (self.states,), "sizes": (max(1, len(sizes)),)}
        self._fill("volumes", arguments, self._of_states,
                   [("sizes", i, value) for i, value in enumerate(sizes)])  # fmt: skip

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
        self._fill("constants", {}, lambda code, g, k, c: GraphCode(
            code, self.values.graph, self._leaves(g, k)),
            [("c", place, value) for value, place in self.hoisted.places.items()])  # fmt: skip
