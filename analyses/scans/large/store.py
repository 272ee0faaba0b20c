"""A large scan on disk: a manifest, the model, and Parquet parts, each written in one step."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from transport_model import Model
from transport_model.errors import ComputationError, InputError
from transport_model.files import PART, check_folder, file_beside, reason

from ...provenance import model_record, tolerances, versions
from ..courses import Course
from ..designs.base import Design
from ..scan import Engine
from .parts import METADATA, ROW, Part, Task
from .shards import Hold, Shard

#: Version of the layout, and those whose results can still be read.
FORMAT, READABLE = 2, (1, 2)
#: Rows of a part: a few megabytes, a second or less of a kernel's time.
PART_ROWS = 131_072
#: Rows of a part of a scan that libRoadRunner solves: about ten seconds.
SLOW_PART_ROWS = 8_192
MANIFEST, MODEL = "manifest.json", "model.xml"
#: Name of what a kill leaves of a part.
_LEFTOVER = re.compile(r"\.part-(\d{6,})\.parquet\..*")


@dataclass(frozen=True)
class Plan:
    """Everything that the rows of a large scan depend on."""

    model: Model
    design: Design
    engine: Engine
    outputs: tuple[str, ...] | None = None
    course: Course | None = None
    part_rows: int = PART_ROWS

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The plan as it is written down: model, design, settings, versions."""
        return {
            "format": FORMAT,
            "model": model_record(self.model),
            "design": self.design.description(),
            "rows": len(self.design),
            "part_rows": self.part_rows,
            "engine": str(self.engine),
            "outputs": None if self.outputs is None else list(self.outputs),
            "course": None if self.course is None else self.course.description(),
            "tolerances": tolerances(),
            "versions": versions(of_numbers=True),
        }

    @cached_property
    def identity(self) -> str:
        """SHA-256 of the manifest."""
        return plan_identity(self.manifest)

    @property
    def parts(self) -> int:
        """Number of parts."""
        return -(-len(self.design) // self.part_rows)

    def rows_of(self, part: int) -> int:
        """Return how many rows a part has."""
        return min(self.part_rows, len(self.design) - part * self.part_rows)

    def task(self, part: int, threads: int | None) -> Task:
        """Return a part as a task."""
        first = part * self.part_rows
        rows = self.design.rows(first, first + self.rows_of(part))
        return Task(part, self.model.name, self.model.sbml, dict(self.model.changes), rows,
                    self.engine, self.outputs, self.course, self.identity, threads)  # fmt: skip


class Store:
    """The folder of a large scan, held by one process at a time, or by one per shard.

    Parameters
    ----------
    folder
        New, empty, or holding a scan of the same plan.
    plan
        What is to be in it.
    shard
        Which of its parts are written.

    Raises
    ------
    InputError
        The folder cannot be written, holds something else, a scan of another plan (what differs is
        named), or is being written by another process; or there are more shards than parts.
    """

    def __init__(self, folder: Path, plan: Plan, shard: Shard | None = None) -> None:
        self.folder, self.plan, self.shard = folder, plan, shard or Shard()
        self._hold = Hold(folder, self.shard)
        check_place(folder, plan, self.shard)
        try:
            self._take()
            self._agree()
            self._hold.settled()
        except BaseException:
            self.close()
            raise

    def _take(self) -> None:
        """Make the folder if need be, and hold it against other processes."""
        try:
            self.folder.mkdir(exist_ok=True)
            self._hold.take()
        except OSError as error:
            raise InputError(f"cannot write to '{self.folder}': {reason(error)}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        self._hold.release()

    def _agree(self) -> None:
        """Compare the manifest with the plan, or write it; sweep up what a kill left.

        The manifest comes first, in one step: from then on the folder is a scan.
        """
        text = json.dumps(self.plan.manifest, indent=1, ensure_ascii=False)
        write_if_missing(self.folder / MANIFEST, text.encode() + b"\n")
        _refuse_another(self.folder, self.plan)
        write_if_missing(self.folder / MODEL, self.plan.model.sbml.encode())
        if self._hold.is_sure:
            self._sweep()

    def _sweep(self) -> None:
        """Remove what a kill left of this process's parts."""
        for ending in (PART, ".tmp"):  # .tmp: of scans begun before this version
            for leftover in self.folder.glob(f".*{ending}"):
                part = _LEFTOVER.fullmatch(leftover.name)
                if self.shard.is_whole or (part and self.shard.has(int(part[1]))):
                    leftover.unlink(missing_ok=True)

    def path(self, part: int) -> Path:
        """Return the file of a part."""
        return part_path(self.folder, part)

    def done(self, part: int) -> dict[str, int] | None:
        """Return a part's failures by status if it is there and whole, else None."""
        return read_part_failures(self.path(part), self.plan.identity, self.plan.rows_of(part))

    def put(self, part: Part) -> None:
        """Write a part.

        Raises
        ------
        ComputationError
            The disk is full or the folder no longer writable; what is done stays.
        """
        write_beside(self.path(part.number), part.content)


def check_place(folder: Path, plan: Plan, shard: Shard) -> None:
    """Make sure, before the work is done, that a shard of a plan can be written to a folder.

    Raises
    ------
    InputError
        As :class:`Store`, but for what other processes do.
    """
    if shard.of > plan.parts:
        rows = len(plan.design) // shard.of
        hint = f"--part-rows {rows} makes enough" if rows else f"it has {len(plan.design):,} points"
        raise InputError(
            f"a scan of {plan.parts:,} parts cannot be divided into {shard.of:,} shards; {hint}"
        )
    check_folder(folder, "scan")
    if folder.is_dir():
        refuse_strangers(folder)
        if (folder / MANIFEST).exists():
            _refuse_another(folder, plan)


def _refuse_another(folder: Path, plan: Plan) -> None:
    found = read_manifest(folder)
    if found["format"] != FORMAT:
        raise InputError(
            f"'{folder}' holds a scan of format {found['format']}, begun by an earlier version of"
            f" this program; it can be read, but not continued in format {FORMAT}: name another"
            " folder"
        )
    differences = differing(found, plan.manifest)
    if differences:
        raise InputError(
            f"'{folder}' holds another scan; {'; '.join(differences[:4])}"
            " (name another folder, or repeat the command that began it)"
        )


def part_path(folder: Path, part: int) -> Path:
    """Return the file of a part."""
    return folder / f"part-{part:06d}.parquet"


def write_beside(path: Path, content: bytes) -> None:
    """Write a file of a scan's folder in one step; ComputationError if the disk takes it not."""
    try:
        with file_beside(path) as part:
            part.write_bytes(content)
    except OSError as error:
        raise ComputationError(
            f"cannot write {path}: {reason(error)}; what is done stays, and the same"
            " command continues"
        ) from None


def write_if_missing(path: Path, content: bytes) -> None:
    """Write a file of a scan's folder unless it is there."""
    if not path.exists():
        write_beside(path, content)


def refuse_strangers(folder: Path) -> None:
    """Raise InputError if a folder holds something, and no scan.

    Others may begin a scan in it meanwhile. Their manifest comes before their other files, so it
    is looked for after those.
    """
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise InputError(f"cannot read '{folder}': {reason(error)}") from None
    if any(not name.startswith(".") for name in names) and not (folder / MANIFEST).exists():
        raise InputError(f"'{folder}' holds other files; name a new or empty folder")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a scan's folder.

    Raises
    ------
    InputError
        There is none, or it is not one.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InputError(f"'{folder}' holds no scan (no {MANIFEST})")
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{path} is not a manifest that can be read") from None
    if not isinstance(manifest, dict) or manifest.get("format") not in READABLE:
        raise InputError(f"{path} is not a manifest of format {' or '.join(map(str, READABLE))}")
    if not _is_whole(manifest):
        raise InputError(f"{path} is a manifest of which parts are missing or of another kind")
    return manifest


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest holds what reading a scan takes, each of its kind."""
    model, outputs = manifest.get("model"), manifest.get("outputs")
    return (
        isinstance(model, dict)
        and isinstance(model.get("name"), str)
        and isinstance(model.get("sha256"), str)
        and isinstance(model.get("changes"), dict)
        and isinstance(manifest.get("design"), dict)
        and isinstance(manifest.get("engine"), str)
        and isinstance(manifest.get("versions"), dict)
        and isinstance(manifest.get("course"), dict | None)
        and (outputs is None or _is_list_of_text(outputs))
        and all(_is_count(manifest.get(name)) for name in ("rows", "part_rows"))
    )


def _is_list_of_text(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def plan_identity(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a manifest, which every part of the scan carries."""
    text = json.dumps(manifest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def differing(found: Mapping[str, Any], wanted: Mapping[str, Any], at: str = "") -> list[str]:
    """Return in words what differs between two manifests."""
    said: list[str] = []
    for key in dict.fromkeys((*wanted, *found)):
        here, there = found.get(key), json.loads(json.dumps(wanted.get(key)))
        name = f"{at}{key}"
        if isinstance(here, dict) and isinstance(there, dict):
            said += differing(here, there, f"{name} ")
        elif here != there:
            said.append(f"its {name} is {_short(here)}, not {_short(there)}")
    return said


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"


def read_part_failures(path: Path, identity: str, rows: int) -> dict[str, int] | None:
    """Return the failures by status of a part's file, or None if it is not that part, whole."""
    try:
        with pq.ParquetFile(path) as file:
            about = json.loads((file.schema_arrow.metadata or {}).get(METADATA, b"{}"))
            whole = file.metadata.num_rows == rows and ROW in file.schema_arrow.names
    except (OSError, pa.ArrowException, ValueError):
        return None
    return about.get("failures") if whole and about.get("plan") == identity else None
