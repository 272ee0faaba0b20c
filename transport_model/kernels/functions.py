"""Machine code for many points at once, written as one writes about numbers.

A :class:`Code` writes one function of an LLVM module. What looks like a number in it, a
:class:`~transport_model.kernels.lanes.Lanes`, is a vector with a point in each lane; a comparison
gives a :class:`~transport_model.kernels.lanes.Mask`. Loops are Python's:

    for row in code.range(1, n):
        right[row] = right[row] - matrix[row, 0]*right[0]

A loop over a few numbers is written out; another becomes a loop of the machine, the body of which
is written once. So what changes from turn to turn lives in an
:class:`~transport_model.kernels.lanes.Array` or a :class:`~transport_model.kernels.lanes.Variable`,
never in a Python name.

Nothing that one lane holds reaches another, and no branch chooses what a lane computes: a choice is
a select, a branch only skips work that no lane needs. Products and sums are fused where ``fma``
says so, and nowhere else. Hence a point gets the same bits in any lane, beside any neighbours, at
any width.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import llvmlite.ir as ir

from transport_model.kernels.lanes import (
    BIT,
    DOUBLE,
    LONG,
    POINTER,
    Array,
    Index,
    Lanes,
    Mask,
    Vector,
)

#: Turns up to which a loop is written out.
WRITTEN_OUT = 6


class Module:
    """A module of machine code of a certain width.

    Parameters
    ----------
    width
        How many points a vector has: two or more, since LLVM cannot copy a mask of one everywhere.
    """

    def __init__(self, width: int) -> None:
        self.module = ir.Module("kernel")
        self.width = width

    @contextmanager
    def function(
        self, name: str, arguments: Mapping[str, tuple[int, ...] | None], answers: bool = False
    ) -> Iterator[tuple[Code, list[Any]]]:
        """Write a function for use within the module.

        Parameters
        ----------
        name
            Under which :meth:`Code.call` finds it.
        arguments
            Shapes of the arrays, none of which overlaps another; None for a mask.
        answers
            Whether it returns a mask, by :meth:`Code.answer`.
        """
        mask = Vector(BIT, self.width)
        kinds = [mask if shape is None else POINTER for shape in arguments.values()]
        function = ir.Function(
            self.module, ir.FunctionType(mask if answers else ir.VoidType(), kinds), name
        )
        function.linkage = "internal"
        function.attributes.add("noinline")
        code = Code(self, function)
        given: list[Any] = []
        for argument, shape in zip(function.args, arguments.values(), strict=True):
            if shape is None:
                given.append(Mask(code, argument))
            else:
                argument.add_attribute("noalias")
                given.append(Array(code, argument, shape))
        yield code, given
        if not answers:
            code.builder.ret_void()

    @contextmanager
    def entry(self, name: str, arguments: Sequence[str]) -> Iterator[tuple[Code, dict[str, Any]]]:
        """Write a function for callers from outside.

        Each argument is a pointer, or a whole number where its name is in capitals.
        """
        kinds = [LONG if each.isupper() else POINTER for each in arguments]
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), kinds), name)
        code = Code(self, function)
        yield code, dict(zip(arguments, function.args, strict=True))
        code.builder.ret_void()


class Code:
    """Writes one function.

    Parameters
    ----------
    module
        Where the function is.
    function
        Its declaration.
    """

    _LLVM: ClassVar[dict[str, int]] = {"fabs": 1, "sqrt": 1, "floor": 1, "ceil": 1, "fma": 3}

    def __init__(self, module: Module, function: Any) -> None:
        self.module, self.width = module, module.width
        self.vector = Vector(DOUBLE, self.width)
        self.mask = Vector(BIT, self.width)
        self.bits = Vector(LONG, self.width)
        self.function = function
        #: What is reserved once a call stands before everything else.
        self._reserved = ir.IRBuilder(function.append_basic_block("reserved"))
        self.builder = ir.IRBuilder(function.append_basic_block("begin"))
        self._reserved.position_before(self._reserved.branch(self.builder.block))
        self._exits: list[Any] = []

    # Numbers

    def number(self, value: Lanes | float) -> Lanes:
        """Return a number, the same in all lanes."""
        if isinstance(value, Lanes):
            return value
        return Lanes(self, ir.Constant(self.vector, float(value)))

    def long(self, value: Index | int) -> Any:
        """Return a whole number as LLVM has it."""
        return value.value if isinstance(value, Index) else ir.Constant(LONG, value)

    def truth(self, value: bool) -> Mask:
        """Return true or false, in all lanes."""
        return Mask(self, ir.Constant(self.mask, int(value)))

    def everywhere(self, condition: Any) -> Mask:
        """Return a condition that holds for all lanes alike as a mask."""
        return Mask(self, self.builder.select(
            condition, self.truth(True).value, self.truth(False).value))  # fmt: skip

    def select(self, mask: Mask, a: Lanes | float, b: Lanes | float) -> Lanes:
        """Return in each lane `a` where the mask is true, and `b` elsewhere."""
        pair = self.number(a).value, self.number(b).value
        return Lanes(self, self.builder.select(mask.value, *pair))

    def largest(self, a: Lanes | float, b: Lanes | float) -> Lanes:
        """Return the larger of two numbers; where `b` is none, `a`."""
        a, b = self.number(a), self.number(b)
        return self.select(b > a, b, a)

    def smallest(self, a: Lanes | float, b: Lanes | float) -> Lanes:
        """Return the smaller of two numbers; where `b` is none, `a`."""
        a, b = self.number(a), self.number(b)
        return self.select(b < a, b, a)

    def fma(self, a: Lanes, b: Lanes | float, c: Lanes | float) -> Lanes:
        """Return ``a*b + c``, rounded once."""
        return self.intrinsic("fma", a, self.number(b), self.number(c))

    def intrinsic(self, name: str, *operands: Lanes) -> Lanes:
        """Return what one of LLVM's own functions makes of numbers, lane by lane."""
        full = f"llvm.{name}.v{self.width}f64"
        function = self.module.module.globals.get(full)
        if function is None:
            kind = ir.FunctionType(self.vector, [self.vector] * self._LLVM[name])
            function = ir.Function(self.module.module, kind, full)
        return Lanes(self, self.builder.call(function, [each.value for each in operands]))

    def any(self, mask: Mask) -> Any:
        """Return whether a mask is true in some lane, for :meth:`when` and :meth:`leave`."""
        whole = ir.IntType(self.width)
        return self.builder.icmp_unsigned(
            "!=", self.builder.bitcast(mask.value, whole), ir.Constant(whole, 0)
        )

    # Memory

    def reserved(self, kind: Any, count: int) -> Any:
        """Return memory for `count` items, reserved once a call."""
        return self._reserved.alloca(kind, count)

    def array(self, *shape: int) -> Array:
        """Return memory for numbers, which is not cleared."""
        count = 1
        for size in shape:
            count *= max(size, 1)
        return Array(self, self.reserved(self.vector, count), shape)

    def whole(self, pointer: Any, place: Index) -> Index:
        """Return one of the whole numbers behind a pointer."""
        where = self.builder.gep(pointer, [place.value], source_etype=LONG)
        return Index(self, self.builder.load(where, typ=LONG))

    def element(self, pointer: Any, place: int | Index) -> Any:
        """Return a pointer to one of the vectors behind a pointer."""
        return self.builder.gep(pointer, [self.long(place)], source_etype=self.vector)

    # Flow

    def range(self, first: int | Index, end: int | Index) -> Iterator[Any]:
        """Count from `first` to before `end`: written out where that is short."""
        if isinstance(first, int) and isinstance(end, int) and end - first <= WRITTEN_OUT:
            yield from range(first, end)
            return
        yield from self._looped(first, self.long(end))

    def down(self, first: int, end: int) -> Iterator[Any]:
        """Count from `first` down to `end`, both of them counted."""
        if first - end < WRITTEN_OUT:
            yield from range(first, end - 1, -1)
            return
        for index in self._looped(0, self.long(first - end + 1)):
            yield index * -1 + first

    def turns(self, most: int | Any) -> Iterator[Index]:
        """Go round at most so many times, or until :meth:`leave` says so."""
        yield from self._looped(0, ir.Constant(LONG, most) if isinstance(most, int) else most)

    def _looped(self, first: int | Index, end: Any) -> Iterator[Index]:
        builder, before = self.builder, self.builder.block
        begin = self.long(first)
        head, body, after = (self.function.append_basic_block(each)
                             for each in ("head", "body", "after"))  # fmt: skip
        builder.branch(head)
        builder.position_at_end(head)
        count = builder.phi(LONG)
        count.add_incoming(begin, before)
        builder.cbranch(builder.icmp_signed("<", count, end), body, after)
        builder.position_at_end(body)
        self._exits.append(after)
        yield Index(self, count)
        self._exits.pop()
        count.add_incoming(builder.add(count, ir.Constant(LONG, 1)), builder.block)
        builder.branch(head)
        builder.position_at_end(after)

    def leave(self, condition: Any) -> None:
        """Leave the innermost loop of the machine where a condition holds."""
        further = self.function.append_basic_block("further")
        self.builder.cbranch(condition, self._exits[-1], further)
        self.builder.position_at_end(further)

    @contextmanager
    def when(self, condition: Any) -> Iterator[None]:
        """Do what follows only where a condition holds."""
        with self.builder.if_then(condition):
            yield

    def call(self, name: str, *arguments: Array | Mask) -> Mask:
        """Call a function of the module; its answer is of use where it has one."""
        function = self.module.module.globals[name]
        given = [a.pointer if isinstance(a, Array) else a.value for a in arguments]
        return Mask(self, self.builder.call(function, given))

    def answer(self, mask: Mask) -> None:
        """Return from a function with a mask."""
        self.builder.ret(mask.value)
