"""What is written of a run and where it lies, as BioSimulators lay it out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from transport_model.errors import InputError, did_you_mean
from transport_model.files import possible_name

from .log import DocumentLog, write_log
from .report_files import FilledReport, write_hdf5, write_rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Formats of reports, by what separates their cells, and of plots.
_TABLES = {"csv": ",", "tsv": "\t"}
REPORT_FORMATS, PLOT_FORMATS = (*_TABLES, "h5"), ("pdf", "svg", "png")


@dataclass(frozen=True)
class ResultFiles:
    """What is written of a run.

    Attributes
    ----------
    reports
        Formats of reports, of ``csv``, ``tsv`` and ``h5``: the last is one file of all of them.
    plots
        Formats of plots, of ``pdf``, ``svg`` and ``png``.
    plot_data
        Whether what plots show is written as reports are.
    loose
        Whether tables and plots lie in the folder as files of their own.
    bundled
        Whether a ZIP archive of the tables and one of the plots hold them.
    hdf5, report_bundle, plot_bundle, log
        Paths within the folder; an empty `log` is not written.

    Raises
    ------
    InputError
        A format is unknown, a path leads out of the folder, or files are neither loose nor bundled.
    """

    reports: Sequence[str] = ("csv",)
    plots: Sequence[str] = ("pdf",)
    plot_data: bool = True
    loose: bool = True
    bundled: bool = False
    hdf5: str = "reports.h5"
    report_bundle: str = "reports.zip"
    plot_bundle: str = "plots.zip"
    log: str = "log.yml"

    def __post_init__(self) -> None:
        for kind, wanted, known in (("reports", self.reports, REPORT_FORMATS),
                                    ("plots", self.plots, PLOT_FORMATS)):  # fmt: skip
            for name in wanted:
                if name not in known:
                    raise InputError(f"{kind} are written as {', '.join(known)}, not"
                                     f" '{name[:40]}'{did_you_mean(name, known)}")  # fmt: skip
        if not (self.loose or self.bundled):
            raise InputError("results that are not kept as files have to be bundled")
        names = [self.hdf5, self.report_bundle, self.plot_bundle, *([self.log] if self.log else [])]
        for name in names:
            path = PurePosixPath(name)
            if path.is_absolute() or not path.name or ".." in path.parts:
                raise InputError(f"'{name[:80]}' is no path within the folder of the results")
        if len(set(names)) < len(names):
            raise InputError("two files of the results have the same path")


def write_results(
    filled: Sequence[FilledReport],
    figures: Mapping[str, Figure],
    log: Sequence[DocumentLog],
    folder: Path,
    files: ResultFiles,
) -> None:
    """Write reports, plots and the log of a run into a folder."""
    from ...figures.style import save_figure

    shown = [one for one in filled if files.plot_data or one.kind == "Report"]
    tables, plots = [], []
    for kind in files.reports:
        if kind in _TABLES:
            for one in shown:
                tables.append(_made(folder / possible_name(f"{one.uri}.{kind}")))
                write_rows(one, tables[-1], _TABLES[kind])
    for key, figure in figures.items():
        for kind in files.plots:
            plots.append(_made(folder / possible_name(f"{key}.{kind}")))
            save_figure(figure, plots[-1], kind)
    if files.bundled:
        _bundle(tables, folder, files.report_bundle)
        _bundle(plots, folder, files.plot_bundle)
    if not files.loose:
        _remove([*tables, *plots], folder)
    if "h5" in files.reports and shown:
        write_hdf5(shown, _made(folder / files.hdf5))
    if files.log:
        write_log(log, _made(folder / files.log))


def _made(path: Path) -> Path:
    """Return a path whose folder is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _bundle(paths: Iterable[Path], folder: Path, name: str) -> None:
    members = sorted(paths)
    if not members:
        return
    with zipfile.ZipFile(_made(folder / name), "w", zipfile.ZIP_DEFLATED) as archive:
        for path in members:
            archive.write(path, path.relative_to(folder).as_posix())


def _remove(paths: Iterable[Path], folder: Path) -> None:
    """Remove files, and the folders below `folder` that are empty then."""
    for path in paths:
        path.unlink()
        for parent in path.relative_to(folder).parents[:-1]:
            if any((folder / parent).iterdir()):
                break
            (folder / parent).rmdir()
