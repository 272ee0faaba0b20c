"""The explorer of a model: one file that a browser opens."""

from __future__ import annotations

import html
from dataclasses import dataclass
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

#: Height of the page within a notebook [CSS pixel].
_HEIGHT = 900


@dataclass(frozen=True)
class Explorer:
    """A page in which a model answers; a notebook shows it.

    Attributes
    ----------
    html
        The page.
    refusals
        What it cannot do with its model, in sentences; the page says so, too.
    """

    html: str
    refusals: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Explorer({len(self.html)} characters)"

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
        The page; as the last value of a notebook's cell it is shown there.

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
    return Explorer(page_of(payload, program, others), tuple(payload["refusals"]))


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
