"""The other files that a model is made of: those of its own folder or archive, and no others."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from transport_model.errors import ModelFileError
from transport_model.reading.untrusted import MAX_BYTES, decode_xml, parsed_xml, refuse_unsafe_xml

#: Most files that a model is made of.
MAX_FILES = 100


@dataclass(frozen=True)
class Neighbours:
    """Where a model lies among the files that it may name.

    Attributes
    ----------
    own
        The path of the model, from the top of the folder or archive, with ``/`` between folders.
    place
        What the top is: ``folder`` or ``archive``.
    prefix
        What stands before a path in messages.
    read
        Returns the bytes of the file at a path, or None if there is none.
    """

    own: str
    place: str
    prefix: str
    read: Callable[[str], bytes | None]


def neighbours_of(path: Path) -> Neighbours:
    """Return the neighbours of a model that is a file of its own: those of its folder."""
    folder = path.resolve().parent

    def read(name: str) -> bytes | None:
        target = (folder / name).resolve()
        if not target.is_relative_to(folder):
            raise ModelFileError(f"{path}: '{shown(name)}' is a link that leads out of the folder")
        if not target.is_file():
            return None
        try:
            with target.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except OSError as error:
            raise ModelFileError(f"cannot read {target}: {error.strerror}") from None

    return Neighbours(path.resolve().name, "folder", str(path).removesuffix(path.name), read)


@contextmanager
def copied(
    text: str,
    origin: str,
    kind: str,
    neighbours: Neighbours,
    named: Callable[[ElementTree.Element], Iterable[str]],
) -> Iterator[Path]:
    """Copy a model and all that it is made of into a folder of their own, for as long as needed.

    Parameters
    ----------
    text
        The examined document of the model.
    origin
        Names it in messages.
    kind
        "SBML" or "CellML".
    neighbours
        Where it lies.
    named
        Returns the locations of the files that a document, by its root, is made of.

    Yields
    ------
    pathlib.Path
        The copy of the model. Every file that it reaches lies beside it as it lay beside the
        original, examined, in UTF-8.

    Raises
    ------
    ModelFileError
        A location is an address, leads out of the folder or archive, or names nothing; files
        name each other in a circle; or they are too many or too large.
    """
    texts = {neighbours.own: text}
    _collect(neighbours.own, origin, (), texts, (kind, neighbours, named))
    with TemporaryDirectory() as scratch:
        for name, content in texts.items():
            target = Path(scratch) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8", newline="\n")
        yield Path(scratch) / neighbours.own


def _collect(
    name: str,
    origin: str,
    chain: tuple[str, ...],
    texts: dict[str, str],
    how: tuple[str, Neighbours, Callable[[ElementTree.Element], Iterable[str]]],
) -> None:
    """Read into `texts` every file that the one at path `name` reaches."""
    kind, neighbours, named = how
    chain = (*chain, name)
    for location in named(parsed_xml(texts[name], origin, kind)):
        other = resolved(location, posixpath.dirname(name), origin, neighbours.place)
        where = f"{origin} refers to '{shown(location)}', which"
        if other in chain:
            raise ModelFileError(f"{where} refers back to this file; remove one of the two")
        if other in texts:
            continue
        if len(texts) == MAX_FILES:
            raise ModelFileError(f"{origin}: the model is made of more than {MAX_FILES} files")
        data = neighbours.read(unquote(other))
        if data is None:
            raise ModelFileError(f"{where} is not in its {neighbours.place}; put it there")
        own = f"{neighbours.prefix}{shown(other)}"
        texts[other] = refuse_unsafe_xml(decode_xml(data, own), own, kind)
        if sum(map(len, texts.values())) > MAX_BYTES:
            raise ModelFileError(f"{origin} and its parts exceed {MAX_BYTES // 2**20} MiB")
        _collect(other, own, chain, texts, how)


def resolved(location: str, folder: str, origin: str, place: str) -> str:
    """Return the path, from the top, of a location that is written in a file of `folder`.

    Raises
    ------
    ModelFileError
        It is an address, or leads out of the `place`, a folder or an archive.
    """
    try:
        elsewhere = bool(urlsplit(location).scheme)
    except ValueError:  # an address in brackets that is none
        elsewhere = True
    if not location or elsewhere:
        raise ModelFileError(f"{origin}: '{shown(location)}' is not a file in the {place}")
    name = posixpath.normpath(posixpath.join(folder, location))
    if climbs(name) or climbs(posixpath.normpath(unquote(name))):
        raise ModelFileError(f"{origin}: '{shown(location)}' leads out of the {place}")
    return name


def shown(name: str) -> str:
    """Return the beginning of a file's name as a message may show it."""
    return "".join(c if c.isprintable() else "�" for c in name[:120])


def climbs(name: str) -> bool:
    """Tell whether a path is anything but a plain relative one."""
    parts = name.rstrip("/").split("/")
    return (
        not name
        or "\\" in name
        or "\0" in name
        or name.startswith("/")
        or re.match(r"[A-Za-z]:", name) is not None
        or ".." in parts
    )
