"""An archive of other people, or their SED-ML alone, run from beginning to end."""

from __future__ import annotations

import posixpath
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from .log import FAILED, SKIPPED, SUCCEEDED, DocumentLog, Entry, write_log
from .model_files import ModelFiles
from .report_files import REPORTS, FilledReport, hdf5_library, write_csv, write_hdf5
from .sedml_reading import read_document
from .tasks import Tasks

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Formats of reports and of plots.
REPORT_FORMATS, PLOT_FORMATS = ("csv", "tsv", "h5"), ("pdf", "svg", "png")
LOG = "log.yml"


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
        return [reason for document in self.log for reason in document.reasons]


def run_archive(
    path: str | Path,
    out: str | Path | None = None,
    *,
    report_formats: Sequence[str] = ("csv",),
    plot_formats: Sequence[str] = ("pdf",),
    bundle: bool = False,
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
        A folder for reports, plots and ``log.yml``; None writes nothing. Outputs lie in it under
        the path of their SED-ML, and by their ids.
    report_formats
        Of ``csv``, ``tsv`` and ``h5``: the last is one file, ``reports.h5``, laid out as
        BioSimulators do.
    plot_formats
        Of ``pdf``, ``svg`` and ``png``.
    bundle
        Whether ``reports.zip`` and ``plots.zip`` hold the tables and the plots as well.
    progress
        Called with the name of each task before it is run.

    Returns
    -------
    ArchiveRun
        Tables, figures, and what became of each part.

    Raises
    ------
    InputError
        The file is missing, hostile or no SED-ML; a part is not supported; a format is unknown; or
        the folder cannot be written.
    """
    for kind, wanted, known in (("reports", report_formats, REPORT_FORMATS),
                                ("plots", plot_formats, PLOT_FORMATS)):  # fmt: skip
        for name in wanted:
            if name not in known:
                raise InputError(f"{kind} are written as {', '.join(known)}, not '{name[:40]}'")
    if "h5" in report_formats and out is not None:
        hdf5_library()
    prepared = [_Prepared(location, data, near) for location, data, near in _scripts(Path(path))]
    for one in prepared:
        one.run(progress or _nothing)
    filled = [report for one in prepared for report in one.filled]
    run = ArchiveRun(
        {f.uri: report_table(f.report, list(f.arrays.values())) for f in filled
         if f.kind == "Report"},
        {key: figure for one in prepared for key, figure in one.figures.items()},
        [one.log for one in prepared],
        [remark for one in prepared for remark in one.log.remarks],
        filled,
    )  # fmt: skip
    if out is not None:
        _write(run, Path(out), report_formats, plot_formats, bundle)
    return run


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

    def __init__(self, location: str, data: bytes, neighbours: Neighbours) -> None:
        self.location = location
        self.document: Document = read_document(data, f"{neighbours.prefix}{location}")
        self._tasks = Tasks(self.document, files := ModelFiles(self.document, neighbours))
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
            entry.status, entry.reason = FAILED, str(error)
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
            entry.reason = f"task '{missing[0]}' failed"
        else:
            try:
                self._keep(output)
                entry.status = SUCCEEDED
            except InputError as error:
                entry.status, entry.reason = FAILED, f"{self.document.where}: {error}"
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


def _write(
    run: ArchiveRun, out: Path, report_formats: Sequence[str], plot_formats: Sequence[str],
    bundle: bool,
) -> None:  # fmt: skip
    from .figure_files import write_figure

    with write_folder(out, "results") as folder:
        for filled in run._filled:
            target = folder / filled.uri
            target.parent.mkdir(parents=True, exist_ok=True)
            for kind in report_formats:
                if kind != "h5" and filled.kind == "Report":
                    separator = "," if kind == "csv" else "\t"
                    write_csv(filled, target.with_name(f"{target.name}.{kind}"), separator)
        for key, figure in run.figures.items():
            for kind in plot_formats:
                write_figure(figure, folder / f"{key}.{kind}")
        if bundle:
            _bundle(folder, "reports.zip", [k for k in report_formats if k != "h5"])
            _bundle(folder, "plots.zip", plot_formats)
        if "h5" in report_formats and run._filled:
            write_hdf5(run._filled, folder / REPORTS)
        write_log(list(run.log), folder / LOG)


def _bundle(folder: Path, name: str, kinds: Sequence[str]) -> None:
    files = sorted(path for kind in kinds for path in folder.rglob(f"*.{kind}"))
    if not files:
        return
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in files:
            archive.write(path, posixpath.join(*path.relative_to(folder).parts))
