"""Addresses in a model's XML, as SED-ML writes them: the part of XPath that names elements."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from transport_model.errors import ModelFileError, UnsupportedModelError

from .words import local

_NAME = r"(?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*)"
_CONDITION = r"""@[\w:.-]+\s*=\s*(?:'[^']*'|"[^"]*")"""
_STEP = re.compile(
    rf"""(?P<axis>//\s*descendant(?:-or-self)?::|/\s*descendant(?:-or-self)?::|/\s*child::|//|/)
    \s*(?P<name>{_NAME})\s*
    (?:\[\s*(?P<conditions>{_CONDITION}(?:\s+and\s+{_CONDITION})*|\d{{1,6}})\s*\]\s*)?""",
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"/\s*@(?:[A-Za-z_][\w.-]*:)?([\w.-]+)\s*$")
_PART = re.compile(r"""@(?:[\w.-]+:)?([\w.-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")""")
#: Longest address that is looked at.
_LONGEST = 2000


@dataclass(frozen=True)
class Place:
    """An element, those around it from the outermost on, and an attribute if one is meant."""

    element: ElementTree.Element
    around: tuple[ElementTree.Element, ...]
    attribute: str

    @property
    def id(self) -> str:
        """The id of the element; Level 1 of SBML calls it name."""
        return self.element.get("id") or self.element.get("name") or ""


def find(root: ElementTree.Element, target: str, told: str) -> Place:
    """Return what an address leads to.

    Parameters
    ----------
    root
        The model's document.
    target
        The address: steps by name, of children or descendants, with conditions on attributes or a
        position, and an attribute last. Prefixes are not compared: those of a SED-ML may stand
        for another level of SBML than the model has.
    told
        Names what holds the address in messages.

    Raises
    ------
    ModelFileError
        It does not lead to one element.
    UnsupportedModelError
        It is more than that.
    """
    shown = target if len(target) <= 60 else f"…{target[-59:]}"
    attribute = _ATTRIBUTE.search(target)
    path = target[: attribute.start()] if attribute else target
    steps = list(_STEP.finditer(path))
    if len(target) > _LONGEST or not steps or "".join(step[0] for step in steps) != path.strip():
        raise UnsupportedModelError(
            f"{told}: the address '{shown}' is not supported; steps by name with"
            " conditions such as [@id='x'] are"
        )
    found: list[tuple[ElementTree.Element, ...]] = [()]
    for step in steps:
        found = [chain for start in found for chain in _led(start, step, root)]
    chains = {id(chain[-1]): chain for chain in found}
    if len(chains) != 1:
        what = "nothing" if not chains else f"{len(chains)} elements"
        raise ModelFileError(f"{told}: {what} in the model at '{shown}'")
    (chain,) = chains.values()
    return Place(chain[-1], chain[:-1], attribute[1] if attribute else "")


def _led(
    start: tuple[ElementTree.Element, ...], step: re.Match[str], root: ElementTree.Element
) -> list[tuple[ElementTree.Element, ...]]:
    """Return where one step leads from an element, each with all elements around it."""
    name = step["name"].rpartition(":")[2]
    children = list(start[-1]) if start else [root]
    if "".join(step["axis"].split()) in {"/", "/child::"}:
        reached = [(*start, child) for child in children]
    else:
        reached = [chain for child in children for chain in _within((*start, child))]
    reached = [chain for chain in reached if name in {"*", local(chain[-1])}]
    conditions = step["conditions"]
    if conditions and conditions.isdigit():
        return reached[int(conditions) - 1 : int(conditions)] if int(conditions) else []
    wanted = [(key, one or other) for key, one, other in _PART.findall(conditions or "")]
    return [chain for chain in reached if all(chain[-1].get(k) == v for k, v in wanted)]


def _within(chain: tuple[ElementTree.Element, ...]) -> list[tuple[ElementTree.Element, ...]]:
    found, waiting = [], [chain]
    while waiting:
        chain = waiting.pop()
        found.append(chain)
        waiting.extend((*chain, child) for child in reversed(chain[-1]))
    return found
