"""Formulas that people write beside a model: SBML's own infix, over the columns of a course.

The grammar is that of SBML Level 3 (``libsbml.parseL3Formula``), told apart by case, so that
phosphate ``Pi`` is not the number ``pi``; ``log`` is refused as ambiguous (``ln``, ``log10``). What
is read here can be written as MathML, which is what SED-ML holds.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import libsbml
import numpy as np

from transport_model.errors import InputError

#: Characters of a formula, and how deep it may be nested.
MAX_LENGTH, MAX_DEPTH = 1000, 50
#: Name under which a formula finds the time.
TIME = "time"

Values = Sequence[Any]


def _folded(operation: Callable[..., Any]) -> Callable[[Values], Any]:
    return lambda values: functools.reduce(operation, values)


def _chained(relation: Callable[..., Any]) -> Callable[[Values], Any]:
    def compare(values: Values) -> Any:
        pairs = [relation(a, b) for a, b in itertools.pairwise(values)]
        return functools.reduce(np.logical_and, pairs)

    return compare


def _minus(values: Values) -> Any:
    return -values[0] if len(values) == 1 else values[0] - values[1]


def _piecewise(values: Values) -> Any:
    result = values[-1] if len(values) % 2 else np.nan
    for value, condition in reversed(list(zip(values[::2], values[1::2], strict=False))):
        result = np.where(condition, value, result)
    return result


_NUMERIC: dict[int, Callable[[Values], Any]] = {
    libsbml.AST_PLUS: lambda v: functools.reduce(np.add, v, 0.0),
    libsbml.AST_TIMES: lambda v: functools.reduce(np.multiply, v, 1.0),
    libsbml.AST_MINUS: _minus,
    libsbml.AST_DIVIDE: lambda v: np.divide(*v),
    libsbml.AST_POWER: lambda v: np.power(*v),
    libsbml.AST_FUNCTION_POWER: lambda v: np.power(*v),
    libsbml.AST_FUNCTION_ROOT: lambda v: np.power(v[1], 1 / v[0]),
    libsbml.AST_FUNCTION_LOG: lambda v: np.log(v[1]) / np.log(v[0]),
    libsbml.AST_FUNCTION_MIN: _folded(np.minimum),
    libsbml.AST_FUNCTION_MAX: _folded(np.maximum),
    libsbml.AST_FUNCTION_PIECEWISE: _piecewise,
    libsbml.AST_FUNCTION_ABS: lambda v: np.abs(v[0]),
    libsbml.AST_FUNCTION_EXP: lambda v: np.exp(v[0]),
    libsbml.AST_FUNCTION_LN: lambda v: np.log(v[0]),
    libsbml.AST_FUNCTION_SIN: lambda v: np.sin(v[0]),
    libsbml.AST_FUNCTION_COS: lambda v: np.cos(v[0]),
    libsbml.AST_FUNCTION_TAN: lambda v: np.tan(v[0]),
    libsbml.AST_FUNCTION_TANH: lambda v: np.tanh(v[0]),
    libsbml.AST_CONSTANT_PI: lambda _: np.pi,
    libsbml.AST_CONSTANT_E: lambda _: np.e,
}
_RELATIONS: dict[int, Callable[[Values], Any]] = {
    libsbml.AST_RELATIONAL_EQ: _chained(np.equal),
    libsbml.AST_RELATIONAL_NEQ: _chained(np.not_equal),
    libsbml.AST_RELATIONAL_LT: _chained(np.less),
    libsbml.AST_RELATIONAL_LEQ: _chained(np.less_equal),
    libsbml.AST_RELATIONAL_GT: _chained(np.greater),
    libsbml.AST_RELATIONAL_GEQ: _chained(np.greater_equal),
}
_LOGIC: dict[int, Callable[[Values], Any]] = {
    libsbml.AST_LOGICAL_AND: _folded(np.logical_and),
    libsbml.AST_LOGICAL_OR: _folded(np.logical_or),
    libsbml.AST_LOGICAL_NOT: lambda v: np.logical_not(v[0]),
}
_OPERATIONS = {**_NUMERIC, **_RELATIONS, **_LOGIC}


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
        return libsbml.writeMathMLToString(_parsed(self.text))

    def __call__(self, values: Mapping[str, Any]) -> np.ndarray:
        """Evaluate at `values` by id, each a number or an array; NaN or infinity off a domain."""
        with np.errstate(all="ignore"):
            return np.asarray(_evaluated(_parsed(self.text), values))


def read_formula(text: str) -> Formula:
    """Read a formula in SBML's infix.

    Raises
    ------
    InputError
        It cannot be read, or uses what cannot be evaluated on a course.
    """
    root = _parsed(text)
    is_condition = _is_condition(root, text, 0)
    return Formula(text, tuple(dict.fromkeys(_names(root))), is_condition)


@functools.lru_cache(maxsize=512)
def _parsed(text: str) -> libsbml.ASTNode:
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
    return root


def _children(node: libsbml.ASTNode) -> list[libsbml.ASTNode]:
    return [node.getChild(index) for index in range(node.getNumChildren())]


def _names(node: libsbml.ASTNode) -> Iterator[str]:
    if node.getType() == libsbml.AST_NAME:
        yield node.getName()
    elif node.getType() == libsbml.AST_NAME_TIME:
        yield TIME
    for child in _children(node):
        yield from _names(child)


def _is_condition(node: libsbml.ASTNode, text: str, depth: int) -> bool:
    """Return whether a node is true or false; raise where it has no place, or not there."""
    if depth > MAX_DEPTH:
        raise InputError(f"the formula is nested more than {MAX_DEPTH} deep")
    kind, children = node.getType(), _children(node)
    conditions = [_is_condition(child, text, depth + 1) for child in children]
    if node.isNumber() or kind in {libsbml.AST_NAME, libsbml.AST_NAME_TIME}:
        return False
    if kind not in _OPERATIONS:
        name = node.getName() or node.getOperatorName() or str(node.getCharacter())
        raise InputError(f"'{text}' uses '{name}', which is not a function that can be used here")
    if kind == libsbml.AST_FUNCTION_PIECEWISE:
        wanted = [index % 2 == 1 for index in range(len(children))]
        if len(children) < 2:
            raise InputError(f"'{text}': piecewise takes a value and a condition, and so on")
    else:
        wanted = [kind in _LOGIC] * len(children)
    if conditions != wanted:
        raise InputError(f"'{text}' mixes numbers with true and false")
    if len(children) < (2 if kind in _RELATIONS else 1) and kind not in (
        libsbml.AST_PLUS, libsbml.AST_TIMES, libsbml.AST_CONSTANT_PI, libsbml.AST_CONSTANT_E,
    ):  # fmt: skip
        raise InputError(f"'{text}' lacks what an operator works on")
    return kind in _RELATIONS or kind in _LOGIC


def _evaluated(node: libsbml.ASTNode, values: Mapping[str, Any]) -> Any:
    kind = node.getType()
    if kind == libsbml.AST_NAME:
        return np.asarray(values[node.getName()], dtype=float)
    if kind == libsbml.AST_NAME_TIME:
        return np.asarray(values[TIME], dtype=float)
    # pi and e count as numbers too, but have no value of their own
    if node.isNumber() and kind not in _OPERATIONS:
        return np.float64(node.getValue())
    return _OPERATIONS[kind]([_evaluated(child, values) for child in _children(node)])
