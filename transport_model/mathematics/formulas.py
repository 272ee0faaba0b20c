"""Formulas that people write beside a model: SBML's own infix, over the columns of a course.

The grammar is that of SBML Level 3 (``libsbml.parseL3Formula``), told apart by case, so that
phosphate ``Pi`` is not the number ``pi``; ``log`` is refused as ambiguous (``ln``, ``log10``). What
is read here can be written as MathML, which is what SED-ML holds.

A formula becomes a straight-line program of the same kind as a model's equations, one operation a
statement and its numbers among the inputs: SymPy neither rearranges it nor works out 9^9^9^9.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import libsbml
import numpy as np
from sbmlmath import SBMLMathMLParser

from transport_model.errors import InputError
from transport_model.mathematics.program import array_function, value_program

#: Characters of a formula, and how deep it may be nested.
MAX_LENGTH, MAX_DEPTH = 1000, 50
#: Name under which a formula finds the time.
TIME = "time"

_CONSTANTS = {"pi": math.pi, "exponentiale": math.e}
#: What takes any number of numbers, and what it is of none.
_FOLDED = {"plus": 0.0, "times": 1.0}
_NUMERIC = {*_FOLDED, "minus", "divide", "power", "root", "log", "min", "max", "piecewise", "abs",
            "exp", "ln", "sin", "cos", "tan", "tanh"}  # fmt: skip
#: Functions besides, which libSBML's infix has too, but not every tool that reads what is written.
_ELEMENTARY = {"floor", "ceiling", "arcsin", "arccos", "arctan", "sinh", "cosh", "arcsinh",
               "arccosh", "arctanh", "sec", "csc", "cot"}  # fmt: skip
#: How many operands what takes no list of them has.
_OPERANDS = {**dict.fromkeys({"abs", "exp", "ln", "sin", "cos", "tan", "tanh", "not"}, (1, 1)),
             **dict.fromkeys(_ELEMENTARY, (1, 1)), **dict.fromkeys(("divide", "power"), (2, 2)),
             **dict.fromkeys(("minus", "root", "log"), (1, 2))}  # fmt: skip
_RELATIONS = {"eq", "neq", "lt", "leq", "gt", "geq"}
_LOGIC = {"and", "or", "not"}
#: Operands that a root and a logarithm have when they are not written.
_UNWRITTEN = {"root": 2.0, "log": 10.0}
_MATHML = "http://www.w3.org/1998/Math/MathML"
_PARSER: Any = SBMLMathMLParser(evaluate=False, symbol_kwargs={"real": True})


@dataclass(frozen=True)
class Formula:
    """A formula as it was written.

    Attributes
    ----------
    text
        In SBML's infix.
    names
        Ids that it uses, in order; the time, ``time``, among them.
    is_condition
        Whether its result is true or false rather than a number.
    """

    text: str
    names: tuple[str, ...]
    is_condition: bool

    @property
    def is_name(self) -> bool:
        """Whether it is a bare id."""
        return self.names == (self.text.strip(),)

    @property
    def mathml(self) -> str:
        """The formula as MathML."""
        return _mathml(self.text)

    def __call__(self, values: Mapping[str, Any]) -> np.ndarray:
        """Evaluate at `values` by id, each a number or an array; NaN or infinity off a domain."""
        function, numbers = _function(self.text)
        given = [np.asarray(values[name], dtype=float) for name in self.names]
        with np.errstate(all="ignore"):
            (result,) = function(np.broadcast_arrays(*given, *numbers))
        return np.asarray(result)


def read_formula(text: str) -> Formula:
    """Read a formula in SBML's infix.

    Raises
    ------
    InputError
        It cannot be read, or uses what cannot be evaluated on a course.
    """
    read = _read(text)
    return Formula(text, tuple(read.names), read.is_condition)


def mathml_function(
    element: ElementTree.Element, told: str
) -> tuple[tuple[str, ...], Callable[[Mapping[str, Any]], np.ndarray]]:
    """Return the ids that a formula in MathML uses, and the formula as a function of their values.

    Parameters
    ----------
    element
        What stands within ``math``.
    told
        Names the formula in messages.

    Raises
    ------
    InputError
        It uses what cannot be evaluated, or has not the operands that it needs.
    """
    try:
        _check_operands(element, told)
        read = _Reader(told, element, _NUMERIC | _ELEMENTARY)
    except (ValueError, IndexError) as error:  # of texts that libSBML has not examined before
        if isinstance(error, InputError):
            raise
        raise InputError(f"{told} holds no formula in MathML ({error})") from None
    names = tuple(read.names)
    function = array_function(
        value_program(read.statements, (read.result,)),
        {"given": (*names, *read.numbers)},
    )

    def value(values: Mapping[str, Any]) -> np.ndarray:
        given = [np.asarray(values[name], dtype=float) for name in names]
        with np.errstate(all="ignore"):
            (result,) = function(np.broadcast_arrays(*given, *read.numbers.values()))
        return np.asarray(result, dtype=float)

    return names, value


@lru_cache(maxsize=512)
def _mathml(text: str) -> str:
    if len(text) > MAX_LENGTH:
        raise InputError(f"the formula is longer than {MAX_LENGTH:,} characters")
    settings = libsbml.L3ParserSettings()
    settings.setParseLog(libsbml.L3P_PARSE_LOG_AS_ERROR)
    settings.setParseUnits(libsbml.L3P_NO_UNITS)
    settings.setComparisonCaseSensitivity(libsbml.L3P_COMPARE_BUILTINS_CASE_SENSITIVE)
    root = libsbml.parseL3FormulaWithSettings(text, settings)
    if root is None:
        told = " ".join(libsbml.getLastParseL3Error().split())
        cause = told.rpartition(f"{' '.join(text.split())}' ")[2].rstrip(".")
        raise InputError(f"'{text}' is not a formula" + (f" ({cause})" if cause else ""))
    return libsbml.writeMathMLToString(root)


@lru_cache(maxsize=512)
def _read(text: str) -> _Reader:
    return _Reader(text, ElementTree.fromstring(_mathml(text))[0])


@lru_cache(maxsize=512)
def _function(text: str) -> tuple[Callable[..., list[Any]], list[float]]:
    """Return a formula as a function of its names' values and its numbers, and the numbers."""
    read = _read(text)
    program = value_program(read.statements, (read.result,))
    function = array_function(program, {"given": (*read.names, *read.numbers)})
    return function, list(read.numbers.values())


class _Reader:
    """Reads a formula from MathML.

    Not from libSBML's nodes, the types of which no longer compare once another library built on
    SWIG (COPASI's, tellurium's) has been imported into the process.
    """

    def __init__(
        self, text: str, root: ElementTree.Element, numeric: AbstractSet[str] = _NUMERIC
    ) -> None:
        self.text = text
        self._numeric = numeric
        self.names: dict[str, None] = {}
        self.numbers: dict[str, float] = {}
        self.statements: dict[str, Any] = {}
        self.result, self.is_condition = self._value(root)

    def _value(self, element: ElementTree.Element, depth: int = 0) -> tuple[str, bool]:
        """Return the name of an element's value, and whether it is true or false."""
        if depth > MAX_DEPTH:
            raise InputError(f"the formula is nested more than {MAX_DEPTH} deep")
        kind, parts = _taken_apart(element)
        if kind == "cn":
            return self._number(mathml_number(element)), False
        if kind in _CONSTANTS:
            return self._number(_CONSTANTS[kind]), False
        if kind in {"ci", TIME}:
            name = TIME if kind == TIME else (element.text or "").strip()
            self.names[name] = None
            return name, False
        values = [self._value(part, depth + 1) for part in parts]
        self._check(kind, [is_condition for _, is_condition in values])
        is_condition = kind in _RELATIONS or kind in _LOGIC
        return self._operation(kind, [name for name, _ in values]), is_condition

    def _check(self, kind: str, conditions: Sequence[bool]) -> None:
        """Raise where an operation is none of ours, or has not the operands that it takes."""
        text = self.text
        if kind not in self._numeric | _RELATIONS | _LOGIC:
            raise InputError(
                f"'{text}' uses '{kind}', which is not a function that can be used here"
            )
        wanted = [kind in _LOGIC] * len(conditions)
        if kind == "piecewise":
            wanted = [index % 2 == 1 for index in range(len(conditions))]
            if len(conditions) < 2:
                raise InputError(f"'{text}': piecewise takes a value and a condition, and so on")
        if list(conditions) != wanted:
            raise InputError(f"'{text}' mixes numbers with true and false")
        if len(conditions) < (2 if kind in _RELATIONS else 1) and kind not in _FOLDED:
            raise InputError(f"'{text}' lacks what an operator works on")

    def _operation(self, kind: str, operands: list[str]) -> str:
        if kind in _UNWRITTEN and len(operands) == 1:
            operands = [self._number(_UNWRITTEN[kind]), *operands]
        if kind == "root":
            inverse = self._apply("divide", self._number(1.0), operands[0])
            return self._apply("power", operands[1], inverse)
        if kind == "log":
            return self._apply("divide", *(self._apply("ln", x) for x in reversed(operands)))
        if kind in _FOLDED:
            first, *others = operands or [self._number(_FOLDED[kind])]
            return functools.reduce(functools.partial(self._apply, kind), others, first)
        if kind in _RELATIONS and len(operands) > 2:
            return self._apply(
                "and", *(self._apply(kind, *pair) for pair in itertools.pairwise(operands))
            )
        return self._apply(kind, *operands)

    def _apply(self, kind: str, *operands: str) -> str:
        """Add one operation to the program, and return the name of what it computes."""
        leaves = [f"<ci>{name}</ci>" for name in operands]
        if kind == "piecewise":
            pairs = zip(leaves[::2], leaves[1::2], strict=False)
            inner = "".join(f"<piece>{value}{condition}</piece>" for value, condition in pairs)
            inner += f"<otherwise>{leaves[-1]}</otherwise>" if len(leaves) % 2 else ""
            body = f"<piecewise>{inner}</piecewise>"
        else:
            body = f"<apply><{kind}/>{''.join(leaves)}</apply>"
        target = f"value {len(self.statements)}"
        formula = _PARSER.parse_str(f'<math xmlns="{_MATHML}">{body}</math>')
        self.statements[target] = formula
        return target

    def _number(self, value: float) -> str:
        name = f"number {len(self.numbers)}"
        self.numbers[name] = value
        return name


def _check_operands(element: ElementTree.Element, told: str) -> None:
    """Raise InputError where an operation of MathML has too few or too many operands."""
    for part in element.iter():
        if part.tag.rpartition("}")[2] != "apply":
            continue
        kind, operands = _taken_apart(part)
        least, most = _OPERANDS.get(kind, (0, len(operands)))
        if not least <= len(operands) <= most:
            raise InputError(f"{told}: '{kind}' of {len(operands)} operands")


def _taken_apart(element: ElementTree.Element) -> tuple[str, list[ElementTree.Element]]:
    """Return what an element is in one word, and its operands."""
    kind, words = element.tag.rpartition("}")[2], (element.text or "").strip()
    if kind == "csymbol":
        return (TIME if element.get("definitionURL", "").endswith("/time") else words), []
    if kind == "piecewise":
        return kind, [part for piece in element for part in piece]
    if kind != "apply":
        return kind, []
    head, *rest = element
    # A degree or a base is an operand that MathML wraps
    operands = [part[0] if part.tag.endswith(("}degree", "}logbase")) else part for part in rest]
    return (head.text or "").strip() or head.tag.rpartition("}")[2], operands


def mathml_number(element: ElementTree.Element) -> float:
    """Return the value of MathML's ``cn``; NaN for a fraction of zero."""
    first, separator = (element.text or "nan").strip(), next(iter(element), None)
    if separator is None:
        return float(first)
    second = (separator.tail or "nan").strip()
    if element.get("type") == "rational":
        return float(first) / float(second) if float(second) else math.nan
    return float(f"{first}e{second}")
