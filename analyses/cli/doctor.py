"""What is installed, and whether the shipped models load, simulate and balance."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from importlib import metadata

from transport_model import load_model, simulate, steady_state
from transport_model.catalogue import shipped_models
from transport_model.errors import TransportModelError

#: Packages without which nothing works, and those that only add something.
REQUIRED = ("libroadrunner", "antimony", "python-libsbml", "sympy", "sbmlmath", "numpy", "scipy",
            "pandas", "pyarrow", "matplotlib", "jinja2", "typer", "rich")  # fmt: skip
OPTIONAL = ("tellurium", "copasi-basico")


def diagnose() -> Iterator[tuple[str, str, bool]]:
    """Yield (item, what was found, whether that is good), cheapest first."""
    yield "python", platform.python_version(), sys.version_info >= (3, 11)
    for package in REQUIRED:
        version = _version(package)
        yield package, version or "not installed", version is not None
    for package in OPTIONAL:
        yield package, _version(package) or "not installed (optional)", True
    for name in shipped_models():
        yield from _examine(name)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _examine(name: str) -> Iterator[tuple[str, str, bool]]:
    try:
        model = load_model(name)
        yield f"{name}: loads", f"{len(model.reactions)} reactions", True
        course = simulate(model, end=60.0, points=2)
        yield f"{name}: simulates", f"to {course.index[-1]:g} {model.units['time']}", True
        state = steady_state(model)
        yield f"{name}: balances", f"relative imbalance {state.residual:.1e}", state.converged
    except TransportModelError as error:
        yield f"{name}", str(error), False
