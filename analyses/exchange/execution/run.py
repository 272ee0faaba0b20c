"""An archive of other people, or their SED-ML alone, run from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from transport_model.errors import ComputationError, InputError, ModelFileError
from transport_model.files import write_folder
from transport_model.reading.archives import ARCHIVES, read_scripts
from transport_model.reading.neighbours import Neighbours, neighbours_of
from transport_model.reading.untrusted import MAX_BYTES

from .algorithms import remarks, run_by
from .data import Data, generators_of, report_table
from .document import DataSet, Document, Plot, Report, Task
from .log import FAILED, SKIPPED, SUCCEEDED, DocumentLog, Entry, write_refusal
from .model_files import ModelFiles
from .report_files import FilledReport, hdf5_library
from .result_files import ResultFiles, write_results
from .sedml_reading import read_document
from .tasks import Tasks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_USUAL = ResultFiles()


@dataclass(frozen=True, eq=False)
class ArchiveRun:
    """What an archive gave.

    Attributes
    ----------
    reports
        A table per report, by the path of its SED-ML and its id, as in ``course.sedml/report``.
    figures
        A Matplotlib figure per plot, likewise.
    log
        What became of each SED-ML document, its tasks and its outputs.
    remarks
        What was run otherwise than asked, such as algorithms that CVODE stood for.
    """

    reports: Mapping[str, pd.DataFrame]
    figures: Mapping[str, Figure]
    log: Sequence[DocumentLog]
    remarks: Sequence[str]
    _filled: Sequence[FilledReport] = field(default=(), repr=False)

    @property
    def failures(self) -> list[str]:
        """Why tasks or outputs failed; empty if none did."""
        return [str(error) for document in self.log for error in document.errors]


def run_archive(
    path: str | Path,
    out: str | Path | None = None,
    *,
    files: ResultFiles = _USUAL,
    substitutes: bool = True,
    progress: Callable[[str], object] | None = None,
) -> ArchiveRun:
    """Run the SED-ML of a COMBINE archive, or a SED-ML file with the models beside it.

    Of an archive, its master SED-ML is run, or where none is, all of them. Everything is looked at
    before anything is run: what is not supported is refused by name. A task that cannot be
    computed fails alone, with the outputs that need it.

    Parameters
    ----------
    path
        The archive (``.omex``, ``.sedx``, ``.zip``) or the SED-ML (``.sedml``, ``.xml``).
    out
        A folder for reports, plots and the log; None writes nothing. Outputs lie in it under the
        path of their SED-ML, and by their ids. Where nothing could be run, a log says why.
    files
        What is written.
    substitutes
        Whether CVODE may stand for other deterministic algorithms.
    progress
        Called with the name of each task before it is run.

    Returns
    -------
    ArchiveRun
        Tables, figures, and what became of each part.

    Raises
    ------
    InputError
        The file is missing, hostile or no SED-ML; a part is not supported; or the folder cannot be
        written.
    """
    began = time.monotonic()
    try:
        if "h5" in files.reports and out is not None:
            hdf5_library()
        run = _run(Path(path), substitutes, progress or _nothing)
        if out is not None:
            with write_folder(Path(out), "results") as folder:
                write_results(run._filled, run.figures, run.log, folder, files)
    except Exception as error:  # whatever ends a run, its log says so, and it is raised again
        if out is not None and files.log:
            _write_refusal(error, time.monotonic() - began, Path(out), files.log)
        raise
    return run


def _run(path: Path, substitutes: bool, progress: Callable[[str], object]) -> ArchiveRun:
    prepared = [_Prepared(*script, substitutes) for script in _scripts(path)]
    for one in prepared:
        one.run(progress)
    filled = [report for one in prepared for report in one.filled]
    return ArchiveRun(
        {f.uri: report_table(f.report, list(f.arrays.values())) for f in filled
         if f.kind == "Report"},
        {key: figure for one in prepared for key, figure in one.figures.items()},
        [one.log for one in prepared],
        [remark for one in prepared for remark in one.log.remarks],
        filled,
    )  # fmt: skip


def _write_refusal(error: Exception, duration: float, out: Path, name: str) -> None:
    with suppress(InputError), write_folder(out, "results") as folder:  # the first error counts
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_refusal(error, duration, path)


def _nothing(_: str) -> None:
    pass


def _scripts(path: Path) -> Iterator[tuple[str, bytes, Neighbours]]:
    """Yield the SED-ML documents to run: where each lies, its bytes, and its neighbours."""
    suffix = path.suffix.lower()
    if not path.exists():
        raise ModelFileError(f"no such file: {path}")
    if not path.is_file():
        raise ModelFileError(f"{path} is not a regular file")
    if suffix in ARCHIVES:
        yield from read_scripts(path)
        return
    if suffix not in {".sedml", ".xml"}:
        raise ModelFileError(f"'{path}' is neither an archive ({', '.join(ARCHIVES)}) nor SED-ML"
                             " (.sedml, .xml)")  # fmt: skip
    if path.stat().st_size > MAX_BYTES:
        raise ModelFileError(f"{path} is larger than {MAX_BYTES // 2**20} MiB")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"cannot read {path}: {error.strerror}") from None
    yield path.name, data, neighbours_of(path)


class _Prepared:
    """A document that has been looked at, and can be run."""

    def __init__(
        self, location: str, data: bytes, neighbours: Neighbours, substitutes: bool
    ) -> None:
        self.location = location
        self.document: Document = read_document(data, f"{neighbours.prefix}{location}")
        files = ModelFiles(self.document, neighbours)
        self._tasks = Tasks(self.document, files, substitutes=substitutes)
        self.data = Data(self.document, files, self._tasks)
        self.filled: list[FilledReport] = []
        self.figures: dict[str, Figure] = {}
        self.log = DocumentLog(location)

    def run(self, progress: Callable[[str], object]) -> None:
        """Run every task that is needed, and fill the outputs."""
        began = time.monotonic()
        for key in self.data.tasks:
            progress(f"{self.location}: task {key}")
            self.log.tasks[key] = self._run_task(key)
        for output in self.document.outputs.values():
            self.log.outputs[output.id] = self._fill(output)
        self.log.duration = time.monotonic() - began

    def _run_task(self, key: str) -> Entry:
        began, task = time.monotonic(), self._tasks.task(key)
        entry = Entry(more={"algorithm": None, "simulatorDetails": None})
        simulations = self._tasks.simulations(key)
        for simulation in simulations:
            self.log.remarks += [r for r in remarks(simulation) if r not in self.log.remarks]
        if isinstance(task, Task):
            entry.more["algorithm"] = run_by(simulations[0]).replace(":", "_")
        try:
            self.data.add(key, self._tasks.run(key, self.data.wanted))
            entry.status = SUCCEEDED
        except (ComputationError, InputError) as error:
            entry.status, entry.error = FAILED, error
        entry.duration = time.monotonic() - began
        for text, times in self._tasks.remarks.items():
            often = f", {times} times" if times > 1 else ""
            self.log.remarks.append(f"task '{key}': {text}{often}")
        return entry

    def _fill(self, output: Report | Plot) -> Entry:
        began = time.monotonic()
        missing = [task for key in generators_of(output) for task in self.data.missing(key)]
        entry = Entry()
        if missing:
            entry.error = ComputationError(f"task '{missing[0]}' failed")
        else:
            try:
                self._keep(output)
                entry.status = SUCCEEDED
            except InputError as error:
                entry.status = FAILED
                entry.error = type(error)(f"{self.document.where}: {error}")
        parts = output.data_sets if isinstance(output, Report) else output.curves
        name = "dataSets" if isinstance(output, Report) else "curves"
        status = SKIPPED if missing else entry.status
        entry.more[name] = [{"id": part.id, "status": status} for part in parts]
        entry.duration = time.monotonic() - began
        return entry

    def _keep(self, output: Report | Plot) -> None:
        if isinstance(output, Report):
            arrays = {part.id: self.data[part.data] for part in output.data_sets}
            self.filled.append(FilledReport(self.location, output, arrays))
            return
        from .plots import draw_plot

        key = f"{self.location}/{output.id}"
        self.figures[key] = draw_plot(output, self.document, self.data)
        shown = sorted(set(generators_of(output)))
        names = {curve.y: curve.name for curve in output.curves}
        sets = []
        for name in shown:
            said = names.get(name) or self.document.generators[name].name
            sets.append(DataSet(name, said or name, said, name))
        report = Report(output.id, output.name, tuple(sets))
        arrays = {name: self.data[name] for name in shown}
        self.filled.append(FilledReport(self.location, report, arrays, "Plot2D"))
