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
from xml.etree import ElementTree

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


_NUMERIC: dict[str, Callable[[Values], Any]] = {
    "plus": lambda v: functools.reduce(np.add, v, 0.0),
    "times": lambda v: functools.reduce(np.multiply, v, 1.0),
    "minus": _minus,
    "divide": lambda v: np.divide(*v),
    "power": lambda v: np.power(*v),
    "root": lambda v: np.power(v[1], 1 / v[0]),
    "log": lambda v: np.log(v[1]) / np.log(v[0]),
    "min": _folded(np.minimum),
    "max": _folded(np.maximum),
    "piecewise": _piecewise,
    "abs": lambda v: np.abs(v[0]),
    "exp": lambda v: np.exp(v[0]),
    "ln": lambda v: np.log(v[0]),
    "sin": lambda v: np.sin(v[0]),
    "cos": lambda v: np.cos(v[0]),
    "tan": lambda v: np.tan(v[0]),
    "tanh": lambda v: np.tanh(v[0]),
    "pi": lambda _: np.pi,
    "exponentiale": lambda _: np.e,
}
_RELATIONS: dict[str, Callable[[Values], Any]] = {
    "eq": _chained(np.equal),
    "neq": _chained(np.not_equal),
    "lt": _chained(np.less),
    "leq": _chained(np.less_equal),
    "gt": _chained(np.greater),
    "geq": _chained(np.greater_equal),
}
_LOGIC: dict[str, Callable[[Values], Any]] = {
    "and": _folded(np.logical_and),
    "or": _folded(np.logical_or),
    "not": lambda v: np.logical_not(v[0]),
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
        return _mathml(self.text)

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
    is_condition = _is_condition(root, text)
    return Formula(text, tuple(dict.fromkeys(_names(root))), is_condition)


@functools.lru_cache(maxsize=512)
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


@dataclass(frozen=True)
class _Node:
    """A node of a formula: MathML's word for it, and a name or a number where it has one.

    Read from MathML, because the types of libSBML's own nodes no longer compare once another
    library built on SWIG (COPASI's, tellurium's) has been imported into the process.
    """

    kind: str
    children: tuple[_Node, ...] = ()
    name: str = ""
    value: float = float("nan")


@functools.lru_cache(maxsize=512)
def _parsed(text: str) -> _Node:
    return _node(ElementTree.fromstring(_mathml(text))[0])


def _node(element: ElementTree.Element, depth: int = 0) -> _Node:
    if depth > MAX_DEPTH:
        raise InputError(f"the formula is nested more than {MAX_DEPTH} deep")
    kind = element.tag.rpartition("}")[2]
    words = (element.text or "").strip()
    if kind == "ci":
        return _Node("name", name=words)
    if kind == "csymbol":
        is_time = element.get("definitionURL", "").endswith("/time")
        return _Node("name", name=TIME) if is_time else _Node(words)
    if kind == "cn":
        return _Node("number", value=_number(element, words))
    if kind == "piecewise":
        pieces = [_node(part, depth + 1) for piece in element for part in piece]
        return _Node(kind, tuple(pieces))
    if kind != "apply":
        return _Node(kind)
    head, *rest = element
    function = _node(head)
    # A degree or a base is an operand that MathML wraps
    operands = [_node(part[0] if _wraps(part) else part, depth + 1) for part in rest]
    if function.kind == "root" and len(operands) == 1:
        operands.insert(0, _Node("number", value=2.0))
    if function.kind == "log" and len(operands) == 1:
        operands.insert(0, _Node("number", value=10.0))
    return _Node(function.name or function.kind, tuple(operands))


def _wraps(element: ElementTree.Element) -> bool:
    return element.tag.rpartition("}")[2] in ("degree", "logbase")


def _number(element: ElementTree.Element, words: str) -> float:
    separator = next(iter(element), None)
    if separator is None:
        return float(words)
    second = (separator.tail or "").strip()
    if element.get("type") == "rational":
        return float(words) / float(second)
    return float(f"{words}e{second}")


def _names(node: _Node) -> Iterator[str]:
    if node.kind == "name":
        yield node.name
    for child in node.children:
        yield from _names(child)


def _is_condition(node: _Node, text: str) -> bool:
    """Return whether a node is true or false; raise where it has no place, or not there."""
    kind, children = node.kind, node.children
    conditions = [_is_condition(child, text) for child in children]
    if kind in ("number", "name"):
        return False
    if kind not in _OPERATIONS:
        raise InputError(f"'{text}' uses '{kind}', which is not a function that can be used here")
    if kind == "piecewise":
        wanted = [index % 2 == 1 for index in range(len(children))]
        if len(children) < 2:
            raise InputError(f"'{text}': piecewise takes a value and a condition, and so on")
    else:
        wanted = [kind in _LOGIC] * len(children)
    if conditions != wanted:
        raise InputError(f"'{text}' mixes numbers with true and false")
    if len(children) < (2 if kind in _RELATIONS else 1) and kind not in (
        "plus", "times", "pi", "exponentiale",
    ):  # fmt: skip
        raise InputError(f"'{text}' lacks what an operator works on")
    return kind in _RELATIONS or kind in _LOGIC


def _evaluated(node: _Node, values: Mapping[str, Any]) -> Any:
    if node.kind == "name":
        return np.asarray(values[node.name], dtype=float)
    if node.kind == "number":
        return np.float64(node.value)
    return _OPERATIONS[node.kind]([_evaluated(child, values) for child in node.children])
