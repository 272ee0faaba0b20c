"""Shares of a large scan that run as jobs of their own, and meet in one folder."""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from transport_model.errors import InputError

#: Shards that a scan can have at most.
MAX_SHARDS = 100_000
#: Seconds for which a shard waits while others begin.
PATIENCE = 60.0
LOCK = ".lock"
#: What a message names of many.
_NAMED = 5

_NAME = re.compile(r"\.shard-(\d{1,6})-of-(\d{1,6})")
#: What a file system says that has no locks.
_NO_LOCKS = (errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.ENOSYS)


@dataclass(frozen=True)
class Shard:
    """A share of the parts of a large scan: every `of`-th of them.

    Attributes
    ----------
    number, of
        Which one, counted from 1, and how many there are. The only one of one is the whole scan.
    """

    number: int = 1
    of: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.of <= MAX_SHARDS:
            raise InputError(f"a scan is divided into 1 to {MAX_SHARDS:,} shards, not {self.of:,}")
        if not 1 <= self.number <= self.of:
            raise InputError(
                f"no shard {self}; the first is 1/{self.of}, the last {self.of}/{self.of}"
            )

    @classmethod
    def named(cls, text: str) -> Self:
        """Return the shard that a text names.

        Parameters
        ----------
        text
            Such as ``2/4``.

        Raises
        ------
        InputError
            It names none.
        """
        found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text, re.ASCII)
        if found is None:
            raise InputError(f"a shard is written i/n, such as 2/4, not '{text}'")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole scan."""
        return self.of == 1

    @property
    def file_name(self) -> str:
        """Name of the file that says in a scan's folder that this shard has begun."""
        return f".shard-{self.number}-of-{self.of}"

    def parts(self, count: int) -> range:
        """Return the numbers of its parts.

        Parameters
        ----------
        count
            Parts of the whole scan.

        Returns
        -------
        range
            Counted from 0, in order.
        """
        return range(self.number - 1, count, self.of)

    def has(self, part: int) -> bool:
        """Return whether a part is one of its own.

        Parameters
        ----------
        part
            Its number, from 0.

        Returns
        -------
        bool
            Whether this shard solves it.
        """
        return part % self.of == self.number - 1


def begun_shards(folder: Path) -> list[Shard]:
    """Return the shards that have begun in a folder."""
    found = (_NAME.fullmatch(path.name) for path in folder.glob(".shard-*"))
    return sorted((Shard(int(name[1]), int(name[2])) for name in found if name
                   and 1 <= int(name[1]) <= int(name[2]) <= MAX_SHARDS),
                  key=lambda shard: (shard.of, shard.number))  # fmt: skip


class Hold:
    """A folder of a large scan, held by one process for the whole of it, or by one per shard.

    Whole scans exclude one another and all shards; shards exclude those of another division and
    another process of the same shard. A file system without locks is written to all the same:
    parts are put in place in one step, and come out with the same bytes whoever writes them.
    """

    def __init__(self, folder: Path, shard: Shard) -> None:
        self.folder, self.shard = folder, shard
        self._locks: list[FileLock] = []
        #: Whether nobody else writes the same parts, as far as the file system can tell.
        self.is_sure = True

    def take(self) -> None:
        """Hold the folder; of a shard, until :meth:`settled` against everybody.

        Raises
        ------
        InputError
            Somebody else holds it, or the same part of it.
        OSError
            The folder cannot be written.
        """
        whole = self.shard.is_whole
        if not self._acquire(LOCK, 0.0 if whole else PATIENCE):
            raise InputError(f"another process is writing the scan in '{self.folder}'")
        for other in begun_shards(self.folder):
            if other.of != self.shard.of and self._is_held(other):
                raise InputError(
                    f"shard {other} of the scan in '{self.folder}' is running; let the shards of"
                    f" {other.of} end before the scan is divided otherwise"
                )
        if not whole and not self._acquire(self.shard.file_name, 0.0):
            raise InputError(
                f"another process is writing shard {self.shard} of the scan in '{self.folder}'"
            )

    def settled(self) -> None:
        """Let other shards in."""
        if not self.shard.is_whole and len(self._locks) > 1:
            self._locks.pop(0).release()

    def release(self) -> None:
        """Let go."""
        while self._locks:
            self._locks.pop().release()

    def _acquire(self, name: str, patience: float) -> bool:
        lock = FileLock(self.folder / name)
        try:
            lock.acquire(timeout=patience, poll_interval=0.1)
        except Timeout:
            return False
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            self.is_sure = False
        self._locks.append(lock)
        return True

    def _is_held(self, shard: Shard) -> bool:
        lock = FileLock(self.folder / shard.file_name)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        lock.release()
        return False


def missing_in_words(missing: Sequence[int], count: int, folders: Sequence[Path]) -> str:
    """Say which of `count` parts are missing: by shards, if all begun ones are of one division."""
    divisions = {shard.of for folder in folders for shard in begun_shards(folder)}
    if len(divisions) == 1:
        (of,) = divisions
        told = []
        for number in sorted({part % of + 1 for part in missing}):
            shard = Shard(number, of)
            lacking = sum(map(shard.has, missing))
            told.append(f"shard {shard} ({lacking:,} of {len(shard.parts(count)):,} parts)")
    else:
        told = [f"part {part}" for part in missing]
    more = f" and {len(told) - _NAMED:,} more" if len(told) > _NAMED else ""
    return f"{', '.join(told[:_NAMED])}{more}"
