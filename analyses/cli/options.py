"""Options that commands share, and how their words become models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from transport_model import Model

ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME|PATH",
        help="A shipped model, or an SBML, Antimony, CellML or COMBINE file.",
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
        key, value = assignment(text, "--set", "P_Na=0.002")
        refuse_twice(key, changes, "--set")
        changes[key] = number(value, f"--set {text}")
    return load_model(name, parameters=parameters).with_values(**changes)


def assignment(text: str, option: str, example: str) -> tuple[str, str]:
    """Return the id and the value of ``ID=VALUE``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise bad_input(f"{option} takes ID=VALUE, such as {option} {example}; not '{text}'")
    return key.strip(), value.strip()


def number(text: str, where: str) -> float:
    """Return a number; the error says where it was to stand."""
    try:
        return float(text)
    except ValueError:
        raise bad_input(f"{where}: '{text}' is not a number") from None


def refuse_twice(key: str, seen: Mapping[str, Any], option: str) -> None:
    """Raise InputError if an option names a quantity that it has named."""
    if key in seen:
        raise bad_input(f"{option} names '{key}' twice")


def check_out(out: Path | None) -> None:
    """Raise InputError unless a table can be written to `out`, before the work is done."""
    if out is not None:
        from ..tables import check_table_target

        check_table_target(out)


def bad_input(message: str) -> Exception:
    """Return the error of a command that was given something wrong."""
    from transport_model.errors import InputError

    return InputError(message)
