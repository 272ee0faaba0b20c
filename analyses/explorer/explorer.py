"""The explorer of a model: one file that a browser opens."""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from transport_model import Model
from transport_model.files import check_target, write_text
from transport_model.model import check_model

from .lesson import fellow_of
from .page import page_of
from .payload import payload_of
from .program import print_program
from .tour import companions
from .widget import page_widget

#: Height of the page within a notebook [CSS pixel].
_HEIGHT = 900


@dataclass(frozen=True)
class Explorer:
    """A page in which a model answers; a notebook shows it.

    Where anywidget is installed (``pip install 'transport-model[notebooks]'``), the notebook hears
    of the sliders: `values` and `model` are what they are set to.

    Attributes
    ----------
    html
        The page.
    refusals
        What it cannot do with its model, in sentences; the page says so, too.
    start
        The model that the page starts from.
    """

    html: str
    refusals: tuple[str, ...]
    start: Model

    def __repr__(self) -> str:
        return f"Explorer({len(self.html)} characters)"

    @cached_property
    def widget(self) -> Any:
        """The page as an anywidget, or None where that is not installed."""
        return page_widget(self.html, _HEIGHT)

    @property
    def values(self) -> dict[str, float]:
        """What sliders are set to, by id, beside the values of `start`."""
        return dict(self.widget.values) if self.widget else {}

    @property
    def model(self) -> Model:
        """The model that the page shows, with these values."""
        fellow = fellow_of(self.start)
        shown = self.widget.shown if self.widget else ""
        base = fellow if fellow and fellow.name == shown else self.start
        return base.with_values(**self.values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return (self.widget._repr_mimebundle_(**kwargs) or {}) if self.widget else {}

    def _repr_html_(self) -> str:
        # A world of its own, which reaches nothing of the notebook
        return (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts allow-downloads"'
            f' style="width:100%;height:{_HEIGHT}px;border:0"></iframe>'
        )


def explore(model: Model) -> Explorer:
    """Return the page that :func:`write_explorer` writes, for a notebook to show.

    Parameters
    ----------
    model
        Any model. The values set on it are those that the page starts from.

    Returns
    -------
    Explorer
        The page; as the last value of a notebook's cell it is shown there. Its ``values`` and
        ``model`` are what the sliders are set to.

    Raises
    ------
    InputError
        `model` is no model.
    UnsupportedModelError
        The model has a construct that only libRoadRunner computes.
    """
    check_model(model)
    payload, program = _told(model)
    fellow = fellow_of(model)
    shown = [model, *([fellow] if fellow else [])]
    run: dict[str, Model] = {}
    if payload["lesson"]:
        run = {name: each for own in shown for name, each in companions(own).items()}
    others = [_told(fellow)] if fellow else []
    others += [_run(name, each) for name, each in run.items()
               if name not in {own.name for own in shown}]  # fmt: skip
    return Explorer(page_of(payload, program, others), tuple(payload["refusals"]), model)


def _run(name: str, model: Model) -> tuple[dict[str, Any], str]:
    """Return what is needed to run a model of a tour, and its program."""
    payload, program = _told(model)
    needed = {key: payload[key] for key in ("quantities", "engine", "refusals")}
    return needed | {"name": name}, program


def _told(model: Model) -> tuple[dict[str, Any], str]:
    printed = print_program(model)
    return payload_of(model, printed), printed.text


def write_explorer(model: Model, path: Path) -> Path:
    """Write a page in which a model answers: courses, steady states and scans, computed in it.

    The page holds the model's equations as a program, and a solver whose results are those of this
    package. It opens from the disk and asks nothing of a network.

    Parameters
    ----------
    model
        Any model. The values set on it are those that the page starts from.
    path
        An HTML file.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InputError
        The file cannot be written.
    UnsupportedModelError
        The model has a construct that only libRoadRunner computes.
    """
    check_model(model)
    path = Path(path)
    check_target(path)
    write_text(path, explore(model).html)
    return path
