"""What SED-ML says of the model it is about: which file, and what it changes in it.

Of the changes that SED-ML knows, new values of attributes are made, in the text of the model: the
element is found by the steps of its address, and nothing else in the text moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from transport_model.errors import ModelFileError, UnsupportedModelError
from transport_model.reading.untrusted import parsed_xml


@dataclass(frozen=True)
class AttributeChange:
    """A new value of an attribute: its address, an XPath, and the value."""

    target: str
    value: str


@dataclass(frozen=True)
class ChangedModel:
    """A model that a SED-ML is about: where it is, what is changed, whether a task runs it."""

    source: str
    changes: tuple[AttributeChange, ...]
    used: bool


def models_of(text: str, where: str) -> list[ChangedModel]:
    """Return the models of an examined SED-ML document, changes of changed models included.

    Parameters
    ----------
    text
        The document.
    where
        Names it in messages.

    Raises
    ------
    ModelFileError
        A model has no source, or changes itself.
    UnsupportedModelError
        A model that a task runs is changed otherwise than by new values of attributes.
    """
    elements = list(parsed_xml(text, where, "SED-ML").iter())
    models = [element for element in elements if _local(element.tag) == "model"]
    named = {element.get("id", ""): element for element in models}
    used = {e.get("modelReference", "") for e in elements if _local(e.tag) == "task"}
    return [
        ChangedModel(
            *_traced(model, named, where, can_fail=not used or model.get("id", "") in used),
            used=not used or model.get("id", "") in used,
        )
        for model in models
    ]


def _traced(
    model: ElementTree.Element, named: Mapping[str, ElementTree.Element], where: str,
    *, can_fail: bool,
) -> tuple[str, tuple[AttributeChange, ...]]:  # fmt: skip
    """Return the file that a model goes back to, and all changes on the way, the first first."""
    changes: list[AttributeChange] = []
    for _ in range(len(named) + 1):
        changes[:0] = _changes(model, where, can_fail=can_fail)
        source = model.get("source", "").strip()
        if not source:
            raise ModelFileError(f"a model in {where} has no source")
        origin = named.get(source.removeprefix("#"))
        if origin is None:
            return source, tuple(changes)
        model = origin
    raise ModelFileError(f"a model in {where} is made of itself")


def _changes(
    model: ElementTree.Element, where: str, *, can_fail: bool
) -> Iterator[AttributeChange]:
    for changes in model:
        if _local(changes.tag) != "listOfChanges":
            continue
        for change in changes:
            kind, target = _local(change.tag), change.get("target", "")
            if kind == "changeAttribute":
                yield AttributeChange(target, change.get("newValue", ""))
            elif can_fail and kind not in {"notes", "annotation"}:
                raise UnsupportedModelError(
                    f"{where} changes '{_clipped(target)}' of its model by <{_clipped(kind)}>; only"
                    " <changeAttribute> is applied: make the change in the model file"
                )


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _clipped(text: str) -> str:
    return text if len(text) <= 120 else f"…{text[-119:]}"


_STEP = re.compile(
    r"""/(?:[\w.-]+:)?([\w.-]+)(?:\[\s*@([\w.-]+)\s*=\s*(?:'([^']*)'|"([^"]*)")\s*\])?"""
)
_ATTRIBUTE = re.compile(r"/@([\w.-]+)$")
#: Attributes that hold a number; where one is given, its rival is not.
_RIVALS = {"value": "", "size": "", "initialAmount": "initialConcentration",
           "initialConcentration": "initialAmount", "initial_value": ""}  # fmt: skip


def apply_changes(text: str, changes: tuple[AttributeChange, ...], origin: str) -> str:
    """Return the text of a model with changes made.

    Parameters
    ----------
    text
        An examined XML document that declares UTF-8.
    changes
        What is to be changed.
    origin
        Names the model in messages.

    Raises
    ------
    ModelFileError
        An address does not lead to one element, or a number is to be what is none.
    UnsupportedModelError
        An address is more than steps by name and ``[@id='…']`` to an attribute.
    """
    for change in changes:
        text = _changed(text, change, origin)
    return text


def _changed(text: str, change: AttributeChange, origin: str) -> str:
    shown = f"{origin}: the SED-ML's change of '{_clipped(change.target)}'"
    target = re.sub(r"\s+(?=[/\[\]@=])|(?<=[/\[@=])\s+", "", change.target.strip())
    attribute = _ATTRIBUTE.search(target)
    steps = list(_STEP.finditer(target[: attribute.start()] if attribute else ""))
    if not attribute or "".join(step.group() for step in steps) != target[: attribute.start()]:
        raise UnsupportedModelError(f"{shown} is not applied: its address is not a path of"
                                    " elements to an attribute")  # fmt: skip
    name = attribute[1]
    if name in _RIVALS:
        try:
            float(change.value)
        except ValueError:
            raise ModelFileError(f"{shown}: '{_clipped(change.value)}' is not a number") from None
    places = _places(text, [(s[1], s[2], s[3] if s[3] is not None else s[4]) for s in steps])
    if len(places) != 1:
        found = "nothing" if not places else f"{len(places)} elements"
        raise ModelFileError(f"{shown} is not applied: {found} in the model there")
    data = text.encode("utf-8")
    tag = data[places[0] :].decode("utf-8")
    end = _TAG_END.match(tag)
    head = re.match(r"<[^\s/>]+", tag)
    assert end is not None
    assert head is not None
    tag = new = tag[: end.end()]
    for gone in (name, _RIVALS.get(name, "")):
        new = re.sub(rf"""\s{re.escape(gone)}\s*=\s*("[^"]*"|'[^']*')""", "", new) if gone else new
    new = f"{head.group()} {name}={quoteattr(change.value)}{new[head.end() :]}"
    before = data[: places[0]].decode("utf-8")
    return before + new + text[len(before) + len(tag) :]


_TAG_END = re.compile(r"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")


def _places(text: str, steps: list[tuple[str, str | None, str | None]]) -> list[int]:
    """Return where, in bytes, the elements begin that the steps of an address lead to."""
    parser = expat.ParserCreate("utf-8")
    fits = [0]  # of each open element: how many steps lead to it, or fewer than its depth
    found: list[int] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        depth = len(fits) - 1
        led = fits[-1] == depth < len(steps)
        if led:
            step, key, value = steps[depth]
            led = name.rpartition(":")[2] == step and (key is None or attributes.get(key) == value)
        fits.append(depth + 1 if led else -1)
        if led and depth + 1 == len(steps):
            found.append(parser.CurrentByteIndex)

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: fits.pop()
    parser.Parse(text.encode("utf-8"), True)
    return found
