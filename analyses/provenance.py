"""What a result was computed from and with: model, packages, tolerances, seed."""

from __future__ import annotations

import platform
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from transport_model import Model
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE
from transport_model.simulation.tolerances import ABSOLUTE_SCALE, RELATIVE_TOLERANCE

#: The distribution, whose own metadata says what it requires.
DISTRIBUTION = "transport-model"
#: Requirements that no number depends on: they print, draw, and find their way about.
NOT_IN_NUMBERS = frozenset({
    "filelock", "fonttools", "jinja2", "lazy-loader", "markupsafe", "matplotlib", "packaging",
    "platformdirs", "rich", "typer",
})  # fmt: skip


def record_of(model: Model, *, seed: int | None = None) -> dict[str, Any]:
    """Return the record that goes with a result computed now.

    Parameters
    ----------
    model
        What was computed with, changes included.
    seed
        Of the random numbers; None where there are none.

    Returns
    -------
    dict
        Ready for JSON: ``model``, ``model_sha256``, ``changes``, ``created`` (UTC), ``python``,
        ``versions``, ``seed`` and ``tolerances``.
    """
    return {
        "model": model.name,
        "model_sha256": model.hash,
        "changes": dict(model.changes),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": versions(),
        "seed": seed,
        "tolerances": tolerances(),
    }


def model_record(model: Model) -> dict[str, Any]:
    """Return which model it was: ``name``, ``sha256``, ``changes`` in the order of their ids."""
    return {
        "name": model.name,
        "sha256": model.hash,
        "changes": dict(sorted(model.changes.items())),
    }


def tolerances() -> dict[str, float]:
    """Return the tolerances of time courses and of certificates."""
    return {
        "course_relative": RELATIVE_TOLERANCE,
        "course_absolute_share_of_start": RELATIVE_TOLERANCE * ABSOLUTE_SCALE,
        "steady_state_imbalance": MAX_IMBALANCE,
        "steady_state_drift": MAX_DRIFT,
    }


def versions(*, of_numbers: bool = False) -> dict[str, str | None]:
    """Return the installed version of this package and of everything that it requires.

    Parameters
    ----------
    of_numbers
        Leave out what no number depends on (:data:`NOT_IN_NUMBERS`).

    Returns
    -------
    dict
        By name of the distribution; None for what is not installed.
    """
    names = [canonicalize_name(need.name) for need in required()]
    kept = [name for name in names if not (of_numbers and name in NOT_IN_NUMBERS)]
    return {name: version_of(name) for name in (DISTRIBUTION, *sorted(kept))}


def required() -> list[Requirement]:
    """Return what the package requires here, extras left out; nothing if it is not installed."""
    return [need for need in _requirements() if _applies(need, "")]


def extras() -> dict[str, list[Requirement]]:
    """Return what each extra of the package requires here, beyond what the package does."""
    needs = _requirements()
    names = metadata.metadata(DISTRIBUTION).get_all("Provides-Extra") or [] if needs else []
    return {
        name: [need for need in needs if _applies(need, name) and not _applies(need, "")]
        for name in names
    }


def version_of(name: str) -> str | None:
    """Return the installed version of a distribution, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _requirements() -> list[Requirement]:
    try:
        return [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    except metadata.PackageNotFoundError:  # a bare checkout on sys.path
        return []


def _applies(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})
