"""Formulas, data generators, reports and plots of a SED-ML document."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from transport_model.errors import ModelFileError, UnsupportedModelError

from .document import (
    AMOUNT_SYMBOLS,
    CONCENTRATION_SYMBOLS,
    TIME_SYMBOLS,
    Computation,
    Curve,
    DataGenerator,
    DataSet,
    Plot,
    Report,
    Variable,
)
from .words import child, children, flag, local, number, required, told

#: Ids are letters, digits and underscores by the specification; some tools write more.
_FILE_NAME = re.compile(r"\w[\w.-]{0,99}")
_ERRORS = ("xErrorUpper", "xErrorLower", "yErrorUpper", "yErrorLower")


def read_computation(element: ElementTree.Element, name: str) -> Computation:
    """Return the formula of an element, with its variables and constants."""
    math = child(element, "math")
    if math is None or len(math) != 1:
        raise ModelFileError(f"{name} has no formula")
    variables = tuple(_variable(part, name) for part in children(element, "listOfVariables"))
    parameters = {
        required(part, "id"): number(part, "value")
        for part in children(element, "listOfParameters")
    }
    names = [*(variable.id for variable in variables), *parameters]
    if len(set(names)) < len(names):
        raise ModelFileError(f"{name}: the id of a variable or parameter occurs twice")
    return Computation(name, math[0], variables, parameters)


def _variable(element: ElementTree.Element, owner: str) -> Variable:
    name = f"{told(element)} of {owner}"
    for attribute in ("target2", "symbol2", "term", "dimensionTerm"):
        if element.get(attribute):
            raise UnsupportedModelError(f"{name}: the attribute {attribute} is not supported")
    if children(element, "listOfAppliedDimensions"):
        raise UnsupportedModelError(f"{name}: <appliedDimension> is not supported")
    symbol, target = element.get("symbol", "").strip(), element.get("target", "").strip()
    symbol = symbol.replace("KISAO_", "KISAO:")
    kind = symbol.lower()
    known = AMOUNT_SYMBOLS | CONCENTRATION_SYMBOLS if target else TIME_SYMBOLS
    if symbol and kind not in known:
        raise UnsupportedModelError(f"{name}: the symbol '{symbol[:80]}' is not supported; time is,"
                                    " and amount and concentration of a species are")  # fmt: skip
    if target.startswith("#"):
        raise UnsupportedModelError(f"{name} is of the data source '{target[1:81]}'; data"
                                    " descriptions are not supported")  # fmt: skip
    if not symbol and not target:
        raise ModelFileError(f"{name} has neither target nor symbol")
    return Variable(required(element, "id"), target, symbol,
                    element.get("taskReference", "").strip(),
                    element.get("modelReference", "").strip())  # fmt: skip


def read_generator(element: ElementTree.Element) -> DataGenerator:
    """Return a data generator."""
    key = required(element, "id")
    return DataGenerator(key, element.get("name", "").strip(),
                         read_computation(element, told(element)))  # fmt: skip


def read_output(element: ElementTree.Element) -> Report | Plot:
    """Return a report or a plot in two dimensions."""
    kind, key, name = local(element), required(element, "id"), element.get("name", "").strip()
    if not _FILE_NAME.fullmatch(key):
        raise ModelFileError(f"{told(element)}: its id cannot name a file")
    if kind == "report":
        sets = tuple(
            DataSet(required(part, "id"), part.get("label", "").strip() or required(part, "id"),
                    part.get("name", "").strip(), required(part, "dataReference"))
            for part in children(element, "listOfDataSets")
        )  # fmt: skip
        if not sets:
            raise ModelFileError(f"{told(element)} has no data sets")
        if len({part.id for part in sets}) < len(sets):
            raise ModelFileError(f"{told(element)}: the id of a data set occurs twice")
        return Report(key, name, sets)
    if kind == "plot2D":
        return _plot(element, key, name)
    raise UnsupportedModelError(f"{told(element)} is not supported; report and plot2D are")


def _plot(element: ElementTree.Element, key: str, name: str) -> Plot:
    axes = {side: child(element, tag) for side, tag in
            (("x", "xAxis"), ("y", "yAxis"), ("right", "rightYAxis"))}  # fmt: skip
    scales = {side: _is_log(axis) for side, axis in axes.items() if axis is not None}
    curves = [_curve(part, scales) for part in children(element, "listOfCurves")]
    if not curves:
        raise ModelFileError(f"{told(element)} has no curves")
    curves.sort(key=lambda pair: pair[0])
    labels = {side: axis.get("name", "").strip() for side, axis in axes.items() if axis is not None}
    return Plot(key, name, tuple(curve for _, curve in curves), labels)


def _is_log(axis: ElementTree.Element) -> bool:
    scale = axis.get("type", "linear").strip()
    if scale not in {"linear", "log10"}:
        raise UnsupportedModelError(f"{told(axis)}: the type '{scale[:40]}' is not supported;"
                                    " linear and log10 are")  # fmt: skip
    return scale == "log10"


def _curve(element: ElementTree.Element, scales: dict[str, bool]) -> tuple[float, Curve]:
    if local(element) != "curve":
        raise UnsupportedModelError(f"{told(element)} is not supported; curve is")
    kind = element.get("type", "points").strip()
    if kind != "points":
        raise UnsupportedModelError(f"{told(element)}: the type '{kind[:40]}' is not supported;"
                                    " points is")  # fmt: skip
    for attribute in _ERRORS:
        if element.get(attribute):
            raise UnsupportedModelError(f"{told(element)}: {attribute} is not supported")
    right = element.get("yAxis", "left").strip() == "right"
    curve = Curve(
        element.get("id", "").strip(), element.get("name", "").strip(),
        required(element, "xDataReference"), required(element, "yDataReference"),
        log_x=flag(element, "logX") or scales.get("x", False),
        log_y=flag(element, "logY") or scales.get("right" if right else "y", False),
        right=right,
    )  # fmt: skip
    return number(element, "order") if element.get("order") else 0.0, curve
