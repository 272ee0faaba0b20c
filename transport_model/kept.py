"""What takes long to work out of a model's text, kept on disk from one process to the next.

A file each, in the cache folder, named by a hash of the text and of everything that had a hand in
working it out, with a checksum before its content: whatever does not match is worked out again.
The newest stay, :data:`MOST` at most. A folder that cannot be written costs time, and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import lru_cache, wraps
from importlib import metadata
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import platformdirs

from transport_model.files import file_beside

#: Environment variables that name the folders: one's own, and one that others have filled.
OWN, SHARED = "TRANSPORT_MODEL_CACHE", "TRANSPORT_MODEL_SHARED_CACHE"
#: Folder in them of what is kept here, and how many files of it stay: some twenty a model.
FOLDER, MOST = "texts", 500
#: Results that a function remembers of its own in a process.
IN_MEMORY = 32
_PACKAGE = Path(__file__).parent
_LIBRARIES = ("libroadrunner", "llvmlite", "numpy", "python-libsbml", "sbmlmath", "sympy")
_CHECKSUM = 32

_Others = ParamSpec("_Others")
_Made = TypeVar("_Made")


def cache_folder() -> Path:
    """Return where things are kept: ``TRANSPORT_MODEL_CACHE``, or the user's cache folder."""
    chosen = os.environ.get(OWN)
    if chosen:
        return Path(chosen)
    return platformdirs.user_cache_path("transport-model", appauthor=False, opinion=False)


def cache_folders() -> list[Path]:
    """Return one's own cache folder, and the shared one if there is one."""
    shared = os.environ.get(SHARED)
    return [cache_folder(), *([Path(shared)] if shared else [])]


@lru_cache(maxsize=1)
def package_sum() -> str:
    """Return a checksum of every source file of the package, studies left out."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE)
        if name.parts[0] not in ("analyses", "models"):
            digest.update(f"{name.as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def kept(kind: str, text: str) -> bytes | None:
    """Return what :func:`keep` was given for a text, or None."""
    for folder in cache_folders():
        path = folder / FOLDER / f"{kind}-{_key(text)}"
        with suppress(OSError):
            found = path.read_bytes()
            if found[:_CHECKSUM] == _checksum(path, found[_CHECKSUM:]):
                with suppress(OSError):  # of a folder that is only read
                    os.utime(path)
                return found[_CHECKSUM:]
    return None


def keep(kind: str, text: str, content: bytes) -> None:
    """Keep what was worked out of a model's text, where that can be written.

    Parameters
    ----------
    kind
        What it is; part of the file's name.
    text
        Of the model.
    content
        What was made of it by this package and libraries, which are all in the file's name.
    """
    path = cache_folder() / FOLDER / f"{kind}-{_key(text)}"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with file_beside(path) as part:
            part.write_bytes(_checksum(path, content) + content)
        if len(os.listdir(path.parent)) > MOST:
            files = sorted(path.parent.iterdir(), key=lambda each: each.stat().st_mtime)
            for old in files[: MOST // 10 + len(files) - MOST]:
                old.unlink(missing_ok=True)


def remembered(
    function: Callable[Concatenate[str, _Others], _Made],
) -> Callable[Concatenate[str, _Others], _Made]:
    """Return a function of a model's text that works nothing out twice: kept on disk, and here.

    Parameters
    ----------
    function
        Of a text, and of ids, numbers, and tuples and sets of them. What it returns can be pickled,
        follows from these alone, and is not to be changed by those who get it. What it raises is
        raised, and not kept.

    Returns
    -------
    callable
        The same function, to all appearances.
    """
    kind = function.__name__.strip("_")

    @lru_cache(maxsize=IN_MEMORY)
    @wraps(function)
    def found(text: str, /, *others: Any) -> _Made:
        whole = "\0".join([text, *map(_written, others)])
        known = kept(kind, whole)
        if known is not None:
            return pickle.loads(known)
        made = function(text, *others)  # type: ignore[call-arg]
        with suppress(RecursionError):  # of formulas that are nested too deep
            keep(kind, whole, pickle.dumps(made))
        return made

    return found  # type: ignore[return-value]


def _written(argument: Hashable) -> str:
    """Return an argument as a text, the same in every process: sets have no order of their own."""
    return repr(sorted(argument) if isinstance(argument, frozenset) else argument)


def _key(text: str) -> str:
    return hashlib.sha256(f"{text}\0{_makers()}".encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _makers() -> str:
    """Return all that has a hand in what is made of a text here, besides the processor."""
    versions = [metadata.version(library) for library in _LIBRARIES]
    return "\0".join([package_sum(), platform.python_version(), platform.machine(), *versions])


@lru_cache(maxsize=1)
def processor() -> str:
    """Return what machine code may be made for; part of the text of which some is kept."""
    try:
        import llvmlite.binding as llvm

        return llvm.get_host_cpu_name() + llvm.get_host_cpu_features().flatten()
    except (ImportError, OSError, RuntimeError):
        return platform.processor()


def _checksum(path: Path, content: bytes) -> bytes:
    return hashlib.sha256(path.name.encode() + content).digest()
