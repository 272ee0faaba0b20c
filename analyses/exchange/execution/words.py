"""Elements of XML: their names, and what their attributes have to say."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from transport_model.errors import ModelFileError

#: What any element may hold that says nothing to a program.
_SILENT = {"notes", "annotation"}


def local(element: ElementTree.Element) -> str:
    """Return an element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def told(element: ElementTree.Element) -> str:
    """Return how a message names an element: ``<plot3D> 'p'``."""
    name = element.get("id") or element.get("target") or element.get("name") or ""
    shown = name if len(name) <= 48 else f"…{name[-47:]}"
    return f"<{local(element)[:40]}>" + (f" '{shown}'" if shown else "")


def children(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Return what the list `name` of an element holds, notes and annotations left out."""
    lists = [part for part in element if local(part) == name]
    return [part for found in lists for part in found if local(part) not in _SILENT]


def child(element: ElementTree.Element, name: str) -> ElementTree.Element | None:
    """Return an element's child of a name, or None."""
    return next((part for part in element if local(part) == name), None)


def required(element: ElementTree.Element, name: str, *, empty: bool = False) -> str:
    """Return an attribute; ModelFileError if it is missing, or empty where it must not be."""
    value = element.get(name)
    if value is None or not (empty or value.strip()):
        raise ModelFileError(f"{told(element)} has no {name}")
    return value.strip()


def number(element: ElementTree.Element, name: str) -> float:
    """Return an attribute that is a finite number."""
    text = required(element, name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ModelFileError(f"{told(element)}: {name} is '{text[:40]}', not a finite number")
    return value


def integer(element: ElementTree.Element, name: str, default: int | None = None) -> int:
    """Return an attribute that is a whole number, or `default` where it is missing."""
    if default is not None and name not in element.attrib:
        return default
    text = required(element, name)
    try:
        return int(text) if len(text) < 20 else int("")
    except ValueError:
        raise ModelFileError(
            f"{told(element)}: {name} is '{text[:40]}', not a whole number"
        ) from None


def flag(element: ElementTree.Element, name: str) -> bool:
    """Return an attribute that is true or false; false where it is missing."""
    text = element.get(name, "false").strip().lower()
    if text not in {"true", "false", "1", "0"}:
        raise ModelFileError(f"{told(element)}: {name} is '{text[:40]}', neither true nor false")
    return text in {"true", "1"}
