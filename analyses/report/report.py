"""The research report: one folder with a page, the data behind it, the models, the provenance."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from transport_model import Model, steady_state
from transport_model.errors import InputError
from transport_model.files import check_folder
from transport_model.model import check_model

from ..explorer.explorer import explore
from ..provenance import model_record, record_of
from .chapter import Chapter, LeftOut, Planned, Search
from .chapters import cell, classroom, framing, reference
from .data_package import column_rows
from .editions import Edition, Format, chosen, edition_named, formats_named
from .folder import write_page
from .page import Page
from .pdf import check_pdf
from .plans import check_present, is_transport_cell, plan_of_any_model, plan_of_cell
from .workshop import compute, search

#: Chapters that stand behind the discussion.
APPENDICES = ("equations", "parameters")


def write_report(
    model: Model,
    folder: str | Path,
    *,
    edition: str = Edition.PAPER,
    chapters: Iterable[str] | None = None,
    formats: str | Iterable[str] = Format.HTML,
    explorer: bool = False,
    progress: Callable[[str], object] | None = None,
) -> Path:
    """Write the report of a model into `folder` and return the page's path.

    Parameters
    ----------
    model
        The shipped ``cell`` or a model with its ids, of which the report tells the story of
        secondary active transport; or any other, of which it tells what applies to every model.
    folder
        Made if it is not there. Files of an earlier report in it are replaced, each in one step,
        and only when the whole new report is ready.
    edition
        ``lesson``: three pages for a course, of a transport cell; ``paper``: an article;
        ``full``: the same with every table open and every column described.
    chapters
        Anchors of the chapters to write, such as ``rest``; by default all of them.
    formats
        ``html``, ``pdf`` or both: ``html,pdf``.
    explorer
        Whether :func:`transport_model.write_explorer`'s page of the model lies beside the report,
        which links to it.
    progress
        Called with the name of each chapter that is waited for.

    Returns
    -------
    pathlib.Path
        The page, in the first of the formats.

    Raises
    ------
    InputError
        An edition, a chapter or a format does not exist, a cell lacks what the story is about, or
        the folder cannot be written.
    SteadyStateError
        A cell does not rest.
    UnsupportedModelError
        An explorer is asked for, and the model has a construct that only libRoadRunner computes.
    """
    check_model(model)
    which, wanted = edition_named(edition), formats_named(formats)
    if Format.PDF in wanted:
        check_pdf()
    if is_transport_cell(model):
        check_present(model)
    elif which is Edition.LESSON:
        raise InputError(f"the edition 'lesson' is about a transport cell, and '{model.name}' is"
                         " none; 'paper' and 'full' are about any model")  # fmt: skip
    target = Path(folder)
    check_folder(target, "report")
    page = build_page(model, which, chapters, progress or (lambda step: None))
    if explorer:
        page = replace(page, explorer=explore(model).html)
    return write_page(page, target, wanted)


def build_page(
    model: Model, edition: Edition, names: Iterable[str] | None, say: Callable[[str], object]
) -> Page:
    """Return a report that is ready to be written; see :func:`write_report`."""
    say("steady state")
    if is_transport_cell(model):
        state = steady_state(model)
        if edition is Edition.LESSON:
            return _page(
                "lesson", model, edition, classroom.plan_of_lesson(model, state), names, say
            )
        return _page("cell", model, edition, plan_of_cell(model, state), names, say)
    # A search takes its time, a misspelt chapter needs none
    chosen(plan_of_any_model(model, Search(None)), names)
    return _page("any_model", model, edition, plan_of_any_model(model, search(model)), names, say)


def _page(
    story: str,
    model: Model,
    edition: Edition,
    plan: Sequence[Planned],
    names: Iterable[str] | None,
    say: Callable[[str], object],
) -> Page:
    done = compute(chosen(plan, names), say)
    say("page")
    written = [chapter for chapter in done if isinstance(chapter, Chapter)]
    framed: list[Chapter[Any] | LeftOut] = [c for c in done if c.anchor not in APPENDICES]
    if edition is not Edition.LESSON:
        framed = [framing.methods(model, written), *framed, framing.discussion(story, done)]
    framed += [chapter for chapter in done if chapter.anchor in APPENDICES]
    if Page(model, story, edition, tuple(framed), {}).cited:
        framed.append(reference.cited())
    record = record_of(model, seed=cell.SEED if story == "cell" else None)
    page = Page(model, story, edition, tuple(framed), record)
    record["models"] = [
        {"file": f"{name}.xml", **model_record(one)} for name, one in page.models.items()
    ]
    columns = column_rows(page) if edition is Edition.FULL else []
    ending = reference.provenance(record, columns)
    return Page(model, story, edition, (*framed, ending), record)
