"""What outputs show: data generators over the results of tasks, and tables of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from transport_model.errors import InputError, ModelFileError, UnsupportedModelError

from .document import DataGenerator, Document, Plot, Report, Variable
from .formulas import Formula
from .model_files import ModelFiles
from .tasks import Repeated, Result, Tasks

TIME = "time"


class Data:
    """The data generators that the outputs of a document need, checked before anything is run.

    Parameters
    ----------
    document, files, tasks
        The SED-ML, its models and its tasks.

    Attributes
    ----------
    tasks
        Ids of the tasks that are needed, in the order of the document.
    wanted
        Columns that are needed of them, by model.

    Raises
    ------
    InputError
        An output refers to what is not there, or to what is not supported.
    """

    def __init__(self, document: Document, files: ModelFiles, tasks: Tasks) -> None:
        self._document = document
        self._files = files
        self._tasks = tasks
        self._results: dict[str, Result | Repeated] = {}
        self.wanted: dict[str, set[str]] = {}
        self._places: dict[tuple[str, str], tuple[str, str]] = {}
        self._formulas: dict[str, Formula] = {}
        needed: set[str] = set()
        for output in document.outputs.values():
            for key in generators_of(output):
                needed |= self._look_at(key, output.id)
        self.tasks = [key for key in document.tasks if key in needed]
        for key in self.tasks:
            tasks.check(key, sum(len(names) for names in self.wanted.values()))

    def _look_at(self, key: str, output: str) -> set[str]:
        """Look at a data generator; return the tasks that it needs."""
        where = self._document.where
        if key in self._document.refused:
            raise UnsupportedModelError(f"{where}: {self._document.refused[key]}")
        if key not in self._document.generators:
            raise ModelFileError(f"{where}: output '{output}' shows the data generator"
                                 f" '{key[:80]}', which is not there")  # fmt: skip
        generator = self._document.generators[key]
        if key not in self._formulas:
            try:
                self._formulas[key] = Formula(generator.computation)
            except InputError as error:
                raise type(error)(f"{where}: {error}") from None
            for variable in generator.computation.variables:
                self._places[key, variable.id] = self._place(variable, generator)
        return {variable.task for variable in generator.computation.variables}

    def _place(self, variable: Variable, generator: DataGenerator) -> tuple[str, str]:
        """Return the model and the column of a variable; no model stands for any of the task's."""
        told = f"{self._document.where}: variable '{variable.id}' of {generator.computation.told}"
        if not variable.task:
            raise ModelFileError(f"{told} has no taskReference")
        self._tasks.check(variable.task, 1)
        models = self._tasks.models(variable.task)
        if variable.model and variable.model not in models:
            raise ModelFileError(f"{told}: task '{variable.task}' does not run the model"
                                 f" '{variable.model[:80]}'")  # fmt: skip
        if variable.is_time:
            for model in models:
                self.wanted.setdefault(model, set()).add(TIME)
            return variable.model, TIME
        if not variable.model and len(models) > 1:
            raise ModelFileError(f"{told}: task '{variable.task}' runs {len(models)} models; a"
                                 " modelReference has to say which is meant")  # fmt: skip
        model = variable.model or models[0]
        run = self._files[model]
        column = run.column(variable, told)
        self.wanted.setdefault(model, set()).add(column)
        return model, column

    def add(self, task: str, result: Result | Repeated) -> None:
        """Take what a task gave."""
        self._results[task] = result

    def missing(self, key: str) -> list[str]:
        """Return the tasks that a data generator needs and that gave nothing."""
        variables = self._document.generators[key].computation.variables
        return [variable.task for variable in variables if variable.task not in self._results]

    def __getitem__(self, key: str) -> np.ndarray:
        """Return the values of a data generator.

        Raises
        ------
        InputError
            It combines values of shapes that do not fit each other.
        """
        values = {}
        for variable in self._document.generators[key].computation.variables:
            model, column = self._places[key, variable.id]
            found = gathered(self._results[variable.task], model, column)
            values[variable.id] = np.array([np.nan]) if found is None else found
        return self._formulas[key](values)


def generators_of(output: Report | Plot) -> list[str]:
    """Return the ids of the data generators that an output shows."""
    if isinstance(output, Report):
        return [data_set.data for data_set in output.data_sets]
    return [key for curve in output.curves for key in (curve.x, curve.y)]


def gathered(result: Result | Repeated, model: str, column: str) -> np.ndarray | None:
    """Return a column of a task's results as one array.

    Of a repeated task its axes are iterations, subtasks, and what these give; shorter courses are
    filled with NaN. None where no simulation was of the model.
    """
    if isinstance(result, Result):
        return result.arrays[column] if model in {"", result.model} else None
    parts = [[gathered(r, model, column) for r in row] for row in result.iterations]
    flat = [part for part in itertools.chain.from_iterable(parts) if part is not None]
    if not flat:
        return None
    shape = _common_shape(flat)
    if result.concatenate:
        return np.concatenate([part.ravel() for part in flat])
    stacked = [[padded(part, shape) for part in row] for row in parts]
    return np.array(stacked)


def _common_shape(arrays: Iterable[np.ndarray]) -> tuple[int, ...]:
    shapes = [array.shape for array in arrays]
    depth = max(map(len, shapes))
    return tuple(
        max(shape[axis] if axis < len(shape) else 1 for shape in shapes) for axis in range(depth)
    )


def padded(array: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array filled up with NaN to a shape, its further axes last."""
    full = np.full(shape, np.nan)
    if array is not None:
        axes = [slice(0, size) for size in array.shape]
        full[(*axes, *[0] * (len(shape) - array.ndim))] = array
    return full


def report_table(report: Report, arrays: Sequence[np.ndarray]) -> pd.DataFrame:
    """Return a report as a table: a column per data set, by label, or by id where labels repeat.

    Where all data sets come from repeated tasks of the same kind, the index counts iterations,
    subtasks and points; otherwise rows, and shorter columns end in NaN.
    """
    labels = [data_set.label for data_set in report.data_sets]
    columns = labels if len(set(labels)) == len(labels) else [d.id for d in report.data_sets]
    shapes = {array.shape for array in arrays}
    if len(shapes) == 1 and arrays[0].ndim > 1:
        (shape,) = shapes
        index = pd.MultiIndex.from_product([range(size) for size in shape], names=_axes(len(shape)))
    else:
        index = pd.RangeIndex(max((array.size for array in arrays), default=0))
    flat = [padded(array.ravel(), (len(index),)) for array in arrays]
    return pd.DataFrame(dict(zip(columns, flat, strict=True)), index=index)


def _axes(depth: int) -> list[str]:
    """Return names of the axes of a repeated task's results, nested or not."""
    levels = [f"{kind}{'' if depth < 4 else f'_{level + 1}'}"
              for level in range((depth - 1) // 2)
              for kind in ("iteration", "subtask")]  # fmt: skip
    return [*levels, "point"] if depth % 2 else [f"axis_{n + 1}" for n in range(depth)]


def arrays_of(report: Report, data: Data) -> Mapping[str, np.ndarray]:
    """Return the values of a report's data sets, by id."""
    return {data_set.id: data[data_set.data] for data_set in report.data_sets}
