"""SED-ML from strangers, read without trust into a :class:`.document.Document`.

With ElementTree: libSEDML is an optional dependency, and once it is imported beside libSBML the
types of formulas' nodes no longer compare.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar
from xml.etree import ElementTree

import numpy as np

from transport_model.errors import InputError, ModelFileError, UnsupportedModelError
from transport_model.reading.untrusted import decode_xml, parsed_xml, refuse_unsafe_xml

from .document import (
    Algorithm,
    Change,
    Course,
    Document,
    ModelEntry,
    OneStep,
    Range,
    RepeatedTask,
    Rest,
    SetValue,
    Simulation,
    SubTask,
    Task,
)
from .outputs_reading import read_computation, read_generator, read_output
from .words import child, children, flag, integer, local, number, required, told

T = TypeVar("T")
#: Most values of a range, and most steps of a course.
MAX_VALUES = 1_000_000
_NAMESPACE = re.compile(r"http://sed-ml\.org/(sed-ml/level1/version\d+/?)?")
_CHANGES = {"changeAttribute", "computeChange", "addXML", "removeXML", "changeXML"}


def read_document(data: bytes, where: str) -> Document:
    """Read a SED-ML document.

    Parameters
    ----------
    data
        The file.
    where
        Names it in messages.

    Raises
    ------
    ModelFileError
        It is no SED-ML of Level 1, hostile, or lacks what its elements have to say.
    UnsupportedModelError
        An output is of a kind that is not written here. What else is not supported is kept in
        :attr:`Document.refused`: it does no harm where no output needs it.
    """
    text = refuse_unsafe_xml(decode_xml(data, where), where, "SED-ML")
    root = parsed_xml(text, where, "SED-ML")
    namespace = root.tag.removeprefix("{").rpartition("}")[0]
    if local(root) != "sedML" or not _NAMESPACE.fullmatch(namespace):
        raise ModelFileError(f"{where} is not SED-ML of Level 1")
    if root.get("level", "1").strip() != "1":
        raise ModelFileError(
            f"{where} is SED-ML of level '{root.get('level', '')[:20]}'; Level 1 is read"
        )
    reading = _Reading(where)
    try:
        document = Document(
            where,
            models=reading.read(root, "listOfModels", _model),
            simulations=reading.read(root, "listOfSimulations", _simulation),
            tasks=reading.read(root, "listOfTasks", _task),
            generators=reading.read(root, "listOfDataGenerators", read_generator),
            outputs=reading.read(root, "listOfOutputs", read_output),
            refused=reading.refused,
        )
    except InputError as error:
        raise type(error)(f"{where}: {error}") from None
    for name in _ids(root, "listOfOutputs"):
        if name in reading.refused:
            raise UnsupportedModelError(f"{where}: {reading.refused[name]}")
    if not document.outputs:
        raise ModelFileError(f"{where} has no outputs: there is nothing to run it for")
    return document


def _ids(root: ElementTree.Element, name: str) -> list[str]:
    """Return the ids in a list of the document."""
    return [element.get("id", "") for element in children(root, name)]


class _Reading:
    """Reads the lists of a document; ids occur once."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._seen: set[str] = set()
        self.refused: dict[str, str] = {}

    def read(
        self, root: ElementTree.Element, name: str, one: Callable[[ElementTree.Element], T]
    ) -> dict[str, T]:
        """Return the elements of a list by id; what is not supported is set aside."""
        found: dict[str, T] = {}
        for element in children(root, name):
            key = required(element, "id")
            if key in self._seen:
                raise ModelFileError(f"the id '{key[:80]}' occurs twice")
            self._seen.add(key)
            try:
                found[key] = one(element)
            except UnsupportedModelError as error:
                self.refused[key] = str(error)
        return found


def _model(element: ElementTree.Element) -> ModelEntry:
    changes = tuple(_change(change, element) for change in children(element, "listOfChanges"))
    language = element.get("language", "").strip()
    return ModelEntry(required(element, "id"), required(element, "source"), changes, language)


def _change(element: ElementTree.Element, model: ElementTree.Element) -> Change:
    kind = local(element)
    name = f"{told(element)} of {told(model)}"
    if kind not in _CHANGES:
        raise UnsupportedModelError(f"{name} is not supported")
    target = required(element, "target")
    if kind == "changeAttribute":
        return Change(kind, name, target, value=required(element, "newValue", empty=True))
    if kind == "computeChange":
        return Change(kind, name, target, computation=read_computation(element, name))
    content = tuple(part for part in (child(element, "newXML") or ()))
    if kind != "removeXML" and not content:
        raise ModelFileError(f"{name} has no newXML")
    return Change(kind, name, target, content=content)


def _simulation(element: ElementTree.Element) -> Simulation:
    key, kind = required(element, "id"), local(element)
    algorithm = _algorithm(element)
    if kind == "uniformTimeCourse":
        steps = "numberOfSteps" if "numberOfSteps" in element.attrib else "numberOfPoints"
        initial, start, end = (
            number(element, name) for name in ("initialTime", "outputStartTime", "outputEndTime")
        )
        count = integer(element, steps)
        if not initial <= start < end:
            raise ModelFileError(
                f"{told(element)}: initialTime, outputStartTime and outputEndTime must rise, not"
                f" {initial:g}, {start:g}, {end:g}"
            )
        if not 1 <= count < MAX_VALUES:
            raise ModelFileError(
                f"{told(element)}: {steps} must be 1 to {MAX_VALUES - 1:,}, not {count:,}"
            )
        return Course(key, initial, start, end, count, algorithm)
    if kind == "oneStep":
        step = number(element, "step")
        if step <= 0:
            raise ModelFileError(f"{told(element)}: its step must be positive, not {step:g}")
        return OneStep(key, step, algorithm)
    if kind == "steadyState":
        return Rest(key, algorithm)
    raise UnsupportedModelError(
        f"{told(element)} is not supported; uniformTimeCourse, oneStep and steadyState are"
    )


def _algorithm(element: ElementTree.Element) -> Algorithm:
    found = child(element, "algorithm")
    if found is None:
        return Algorithm("")
    parameters = {
        kisao(required(p, "kisaoID")): required(p, "value", empty=True)
        for p in children(found, "listOfAlgorithmParameters")
    }
    return Algorithm(kisao(required(found, "kisaoID")), parameters)


def kisao(text: str) -> str:
    """Return a KiSAO term as ``KISAO:0000019``, however it is written."""
    match = re.fullmatch(r"(?:.*[/#:])?KISAO(?:[_:]|%3A)(\d{1,7})", text.strip(), re.IGNORECASE)
    return f"KISAO:{int(match[1]):07d}" if match else text.strip()


def _task(element: ElementTree.Element) -> Task | RepeatedTask:
    key, kind = required(element, "id"), local(element)
    if kind == "task":
        model, simulation = (required(element, f"{n}Reference") for n in ("model", "simulation"))
        return Task(key, model, simulation)
    if kind != "repeatedTask":
        raise UnsupportedModelError(f"{told(element)} is not supported; task and repeatedTask are")
    by_id = {part.id: part for part in map(_range, children(element, "listOfRanges"))}
    ranges = tuple(sorted(by_id.values(), key=lambda part: len(_followed(part.id, by_id))))
    subtasks = tuple(sorted((
        SubTask(required(part, "task"), integer(part, "order", 0),
                tuple(_set_value(c, element) for c in children(part, "listOfChanges")))
        for part in children(element, "listOfSubTasks")
    ), key=lambda part: part.order))  # fmt: skip
    if not subtasks:
        raise ModelFileError(f"{told(element)} has no subTask")
    main = element.get("range", "").strip() or (ranges[0].id if len(ranges) == 1 else "")
    main = _followed(main, by_id)[-1]  # what says how often
    if main not in by_id:
        raise ModelFileError(f"{told(element)} runs over the range '{main[:80]}', which it lacks")
    changes = tuple(_set_value(part, element) for part in children(element, "listOfChanges"))
    return RepeatedTask(
        key, main, ranges, changes, subtasks,
        reset=flag(element, "resetModel"), concatenate=flag(element, "concatenate"),
    )  # fmt: skip


def _followed(name: str, ranges: Mapping[str, Range]) -> list[str]:
    """Return the ranges that a functionalRange follows, from itself to the one with values."""
    names = [name]
    while len(names) <= len(ranges) and names[-1] in ranges and ranges[names[-1]].over:
        names.append(ranges[names[-1]].over)
    return names


def _set_value(element: ElementTree.Element, task: ElementTree.Element) -> SetValue:
    name = f"{told(element)} of {told(task)}"
    if local(element) != "setValue":
        raise UnsupportedModelError(f"{name} is not supported; setValue is")
    if element.get("symbol"):
        raise UnsupportedModelError(f"{name} sets the symbol '{element.get('symbol', '')[:80]}';"
                                    " only targets are set")  # fmt: skip
    return SetValue(name, required(element, "modelReference"), required(element, "target"),
                    element.get("range", "").strip(), read_computation(element, name))  # fmt: skip


def _range(element: ElementTree.Element) -> Range:
    key, kind = required(element, "id"), local(element)
    if kind == "functionalRange":
        return Range(key, told(element), computation=read_computation(element, told(element)),
                     over=element.get("range", "").strip())  # fmt: skip
    if kind == "vectorRange":
        return Range(key, told(element), tuple(_values(element)))
    if kind != "uniformRange":
        raise UnsupportedModelError(
            f"{told(element)} is not supported; uniformRange, vectorRange and functionalRange are"
        )
    count = integer(
        element, "numberOfSteps" if "numberOfSteps" in element.attrib else "numberOfPoints"
    )
    start, end = number(element, "start"), number(element, "end")
    if not 0 <= count < MAX_VALUES:
        raise ModelFileError(
            f"{told(element)}: its steps must be 0 to {MAX_VALUES - 1:,}, not {count:,}"
        )
    scale = element.get("type", "linear").strip().lower()
    if scale not in {"linear", "log"}:
        raise UnsupportedModelError(f"{told(element)}: the type '{scale[:40]}' is not supported")
    if scale == "log" and not (start > 0 and end > 0):
        raise ModelFileError(f"{told(element)} is logarithmic: its ends must be positive")
    spaced = np.geomspace if scale == "log" else np.linspace
    return Range(key, told(element), tuple(spaced(start, end, count + 1).tolist()))


def _values(element: ElementTree.Element) -> Iterator[float]:
    found = [part for part in element if local(part) == "value"]
    if not found:
        raise ModelFileError(f"{told(element)} has no values")
    for part in found:
        text = (part.text or "").strip()
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ModelFileError(f"{told(element)}: '{text[:40]}' is not a finite number")
        yield value
