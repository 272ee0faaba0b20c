"""A model's equations as one graph of values, in which nothing stands twice.

A value is a number, a leaf (a quantity whose value is given) or an operation on other values. Two
values that are made alike are one (hash consing), numbers are worked out, and what multiplies by
one or adds zero is not there at all. Every function of a model is printed from such a graph: NumPy
for arrays of points, machine code for the kernels.

Derivatives are values of the same graph, by the chain rule along each operation, exact as the
values are:

    dv/dx = Σ_a (∂v/∂a) (da/dx)          over the operands a of v.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

#: Kinds of values that are no operations.
NUMBER, LEAF = "number", "leaf"
#: Operations whose result is true or false.
CONDITIONS = frozenset({"lt", "le", "eq", "ne", "and", "or", "xor", "not"})
#: Functions of one number, as Python's ``math`` has them, and as both printers call them.
FUNCTIONS = ("exp", "log", "sqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh",
             "tanh", "asinh", "acosh", "atanh", "floor", "ceil")  # fmt: skip

_PYTHON: dict[str, Callable[..., Any]] = {
    **{name: getattr(math, name) for name in FUNCTIONS},
    "add": operator.add, "mul": operator.mul, "rec": lambda x: 1.0 / x, "neg": operator.neg,
    "abs": abs, "pow": math.pow, "lt": operator.lt, "le": operator.le, "eq": operator.eq,
    "ne": operator.ne, "and": operator.and_, "or": operator.or_, "xor": operator.xor,
    "not": operator.not_,
    "max": lambda a, b: math.nan if a != a or b != b else max(a, b),
    "min": lambda a, b: math.nan if a != a or b != b else min(a, b),
}  # fmt: skip
_COMMUTE = frozenset({"add", "mul", "max", "min", "eq", "ne", "and", "or", "xor"})


class Graph:
    """Values by number; the operands of a value have smaller numbers.

    Parameters
    ----------
    moving
        Names of leaves that change most often, as the states do along a course. Factors and terms
        are ordered so that what does not move is put together first, and can be computed once.

    Attributes
    ----------
    operations
        What each value is: :data:`NUMBER`, :data:`LEAF` or the name of an operation.
    operands
        The numbers of the values that it is made of; of a number its value, of a leaf its name.
    moves
        Whether a moving leaf reaches it.
    """

    def __init__(self, moving: Iterable[str] = ()) -> None:
        self.operations: list[str] = []
        self.operands: list[tuple[Any, ...]] = []
        self.moves: list[bool] = []
        self._moving = frozenset(moving)
        self._numbers: dict[tuple[str, tuple[Any, ...]], int] = {}

    def _value(self, operation: str, operands: tuple[Any, ...], moves: bool) -> int:
        key = (operation, operands)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.operations)
            self.operations.append(operation)
            self.operands.append(operands)
            self.moves.append(moves)
        return found

    def number(self, value: float | bool) -> int:
        """Return a constant, a truth value among them."""
        # by its digits: a zero with a sign and a NaN are values of their own
        text = str(value) if isinstance(value, bool) else repr(float(value))
        return self._value(NUMBER, (text,), False)

    def leaf(self, name: str) -> int:
        """Return a quantity whose value is given."""
        return self._value(LEAF, (name,), name in self._moving)

    def constant(self, value: int) -> float | bool | None:
        """Return the number that a value is, or None."""
        if self.operations[value] != NUMBER:
            return None
        text = self.operands[value][0]
        return text == "True" if text in {"True", "False"} else float(text)

    def is_condition(self, value: int) -> bool:
        """Whether a value is true or false."""
        operation = self.operations[value]
        if operation == "sel":
            return self.is_condition(self.operands[value][1])
        return operation in CONDITIONS or isinstance(self.constant(value), bool)

    def apply(self, operation: str, *operands: int) -> int:
        """Return the value of an operation, worked out where its operands are numbers."""
        numbers = [self.constant(each) for each in operands]
        if operation == "sel":
            return self._select(*operands)
        if all(each is not None for each in numbers):
            return self.number(_worked_out(operation, numbers))
        if operation in {"add", "mul", "and", "or"}:
            known = self._simpler(operation, *operands)
            if known is not None:
                return known
        if operation == "neg" and self.operations[operands[0]] == "neg":
            return self.operands[operands[0]][0]
        if operation in _COMMUTE:
            operands = tuple(sorted(operands))
        return self._value(operation, operands, any(self.moves[each] for each in operands))

    def _simpler(self, operation: str, a: int, b: int) -> int | None:
        """Return what a sum, a product or a conjunction is without an operation, or None."""
        for known, other in ((self.constant(a), b), (self.constant(b), a)):
            if known is None:
                continue
            if (operation == "add" and known == 0.0) or (operation == "mul" and known == 1.0):
                return other
            if operation == "mul" and known == 0.0:
                return self.number(0.0)
            if operation == "mul" and known == -1.0:
                return self.apply("neg", other)
            if operation in {"and", "or"}:
                return other if known is (operation == "and") else self.number(known)
        if operation == "mul":  # signs are counted outside
            for one, other in ((a, b), (b, a)):
                if self.operations[one] == "neg":
                    return self.apply("neg", self.apply("mul", self.operands[one][0], other))
        return None

    def _select(self, condition: int, a: int, b: int) -> int:
        known = self.constant(condition)
        if known is not None or a == b:
            return a if known or known is None else b
        operands = (condition, a, b)
        return self._value("sel", operands, any(self.moves[each] for each in operands))

    def total(self, terms: Iterable[int]) -> int:
        """Return a sum, what does not move first."""
        ordered = sorted(terms, key=lambda each: (self.moves[each], each))
        return functools.reduce(functools.partial(self.apply, "add"), ordered, self.number(0.0))

    def product(self, factors: Iterable[int]) -> int:
        """Return a product, what does not move first."""
        ordered = sorted(factors, key=lambda each: (self.moves[each], each))
        return functools.reduce(functools.partial(self.apply, "mul"), ordered, self.number(1.0))

    def combination(self, coefficients: Iterable[float], values: Iterable[int]) -> int:
        """Return the sum of values, each times a number."""
        pairs = zip(coefficients, values, strict=True)
        return self.total(self.product((self.number(c), value)) for c, value in pairs if c)

    def needed(self, results: Iterable[int]) -> list[int]:
        """Return `results` and all that they are made of, operands first."""
        found: set[int] = set()
        waiting = list(results)
        while waiting:
            value = waiting.pop()
            if value not in found:
                found.add(value)
                if self.operations[value] not in {NUMBER, LEAF}:
                    waiting.extend(self.operands[value])
        return sorted(found)

    def derivatives(
        self, results: Sequence[int], leaves: Sequence[int], named: Iterable[int] = ()
    ) -> list[dict[int, int]]:
        """Return the derivatives of each result by leaf; those that are zero are left out.

        Parameters
        ----------
        results, leaves
            What is differentiated, and by what.
        named
            Values between them on which much rests, such as a model's definitions. What rests on
            them is differentiated by them first, and by the leaves through them.
        """
        one = self.number(1.0)
        stops = {*named, *results}
        local: dict[int, dict[int, int]] = {leaf: {leaf: one} for leaf in leaves}
        total = {leaf: dict(slopes) for leaf, slopes in local.items()}
        for value in self.needed(results):
            if value in local or self.operations[value] in {NUMBER, LEAF, *CONDITIONS}:
                continue
            slopes = self._slopes(value, local)
            if value in stops and slopes:
                total[value] = self._summed(
                    (slope, total[source]) for source, slope in slopes.items()
                )
                slopes = {value: one}
            if slopes:
                local[value] = slopes
        return [total.get(result, {}) for result in results]

    def _slopes(self, value: int, slopes: Mapping[int, dict[int, int]]) -> dict[int, int]:
        """Return the derivatives of a value from those of its operands."""
        operands = self.operands[value]
        if not any(each in slopes for each in operands):
            return {}
        if self.operations[value] in {"sel", "max", "min"}:
            return self._branches(value, slopes)
        divisor = self._divisor(operands[0]) if self.operations[value] == "pow" else None
        if divisor is not None and divisor in slopes:
            return self._of_a_ratio(value, divisor, slopes)
        return self._summed(
            (self._partial(value, place), slopes[each])
            for place, each in enumerate(operands)
            if each in slopes
        )

    def _divisor(self, value: int) -> int | None:
        """Return the reciprocal by which a value is a ratio, or None."""
        if self.operations[value] != "mul":
            return None
        return next((o for o in self.operands[value] if self.operations[o] == "rec"), None)

    def _of_a_ratio(
        self, value: int, divisor: int, slopes: Mapping[int, dict[int, int]]
    ) -> dict[int, int]:
        """Return the derivatives of a ratio's power: by the divisor also where the ratio is zero.

        By b that of (a/b)^y is -y (a/b)^y/b, while (a/b)^(y - 1) may be infinite where a is zero.
        """
        ratio, exponent = self.operands[value]
        above = next((o for o in self.operands[ratio] if o != divisor), divisor)
        (below,) = self.operands[divisor]
        parts = [(self.product((exponent, value, below)), slopes[divisor])]
        if above in slopes:
            parts.append((self.product((self._partial(value, 0), divisor)), slopes[above]))
        if exponent in slopes:
            parts.append((self._partial(value, 1), slopes[exponent]))
        return self._summed(parts)

    def _summed(self, parts: Iterable[tuple[int, Mapping[int, int]]]) -> dict[int, int]:
        """Return the sums of slopes, each row of them times a factor."""
        terms: dict[int, list[int]] = {}
        for factor, slopes in parts:
            if self.constant(factor) != 0.0:
                for source, slope in slopes.items():
                    terms.setdefault(source, []).append(self.product((factor, slope)))
        found = {source: self.total(each) for source, each in terms.items()}
        return {source: slope for source, slope in found.items() if self.constant(slope) != 0.0}

    def _branches(self, value: int, slopes: Mapping[int, dict[int, int]]) -> dict[int, int]:
        """Return the derivatives of a choice: those of what is chosen."""
        operation, operands = self.operations[value], self.operands[value]
        if operation == "sel":
            condition, a, b = operands
        else:
            a, b = operands
            condition = self.apply("le", *((b, a) if operation == "max" else (a, b)))
        of_a, of_b, zero = slopes.get(a, {}), slopes.get(b, {}), self.number(0.0)
        found = {leaf: self.apply("sel", condition, of_a.get(leaf, zero), of_b.get(leaf, zero))
                 for leaf in {**of_a, **of_b}}  # fmt: skip
        return {leaf: slope for leaf, slope in found.items() if self.constant(slope) != 0.0}

    def _partial(self, value: int, place: int) -> int:
        """Return the derivative of an operation by one of its operands."""
        operation, operands = self.operations[value], self.operands[value]
        apply, number = self.apply, self.number
        x = operands[place]
        one = number(1.0)
        if operation in {"add", "neg"}:
            return one if operation == "add" else number(-1.0)
        if operation == "mul":
            return operands[1 - place] if operands[0] != operands[1] else x
        if operation == "pow":
            base, exponent = operands
            if place == 1:  # a power that is zero stays so, though the logarithm has no end
                zero = number(0.0)
                gone = apply("eq", value, zero)
                return apply("sel", gone, zero, self.product((value, apply("log", base))))
            less = apply("add", exponent, number(-1.0))
            return self.product((exponent, self.power(base, less)))
        if operation == "abs":
            return apply("sel", apply("le", number(0.0), x), one, number(-1.0))
        square = self.product((x, x))
        inverse = {  # one over a root
            "asin": apply("add", one, apply("neg", square)),
            "acos": apply("add", one, apply("neg", square)),
            "asinh": apply("add", one, square),
            "acosh": apply("add", square, number(-1.0)),
        } if operation in {"asin", "acos", "asinh", "acosh"} else {}  # fmt: skip
        if operation in inverse:
            slope = apply("rec", apply("sqrt", inverse[operation]))
            return apply("neg", slope) if operation == "acos" else slope
        match operation:
            case "rec":
                return apply("neg", self.product((value, value)))
            case "exp":
                return value
            case "log":
                return apply("rec", x)
            case "sqrt":
                return self.product((number(0.5), apply("rec", value)))
            case "sin":
                return apply("cos", x)
            case "cos":
                return apply("neg", apply("sin", x))
            case "tan":
                return apply("add", one, self.product((value, value)))
            case "atan":
                return apply("rec", apply("add", one, square))
            case "sinh":
                return apply("cosh", x)
            case "cosh":
                return apply("sinh", x)
            case "tanh":
                return apply("add", one, apply("neg", self.product((value, value))))
            case "atanh":
                return apply("rec", apply("add", one, apply("neg", square)))
        return number(0.0)  # floor and ceil, between their jumps

    def power(self, base: int, exponent: int) -> int:
        """Return a power: by products where the exponent is a whole number, by roots where half."""
        known = self.constant(exponent)
        if known is not None and abs(known) <= 64 and float(known).is_integer():
            whole = self._whole_power(base, abs(int(known)))
            return whole if known >= 0 else self.apply("rec", whole)
        if known is not None and abs(known) == 0.5:
            root = self.apply("sqrt", base)
            return root if known > 0 else self.apply("rec", root)
        return self.apply("pow", base, exponent)

    def _whole_power(self, base: int, exponent: int) -> int:
        if exponent == 0:
            return self.number(1.0)
        half = self._whole_power(base, exponent // 2) if exponent > 1 else self.number(1.0)
        squared = self.apply("mul", half, half)
        return self.apply("mul", squared, base) if exponent % 2 else squared


def _worked_out(operation: str, operands: Sequence[Any]) -> float | bool:
    try:
        return _PYTHON[operation](*operands)
    except OverflowError:
        return math.inf
    except ZeroDivisionError:
        return math.copysign(math.inf, operands[0]) if operation == "rec" else math.nan
    except (ValueError, TypeError):
        if operation == "log" and operands[0] == 0.0:
            return -math.inf
        return math.inf if operation == "pow" and operands[0] == 0.0 else math.nan
