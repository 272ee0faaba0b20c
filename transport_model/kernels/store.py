"""Machine code of models on disk and in memory: compiled once, found again by its content.

It lies in a cache folder (:mod:`transport_model.kernels.cache`) in a directory of its own, named by
a hash of the model and of everything that had a hand in compiling it. A directory whose checksums
do not match is thrown away and built anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

from transport_model.errors import ComputationError, KernelWarning, short_path
from transport_model.files import folder_beside, reason
from transport_model.kept import package_sum
from transport_model.kernels.cache import alone, checksum, is_intact, places
from transport_model.kernels.machine import Loaded, this_machine
from transport_model.model import Model

#: Libraries that have a hand in it, from the reading of the SBML to the machine code.
_LIBRARIES = ("llvmlite", "numpy", "scipy", "sympy", "mpmath", "sbmlmath", "python-libsbml")
#: Files of a kernel.
CODE, DESCRIPTION = "kernel.o", "kernel.json"
#: Numbers that the lanes of a matrix may hold: a thread's stack has several.
MOST_IN_MATRIX = 40_000

#: What is read from machine code and its description.
Kernel = TypeVar("Kernel")


@dataclass(frozen=True)
class Compiled:
    """Machine code of a model, ready to be called.

    Attributes
    ----------
    description
        What is to be known of it besides, as plain JSON values.
    code
        The machine code.
    """

    description: dict[str, Any]
    code: Loaded


def compiled(
    kind: str,
    sbml: str,
    given: frozenset[str],
    make: Callable[[], tuple[bytes, dict[str, Any]]],
    read: Callable[[Compiled], Kernel],
) -> Kernel:
    """Return a model's kernel of a kind: from the cache, or made and kept there.

    Parameters
    ----------
    kind
        What is computed; part of the key.
    sbml, given
        The model, and ids that are set although it computes them.
    make
        Returns the code as an object file, and its description.
    read
        Makes a kernel of them.

    Raises
    ------
    UnsupportedModelError
        The model has a construct that kernels do not take.
    ComputationError
        The kernel does not compile.

    Warns
    -----
    KernelWarning
        It cannot be kept.
    """
    folder, *shared = places(key(kind, sbml, given))
    for place in (folder, *shared):
        if (found := _load(place, read)) is not None:
            return found
    with alone(folder):
        found = _load(folder, read)
        if found is None:  # not there, damaged, or unreadable
            shutil.rmtree(folder, ignore_errors=True)
            code, description = make()
            found = read(Compiled(description, Loaded(code)))
            _keep(folder, code, description)
    return found


def is_compiled(kind: str, sbml: str, given: frozenset[str]) -> bool:
    """Whether :func:`compiled` will answer without compiling."""
    try:
        found = key(kind, sbml, given)
    except ComputationError:  # nothing can be compiled here
        return False
    return any(place.is_dir() for place in places(found))


def replaced(model: Model, columns: Sequence[str]) -> frozenset[str]:
    """Return the ids whose value in the SBML is an amount or a formula, and that are set."""
    return frozenset(
        name for name in (*model.changes, *columns) if model.quantities[name].converted
    )


def cores() -> int:
    """Return how many cores this process may use: on a cluster, not all that the node has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def key(kind: str, sbml: str, given: frozenset[str]) -> str:
    """Return the name of a kernel's folder."""
    machine = this_machine()
    parts = [kind, sbml, *sorted(given), package_sum(), platform.python_version(),
             platform.machine(), machine.name, machine.features]  # fmt: skip
    parts += [metadata.version(package) for package in _LIBRARIES]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def width_for(independent: int) -> int:
    """Return how many points a vector has: what the machine has, fewer of large matrices.

    A power of two, which lies in memory without gaps.
    """
    most = max(2, min(this_machine().width, MOST_IN_MATRIX // independent**2))
    return 1 << (most.bit_length() - 1)


def _keep(folder: Path, code: bytes, description: dict[str, Any]) -> None:
    """Write a kernel beside its place, then move it there; warn where that cannot be done."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not is_intact(folder):
            shutil.rmtree(folder, ignore_errors=True)
        with folder_beside(folder) as beside:
            (beside / CODE).write_bytes(code)
            _write_json(beside / DESCRIPTION, description)
            sums = {name: checksum(beside / name, folder.name) for name in (CODE, DESCRIPTION)}
            _write_json(beside / "checksums.json", sums)
    except OSError as error:
        if not is_intact(folder):  # another process finished first; otherwise a real error
            warnings.warn(
                f"kernels cannot be kept in '{short_path(folder.parent)}' ({reason(error)}), and"
                " are compiled each time; set TRANSPORT_MODEL_CACHE to a folder that can be"
                " written",
                KernelWarning,
                stacklevel=2,
            )


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content), encoding="utf-8", newline="\n")


def _load(folder: Path, read: Callable[[Compiled], Kernel]) -> Kernel | None:
    """Load a kernel from its folder; None where there is no sound one.

    LLVM ends the process over machine code that is damaged, so that it gets none to see.
    """
    if not is_intact(folder):
        return None
    try:
        description: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        return read(Compiled(description, Loaded((folder / CODE).read_bytes())))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, ComputationError):
        return None
