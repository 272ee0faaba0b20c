"""What is installed, and whether the shipped models load, simulate and balance."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator

from packaging.requirements import Requirement

from transport_model import load_model, simulate, steady_state
from transport_model.catalogue import shipped_models
from transport_model.errors import TransportModelError

from ..provenance import DISTRIBUTION, extras, required, version_of


def diagnose() -> Iterator[tuple[str, str, bool]]:
    """Yield (item, what was found, whether that is good), cheapest first."""
    yield "python", platform.python_version(), sys.version_info >= (3, 11)
    own = version_of(DISTRIBUTION)
    yield DISTRIBUTION, own or "not installed", own is not None
    for need in sorted(required(), key=lambda need: need.name):
        found, good = _found(need)
        yield need.name, found, good
    for name, needs in extras().items():
        lacking = [need.name for need in needs if not _found(need)[1]]
        yield (f"extra {name}", f"without {', '.join(lacking)} (optional)" if lacking else
               "complete", True)  # fmt: skip
    for name in shipped_models():
        yield from _examine(name)


def _found(need: Requirement) -> tuple[str, bool]:
    version = version_of(need.name)
    if version is None:
        return "not installed", False
    if need.specifier.contains(version, prereleases=True):
        return version, True
    return f"{version}, but {need.specifier} is needed", False


def _examine(name: str) -> Iterator[tuple[str, str, bool]]:
    try:
        model = load_model(name)
        many = "" if len(model.reactions) == 1 else "s"
        yield f"{name}: loads", f"{len(model.reactions)} reaction{many}", True
        course = simulate(model, end=60.0, points=2)
        yield f"{name}: simulates", f"to {course.index[-1]:g} {model.units['time']}", True
        state = steady_state(model)
        yield f"{name}: balances", f"relative imbalance {state.residual:.1e}", state.converged
    except TransportModelError as error:
        yield f"{name}", str(error), False
