"""What the project cites: ``models/references.json``, in CSL-JSON, which Zotero and Pandoc read.

A key such as ``Ghezzi2018`` stands in the column `reference` of the tables of parameters, in the
head of a measurement and with every target; several are separated by semicolons. Whatever is
printed of a source is made from its entry here. An entry whose ``status`` is ``unverified`` could
not be read, or not wholly (its ``note`` says what was), and is printed with that word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from transport_model.errors import InputError, did_you_mean
from transport_model.models_folder import models_folder

#: Status of an entry that could not be read, and the word that is printed with it.
UNVERIFIED = "unverified"
#: Authors of a reference beyond whom only some are named, and those some.
MANY, NAMED = 10, 6
#: Sources of a value that no publication stands behind; every other needs a key.
OWN_SOURCES = ("calibrated here", "choice", "definition", "experiment")


def read_references(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """Read a file of references in CSL-JSON.

    Returns
    -------
    dict
        Entries by key, in the order of the file.

    Raises
    ------
    InputError
        The file cannot be read, or a key stands twice in it; the message names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: {error.msg}") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"{path} cannot be read as text") from None
    found: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        key = entry["id"]
        if key in found:
            lines = [n for n, line in enumerate(text.splitlines(), 1) if f'"id": "{key}"' in line]
            raise InputError(f"{path}, line {lines[-1]}: the reference '{key}' stands there twice")
        found[key] = entry
    return found


@cache
def references() -> Mapping[str, Mapping[str, Any]]:
    """Return what the project cites, by key. Shared by all who ask: not to be changed."""
    return read_references(models_folder() / "references.json")


def keys_in(text: str, where: str) -> tuple[str, ...]:
    """Return the keys in a text such as ``Nakao1989; Bielen1991``; none if it is empty.

    Parameters
    ----------
    text
        Of a cell or a line.
    where
        File and line, for the message.

    Raises
    ------
    InputError
        There is no such reference, or it is named twice.
    """
    keys = tuple(part.strip() for part in text.split(";")) if text.strip() else ()
    for index, key in enumerate(keys):
        if key not in references():
            near = did_you_mean(key, references())
            raise InputError(f"{where}: no reference '{key}' in references.json{near}")
        if key in keys[:index]:
            raise InputError(f"{where}: the reference '{key}' stands there twice")
    return keys


def check_source(source: str, reference: str, where: str) -> None:
    """Make sure that where a value comes from can be found: one of :data:`OWN_SOURCES`, or keys.

    Raises
    ------
    InputError
        A key is missing, unknown or doubled.
    """
    if not keys_in(reference, where) and source not in OWN_SOURCES:
        raise InputError(f"{where}: a source that is none of '{', '.join(OWN_SOURCES)}' needs the"
                         " key of a reference")  # fmt: skip


def origin(source: str, reference: str) -> str:
    """Return where a value comes from, as it is printed: words, then what they refer to.

    Parameters
    ----------
    source
        Words; may be empty where there are keys.
    reference
        Keys of known references, separated by semicolons.
    """
    cited = "; ".join(citation(key) for key in keys_in(reference, source))
    return f"{source} ({cited})" if source and cited else source or cited


def citation(key: str) -> str:
    """Return a reference in short: ``Ghezzi et al. 2018, Diabetologia 61:2087``."""
    entry = references()[key]
    names = [author.get("family") or author["literal"] for author in entry["author"]]
    who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
    when = f" {_year(entry)}" if "issued" in entry else ""
    mark = f" [{UNVERIFIED}]" if entry.get("status") == UNVERIFIED else ""
    return f"{who}{when}, {_place(entry)}{mark}"


def full_citation(key: str) -> str:
    """Return a reference with its authors, its title and, where it is known, its DOI.

    Of more than :data:`MANY` authors the first :data:`NAMED` are named.
    """
    entry = references()[key]
    names = [" ".join(filter(None, (author.get("given"), author.get("family"))))
             or author["literal"] for author in entry["author"]]  # fmt: skip
    if len(names) > MANY:
        names = [*names[:NAMED], "et al."]
    when = f" ({_year(entry)})" if "issued" in entry else ""
    where = entry.get("container-title") or entry.get("publisher") or entry["URL"]
    number = f" {entry['volume']}:{entry['page']}" if "volume" in entry else ""
    doi = f". doi:{entry['DOI']}" if "DOI" in entry else ""
    mark = f" [{UNVERIFIED}: {entry['note']}]" if entry.get("status") == UNVERIFIED else ""
    return f"{', '.join(names)}{when}. {entry['title']}. {where}{number}{doi}{mark}"


def _year(entry: Mapping[str, Any]) -> int:
    return entry["issued"]["date-parts"][0][0]


def _place(entry: Mapping[str, Any]) -> str:
    """Return where to look: journal, volume and first page; a book's title; an address."""
    if "container-title" in entry:
        first = entry["page"].partition("–")[0]
        return f"{entry['container-title-short']} {entry['volume']}:{first}"
    if "URL" in entry:
        return entry["URL"].removeprefix("https://")
    return entry.get("title-short") or entry["title"]
