"""A page of research: what it is made of, and how it is written."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.files import write_folder
from transport_model.key_facts import KEY_FACTS, cell_facts

from ..figures.describe import describe
from ..figures.style import to_svg
from ..tables import for_spreadsheets
from .chapter import Chapter, LeftOut

#: Rows that a table on the page can have; a longer one lies beside it.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Page:
    """A report that is ready to be written.

    Attributes
    ----------
    model
        What it is about; its SBML lies beside the page.
    template
        The frame: the name of a file in ``templates``, without endings.
    chapters
        In their order, which numbers sections and figures.
    provenance
        How it was computed.
    """

    model: Model
    template: str
    chapters: tuple[Chapter[Any] | LeftOut, ...]
    provenance: Mapping[str, Any]

    @property
    def written(self) -> tuple[Chapter[Any], ...]:
        """The chapters that apply."""
        return tuple(chapter for chapter in self.chapters if isinstance(chapter, Chapter))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The data of all chapters, by name."""
        return {name: t for chapter in self.written for name, t in chapter.tables.items()}

    def __getitem__(self, anchor: str) -> Chapter[Any] | LeftOut:
        """Return a chapter by its anchor."""
        return next(chapter for chapter in self.chapters if chapter.anchor == anchor)


def write_page(page: Page, folder: Path) -> Path:
    """Write the page, its data, the model and its provenance; return the page's path.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    with write_folder(folder, "report") as beside:
        (beside / "data").mkdir()
        for name, table in page.tables.items():
            for_spreadsheets(table).to_csv(
                beside / "data" / f"{name}.csv", lineterminator="\n",
                index=table.index.name is not None,
            )  # fmt: skip
        (beside / f"{page.model.name}.xml").write_text(page.model.sbml, encoding="utf-8")
        (beside / "provenance.json").write_text(
            json.dumps(page.provenance, indent=1) + "\n", "utf-8"
        )
        (beside / "report.html").write_text(render(page), encoding="utf-8")
    return folder / "report.html"


def render(page: Page) -> str:
    """Return a page as HTML: its chapters in their frame, sections and figures numbered."""
    environment = _environment()
    sections = {chapter.anchor: n for n, chapter in enumerate(page.chapters, 1)}
    drawn = [name for chapter in page.written for name in chapter.figures]
    environment.globals |= {
        "model": page.model,
        "key_facts": {n: KEY_FACTS[n] for n in cell_facts(list(page.model.quantities))},
        "most_rows": MOST_ROWS,
        "page": page,
        "sections": sections,
        "figure_numbers": {name: n for n, name in enumerate(drawn, 1)},
    }
    bodies = {chapter.anchor: _prose(environment, chapter) for chapter in page.chapters}
    return environment.get_template(f"{page.template}.html.jinja").render(bodies=bodies)


def _environment() -> jinja2.Environment:
    templates = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (templates / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters |= {"number": number, "in_words": in_words, "records": _records,
                            "true_minus": true_minus}  # fmt: skip
    return environment


def _prose(environment: jinja2.Environment, chapter: Chapter[Any] | LeftOut) -> str:
    if isinstance(chapter, LeftOut):
        return environment.get_template("left_out.html.jinja").render(why=chapter.why)
    return environment.get_template(f"chapters/{chapter.template}.html.jinja").render(
        facts=chapter.facts,
        drawn={n: to_svg(figure, n, describe(figure)) for n, figure in chapter.figures.items()},
        tables=chapter.tables,
    )


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    named = table.reset_index() if table.index.name is not None else table
    return [
        {str(name): value for name, value in zip(named.columns, row, strict=True)}
        for row in named.itertuples(index=False, name=None)
    ]


def number(value: float, digits: int = 4) -> str:
    """Return a number for people: `digits` significant ones, a true minus, no bare exponents."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa} × 10{power}" if mantissa not in {"1", "-1"} else f"{mantissa}0{power}"
    return text.replace("-", "−")


def true_minus(text: str) -> str:
    """Return a text with a minus, not a hyphen, before its negative numbers."""
    return re.sub(r"(?<![\w.)])-(?=[\d.])", "−", text)


def in_words(count: float) -> str:
    """Return a small whole number in words, and any other as :func:`number` does."""
    words = ("none", "one", "two", "three", "four", "five", "six")
    return words[int(count)] if count in range(len(words)) else number(count)
