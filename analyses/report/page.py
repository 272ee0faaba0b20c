"""A page of research: what it is made of, and what is numbered in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from transport_model import Model
from transport_model.quantities import document_of
from transport_model.references import keys_in, references

from .chapter import Chapter, Drawn, LeftOut
from .editions import Edition

#: Column of a table that holds keys of references.
REFERENCE = "reference"


@dataclass(frozen=True)
class Page:
    """A report that is ready to be written.

    Attributes
    ----------
    model
        What it is about; its SBML lies beside the page.
    story
        Which opening and abstract it has: ``cell``, ``any_model`` or ``lesson``.
    edition
        How much it says.
    chapters
        In their order, which numbers sections and figures.
    provenance
        How it was computed.
    explorer
        The page in which the model answers; empty without one.
    """

    model: Model
    story: str
    edition: Edition
    chapters: tuple[Chapter[Any] | LeftOut, ...]
    provenance: Mapping[str, Any]
    explorer: str = ""

    @property
    def title(self) -> str:
        """What the model calls itself, or its id."""
        return document_of(self.model.sbml).getModel().getName() or self.model.name

    @property
    def written(self) -> tuple[Chapter[Any], ...]:
        """The chapters that apply."""
        return tuple(chapter for chapter in self.chapters if isinstance(chapter, Chapter))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The data of all chapters, by name."""
        return {name: t for chapter in self.written for name, t in chapter.tables.items()}

    @property
    def drawn(self) -> dict[str, Drawn]:
        """The figures of all chapters, by name, in the order of their numbers."""
        return {name: d for chapter in self.written for name, d in chapter.drawn.items()}

    @property
    def models(self) -> dict[str, Model]:
        """Every model that the page was computed from, by name, its own first."""
        others = (model for chapter in self.written for model in chapter.models)
        found = {self.model.name: self.model}
        for model in others:
            found.setdefault(model.name, model)
        return found

    @property
    def cited(self) -> dict[str, int]:
        """Keys of what the page refers to, with their numbers, in the order of their authors."""
        named = {key for chapter in self.written for key in chapter.cites}
        for table in self.tables.values():
            if REFERENCE in table:
                named |= {key for text in table[REFERENCE] for key in keys_in(text, "")}
        return {key: n for n, key in enumerate((k for k in references() if k in named), 1)}

    def __getitem__(self, anchor: str) -> Chapter[Any] | LeftOut:
        """Return a chapter by its anchor."""
        return next(chapter for chapter in self.chapters if chapter.anchor == anchor)

    def chapter(self, anchor: str) -> Chapter[Any] | None:
        """Return a chapter by its anchor, or None where it is not there."""
        return next((c for c in self.written if c.anchor == anchor), None)
