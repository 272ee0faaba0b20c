"""Options that commands share, and how their words become models and designs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from transport_model import Model

ModelOption = Annotated[
    str,
    typer.Option(
        "--model", metavar="NAME|PATH", help="A shipped model, or an SBML or Antimony file."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="ID=VALUE", help="Change a quantity, in model units. Repeatable."
    ),
]
ParametersOption = Annotated[
    str | None,
    typer.Option("--parameters", metavar="NAME", help="A named parameter set of a shipped model."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the table here: .csv, .parquet or .json."),
]


def load(name: str, values: list[str] | None, parameters: str | None = None) -> Model:
    """Return the model that the options of a command name."""
    from transport_model import load_model

    changes: dict[str, float] = {}
    for text in values or []:
        key, value = _assignment(text, "--set", "P_Na=0.002")
        _refuse_twice(key, changes, "--set")
        changes[key] = _number(value, f"--set {text}")
    return load_model(name, parameters=parameters).with_values(**changes)


def _assignment(text: str, option: str, example: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise bad_input(f"{option} takes ID=VALUE, such as {option} {example}; not '{text}'")
    return key.strip(), value.strip()


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise bad_input(f"{where}: '{text}' is not a number") from None


def design_of(
    cell: Model,
    vary: list[str] | None,
    design: Path | None,
    sample: int | None,
    ranges: list[str] | None,
    seed: int,
) -> pd.DataFrame:
    """Return the table of points that the options of ``scan`` describe."""
    from analyses.designs import grid, latin_hypercube, provenance_ranges
    from analyses.tables import read_table

    if sum(option is not None for option in (vary or None, design, sample)) != 1:
        raise bad_input("name the points with one of --vary, --design or --sample")
    if ranges and sample is None:
        raise bad_input("--range goes with --sample")
    if design is not None:
        return read_table(design)
    if sample is not None:
        bounds: dict[str, tuple[float, float]] = {}
        logarithmic = []
        for text in ranges or []:
            key, value = _assignment(text, "--range", "P_Na=1e-3:3e-3")
            low, high, *scale = value.split(":") if value.count(":") in (1, 2) else ("", "", "?")
            if scale not in ([], ["log"]):
                raise bad_input(f"--range takes ID=LOW:HIGH or ID=LOW:HIGH:log, not '{text}'")
            _refuse_twice(key, bounds, "--range")
            bounds[key] = (_number(low, f"--range {text}"), _number(high, f"--range {text}"))
            logarithmic += [key] if scale else []
        if not bounds:
            bounds = provenance_ranges(cell)
        return latin_hypercube(sample, seed=seed, log=logarithmic, **bounds)
    axes: dict[str, Any] = {}
    for text in vary or []:
        key, values = _axis(text)
        _refuse_twice(key, axes, "--vary")
        axes[key] = values
    return grid(**axes)


def _refuse_twice(key: str, seen: Mapping[str, Any], option: str) -> None:
    if key in seen:
        raise bad_input(f"{option} names '{key}' twice")


def _axis(text: str) -> tuple[str, Any]:
    import numpy as np

    key, value = _assignment(text, "--vary", "Glc_o=0.1,1,10")
    where = f"--vary {text}"
    if ":" not in value:
        return key, [_number(part, where) for part in value.split(",")]
    low, high, count, *scale = [*value.split(":"), "?", "?"][: max(3, value.count(":") + 1)]
    if scale not in ([], ["log"]) or not count.isdigit() or int(count) < 1:
        raise bad_input(f"{where}: a range is low:high:count or low:high:count:log")
    from analyses.designs import MAX_POINTS

    if int(count) > MAX_POINTS:
        raise bad_input(f"{where}: at most {MAX_POINTS:,} points")
    first, last = _number(low, where), _number(high, where)
    if scale and not (first > 0 and last > 0):
        raise bad_input(f"{where}: a logarithmic range needs two positive ends")
    return key, (np.geomspace if scale else np.linspace)(first, last, int(count))


def check_out(out: Path | None) -> None:
    """Raise InputError unless a table can be written to `out`, before the work is done."""
    if out is not None:
        from analyses.tables import check_target

        check_target(out)


def bad_input(message: str) -> Exception:
    """Return the error of a command that was given something wrong."""
    from transport_model.errors import InputError

    return InputError(message)
