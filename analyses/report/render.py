"""A page as HTML: its chapters in their frame; sections, figures, tables, references numbered."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
from markupsafe import Markup

from transport_model.key_facts import KEY_FACTS, cell_facts
from transport_model.references import citation, full_citation, keys_in, references

from ..figures.fonts import embedded_font
from ..verdict import Verdict
from .chapter import Chapter, LeftOut
from .editions import Edition
from .page import Page
from .typography import in_words, number, page_in_print

#: Rows that a table on the page can have; a longer one lies beside it.
MOST_ROWS = 1000
#: Rows from which on a table is folded in the edition ``paper``.
LONG = 24


def render(page: Page, *, figures: str = "inline") -> str:
    """Return a page as HTML that is well-formed XML, too.

    Parameters
    ----------
    page
        The page.
    figures
        ``inline``: drawings stand in the page; ``linked``: it names their files.
    """
    environment = _environment(page, figures)
    bodies = {chapter.anchor: _prose(environment, chapter) for chapter in page.chapters}
    frame = environment.get_template(f"{page.story}.html.jinja")
    return page_in_print(frame.render(bodies=bodies))


def _environment(page: Page, figures: str) -> jinja2.Environment:
    templates = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (templates / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    model, cited, tables = page.model, page.cited, count(1)
    environment.globals |= {
        "cited": cited,
        "cite": lambda keys: _cite(keys_in(keys, "") if isinstance(keys, str) else keys, cited),
        "drawn": page.drawn,
        "figure_numbers": {name: n for n, name in enumerate(page.drawn, 1)},
        "figures": figures,
        "font": embedded_font(d.svg for d in page.drawn.values()) if page.drawn else "",
        "full_citation": full_citation,
        "key_facts": {n: KEY_FACTS[n] for n in cell_facts(list(model.quantities))},
        "long": LONG,
        "model": model,
        "most_rows": MOST_ROWS,
        "next_table": lambda: next(tables),
        "opened": page.edition is Edition.FULL,
        "page": page,
        "references": references(),
        "sections": {chapter.anchor: n for n, chapter in enumerate(page.chapters, 1)},
    }
    environment.filters |= {"number": number, "in_words": in_words, "records": _records,
                            "tone": _tone, "said_of": _said_of}  # fmt: skip
    return environment


def _prose(environment: jinja2.Environment, chapter: Chapter[Any] | LeftOut) -> Markup:
    if isinstance(chapter, LeftOut):
        text = environment.get_template("left_out.html.jinja").render(why=chapter.why)
    else:
        template = environment.get_template(f"chapters/{chapter.template}.html.jinja")
        text = template.render(facts=chapter.facts, tables=chapter.tables)
    return Markup(text)


def _cite(keys: Iterable[str], cited: dict[str, int]) -> Markup:
    """Return the numbers of references in brackets, each a link to its entry."""
    numbers = sorted((cited[key], key) for key in keys)
    links = [Markup('<a href="#ref-{}">{}</a>').format(key, n) for n, key in numbers]
    return Markup("[{}]").format(Markup(", ").join(links)) if links else Markup("")


def _said_of(source: str, reference: str) -> str:
    """Return the words of a source without the citations that :func:`.origin` put behind them."""
    named = "; ".join(citation(key) for key in keys_in(reference, ""))
    return "" if source == named else source.removesuffix(f" ({named})")


def _tone(word: object) -> str:
    """Return the class of a verdict's colour: ``ok``, ``no`` or none."""
    try:
        good = Verdict(str(word)).good
    except ValueError:
        return ""
    return {True: "ok", False: "no", None: ""}[good]


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    named = table.reset_index() if table.index.name is not None else table
    return [
        {str(name): value for name, value in zip(named.columns, row, strict=True)}
        for row in named.itertuples(index=False, name=None)
    ]
