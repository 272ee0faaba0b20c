"""Measurements to hold a model against: files of points, with conditions, units and source.

A file is a CSV table under a head of comments, ``# key: value``:

``title``
    What was measured.
``source``, ``reference``
    Where it is published: in words, or as keys of the project's references
    (``models/references.json``), separated by semicolons. One of the two may be missing.
``model``
    The shipped model that stands for the preparation (``pump_assay``).
``conditions``
    What was held, ``V_m = 0 mV, Na_o = 150 mM, …``: every unit that converts to the model's.
``normalised`` (optional)
    The point, ``K_o = 5.4 mM``, at which each curve was scaled to a common value. The model's
    curves are scaled to the measured value there, so that their shapes are compared.
``tolerance``
    Root-mean-square deviation up to which the model agrees, in the unit of the measured column.
``conflict`` (optional)
    Why the measurement contradicts others, so that no model could agree with all of them.
``note`` (optional)
    Whatever else a reader should know.

The table's header holds ids and units, ``V_m [mV],Na_o [mM],turnover [1/s]``. The first column is
what was varied, the last what was measured, and any between tell curves apart. A measured column
in ``[relative]`` has no unit.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from transport_model import Model, evaluate, load_model
from transport_model.errors import InputError
from transport_model.references import keys_in
from transport_model.units import converted

_KEYS = ("title", "source", "reference", "model", "conditions", "normalised", "tolerance",
         "conflict", "note")  # fmt: skip
_OPTIONAL = ("source", "reference", "normalised", "conflict", "note")
_HEADER = re.compile(r"^\s*([A-Za-z_]\w*)\s*\[([^\]]+)\]\s*$")
_SETTING = re.compile(r"^\s*([A-Za-z_]\w*)\s*=\s*(\S+)\s*(.*?)\s*$")


@dataclass(frozen=True)
class Measurement:
    """Measured points, and the conditions under which a model is to reproduce them.

    Attributes
    ----------
    name
        The file's stem.
    points
        One row per point: the columns of the file, in the model's units.
    varied, measured
        The first and the last column.
    curves
        Columns between, which tell curves apart; often none.
    unit
        Of the measured column; empty if it is relative.
    source, cited
        Where it is published: in words, and as keys of references, separated by semicolons.
    reference
        Value of `varied` at which curves were scaled to a common value, or None.
    """

    name: str
    title: str
    source: str
    cited: str
    model: str
    conditions: Mapping[str, float]
    points: pd.DataFrame
    unit: str
    tolerance: float
    reference: float | None = None
    conflict: str = ""
    note: str = ""

    @property
    def varied(self) -> str:
        """Id of what was varied."""
        return str(self.points.columns[0])

    @property
    def measured(self) -> str:
        """Id of what was measured."""
        return str(self.points.columns[-1])

    @property
    def curves(self) -> list[str]:
        """Ids that tell curves apart."""
        return [str(name) for name in self.points.columns[1:-1]]


def shipped_measurements() -> list[Measurement]:
    """Return the measurements that come with the project."""
    return read_measurements(measurements_folder())


def measurements_folder() -> Path:
    """Return the folder of the measurements that come with the project."""
    return Path(__file__).parent / "data"


def read_measurements(folder: Path) -> list[Measurement]:
    """Read every ``.csv`` of a folder, in the order of their names.

    Raises
    ------
    InputError
        There is no such folder, or none in it, or one cannot be read.
    """
    if not folder.is_dir():
        raise InputError(f"no such folder of measurements: {folder}")
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise InputError(f"the folder {folder} holds no measurements (files ending in .csv)")
    return [read_measurement(path) for path in files]


def read_measurement(path: Path) -> Measurement:
    """Read one file of measured points.

    Raises
    ------
    InputError
        The file is missing or not of the form above; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as text") from None
    keys, where = _head(path, lines)
    numbered = [(i, line) for i, line in enumerate(lines, 1) if line.strip() and line[0] != "#"]
    if not numbered:
        raise InputError(f"{path}: there is no table under the head")
    model = _model(keys["model"], f"{path}, line {where['model']}")
    columns, units = _columns(path, model, *numbered[0])
    points = pd.DataFrame(_rows(path, columns, units, model, numbered[1:]), columns=columns)
    held = dict(_settings(keys["conditions"], model, f"{path}, line {where['conditions']}"))
    for name in held:
        if name in columns:
            raise InputError(f"{path}, line {where['conditions']}: '{name}' is a condition and a"
                             " column")  # fmt: skip
    reference = None
    if "normalised" in keys:
        reference = _reference(keys["normalised"], model, points,
                               f"{path}, line {where['normalised']}")  # fmt: skip
    tolerance = _number(keys["tolerance"], f"{path}, line {where['tolerance']}: tolerance")
    if tolerance <= 0:
        raise InputError(f"{path}, line {where['tolerance']}: the tolerance must be positive")
    unit = model.unit(columns[-1]) if units[-1] != "relative" else ""
    return Measurement(
        name=path.stem,
        title=keys["title"],
        source=keys.get("source", ""),
        cited=keys.get("reference", ""),
        model=keys["model"],
        conditions=held,
        points=points,
        unit=unit,
        tolerance=tolerance,
        reference=reference,
        conflict=keys.get("conflict", ""),
        note=keys.get("note", ""),
    )


def _head(path: Path, lines: list[str]) -> tuple[dict[str, str], dict[str, int]]:
    keys: dict[str, str] = {}
    where: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.startswith("#"):
            continue
        key, colon, value = (part.strip() for part in line[1:].partition(":"))
        if not colon or key not in _KEYS:
            raise InputError(f"{path}, line {number}: a head line is '# key: value' with a key of"
                             f" {', '.join(_KEYS)}; not '{line}'")  # fmt: skip
        if key in keys:
            raise InputError(f"{path}, line {number}: '{key}' appears twice")
        keys[key], where[key] = value, number
    for key in _KEYS:
        if key not in keys and key not in _OPTIONAL:
            raise InputError(f"{path}: the head lacks '# {key}: …'")
    if not (keys.get("source") or keys.get("reference")):
        raise InputError(f"{path}: the head lacks '# source: …' or '# reference: …'")
    if "reference" in keys:
        keys_in(keys["reference"], f"{path}, line {where['reference']}")
    return keys, where


def _model(name: str, where: str) -> Model:
    try:
        return load_model(name)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _columns(path: Path, model: Model, line: int, text: str) -> tuple[list[str], list[str]]:
    cells = _cells(text, f"{path}, line {line}")
    columns, units = [], []
    for cell in cells:
        match = _HEADER.match(cell)
        if not match:
            raise InputError(f"{path}, line {line}: a column's head is 'id [unit]', such as"
                             f" 'V_m [mV]'; not '{cell.strip()}'")  # fmt: skip
        columns.append(match[1])
        units.append(match[2].strip())
    if len(columns) < 2:
        raise InputError(f"{path}, line {line}: a column is missing; needed are what was varied and"
                         " what was measured")  # fmt: skip
    for column in columns:
        if columns.count(column) > 1:
            raise InputError(f"{path}, line {line}: column '{column}' appears twice")
    for column in columns[:-1]:
        _checked(model, column, None, f"{path}, line {line}")
    if columns[-1] not in model.rules.index:
        raise InputError(f"{path}, line {line}: the last column is what was measured, which model"
                         f" '{model.name}' would compute; '{columns[-1]}' is not")  # fmt: skip
    for column, unit in zip(columns, units, strict=True):
        if column == columns[-1] and unit == "relative":
            continue
        _converted(1.0, unit, model.unit(column), f"{path}, line {line}: {column}")
    return columns, units


def _rows(
    path: Path, columns: list[str], units: list[str], model: Model,
    numbered: list[tuple[int, str]],
) -> Iterator[list[float]]:  # fmt: skip
    if len(numbered) < 2:
        raise InputError(f"{path}: a curve needs two points or more, not {len(numbered)}")
    seen: dict[tuple[float, ...], int] = {}
    for line, text in numbered:
        cells = _cells(text, f"{path}, line {line}")
        if len(cells) != len(columns):
            raise InputError(f"{path}, line {line}: {len(cells)} values for {len(columns)} columns")
        row = []
        for column, unit, cell in zip(columns, units, cells, strict=True):
            place = f"{path}, line {line}: {column}"
            number = _number(cell, place)
            if column == columns[-1]:
                own = "1" if unit == "relative" else model.unit(column)
                row.append(_converted(number, "1" if unit == "relative" else unit, own, place))
            else:
                value = _converted(number, unit, model.unit(column), place)
                row.append(_checked(model, column, value, f"{path}, line {line}"))
        place_of_point = tuple(row[:-1])
        if place_of_point in seen:
            raise InputError(f"{path}, line {line}: the same point as line {seen[place_of_point]}")
        seen[place_of_point] = line
        yield row


def _cells(text: str, where: str) -> list[str]:
    try:
        return next(csv.reader([text]))
    except csv.Error as error:  # a cell of more than 128 KiB
        raise InputError(f"{where} is not a row of a table: {error}") from None


def _settings(text: str, model: Model, where: str) -> Iterator[tuple[str, float]]:
    seen = set()
    for part in text.split(","):
        match = _SETTING.match(part)
        if not match:
            raise InputError(f"{where}: a condition is 'id = number unit', such as"
                             f" 'V_m = -40 mV'; not '{part.strip()}'")  # fmt: skip
        name, number, unit = match.groups()
        if name in seen:
            raise InputError(f"{where}: '{name}' appears twice")
        seen.add(name)
        _checked(model, name, None, where)
        value = _converted(_number(number, f"{where}: {name}"), unit, model.unit(name),
                           f"{where}: {name}")  # fmt: skip
        yield name, _checked(model, name, value, where)


def _reference(text: str, model: Model, points: pd.DataFrame, where: str) -> float:
    settings = list(_settings(text, model, where))
    if len(settings) != 1:
        raise InputError(f"{where}: curves are scaled at one value of '{points.columns[0]}'")
    ((name, value),) = settings
    if name != points.columns[0]:
        raise InputError(f"{where}: curves are scaled at a value of '{points.columns[0]}'")
    curves = [str(c) for c in points.columns[1:-1]]
    for _, curve in points.groupby(curves) if curves else [((), points)]:
        if not np.isclose(curve[name], value, rtol=1e-9).any():
            raise InputError(f"{where}: there is no point at {name} = {value:g}")
    return value


def _checked(model: Model, name: str, value: float | None, where: str) -> float:
    known = model.quantities.get(name)
    try:
        return model.validated_value(name, known.value if value is None and known else value or 0.0)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _converted(number: float, unit: str, to: str, where: str) -> float:
    if not unit.strip() and to not in {"", "1"}:
        raise InputError(f"{where}: the unit is missing (needed is one that converts to '{to}')")
    try:
        return converted(number, unit, to)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _number(text: str, where: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise InputError(f"{where}: '{text.strip()}' is not a number") from None
    if not math.isfinite(number):
        raise InputError(f"{where}: '{text.strip()}' is not a finite number")
    return number


def predicted(
    measurement: Measurement, model: Model, values: pd.DataFrame | None = None
) -> np.ndarray:
    """Return what a model says at the measured points, or at other `values` of the same columns.

    Curves of a normalised measurement are scaled to the measured value at the reference point.

    Returns
    -------
    numpy.ndarray
        In the unit of the measured column, one value a row.
    """
    inputs = [measurement.varied, *measurement.curves]

    def rates(points: pd.DataFrame) -> np.ndarray:
        table = evaluate(model, points[inputs].assign(**measurement.conditions))
        return table[measurement.measured].to_numpy(dtype=float)

    at_points = rates(measurement.points)
    if values is None:
        return scaled(measurement, at_points)
    return rates(values) * _scale(measurement, at_points, values)


def scaled(measurement: Measurement, rates: np.ndarray) -> np.ndarray:
    """Return a model's `rates` at the measured points, scaled as the measurement is."""
    return rates * _scale(measurement, rates, measurement.points)


def _scale(measurement: Measurement, rates: np.ndarray, values: pd.DataFrame) -> np.ndarray | float:
    """Return, for each row of `values`, measured over modelled at its curve's reference point."""
    if measurement.reference is None:
        return 1.0
    points = measurement.points
    anchors = np.isclose(points[measurement.varied], measurement.reference, rtol=1e-9)
    ratio = points.loc[anchors, measurement.measured].to_numpy() / rates[anchors]
    if not measurement.curves:
        return float(ratio[0])
    by_curve = points.loc[anchors, measurement.curves].assign(ratio=ratio)
    return values[measurement.curves].merge(by_curve, how="left")["ratio"].to_numpy()


def deviation(measurement: Measurement, model: Model) -> float:
    """Return the root-mean-square deviation of a model from measured points."""
    difference = predicted(measurement, model) - measurement.points[measurement.measured]
    return float(np.sqrt(np.mean(difference**2)))


def smooth_curves(measurement: Measurement, model: Model, points: int = 121) -> pd.DataFrame:
    """Return a model's curves over the measured range, for drawing: the columns of `points`."""
    low, high = measurement.points[measurement.varied].agg(["min", "max"])
    positive = low > 0 and high / low > 20
    axis = np.geomspace(low, high, points) if positive else np.linspace(low, high, points)
    names = measurement.curves
    curves = measurement.points[names].drop_duplicates() if names else pd.DataFrame(index=[0])
    frame = pd.DataFrame({measurement.varied: axis}).merge(curves, how="cross")
    return frame.assign(**{measurement.measured: predicted(measurement, model, frame)})
