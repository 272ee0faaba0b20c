"""Lower bounds of quantities, read from the mathematics of a model's constraints."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from xml.etree import ElementTree


def lower_bounds(formula: ElementTree.Element) -> Iterator[tuple[str, tuple[float, bool]]]:
    """Return the lower bounds that a condition states: an id, its bound, whether it is excluded."""
    if len(formula) == 0:
        return
    operator, *operands = formula
    relation = _tag(operator)
    if relation == "and":
        for operand in operands:
            yield from lower_bounds(operand)
    if relation in {"leq", "lt"}:
        operands.reverse()
    if relation in {"geq", "gt", "leq", "lt"}:
        for larger, smaller in itertools.pairwise(operands):
            number = _number(smaller)
            if _tag(larger) == "ci" and number is not None:
                yield (larger.text or "").strip(), (number, relation in {"gt", "lt"})


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _number(element: ElementTree.Element) -> float | None:
    """Return the number that an element of a formula is, or None."""
    if _tag(element) == "apply" and len(element) == 2 and _tag(element[0]) == "minus":
        number = _number(element[1])
        return None if number is None else -number
    parts = "".join(element.itertext()).split()
    if _tag(element) != "cn" or not parts:
        return None
    kind = element.get("type")
    if kind == "e-notation":
        return float("e".join(parts))
    if kind == "rational":
        return float(parts[0]) / float(parts[1])
    return float(parts[0])
