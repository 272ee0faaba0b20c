"""What is computed at every point of a sample: steady states, courses, or anything of that form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.columns import column_units
from transport_model.errors import ComputationError, InputError
from transport_model.files import check_folder
from transport_model.model import check_model

from ...scans.courses import Course
from ...scans.designs.base import Design, parts
from ...scans.large.executors import Executor
from ...scans.large.reading import open_scan
from ...scans.large.run import Tally, plan_scan, run_scan
from ...scans.scan import Engine, scan

#: Points that are computed at a time.
CHUNK = 2**17
#: Share of points without an answer above which nothing is said of the others.
MOST_FAILED = 0.01

Progress = Callable[[int], object]


class Answers(Protocol):
    """Something that is computed at points: a number for each output, or the reason why not."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """What is computed, by name."""
        ...

    @property
    def units(self) -> dict[str, str]:
        """Units by output."""
        ...

    def at(self, design: Design, name: str, progress: Progress | None) -> Answered:
        """Return the answers at every point of a design; `name` tells it from others."""
        ...


@dataclass(frozen=True)
class Answered:
    """Answers at the points of a design.

    Attributes
    ----------
    values
        A row per point, a column per output; a point without an answer is NaN throughout.
    failures
        How many points have none, by the reason.
    """

    values: np.ndarray
    failures: Counter[str]


@dataclass(frozen=True)
class ScanAnswers:
    """Columns of a scan: of steady states, or reductions of a course.

    Attributes
    ----------
    model
        The model whose inputs are uncertain.
    outputs
        Columns of a steady state; or, with a course, of its reductions.
    course
        By default steady states are asked for.
    engine
        As :func:`transport_model.scan` has it.
    folder
        Where the answers are kept, so that the same study goes on there when it was stopped; by
        default nowhere.
    executor
        Where a study in a folder is computed; in this process by default.
    """

    model: Model
    outputs: tuple[str, ...]
    course: Course | None = None
    engine: Engine | str = Engine.AUTO
    folder: Path | None = None
    executor: Executor | None = None

    @property
    def units(self) -> dict[str, str]:
        """Units by output."""
        of_course = self.course.units(self.model) if self.course is not None else {}
        return {**column_units(self.model, list(self.outputs)), **of_course}

    def at(self, design: Design, name: str, progress: Progress | None = None) -> Answered:
        """Return the answers at every point of a design, kept in the folder under `name`."""
        values = np.full((len(design), len(self.outputs)), np.nan)
        failures: Counter[str] = Counter()
        row = 0
        for table in self._tables(design, name, progress):
            there = table["converged"].to_numpy(dtype=bool)
            found = table[list(self.outputs)].to_numpy(dtype=float)
            # A steady state may be certified and a rule there have no number
            whole = there & np.isfinite(found).all(axis=1)
            values[row : row + len(table)][whole] = found[whole]
            for reason, certified in zip(table["status"][~whole], there[~whole], strict=True):
                failures["an output is no finite number" if certified else str(reason)] += 1
            row += len(table)
        return Answered(values, failures)

    def _tables(
        self, design: Design, name: str, progress: Progress | None
    ) -> Iterator[pd.DataFrame]:
        # The plan settles the engine by the number of points, so that answers are the same whether
        # or not a kernel is at hand, and whether or not they are kept
        place = None if self.folder is None else self.folder / name
        plan = plan_scan(self.model, design, engine=self.engine, outputs=self.outputs,
                         course=self.course, folder=place)  # fmt: skip
        if place is None:
            for start, stop in parts(design, CHUNK):
                yield scan(self.model, design.rows(start, stop), course=self.course,
                           engine=plan.engine, outputs=self.outputs)  # fmt: skip
                if progress is not None:
                    progress(stop - start)
            return
        check_folder(place.parent, "study")
        place.parent.mkdir(exist_ok=True)
        done = 0

        def count(tally: Tally) -> None:
            nonlocal done
            if progress is not None:
                progress(tally.done - done)
            done = tally.done

        run_scan(plan, place, executor=self.executor, progress=count)
        yield open_scan(place).to_pandas([*self.outputs, "converged", "status"])


def scan_answers(
    model: Model,
    outputs: Sequence[str] | None = None,
    *,
    course: Course | None = None,
    engine: Engine | str = Engine.AUTO,
    folder: Path | None = None,
    executor: Executor | None = None,
) -> ScanAnswers:
    """Return what a scan answers at points: the first argument of a study of inputs.

    Parameters
    ----------
    model
        The model whose inputs are uncertain.
    outputs
        Columns of a steady state, or of the reductions of a course; by default those that people
        look for first, or all reductions.
    course, engine
        As :func:`transport_model.scan` has them.
    folder
        Where answers are kept, so that the same study goes on there when it was stopped; by default
        nowhere.
    executor
        Where a study in a folder is computed; in this process by default.

    Returns
    -------
    ScanAnswers
        Nothing is computed yet.

    Raises
    ------
    InputError
        `model` is none, or there is no output.
    """
    check_model(model)
    from transport_model.key_facts import key_facts
    from transport_model.mathematics.equations import read_equations
    from transport_model.mathematics.evaluation import result_columns

    if isinstance(outputs, str):
        raise InputError(f"outputs is a list of names, such as ['{outputs}']")
    if outputs is None and course is not None:
        outputs = list(course.reductions)
    elif outputs is None:
        outputs = key_facts(model, result_columns(read_equations(model.sbml), model))
    if not outputs:
        raise InputError("a study of inputs needs an output")
    return ScanAnswers(model, tuple(dict.fromkeys(outputs)), course, engine, folder, executor)


def check_failures(answered: Answered, design: Design) -> None:
    """Raise where more than :data:`MOST_FAILED` of the points have no answer.

    The message names the input by whose values they can best be told from the others.

    Raises
    ------
    ComputationError
        How many, why, and where.
    """
    failed = answered.failures.total()
    if failed <= MOST_FAILED * len(design):
        return
    reason = answered.failures.most_common(1)[0][0].split(":")[0]
    if failed == len(design):
        raise ComputationError(f"none of {failed:,} points has an answer ({reason}): look at a"
                               " single one of them first")  # fmt: skip
    first = failed_where(answered, design).iloc[0]
    where = (f", most of all where {first.name} is {first['low']:.3g} to {first['high']:.3g}"
             f" (90 % of them; it spans {first['from']:.3g} to {first['to']:.3g})")  # fmt: skip
    raise ComputationError(
        f"{failed:,} of {len(design):,} points have no answer ({reason}){where};"
        f" above {MOST_FAILED:.0%} the others are no sample of the inputs: narrow their ranges"
    )


def failed_where(answered: Answered, design: Design) -> pd.DataFrame:
    """Return, for each input, where the points without an answer lie.

    Returns
    -------
    pandas.DataFrame
        Indexed by input, the most telling first: ``distance`` is the largest difference between
        the distributions of the failed points and of all (Kolmogorov–Smirnov), ``low`` and ``high``
        hold 90 % of the failed, ``from`` and ``to`` all points.
    """
    gone = np.asarray(~np.isfinite(answered.values).all(axis=1))
    # A sample of those that have an answer is enough to compare with
    every = max(1, len(design) // CHUNK)
    pieces = [design.rows(start, stop).assign(gone=gone[start:stop])
              for start, stop in parts(design, CHUNK)]  # fmt: skip
    table = pd.concat([p[p["gone"] | (np.arange(len(p)) % every == 0)] for p in pieces])
    from scipy.stats import ks_2samp

    rows = {}
    for name in design.columns:
        failed, others = table.loc[table["gone"], name], table[name]
        low, high = failed.quantile([0.05, 0.95])
        rows[name] = [ks_2samp(failed, others).statistic, low, high, others.min(), others.max()]
    found = pd.DataFrame.from_dict(rows, orient="index",
                                   columns=["distance", "low", "high", "from", "to"])  # fmt: skip
    return found.rename_axis("input").sort_values("distance", ascending=False)
