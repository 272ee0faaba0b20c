"""Parts of a large scan: a run of rows solved anywhere, as the bytes of one Parquet file.

A part's bytes depend on the plan and its rows alone: not on who solved it, when, or after what.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from transport_model import Model
from transport_model.columns import column_units
from transport_model.errors import InputError

from ..courses import Course
from ..scan import VERDICT_COLUMNS, Engine, scan

#: Column of a part that holds the number of each row in its design.
ROW = "row"
#: Key of our own entry in a part's schema metadata.
METADATA = b"transport_model"
#: What a row says that took its worker down each time it was tried.
CRASHED = "crashed the process"


@dataclass(frozen=True)
class Task:
    """A part to be solved: plain values, so that it can be sent to any process or machine.

    Attributes
    ----------
    part
        Number of the part.
    name, sbml, changes
        Of the model.
    rows
        The design's rows, indexed by their numbers.
    engine
        ``kernel`` or ``roadrunner``; ``auto`` would make a part depend on its size.
    identity
        Of the plan; stands in the part's metadata.
    threads
        For the kernel. Results do not depend on it.
    """

    part: int
    name: str
    sbml: str
    changes: Mapping[str, float]
    rows: pd.DataFrame
    engine: Engine
    outputs: tuple[str, ...] | None
    course: Course | None
    identity: str
    threads: int | None = None

    @property
    def model(self) -> Model:
        """The model that the task is about."""
        return Model(self.name, self.sbml, self.changes)

    def cut(self, first: int, last: int) -> Task:
        """Return the task of some of its rows, counted from its own first."""
        return replace(self, rows=self.rows.iloc[first:last])


@dataclass(frozen=True)
class Part:
    """A solved part: the file's bytes, and how many of its rows failed by status."""

    number: int
    content: bytes = field(repr=False)
    rows: int
    failures: Mapping[str, int]

    def table(self) -> pd.DataFrame:
        """Return the results again, as :func:`solve` gave them."""
        return pq.read_table(io.BytesIO(self.content)).to_pandas().set_index(ROW)


def solve(task: Task) -> pd.DataFrame:
    """Return the results of a task's rows, as :func:`scan` does."""
    return scan(task.model, task.rows, engine=task.engine, outputs=task.outputs,
                course=task.course, threads=task.threads)  # fmt: skip


def crashed_rows(task: Task, like: pd.DataFrame) -> pd.DataFrame:
    """Return rows that say that solving them took the process down, with the columns of `like`."""
    given = [n for n in like.columns if n in task.rows.columns]
    table = pd.DataFrame(np.nan, index=task.rows.index, columns=like.columns)
    table[given] = task.rows[given]
    return table.assign(converged=False, status=CRASHED)


def encode(task: Task, table: pd.DataFrame) -> Part:
    """Return results as a part."""
    failures = table.loc[~table["converged"], "status"].value_counts().sort_index()
    counts = {str(status): int(count) for status, count in failures.items()}
    model = task.model
    of_course = {} if task.course is None else task.course.units(model)
    units = {**column_units(model, table.columns), **of_course}
    given = [model.start_columns.get(name, name) for name in map(str, task.rows.columns)]
    about = {"plan": task.identity, "part": task.part, "failures": counts, "units": units,
             "design": given}  # fmt: skip
    columns = {ROW: pa.array(table.index.to_numpy(dtype=np.int64))}
    for name in table.columns:
        columns[str(name)] = pa.array(table[name].to_numpy())
    arrow = pa.table(columns).replace_schema_metadata(
        {METADATA: json.dumps(about, sort_keys=True, ensure_ascii=False).encode()}
    )
    sink = io.BytesIO()
    repetitive = [*map(str, task.rows.columns), "status", "converged"]
    # PyArrow takes a list of columns as well as a bool; its stubs know the bool alone
    settings: dict[str, Any] = {"use_dictionary": [n for n in repetitive if n in columns]}
    pq.write_table(arrow, sink, compression="snappy", write_page_checksum=True, **settings)
    return Part(task.part, sink.getvalue(), len(table), counts)


def solve_part(task: Task) -> Part:
    """Solve and encode a part; what workers run."""
    return encode(task, solve(task))


def check_outputs(model: Model, outputs: tuple[str, ...] | None, columns: tuple[str, ...]) -> None:
    """Raise InputError where results and design would need one name for two columns."""
    names = [ROW, *VERDICT_COLUMNS]
    for name in (*columns, *(outputs or ())):
        if name in names:
            raise InputError(f"'{name}' is a column of every scan and cannot be one of its own")
