"""Results of long work, kept one by one in a folder, so that a second run goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transport_model.errors import InputError, short_path
from transport_model.files import check_folder, write_text

#: File that says what the results belong to.
ORIGIN = "origin.json"


class Kept:
    """A folder of results, or nothing at all.

    Parameters
    ----------
    folder
        Made if it is not there; None keeps nothing.
    origin
        What the results follow from. A folder with those of something else is refused.

    Raises
    ------
    InputError
        The folder cannot be written to, or holds results of something else.
    """

    def __init__(self, folder: Path | None, origin: dict[str, Any]) -> None:
        self._folder = folder
        if folder is None:
            return
        check_folder(folder, "results")
        folder.mkdir(exist_ok=True)
        place = folder / ORIGIN
        if not place.exists():
            write_text(place, _text(origin))
        elif _read(place) != origin:
            raise InputError(f"'{short_path(folder)}' holds results of another problem or seed;"
                             " name a new folder")  # fmt: skip

    def result(self, name: str, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return the result that is kept under a name, or compute it and keep it."""
        if self._folder is None:
            return compute()
        place = self._folder / f"{name}.json"
        if place.exists():
            return _read(place)
        found = compute()
        write_text(place, _text(found))
        return found


def _text(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=1) + "\n"


def _read(place: Path) -> dict[str, Any]:
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"'{short_path(place)}' is damaged; remove it") from None
    if not isinstance(content, dict):
        raise InputError(f"'{short_path(place)}' is damaged; remove it")
    return content
