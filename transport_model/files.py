"""Files and folders that are complete or untouched.

What is to be written is filled beside its place and moved there in one step, so that neither a
failure nor a kill leaves half of it, and a reader sees the old or the new. A link is followed and
stays a link, the permissions of what was there are kept. A pipe or a device cannot be replaced: it
is written into, once the content is whole.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path, PurePath

from transport_model.errors import InputError

#: End of the names of what is being filled; what a kill left behind can be told by it.
PART = ".part"
#: Whether names follow Windows' rules, and what these rules take: devices, and characters.
WINDOWS = os.name == "nt"
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]|[. ]$')


def check_target(path: Path) -> None:
    """Make sure, before the work is done, that a file can be written.

    Raises
    ------
    InputError
        `path` is a folder, or its own folder is missing or cannot be written to.
    """
    if path.is_dir():
        raise InputError(f"'{path}' is a folder; name a file")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder '{path.parent}' to write '{path.name}' in")
    if not _is_stream(path) and not os.access(_real(path).parent, os.W_OK):
        raise InputError(f"the folder '{path.parent}' cannot be written to")


def check_folder(folder: Path, what: str) -> None:
    """Make sure, before the work is done, that `what` can be written to a folder.

    Raises
    ------
    InputError
        `folder` is a file, its parent is missing, or nothing can be written there.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; name a folder for the {what}")
    parent = folder if folder.exists() else folder.parent
    if not parent.is_dir():
        raise InputError(f"there is no folder '{parent}' to make '{folder.name}' in")
    if not os.access(parent, os.W_OK):
        raise InputError(f"the folder '{parent}' cannot be written to")


def write_file(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file in one step.

    Parameters
    ----------
    path
        Where the file is to be; replaced if it is there.
    write
        Fills the file at the path that it is called with.

    Raises
    ------
    InputError
        The file cannot be written; the message says what the disk said.
    """
    try:
        with file_beside(path) as part:
            write(part)
    except OSError as error:
        raise InputError(f"cannot write '{path}': {reason(error)}") from None


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 in one step; see :func:`write_file`."""
    write_file(path, lambda part: part.write_text(text, encoding="utf-8", newline="\n"))


def possible_name(name: str) -> str:
    """Return a relative path whose every name can be a file's on this system.

    Parameters
    ----------
    name
        Made of ids or of names in an archive, parts divided by ``/``: ``aux`` is an id like any
        other, and a device on Windows.

    Returns
    -------
    str
        The same, but for Windows: there a name that is a device's begins with ``_``, and ``_``
        stands for characters that no name may have.
    """
    if not WINDOWS:
        return name
    parts = (_FORBIDDEN.sub("_", part) for part in name.split("/"))
    return "/".join(f"_{part}" if _DEVICE.match(part) else part for part in parts)


@contextmanager
def write_folder(folder: Path, what: str) -> Iterator[Path]:
    """Fill a folder in one step if it is new, and file by file if it is there.

    Parameters
    ----------
    folder
        Made if it is not there. Files of the same names are replaced, others stay.
    what
        What is being written, for messages: ``report``.

    Yields
    ------
    pathlib.Path
        An empty folder to write into. Nothing of it is seen before the block has ended well.

    Raises
    ------
    InputError
        The folder cannot be written; the message says what the disk said.
    """
    check_folder(folder, what)
    target = _real(folder)
    try:
        with _part_folder(target if target.is_dir() else target.parent, target.name) as part:
            yield part
            try:
                part.rename(target)
            except OSError:  # there was a folder, or another process has made it meanwhile
                _move_all(part, target)
    except OSError as error:
        raise InputError(f"cannot write the {what} to '{folder}': {reason(error)}") from None


@contextmanager
def file_beside(path: Path) -> Iterator[Path]:
    """Yield where to fill a file that moves to `path` when the block ends well.

    Raises
    ------
    OSError
        As the system says; :func:`write_file` puts it into words.
    """
    if _is_stream(path):
        with tempfile.TemporaryDirectory() as scratch:
            part = Path(scratch, path.name)
            yield part
            with open(part, "rb") as source, open(path, "wb") as sink:
                shutil.copyfileobj(source, sink)
        return
    target = _real(path)
    part = target.with_name(_part_name(target.name))
    try:
        yield part
        _move(part, target)
    finally:
        with suppress(OSError):  # a disk that takes nothing takes no removal either
            part.unlink(missing_ok=True)


@contextmanager
def folder_beside(folder: Path) -> Iterator[Path]:
    """Yield an empty folder that becomes `folder` when the block ends well.

    Raises
    ------
    OSError
        As the system says: also if there is a folder of that name by then, unless it is empty.
    """
    with _part_folder(folder.parent, folder.name) as part:
        yield part
        part.rename(folder)


def reason(error: OSError) -> str:
    """Return what the disk said."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full"
    return error.strerror or " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _part_folder(parent: Path, name: str) -> Iterator[Path]:
    part = parent / _part_name(name)
    part.mkdir()
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _move_all(part: Path, target: Path) -> None:
    """Move the files of a folder into another one, all of them or none."""
    places = {
        path: target / path.relative_to(part) for path in sorted(part.rglob("*")) if path.is_file()
    }
    for place in places.values():
        if place.is_dir():
            raise OSError(f"'{place}' is a folder")
    undo: list[Callable[[], object]] = []
    with tempfile.TemporaryDirectory(dir=part, prefix=".") as earlier:
        try:
            for number, (path, place) in enumerate(places.items()):
                for folder in reversed(place.parents):
                    if not folder.is_dir():
                        folder.mkdir()
                        undo.append(folder.rmdir)
                real, kept = _real(place), Path(earlier, str(number))
                if real.exists():
                    shutil.copy2(real, kept)
                    undo.append(partial(kept.replace, real))
                else:
                    undo.append(partial(real.unlink, missing_ok=True))
                _move(path, real)
        except BaseException:  # an interruption leaves no half of it either
            for step in reversed(undo):
                with suppress(OSError):  # the first error is the one to be told
                    step()
            raise


def _part_name(name: str) -> str:
    return f".{name}.{secrets.token_hex(4)}{PART}"


def _move(part: Path, target: Path) -> None:
    with open(part, "rb+") as file:  # the name must not reach the disk before the content
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, part)
    part.replace(target)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_stream(path: Path) -> bool:
    """Whether a path is something to write into: a pipe, a device, an open file of a process."""
    return path.exists() and (
        not (path.is_file() or path.is_dir()) or _is_of_system(Path(os.path.abspath(path)))
    )


def _is_of_system(absolute: PurePath) -> bool:
    """Whether a path is one of devices or processes; a drive's ``dev`` is a folder."""
    return not absolute.drive and absolute.parts[1:2] in (("dev",), ("proc",))
