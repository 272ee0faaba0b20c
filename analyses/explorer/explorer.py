"""The explorer of a model: one file that a browser opens."""

from __future__ import annotations

from pathlib import Path

from transport_model import Model
from transport_model.files import check_target, write_text
from transport_model.model import check_model

from .page import page_of
from .payload import payload_of
from .program import print_program


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
    printed = print_program(model)
    write_text(path, page_of(payload_of(model, printed), printed.text))
    return path
