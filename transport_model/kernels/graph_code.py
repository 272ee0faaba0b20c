"""Values of a graph as machine code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import llvmlite.ir as ir

from transport_model.kernels.elementary import exponential, logarithm, power
from transport_model.kernels.functions import Code
from transport_model.kernels.lanes import DOUBLE, Lanes, Mask
from transport_model.kernels.machine import FOREIGN
from transport_model.mathematics.graph import LEAF, NUMBER, Graph
from transport_model.mathematics.program import once_divided

Written = Lanes | Mask


class Hoisted:
    """Values that do not move: computed once a point, and kept in memory.

    Attributes
    ----------
    places
        Where each is kept.
    """

    def __init__(self) -> None:
        self.places: dict[int, int] = {}

    def place(self, value: int) -> int:
        """Return where a value is kept."""
        return self.places.setdefault(value, len(self.places))


class GraphCode:
    """Writes values of a graph into a function.

    Parameters
    ----------
    code
        The function.
    graph
        The graph.
    leaves
        Reads a leaf, by name.
    kept
        Reads a hoisted value; without it, everything is computed here.
    """

    def __init__(
        self,
        code: Code,
        graph: Graph,
        leaves: Mapping[str, Callable[[], Lanes]],
        kept: Callable[[int], Lanes] | None = None,
    ) -> None:
        self.code, self.graph, self.leaves, self.kept = code, graph, leaves, kept
        self.written: dict[int, Any] = {}

    def values(self, results: Sequence[int]) -> list[Any]:
        """Return values, computing what they need in order."""
        needed = self._needed(results)
        operations = [value for value in needed if self._is_computed(value)]
        uses = Counter(results)
        for value in operations:
            uses.update(self.graph.operands[value])
        quotients = once_divided(self.graph, operations, results)
        skipped = set(quotients.values())
        fused = self._fused(operations, uses, skipped)
        skipped |= {part for parts in fused.values() for part in parts}
        for value in needed:
            if value not in skipped:
                self.written[value] = self._written(value, quotients, fused)
        return [self.written[value] for value in results]

    def _is_computed(self, value: int) -> bool:
        """Whether a value is an operation of this function."""
        graph = self.graph
        if graph.operations[value] in {NUMBER, LEAF}:
            return False
        return self.kept is None or graph.moves[value]

    def _needed(self, results: Iterable[int]) -> list[int]:
        """Return what is still to be written for some results, operands first."""
        found: set[int] = set()
        waiting = list(results)
        while waiting:
            value = waiting.pop()
            if value not in found and value not in self.written:
                found.add(value)
                if self._is_computed(value):
                    waiting.extend(self.graph.operands[value])
        return sorted(found)

    def _fused(
        self, operations: Sequence[int], uses: Counter[int], divisors: AbstractSet[int]
    ) -> dict[int, tuple[int, ...]]:
        """Return the sums that are fused with a product, and what is not computed for that.

        The last item of each is the product; a sign before it comes first.
        """
        graph, own = self.graph, set(operations)
        found: dict[int, tuple[int, ...]] = {}
        taken: set[int] = set()
        for value in operations:
            if graph.operations[value] != "add":
                continue
            for part in graph.operands[value]:
                chain = [part]
                if graph.operations[part] == "neg":
                    chain.append(graph.operands[part][0])
                once = all(uses[each] == 1 and each in own and each not in taken
                           for each in chain)  # fmt: skip
                if not once or graph.operations[chain[-1]] != "mul":
                    continue
                if divisors.isdisjoint(graph.operands[chain[-1]]):  # no quotient
                    found[value] = tuple(chain)
                    taken.update(chain)
                    break
        return found

    def _written(
        self, value: int, quotients: Mapping[int, int], fused: Mapping[int, tuple[int, ...]]
    ) -> Any:
        graph, code = self.graph, self.code
        operation, operands = graph.operations[value], graph.operands[value]
        if operation == NUMBER:
            known = graph.constant(value)
            return code.truth(known) if isinstance(known, bool) else code.number(float(known or 0))
        if operation == LEAF:
            return self.leaves[operands[0]]()
        if self.kept is not None and not graph.moves[value]:
            kept = self.kept(value)
            return kept.differs(0.0) if graph.is_condition(value) else kept
        if value in quotients:
            divisor = quotients[value]
            (above,) = (each for each in operands if each != divisor)
            return self.written[above] / self.written[graph.operands[divisor][0]]
        if value in fused:
            parts = fused[value]
            (added,) = (each for each in operands if each != parts[0])
            a, b = (self.written[each] for each in graph.operands[parts[-1]])
            return code.fma(-a if len(parts) > 1 else a, b, self.written[added])
        known = [self.written[each] for each in operands]
        return _operation(code, operation, known)


def _operation(code: Code, operation: str, operands: Sequence[Any]) -> Any:
    a, b = operands[0], operands[-1]
    if operation in FOREIGN:
        return _called(code, operation, a)
    match operation:
        case "add":
            return a + b
        case "mul":
            return a * b
        case "neg":
            return -a
        case "rec":
            return 1.0 / a
        case "abs":
            return abs(a)
        case "exp":
            return exponential(code, a)
        case "log":
            return logarithm(code, a)
        case "pow":
            return power(code, a, b)
        case "sqrt" | "floor" | "ceil":
            return code.intrinsic(operation, a)
        case "max" | "min":
            larger = code.largest(a, b) if operation == "max" else code.smallest(a, b)
            return code.select(b.differs(b), b, larger)
        case "lt":
            return a < b
        case "le":
            return a <= b
        case "eq":
            return a.equals(b) if isinstance(a, Lanes) else ~(a ^ b)
        case "ne":
            return a.differs(b) if isinstance(a, Lanes) else a ^ b
        case "and":
            return a & b
        case "or":
            return a | b
        case "xor":
            return a ^ b
        case "not":
            return ~a
        case "sel":
            if isinstance(a, Mask) and isinstance(b, Mask):
                return (a & operands[1]) | (~a & b)
            return code.select(a, operands[1], b)
    raise AssertionError(operation)


def _called(code: Code, name: str, x: Lanes) -> Lanes:
    """Call a function of the C library, lane by lane."""
    known = code.module.module.globals
    function = known.get(name)
    if function is None:
        function = ir.Function(code.module.module, ir.FunctionType(DOUBLE, [DOUBLE]), name)
    builder, result = code.builder, x.value
    for lane in range(code.width):
        place = ir.Constant(ir.IntType(32), lane)
        one = builder.call(function, [builder.extract_element(x.value, place)])
        result = builder.insert_element(result, one, place)
    return Lanes(code, result)
