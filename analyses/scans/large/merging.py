"""Folders of shards brought together, or one folder looked through: a whole scan, or what it lacks.

Nothing is computed. Every part is read as a whole, its checksums with it.
"""

from __future__ import annotations

import filecmp
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from transport_model.errors import ComputationError, InputError, short_path
from transport_model.files import check_folder, reason

from .parts import METADATA
from .reading import ScanData, open_scan
from .shards import Hold, Shard, missing_in_words
from .store import (
    MANIFEST,
    MODEL,
    differing,
    part_path,
    plan_identity,
    read_manifest,
    read_part_failures,
    refuse_strangers,
    write_beside,
    write_if_missing,
)


def merge_scans(
    folders: Sequence[Path | str],
    into: Path | str | None = None,
    *,
    progress: Callable[[int], object] | None = None,
) -> ScanData:
    """Bring the shards of one scan together; the result is that of the undivided scan, bit for bit.

    Parameters
    ----------
    folders
        Where shards of one scan lie: one folder that they share, or several.
    into
        The folder of the whole scan: new, empty, one of `folders`, or one that holds a part of the
        same scan. Not needed for one folder, which is looked through and left as it is.
    progress
        Called with the number of parts looked at since the last call.

    Returns
    -------
    ScanData
        The whole scan.

    Raises
    ------
    InputError
        A folder holds no scan, or shards of another one; a part belongs to another scan, or is not
        the same in two folders; the target holds something else. Nothing has been written then.
    ComputationError
        Parts are missing or damaged (they are named, by shards), or the disk is full.
    """
    paths = [Path(folder) for folder in folders]
    if not paths:
        raise InputError("name the folder of a scan, or those of its shards")
    if into is None and len(paths) > 1:
        raise InputError("several folders need one to be merged into (--out DIR/)")
    scans = [open_scan(path) for path in paths]
    first = scans[0]
    for other in scans[1:]:
        _refuse_another(first, other.folder)
    found = _found_parts(first.manifest, paths, progress)
    if into is None:
        return first
    _put_together(first, found, Path(into))
    return open_scan(into)


def _refuse_another(first: ScanData, folder: Path) -> None:
    differences = differing(read_manifest(folder), first.manifest)
    if differences:
        more = f"; {len(differences) - 1} more differ" if len(differences) > 1 else ""
        raise InputError(
            f"'{short_path(folder)}' holds a shard of another scan than"
            f" '{short_path(first.folder)}'; {differences[0]}{more}"
        )


def _found_parts(
    manifest: Any, folders: list[Path], progress: Callable[[int], object] | None
) -> list[Path]:
    """Return a sound file of every part; raise if there are parts without."""
    identity, size, rows = plan_identity(manifest), manifest["part_rows"], manifest["rows"]
    count = -(-rows // size)
    _refuse_foreign(folders, identity, count)
    found: list[Path] = []
    missing: list[int] = []
    for part in range(count):
        wanted = min(size, rows - part * size)
        places = [part_path(folder, part) for folder in folders]
        sound = [place for place in places if _is_sound(place, identity, wanted)]
        for other in sound[1:]:
            if not filecmp.cmp(sound[0], other, shallow=False):
                raise InputError(
                    f"{short_path(sound[0])} and {short_path(other)} are not the same: they were"
                    " computed on machines of different kinds; remove one of them"
                )
        if sound:
            found.append(sound[0])
        else:
            _refuse_damaged(places, identity, wanted)
            missing.append(part)
        if progress is not None:
            progress(1)
    if missing:
        raise ComputationError(
            f"the scan lacks {len(missing):,} of {count:,} parts:"
            f" {missing_in_words(missing, count, folders)}; run what is missing again, with the"
            " same command"
        )
    return found


def _refuse_foreign(folders: list[Path], identity: str, count: int) -> None:
    """Raise InputError if a readable part is one of another scan, or of none of this one's rows."""
    for folder in folders:
        for path in sorted(folder.glob("part-*.parquet")):
            digits = path.stem.removeprefix("part-")
            try:
                about = json.loads((pq.read_schema(path).metadata or {}).get(METADATA, b"{}"))
            except (OSError, pa.ArrowException, ValueError):
                continue  # damaged, and to be told as missing
            number = int(digits) if digits.isdecimal() else count
            if about.get("plan") != identity or about.get("part") != number or number >= count:
                raise InputError(
                    f"{short_path(path)} is no part of the scan that {MANIFEST} describes; remove"
                    " it, or name the folder of its own scan"
                )


def _refuse_damaged(places: list[Path], identity: str, rows: int) -> None:
    """Raise if a part looks whole, so that a run would not solve it again, and is not."""
    for path in places:
        if read_part_failures(path, identity, rows) is not None:
            raise ComputationError(
                f"{short_path(path)} is damaged: its checksums do not match; remove it, and run the"
                " same command again"
            )


def _is_sound(path: Path, identity: str, rows: int) -> bool:
    """Whether a part is there, and can be read to the last value."""
    if read_part_failures(path, identity, rows) is None:
        return False
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for group in range(file.num_row_groups):
                file.read_row_group(group)
    except (OSError, pa.ArrowException):
        return False
    return True


def _put_together(first: ScanData, found: list[Path], into: Path) -> None:
    check_folder(into, "scan")
    hold = Hold(into, Shard())
    try:
        into.mkdir(exist_ok=True)
        refuse_strangers(into)
        hold.take()
        write_if_missing(into / MANIFEST, (first.folder / MANIFEST).read_bytes())
        _refuse_another(first, into)
        write_if_missing(into / MODEL, (first.folder / MODEL).read_bytes())
        for path in found:
            target = into / path.name
            if not (target.exists() and path.samefile(target)):
                write_beside(target, path.read_bytes())
    except OSError as error:
        raise ComputationError(f"cannot merge into '{into}': {reason(error)}") from None
    finally:
        hold.release()
