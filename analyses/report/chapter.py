"""A chapter of a report as a value: what its prose states, what it draws, the data behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import pandas as pd
from matplotlib.figure import Figure

Facts = TypeVar("Facts", covariant=True)


@dataclass(frozen=True)
class Chapter(Generic[Facts]):
    """What one chapter says. Numbers of sections and figures are given when a page is made.

    Attributes
    ----------
    anchor
        What links within the page call it.
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
    """

    anchor: str
    title: str
    template: str
    facts: Facts
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class LeftOut:
    """A chapter that does not apply to a model, and why."""

    anchor: str
    title: str
    why: str
