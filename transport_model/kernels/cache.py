"""Where kernels lie on disk: a folder of one's own, and one that others have filled.

A kernel is a folder of files with the checksum of each. It appears by a single rename; processes
that want the same one wait for the first of them. Nothing is ever written to the shared folder.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from transport_model.kept import cache_folders

#: Seconds after which a process no longer waits for another that compiles the same kernel.
PATIENCE = 900.0


def places(key: str) -> list[Path]:
    """Return where the kernel of a key may lie: in one's own cache, or in the shared one."""
    return [folder / key for folder in cache_folders()]


def is_intact(folder: Path) -> bool:
    """Whether a folder holds a kernel, every file of it with its checksum."""
    try:
        expected = json.loads((folder / "checksums.json").read_text("utf-8"))
        return bool(expected) and all(
            checksum(folder / name, folder.name) == value for name, value in expected.items()
        )
    except (OSError, ValueError, AttributeError):
        return False


def checksum(path: Path, key: str) -> str:
    """Return the SHA-256 of a key and a file: machine code of another key is as bad as damaged."""
    return hashlib.sha256(key.encode() + path.read_bytes()).hexdigest()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold back other processes that want to build the same kernel, where locks can be had.

    Without one a kernel is built twice, and the first stays. The lock is needed for as long as the
    kernel is not there, so its file goes with it: whoever waited finds the kernel, and of those who
    wait for one that does not compile, two may try at once.
    """
    path = folder.with_name(f".{folder.name}.lock")
    lock = FileLock(path)
    with suppress(OSError, Timeout):
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=PATIENCE, poll_interval=0.2)
    try:
        yield
    finally:
        if lock.is_locked:
            with suppress(OSError):  # Windows keeps an open file, and removes it when released
                path.unlink()
        lock.release()
