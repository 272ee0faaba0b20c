"""Chapters of a report as values: what their prose states, what they draw, the data behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import pandas as pd
from matplotlib.figure import Figure

from transport_model import Model, SteadyState

Facts = TypeVar("Facts", covariant=True)


@dataclass(frozen=True)
class Drawn:
    """A figure as files: the SVG that stands in the page, a PDF, and a PNG of 300 dots per inch."""

    svg: str
    pdf: bytes
    png: bytes


@dataclass(frozen=True)
class Chapter(Generic[Facts]):
    """What one chapter says. Numbers of sections and figures are given when a page is made.

    Attributes
    ----------
    anchor
        What links within the page, and ``--chapters``, call it.
    title
        Its heading.
    template
        Its prose: the name of a file in ``templates/chapters``, without endings.
    facts
        What the prose states, every number of it included.
    tables
        By name; each is written to ``data/NAME.csv``.
    figures
        By name, in the order in which the prose shows them.
    drawn
        The same as files, once they are drawn.
    models
        What it was computed from besides the model of the report.
    cites
        Keys of the references that its prose names; those of its tables are found by themselves.
    """

    anchor: str
    title: str
    template: str
    facts: Facts
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    drawn: Mapping[str, Drawn] = field(default_factory=dict)
    models: tuple[Model, ...] = ()
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A chapter that does not apply to a model or could not be had, and why."""

    anchor: str
    title: str
    why: str


@dataclass(frozen=True)
class Search:
    """The steady state that a model's start leads to; or why there is none.

    Attributes
    ----------
    state
        The state, or None.
    why
        What the search said instead.
    period
        Of a course that oscillates without end, in the model's unit of time.
    """

    state: SteadyState | None
    why: str = ""
    period: float | None = None


@dataclass(frozen=True)
class Planned:
    """A chapter that is to be computed.

    Attributes
    ----------
    anchor, title
        Its own, also if nothing comes of it.
    compute
        Returns it; a function of an installed module with its arguments, since it runs in another
        process.
    instead
        The command that computes the same without a limit of time.
    """

    anchor: str
    title: str
    compute: Callable[[], Chapter[Any]]
    instead: str = ""
