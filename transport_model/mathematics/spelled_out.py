"""MathML in which an operation is written by others, where an engine computes it otherwise."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_OPPOSITE = {"gt": "leq", "geq": "lt", "lt": "geq", "leq": "gt", "eq": "neq"}
#: What may have no value, where its operands have one.
_PARTIAL = {"ln", "log", "root", "power", "rem", "factorial", "arcsin", "arccos", "arctanh",
            "arccosh", "arcsec", "arccsc", "arcsech", "arccoth"}  # fmt: skip

_Spelling = Callable[[Sequence[Element]], Element | None]


def with_divisions_cut(text: str) -> str:
    """Return MathML with remainders and quotients spelled out by a division cut towards zero.

    As the standard has them: a remainder has the dividend's sign (SymPy's has the divisor's).
    """
    return _spelled(text, {"rem": _remainder, "quotient": _quotient})


def with_undefined_values(text: str) -> str:
    """Return MathML in which an operation has a value exactly where the standard gives it one.

    For libRoadRunner, to which factorials of -1 and 2.5 are numbers, quotients those of 32 bits,
    a comparison with NaN true, and the larger one of NaN and 1 is 1.
    """
    return _spelled(text, {
        "quotient": _quotient, "factorial": _factorial, "max": _extreme("max"),
        "min": _extreme("min"), **{name: _comparison(name) for name in _OPPOSITE},
    })  # fmt: skip


def may_be_undefined(sbml: str) -> bool:
    """Whether SBML has operations that may have no value where their operands have one."""
    return re.search(rf"<(?:\w+:)?(?:{'|'.join(_PARTIAL)})\b", sbml) is not None


def _spelled(text: str, spellings: dict[str, _Spelling]) -> str:
    if not re.search(rf"<(?:\w+:)?(?:{'|'.join(spellings)})\b", text):
        return text
    root = ElementTree.fromstring(text)
    for element in root.iter():  # units, which nobody reads here, may lose their namespace below
        for name in [name for name in element.attrib if name.startswith("{")]:
            del element.attrib[name]
    for apply in reversed(list(root.iter(f"{_MATHML}apply"))):  # the inner ones first
        operator, *operands = apply
        spelling = spellings.get(operator.tag.removeprefix(_MATHML))
        written = spelling(operands) if spelling else None
        if written is not None:
            apply.tag = written.tag
            apply[:] = list(written)
    return ElementTree.tostring(root, encoding="unicode")


def _quotient(operands: Sequence[Element]) -> Element | None:
    if len(operands) != 2:
        return None
    ratio = _applied("divide", *operands)
    return _piecewise(_applied("floor", ratio), _applied("geq", ratio, _number(0)),
                      _applied("ceiling", ratio))  # fmt: skip


def _remainder(operands: Sequence[Element]) -> Element | None:
    whole = _quotient(operands)
    if whole is None:
        return None
    return _applied("minus", operands[0], _applied("times", operands[1], whole))


def _factorial(operands: Sequence[Element]) -> Element | None:
    if len(operands) != 1:
        return None
    (number,) = operands
    is_whole = _applied("not", _applied("neq", _applied("floor", number), number))
    is_counted = _applied("not", _applied("lt", number, _number(0)))
    return _piecewise(_applied("factorial", number), _applied("and", is_whole, is_counted))


def _comparison(name: str) -> _Spelling:
    """Return how a comparison is written that is false where a side has no value."""

    def spelled(operands: Sequence[Element]) -> Element | None:
        pairs = [_applied("not", _applied(_OPPOSITE[name], *pair)) for pair in pairwise(operands)]
        return _applied("and", *pairs) if len(pairs) > 1 else next(iter(pairs), None)

    return spelled


def _extreme(name: str) -> _Spelling:
    """Return how the largest or smallest is written that has no value where an operand has none."""

    def spelled(operands: Sequence[Element]) -> Element | None:
        partial = [each for each in operands if any(
            part.tag.removeprefix(_MATHML) in _PARTIAL for part in each.iter())]  # fmt: skip
        if not partial:
            return None
        known = [_applied("not", _applied("neq", each, each)) for each in partial]
        return _piecewise(_applied(name, *operands), _applied("and", *known))

    return spelled


def _piecewise(value: Element, condition: Element, otherwise: Element | None = None) -> Element:
    choice = Element(f"{_MATHML}piecewise")
    ElementTree.SubElement(choice, f"{_MATHML}piece").extend([value, condition])
    if otherwise is not None:
        ElementTree.SubElement(choice, f"{_MATHML}otherwise").append(otherwise)
    return choice


def _number(value: int) -> Element:
    number = Element(f"{_MATHML}cn")
    number.text = str(value)
    return number


def _applied(operator: str, *operands: Element) -> Element:
    apply = Element(f"{_MATHML}apply")
    apply.append(Element(_MATHML + operator))
    apply.extend(copy.deepcopy(operand) for operand in operands)
    return apply
