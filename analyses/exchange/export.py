"""A model in every format at once: a folder of files, one file, or a COMBINE archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from transport_model import Model, steady_state
from transport_model.catalogue import models_folder, shipped_models
from transport_model.errors import InputError
from transport_model.files import check_folder, check_target, write_folder, write_text
from transport_model.model import check_model

from ..experiments.protocols import protocol_path, read_protocol
from ..report.plans import is_transport_cell
from ..report.simulations import LESSON
from ..studies.measurements import measurements_folder, shipped_measurements
from .archive import HUMAN, SBML_FORMAT, About, ArchiveFile, text_member, write_archive
from .models.antimony import export_antimony
from .models.cellml import export_cellml
from .models.latex_and_markdown import latex_equations, markdown_equations
from .models.losses import Exported, Loss
from .models.sbml import export_hierarchical_sbml, export_sbml
from .petab_problem import calibrations, petab_members
from .simulations.sedml import course_sedml, experiment_members, figure_members

#: When the models came to be; part of every archive's bytes.
CREATED = dt.date(2026, 11, 22)
CREATORS = ("The transport-model authors",)
#: What the whole is about: sodium-glucose symport, the pump, secondary active transport.
TERMS = ("https://identifiers.org/GO:0005412", "https://identifiers.org/GO:0005391",
         "https://identifiers.org/GO:0015291")  # fmt: skip

_FLAT: dict[str, tuple[str, Callable[[Model], Exported], str, str]] = {
    "sbml-l3v2": (".xml", lambda m: export_sbml(m, 3, 2), "SBML L3V2", SBML_FORMAT.format(3, 2)),
    "sbml-l3v1": ("-l3v1.xml", lambda m: export_sbml(m, 3, 1), "SBML L3V1",
                  SBML_FORMAT.format(3, 1)),
    "sbml-l2v5": ("-l2v5.xml", lambda m: export_sbml(m, 2, 5), "SBML L2V5",
                  SBML_FORMAT.format(2, 5)),
    "sbml-l2v4": ("-l2v4.xml", lambda m: export_sbml(m, 2, 4), "SBML L2V4",
                  SBML_FORMAT.format(2, 4)),
    "sbml-comp": ("-comp.xml", export_hierarchical_sbml, "hierarchical SBML (package comp)",
                  SBML_FORMAT.format(3, 2)),
    "antimony": (".ant", export_antimony, "Antimony", ""),
    "cellml": (".cellml", export_cellml, "CellML 2.0", ""),
    "markdown": (".md", lambda m: Exported(markdown_equations(m)), "equations, Markdown", ""),
    "latex": (".tex", lambda m: Exported(latex_equations(m)), "equations, LaTeX", ""),
}  # fmt: skip
#: Every format, by the name that `export` takes.
FORMATS = (*_FLAT, "sedml", "petab", "omex")
#: Formats of a single file, by the end of its name; the longest end counts.
SUFFIXES = {
    ".xml": "sbml-l3v2", ".sbml": "sbml-l3v2", ".ant": "antimony", ".cellml": "cellml",
    ".md": "markdown", ".tex": "latex", ".omex": "omex",
}  # fmt: skip


@dataclass(frozen=True)
class Written:
    """What an export wrote, and what its formats could not carry."""

    files: tuple[Path, ...]
    losses: tuple[Loss, ...]


def export_file(model: Model, path: Path, format_name: str | None = None) -> Written:
    """Write a model in one format, determined by the file's suffix unless it is named.

    Parameters
    ----------
    model
        With the values set on it: a variant says so in its name and notes.
    path
        The file, replaced in one step if it is there.
    format_name
        One of :data:`FORMATS`, where the suffix does not say it.

    Returns
    -------
    Written
        What was written, and what the format could not hold.

    Raises
    ------
    InputError
        The suffix or the format is unknown, the file cannot be written, or the format cannot
        hold the model.
    """
    check_model(model)
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; name a file, or end it in / for all formats")
    name = format_name or SUFFIXES.get(path.suffix)
    if name is None:
        raise InputError(f"cannot tell the format of '{path}'; end it in {', '.join(SUFFIXES)}")
    if name not in FORMATS:
        raise InputError(f"no format '{name}' (there are: {', '.join(FORMATS)})")
    check_target(path)
    if name == "omex":
        members, losses = archive_members(model)
        write_archive(members, path, _about(model))
        return Written((path,), losses)
    if name not in _FLAT:
        raise InputError(f"'{name}' is several files; name a folder, ending in /")
    exported = _FLAT[name][1](model)
    write_text(path, exported.text)
    return Written((path,), exported.losses)


def export_folder(
    model: Model,
    folder: Path,
    formats: Sequence[str] | None = None,
    *,
    progress: Callable[[str], object] | None = None,
) -> Written:
    """Write a model in several formats into a folder; all of them by default.

    Nothing is written before everything is ready. A format that cannot hold the model is left out,
    and listed among the losses with the reason.

    Parameters
    ----------
    model
        With the values set on it: a variant says so in its name and notes.
    folder
        Made if it is not there; files of the same names are replaced, each in one step.
    formats
        Of :data:`FORMATS`.
    progress
        Called with the name of each format before it is made.

    Returns
    -------
    Written
        What was written, and what the formats could not hold.

    Raises
    ------
    InputError
        An unknown format, a folder that cannot be written, or no format that can hold the model.
    """
    check_model(model)
    say = progress or (lambda step: None)
    wanted = tuple(dict.fromkeys(formats or FORMATS))
    for name in wanted:
        if name not in FORMATS:
            raise InputError(f"no format '{name}' (there are: {', '.join(FORMATS)})")
    check_folder(folder, "export")
    members, losses = _members(model, [n for n in wanted if n != "omex"], say)
    with write_folder(folder, "export") as beside:
        for member in members:
            path = beside / member.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(member.content)
        if "omex" in wanted:
            say("COMBINE archive")
            whole = members
            if set(wanted) != set(FORMATS):
                everything = [n for n in FORMATS if n != "omex"]
                whole, losses = _members(model, everything, lambda step: None)
            write_archive(
                _with_master(model, whole, losses), beside / f"{model.name}.omex", _about(model)
            )
        written = sorted(p.relative_to(beside) for p in beside.rglob("*") if p.is_file())
    return Written(tuple(folder / path for path in written), losses)


def archive_members(model: Model) -> tuple[list[ArchiveFile], tuple[Loss, ...]]:
    """Return everything that a model's COMBINE archive holds, and what was lost on the way."""
    members, losses = _members(model, [n for n in FORMATS if n != "omex"], lambda step: None)
    return _with_master(model, members, losses), losses


def _members(
    model: Model, formats: Sequence[str], say: Callable[[str], object]
) -> tuple[list[ArchiveFile], tuple[Loss, ...]]:
    members: list[ArchiveFile] = []
    losses: list[Loss] = []
    for name in formats:
        if name in _FLAT:
            ending, write, what, kind = _FLAT[name]
            say(what)
            try:
                exported = write(model)
            except InputError as error:
                if name == "sbml-l3v2":  # what everything else refers to
                    raise
                losses.append(Loss(what, "the model as a whole", str(error)))
                continue
            losses += exported.losses
            said = f"The model '{model.name}' as {what}"
            members.append(text_member(f"{model.name}{ending}", exported.text, said, kind=kind))
    if "petab" in formats and _is_ours(model):
        say("PEtab problems")
        for problem in calibrations(model):
            members += petab_members(problem, "petab")
        members += [_shipped_data(item.name) for item in shipped_measurements()]
    if "sedml" in formats:
        say("SED-ML")
        members += _simulations(model)
    if _is_ours(model):
        text = (models_folder() / "parameters.csv").read_text(encoding="utf-8")
        members.append(text_member("parameters.csv", text, "Provenance of every parameter"))
        text = (models_folder() / "references.json").read_text(encoding="utf-8")
        members.append(text_member("references.json", text, "What it refers to, as CSL-JSON"))
    if losses and not members:
        raise InputError(f"nothing can be written: {losses[0].why}")
    return members, tuple(losses)


def _simulations(model: Model) -> list[ArchiveFile]:
    """Return SED-ML for every figure and experiment of the report, or one course."""
    if not is_transport_cell(model):
        return [_one_course(model)]
    members = figure_members(model, steady_state(model), "figures")
    rested: dict[Model, Model] = {}
    for name in LESSON:
        members += experiment_members(read_protocol(protocol_path(name)), "experiments", rested)
    return members


def _one_course(model: Model) -> ArchiveFile:
    names = [n for n, q in model.quantities.items() if q.kind == "floating"]
    text = course_sedml(model, f"../{model.name}.xml", 100.0, 201, names,
                        title=f"A course of {model.name}")  # fmt: skip
    return text_member("figures/course.sedml", text, "A time course of every species")


def _with_master(
    model: Model, members: Sequence[ArchiveFile], losses: Sequence[Loss]
) -> list[ArchiveFile]:
    """Return members with the first SED-ML marked as the one to open, and a page to read."""
    first = next((m.path for m in members if m.path.endswith("pump_stopped.sedml")), None)
    first = first or next(m.path for m in members if m.path.endswith((".sedml", ".xml")))
    marked = [
        ArchiveFile(m.path, m.content, m.description, m.format, m.path == first, m.terms)
        for m in members
    ]
    lines = [f"# {model.name}", "", "| file | what it is |", "|---|---|"]
    lines += [f"| `{m.path}` | {m.description} |" for m in marked]
    if losses:
        lines += ["", "What formats cannot carry:", "", *(f"- {loss}" for loss in losses)]
    return [*marked, text_member("README.md", "\n".join(lines) + "\n", "What is in this archive")]


def _shipped_data(name: str) -> ArchiveFile:
    text = (measurements_folder() / f"{name}.csv").read_text(encoding="utf-8")
    return text_member(f"data/{name}.csv", text, f"Measurements: {name}")


def _is_ours(model: Model) -> bool:
    return model.name in shipped_models() and is_transport_cell(model)


def _about(model: Model) -> About:
    changed = ", ".join(f"{name} = {value:g}" for name, value in model.changes.items())
    return About(
        title=f"{model.name}: secondary active transport" if _is_ours(model) else model.name,
        description=f"The model '{model.name}' in several formats, with its simulations"
        + (f"; changed: {changed}" if changed else ""),
        creators=CREATORS if _is_ours(model) else ("unknown",),
        created=CREATED,
        taxon=HUMAN,
        terms=TERMS if _is_ours(model) else (),
    )
