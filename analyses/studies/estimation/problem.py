"""A problem of estimation, as PEtab (version 1) states it.

PEtab's own library, of the extra ``estimation``, reads and lints it; what stands here is the
problem in the terms of this package.
"""

from __future__ import annotations

import hashlib
import importlib.util
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model, notebook
from transport_model.errors import InputError, UnknownIdError, short_path
from transport_model.reading.documents import check_sbml

from .scales import log_step, scaled, unscaled

#: Parameters that a notebook shows.
MOST_SHOWN = 12


@dataclass(frozen=True, eq=False)
class Problem:
    """What is estimated, and from what. Two problems that consist of the same are one.

    Attributes
    ----------
    name
        Stem of the problem's file.
    model
        With the values of its file.
    parameters
        A row per parameter: ``estimate``, ``scale``, ``low``, ``high``, ``nominal`` (plain
        numbers), ``prior`` and ``start``, each a type of PEtab with its numbers, ``unit``, and
        ``name``.
    conditions
        A row per condition; columns are quantities of the model, values numbers, ids of
        parameters, or NaN.
    observables
        ``formula``, ``transformation``, ``noise``, ``distribution`` and ``name`` by id.
    measurements
        ``observable``, ``condition``, ``before`` (the condition at whose steady state the course
        starts, or an empty text), ``time``, ``measurement``, and what takes the place of
        ``observableParameter1_…`` and ``noiseParameter1_…``.
    """

    name: str
    model: Model
    parameters: pd.DataFrame
    conditions: pd.DataFrame
    observables: pd.DataFrame
    measurements: pd.DataFrame

    @cached_property
    def estimated(self) -> tuple[str, ...]:
        """Ids of what is estimated, in the order of coordinates."""
        return tuple(str(name) for name in self.parameters.index[self.parameters["estimate"]])

    @cached_property
    def scales(self) -> tuple[str, ...]:
        """Scale of each coordinate."""
        return tuple(self.parameters.loc[list(self.estimated), "scale"])

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper bound of each coordinate, on its scale."""
        table = self.parameters.loc[list(self.estimated)]
        low, high = (self.coordinates(table[side].to_numpy(float)) for side in ("low", "high"))
        return low, high

    @property
    def nominal(self) -> np.ndarray:
        """The nominal coordinates."""
        return self.coordinates(self.parameters.loc[list(self.estimated), "nominal"].to_numpy())

    @property
    def middle(self) -> np.ndarray:
        """The coordinates between the bounds."""
        low, high = self.bounds
        return (low + high) / 2

    def coordinates(self, values: np.ndarray) -> np.ndarray:
        """Return plain values of what is estimated on their scales.

        Parameters
        ----------
        values
            Plain, in the order of :attr:`estimated`.

        Returns
        -------
        numpy.ndarray
            One number each.

        Raises
        ------
        ValueError
            There are more or fewer numbers than parameters that are estimated.
        """
        pairs = zip(np.asarray(values, float), self.scales, strict=True)
        return np.array([float(scaled(np.array(value), scale)) for value, scale in pairs])

    def values(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the plain values of coordinates.

        Parameters
        ----------
        coordinates
            On the scales of what is estimated.

        Returns
        -------
        numpy.ndarray
            One number each.

        Raises
        ------
        ValueError
            There are more or fewer numbers than parameters that are estimated.
        """
        pairs = zip(np.asarray(coordinates, float), self.scales, strict=True)
        return np.array([float(unscaled(np.array(at), scale)) for at, scale in pairs])

    def value_slopes(self, values: np.ndarray) -> np.ndarray:
        """Return the derivative of each plain value by its coordinate.

        Parameters
        ----------
        values
            Plain, in the order of :attr:`estimated`.

        Returns
        -------
        numpy.ndarray
            One number each.

        Raises
        ------
        ValueError
            There are more or fewer numbers than parameters that are estimated.
        """
        return np.array([1.0 if scale == "lin" else value * log_step(scale)
                         for value, scale in zip(values, self.scales, strict=True)])  # fmt: skip

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the problem consists of."""
        tables = (self.parameters, self.conditions, self.observables, self.measurements)
        own = [self.model.sbml, repr(sorted(self.model.changes.items()))]
        text = "\n".join([*own, *(table.to_csv() for table in tables)])
        return hashlib.sha256(text.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def _repr_html_(self) -> str:
        rows = [(name, row["scale"], row["low"], row["high"])
                for name, row in self.parameters.loc[list(self.estimated)].iterrows()]  # fmt: skip
        count = f"{len(rows)} parameters, {len(self.measurements)} measurements"
        return "".join([
            notebook.heading(self.name, "estimation problem"),
            notebook.note(f"{count}, {len(self.conditions)} conditions; model {self.model.name}"),
            notebook.table(["estimated", "scale", "low", "high"], rows[:MOST_SHOWN]),
        ])  # fmt: skip


def read_petab(path: str | Path) -> Problem:
    """Read a problem of estimation in the format PEtab, version 1.

    Parameters
    ----------
    path
        The problem's YAML file; what it names lies beside it.

    Returns
    -------
    Problem
        The model, and what is estimated from which measurements.

    Raises
    ------
    InputError
        The extra is missing, a file is, or PEtab's linter finds an error: the first is told.
    UnsupportedModelError
        The model uses what this package does not handle.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"there is no file '{short_path(path)}'; name a PEtab problem's YAML file")
    if importlib.util.find_spec("petab") is None:
        raise InputError("PEtab problems need an extra: pip install 'transport-model[estimation]'")
    source = _linted(path)
    sbml = source.sbml_document.model if source.sbml_document else None
    if sbml is None:
        raise InputError(f"'{short_path(path)}' has no SBML model")
    import libsbml

    text = libsbml.writeSBMLToString(source.sbml_document)
    model = Model(path.stem, check_sbml(text, f"the model of '{path.name}'"))
    problem = Problem(path.stem, model, _parameters(source, model), _conditions(source),
                      _observables(source), _measurements(source))  # fmt: skip
    _check(problem)
    return problem


def _linted(path: Path) -> Any:
    """Return PEtab's own problem, or raise InputError with the first of its linter's errors."""
    with warnings.catch_warnings(), _heard() as complaints:
        warnings.simplefilter("ignore")
        from petab import v1

        try:
            problem = v1.Problem.from_yaml(path)
            wrong = v1.lint_problem(problem)
        except Exception as error:  # whatever a library says of a broken file
            missing = isinstance(error, FileNotFoundError) and error.filename
            told = f"there is no file '{Path(missing).name}'" if missing else str(error)
            raise InputError(f"{path.name}: {' '.join(told.split()) or 'cannot be read'}") from None
    if wrong:
        first = " ".join(complaints[0].split()) if complaints else "not valid"
        more = f" (and {len(complaints) - 2} more)" if len(complaints) > 2 else ""
        raise InputError(f"{path.name} is no valid PEtab problem: {first}{more}")
    return problem


class _heard(logging.Handler):
    """Gathers what PEtab's linter says as errors, in place of a terminal."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []
        self._logger = logging.getLogger("petab")

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self._before = self._logger.propagate
        self._logger.propagate = False
        self._logger.addHandler(self)
        return self.told

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._before


def _parameters(source: Any, model: Model) -> pd.DataFrame:
    table = source.parameter_df
    found = pd.DataFrame(index=pd.Index(table.index.astype(str), name="id"))
    found["estimate"] = table["estimate"].astype(int).astype(bool).to_numpy()
    found["scale"] = table["parameterScale"].astype(str).to_numpy()
    for name, column in (("low", "lowerBound"), ("high", "upperBound"),
                         ("nominal", "nominalValue")):  # fmt: skip
        values = table[column] if column in table else pd.Series(np.nan, table.index)
        found[name] = values.astype(float).to_numpy()
    for name, kind in (("prior", "objective"), ("start", "initialization")):
        types, numbers = f"{kind}PriorType", f"{kind}PriorParameters"
        found[name] = [
            f"{row[types]};{row[numbers]}" if isinstance(row.get(types), str) else ""
            for _, row in table.iterrows()
        ]
    found["unit"] = [model.unit(name) for name in found.index]
    found["name"] = _filled(table, "parameterName", "").to_numpy()
    return found


def _conditions(source: Any) -> pd.DataFrame:
    table = source.condition_df
    quantities = [column for column in table.columns if column != "conditionName"]
    return table[quantities].rename_axis("id").copy()


def _observables(source: Any) -> pd.DataFrame:
    table = source.observable_df
    return pd.DataFrame({
        "formula": table["observableFormula"].astype(str),
        "transformation": _filled(table, "observableTransformation", "lin"),
        "noise": table["noiseFormula"].astype(str),
        "distribution": _filled(table, "noiseDistribution", "normal"),
        "name": _filled(table, "observableName", ""),
    }).rename_axis("id")  # fmt: skip


def _measurements(source: Any) -> pd.DataFrame:
    table = source.measurement_df.reset_index(drop=True)
    return pd.DataFrame({
        "observable": table["observableId"].astype(str),
        "condition": table["simulationConditionId"].astype(str),
        "before": _filled(table, "preequilibrationConditionId", ""),
        "time": table["time"].astype(float),
        "measurement": table["measurement"].astype(float),
        "observable_parameters": _filled(table, "observableParameters", ""),
        "noise_parameters": _filled(table, "noiseParameters", ""),
    })  # fmt: skip


def _filled(table: pd.DataFrame, column: str, default: str) -> pd.Series:
    if column not in table:
        return pd.Series(default, table.index)
    return table[column].map(lambda value: default if pd.isna(value) else str(value))


def _check(problem: Problem) -> None:
    """Raise InputError where the problem makes no sense for its model."""
    if not problem.estimated:
        raise InputError(f"{problem.name} estimates nothing")
    if problem.measurements.empty:
        raise InputError(f"{problem.name} has no measurements")
    wrong = problem.measurements[~np.isfinite(problem.measurements["measurement"])]
    if len(wrong):
        row = wrong.iloc[0]
        raise InputError(f"a measurement of '{row['observable']}' is no finite number:"
                         f" {row['measurement']}")  # fmt: skip
    known = {"normal", "laplace"}
    for name, row in problem.observables.iterrows():
        if row["distribution"] not in known:
            raise InputError(f"noise of '{name}' is {row['distribution']}, not normal or laplace")
    for name in (*problem.parameters.index, *problem.conditions.columns):
        refuse_computed(problem.model, str(name))
    for name in problem.estimated:
        row: Any = problem.parameters.loc[name]
        if not row["low"] < row["high"]:
            raise InputError(f"the bounds of '{name}' leave nothing: {row['low']:g} to"
                             f" {row['high']:g}")  # fmt: skip
        if name in problem.model.quantities:
            for side in ("low", "high"):
                problem.model.validated_value(name, row[side])


def refuse_computed(model: Model, name: str) -> None:
    """Raise InputError if a law of the model computes a quantity."""
    quantity = model.quantities.get(name)
    if quantity is not None and quantity.computed == "rule":
        law = model.rules["formula"].get(name, "")
        raise InputError(f"'{name}' is computed by the model, by the law {name} = {law:.100}")


def check_ids(wanted: Sequence[str], known: Sequence[str], where: str) -> None:
    """Raise UnknownIdError for the first id that is not known."""
    for name in wanted:
        if name not in known:
            raise UnknownIdError.of(name, known, where)
