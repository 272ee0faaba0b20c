"""Experiments on an uncertain cell: their measures at points, and how sure their claims are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import ComputationError, InputError
from transport_model.files import check_folder, write_file

from ..scans.designs.base import Design, parts
from ..studies.global_sensitivity.answers import Answered, Progress, check_failures
from ..studies.uncertain_inputs import UncertainInputs
from ..studies.uncertainty import probability, sample_of
from .protocols import Protocol, protocol_path, read_protocol
from .run import run_experiment

#: Points that are run, and kept, at a time.
CHUNK = 16
#: Quantiles of an effect that are told.
LOW, HIGH = 0.05, 0.95
#: Columns of a table of claims.
CLAIMS = ["experiment", "check", "meaning", "probability", "low", "high", "effect", "median",
          "from", "to", "unit", "same_sign", "points"]  # fmt: skip


@dataclass(frozen=True)
class MeasuredExperiment:
    """The measures of an experiment, as something that is computed at points.

    Attributes
    ----------
    path
        The protocol's file.
    model
        The model that is uncertain, in place of the one that the file names. What an arm sets, it
        sets whatever the point says; a multiple is one of the point's value.
    workers
        Processes that run points; one is this process itself.
    folder
        Where measures are kept, so that the same study goes on there when it was stopped; by
        default nowhere.
    """

    path: Path
    model: Model
    workers: int = 1
    folder: Path | None = None

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the measures."""
        return tuple(measure.name for measure in self.protocol.measures)

    @property
    def units(self) -> dict[str, str]:
        """Units by measure."""
        return {measure.name: measure.unit for measure in self.protocol.measures}

    @cached_property
    def protocol(self) -> Protocol:
        """What is done at the model's own values."""
        return read_protocol(self.path, model=self.model)

    def at(self, design: Design, name: str, progress: Progress | None = None) -> Answered:
        """Return the measures at every point of a design."""
        pieces = [design.rows(start, stop) for start, stop in parts(design, CHUNK)]
        values, failures = [], Counter[str]()
        for found, reasons in self._run(pieces):
            values.append(found)
            failures.update(reason for reason in reasons if reason)
            if progress is not None:
                progress(len(found))
        return Answered(np.concatenate(values), failures)

    def _run(self, pieces: list[pd.DataFrame]) -> Iterator[tuple[np.ndarray, list[str]]]:
        if self.workers == 1:
            yield from map(self._piece, pieces)
            return
        with ProcessPoolExecutor(self.workers, mp_context=get_context("spawn")) as pool:
            yield from pool.map(self._piece, pieces)

    def _piece(self, rows: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        """Return the measures of some points, from the folder if they are there."""
        if self.folder is None:
            return self._measured(rows)
        digest = hashlib.sha256(self.path.read_bytes())
        digest.update(f"{self.model.sbml}{sorted(self.model.changes.items())}".encode())
        digest.update("\0".join(map(str, rows.columns)).encode() + rows.to_numpy("<f8").tobytes())
        kept = self.folder / f"{self.path.stem}-{digest.hexdigest()[:24]}.parquet"
        if kept.is_file():
            table = pd.read_parquet(kept)
            return table.drop(columns="failed").to_numpy(dtype=float), table["failed"].tolist()
        values, reasons = self._measured(rows)
        table = pd.DataFrame(values, columns=list(self.outputs)).assign(failed=reasons)
        check_folder(self.folder, "study")
        self.folder.mkdir(exist_ok=True)
        write_file(kept, table.to_parquet)
        return values, reasons

    def _measured(self, rows: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
        values = np.full((len(rows), len(self.outputs)), np.nan)
        reasons = [""] * len(rows)
        for number, point in enumerate(rows.to_dict("records")):
            try:
                model = self.model.with_values(**{str(name): x for name, x in point.items()})
                done = run_experiment(read_protocol(self.path, model=model))
            except (ComputationError, InputError) as error:
                reasons[number] = str(error)
            else:
                values[number] = done.measures["value"].to_numpy(dtype=float)
        return values, reasons


def measured_experiment(
    experiment: str | Path, model: Model, *, workers: int = 1, folder: Path | None = None
) -> MeasuredExperiment:
    """Return the measures of an experiment on an uncertain model, as a study's answers.

    Parameters
    ----------
    experiment
        The name of a shipped experiment, or the path of a protocol.
    model
        What is uncertain, in place of the model that the protocol names.
    workers
        Processes that run points; one is this process itself.
    folder
        Where measures are kept, so that the same study goes on there when it was stopped.

    Returns
    -------
    MeasuredExperiment
        Nothing is run yet.

    Raises
    ------
    InputError
        There is no such experiment, it cannot be read, does not fit the model, or measures nothing.
    """
    found = MeasuredExperiment(protocol_path(experiment), model, workers, folder)
    if not found.outputs:
        raise InputError(f"the experiment '{experiment}' measures nothing")
    return found


def claim_probabilities(
    experiments: Iterable[str | Path],
    model: Model,
    inputs: UncertainInputs | pd.DataFrame,
    *,
    points: int = 200,
    seed: int = 1,
    workers: int = 1,
    folder: Path | None = None,
    progress: Callable[[str, int], object] | None = None,
) -> pd.DataFrame:
    """Tell how likely each check of experiments' claims holds, if inputs are uncertain.

    Parameters
    ----------
    experiments
        Names of shipped experiments, or paths of protocols.
    model, workers, folder
        As :class:`MeasuredExperiment` has them. An arm with a model of its own is run as it is.
    inputs, points, seed
        As :func:`transport_model.propagate_uncertainty` has them.
    progress
        Called with the name of the experiment and the number of points done since the last call.

    Returns
    -------
    pandas.DataFrame
        A row per check, and one per experiment for all its checks at once: ``probability`` that it
        holds, with the interval of 95 % from ``low`` to ``high``; the ``effect`` at the model's own
        values, its ``median`` and where 90 % of it lie, ``from`` and ``to``, in its ``unit``; and
        ``same_sign``, the probability that it has the sign it has at the model's own values. The
        last five are empty for a condition. A measure without a value fails its checks.

    Raises
    ------
    InputError, ComputationError
        As :func:`transport_model.propagate_uncertainty`; or an experiment makes no claim.
    """
    design = sample_of(inputs, points, seed)
    tables = []
    for experiment in experiments:
        study = measured_experiment(experiment, model, workers=workers, folder=folder)
        if not study.protocol.checks:
            raise InputError(f"the experiment '{experiment}' makes no claim")
        tell = None if progress is None else _named(progress, study.protocol.name)
        answered = study.at(design, study.protocol.name, tell)
        # Only a point that could not be run at all has no answer
        ran = np.asarray(np.isfinite(answered.values).any(axis=1))
        check_failures(Answered(np.where(ran[:, None], 0.0, np.nan), answered.failures), design)
        tables.append(_judged(study, answered.values[ran]))
    return pd.concat(tables, ignore_index=True)


def _judged(study: MeasuredExperiment, values: np.ndarray) -> pd.DataFrame:
    """Return the rows of an experiment from the measures of every point."""
    protocol, units = study.protocol, study.units
    own = run_experiment(protocol).checks
    points = [dict(zip(study.outputs, point, strict=True)) for point in values.tolist()]
    rows, every = [], np.full(len(points), True)
    for place, check in enumerate(protocol.checks):
        found = pd.DataFrame([check.judged(point, units) for point in points])
        holds = found["holds"].to_numpy(dtype=bool)
        effect, at_rest = found["effect"], own.iloc[place]
        every &= holds
        rows.append([protocol.name, at_rest["that"], check.meaning, *probability(holds),
                     *_spread(effect, float(at_rest["effect"])), at_rest["unit"],
                     _same_sign(effect, float(at_rest["effect"])), len(points)])  # fmt: skip
    rows.append([protocol.name, "all of it", protocol.claim, *probability(every),
                 *[np.nan] * 4, "", np.nan, len(points)])  # fmt: skip
    return pd.DataFrame(rows, columns=CLAIMS)


def _named(progress: Callable[[str, int], object], name: str) -> Progress:
    return lambda count: progress(name, count)


def _spread(found: pd.Series, own: float) -> tuple[float, float, float, float]:
    if not np.isfinite(own):
        return own, np.nan, np.nan, np.nan
    low, middle, high = found.dropna().quantile([LOW, 0.5, HIGH])
    return own, float(middle), float(low), float(high)


def _same_sign(found: pd.Series, own: float) -> float:
    return float((np.sign(found) == np.sign(own)).mean()) if np.isfinite(own) else np.nan
