"""What a function of many points works on: numbers, truths and places, a point in each lane.

They are written into a function by a :class:`~transport_model.kernels.functions.Code`, with the
signs that numbers have.
"""

from __future__ import annotations

from typing import Any

import llvmlite.ir as ir

DOUBLE, LONG, BIT = ir.DoubleType(), ir.IntType(64), ir.IntType(1)
POINTER = ir.PointerType()

#: What writes a function: a :class:`~transport_model.kernels.functions.Code`, whose module imports
#: this one.
Code = Any


class Vector(ir.VectorType):
    """A type of vectors whose constants hold one number, and are written short."""

    def wrap_constant_value(self, values: Any) -> Any:
        """Return a constant's number as LLVM has it."""
        return ir.Constant(self.element, values)

    def format_constant(self, value: Any) -> str:
        """Return a constant in LLVM's language."""
        return f"splat ({value})"


class Lanes:
    """A number in each lane."""

    def __init__(self, code: Code, value: Any) -> None:
        self.code, self.value = code, value

    def _with(self, other: Lanes | float, operation: str, swapped: bool = False) -> Lanes:
        pair = [self.value, self.code.number(other).value]
        if swapped:
            pair.reverse()
        return Lanes(self.code, getattr(self.code.builder, operation)(*pair))

    def __add__(self, other: Lanes | float) -> Lanes:
        return self._with(other, "fadd")

    def __sub__(self, other: Lanes | float) -> Lanes:
        return self._with(other, "fsub")

    def __mul__(self, other: Lanes | float) -> Lanes:
        return self._with(other, "fmul")

    def __truediv__(self, other: Lanes | float) -> Lanes:
        return self._with(other, "fdiv")

    def __rsub__(self, other: float) -> Lanes:
        return self._with(other, "fsub", swapped=True)

    def __rtruediv__(self, other: float) -> Lanes:
        return self._with(other, "fdiv", swapped=True)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Lanes:
        return Lanes(self.code, self.code.builder.fneg(self.value))

    def __abs__(self) -> Lanes:
        return self.code.intrinsic("fabs", self)

    def _compared(self, sign: str, other: Lanes | float) -> Mask:
        builder = self.code.builder
        compare = builder.fcmp_unordered if sign == "!=" else builder.fcmp_ordered
        return Mask(self.code, compare(sign, self.value, self.code.number(other).value))

    def __lt__(self, other: Lanes | float) -> Mask:
        return self._compared("<", other)

    def __le__(self, other: Lanes | float) -> Mask:
        return self._compared("<=", other)

    def __gt__(self, other: Lanes | float) -> Mask:
        return self._compared(">", other)

    def __ge__(self, other: Lanes | float) -> Mask:
        return self._compared(">=", other)

    def equals(self, other: Lanes | float) -> Mask:
        """Return where two numbers are equal."""
        return self._compared("==", other)

    def differs(self, other: Lanes | float) -> Mask:
        """Return where two numbers differ, or one is none."""
        return self._compared("!=", other)

    @property
    def finite(self) -> Mask:
        """Where this is a finite number."""
        return (self - self).equals(0.0)


class Mask:
    """True or false in each lane."""

    def __init__(self, code: Code, value: Any) -> None:
        self.code, self.value = code, value

    def __and__(self, other: Mask) -> Mask:
        return Mask(self.code, self.code.builder.and_(self.value, other.value))

    def __or__(self, other: Mask) -> Mask:
        return Mask(self.code, self.code.builder.or_(self.value, other.value))

    def __xor__(self, other: Mask) -> Mask:
        return Mask(self.code, self.code.builder.xor(self.value, other.value))

    def __invert__(self) -> Mask:
        return self ^ self.code.truth(True)


class Index:
    """A whole number of a loop: the same for all lanes."""

    def __init__(self, code: Code, value: Any) -> None:
        self.code, self.value = code, value

    def __add__(self, other: Index | int) -> Index:
        return Index(self.code, self.code.builder.add(self.value, self.code.long(other)))

    def __sub__(self, other: Index | int) -> Index:
        return Index(self.code, self.code.builder.sub(self.value, self.code.long(other)))

    def __mul__(self, other: Index | int) -> Index:
        return Index(self.code, self.code.builder.mul(self.value, self.code.long(other)))

    __radd__, __rmul__ = __add__, __mul__


Place = int | Index | tuple[int | Index, int | Index]


class Array:
    """Numbers by place, in memory."""

    def __init__(self, code: Code, pointer: Any, shape: tuple[int, ...]) -> None:
        self.code, self.pointer, self.shape = code, pointer, shape

    def _at(self, place: Place) -> Any:
        if isinstance(place, tuple):
            row, column = place
            place = row * self.shape[1] + column
        return self.code.element(self.pointer, place)

    def __getitem__(self, place: Place) -> Lanes:
        code = self.code
        return Lanes(code, code.builder.load(self._at(place), typ=code.vector))

    def __setitem__(self, place: Place, value: Lanes | float) -> None:
        self.code.builder.store(self.code.number(value).value, self._at(place))

    def row(self, row: int) -> Array:
        """Return a row of a matrix."""
        return Array(self.code, self.code.element(self.pointer, row * self.shape[1]),
                     self.shape[1:])  # fmt: skip


class Variable:
    """A number in each lane that changes."""

    def __init__(self, code: Code, value: Lanes | float) -> None:
        self._cell = code.array(1)
        self.value = value

    @property
    def value(self) -> Lanes:
        """What it is now."""
        return self._cell[0]

    @value.setter
    def value(self, value: Lanes | float) -> None:
        self._cell[0] = value


class Flag:
    """A truth in each lane that changes."""

    def __init__(self, code: Code, value: Mask) -> None:
        self._code = code
        self._pointer = code.reserved(code.mask, 1)
        self.value = value

    @property
    def value(self) -> Mask:
        """What it is now."""
        return Mask(self._code, self._code.builder.load(self._pointer, typ=self._code.mask))

    @value.setter
    def value(self, value: Mask) -> None:
        self._code.builder.store(value.value, self._pointer)
