"""Options that commands share, and how their words become models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import completion
from .talk import remark
from .terminal import STDOUT

if TYPE_CHECKING:
    from transport_model import Model

ModelOption = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="NAME|PATH",
        help="A shipped model, or an SBML, Antimony, CellML or COMBINE file.",
        autocompletion=completion.models,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="ID=VALUE",
        help="Change a quantity: a number in the model's unit, or with one of its own, as in"
        " 'Glc_o=1 mmol/L'. Repeatable.",
        autocompletion=completion.assignments,
    ),
]
ParametersOption = Annotated[
    str | None,
    typer.Option(
        "--parameters",
        metavar="NAME",
        help="A named parameter set of a shipped model.",
        autocompletion=completion.parameter_sets,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write the table here: .csv, .parquet or .json; - is standard output, as CSV.",
    ),
]

OutputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--output",
        metavar="ID",
        help="A quantity to show; by default all. Repeatable.",
        autocompletion=completion.quantities,
    ),
]
AllOption = Annotated[
    bool, typer.Option("--all", help="Show every quantity in the terminal, not the main ones.")
]


#: Exit status of a command with --strict whose verdict went against.
AGAINST = 3

StrictOption = Annotated[
    bool, typer.Option("--strict", help="Exit with status 3 if a verdict goes against.")
]
EndOption = Annotated[
    str,
    typer.Option(
        "--end", metavar="TIME", help="Last time: a number in the model's unit, or as in '1 h'."
    ),
]


def load(name: str, values: list[str] | None, parameters: str | None = None) -> Model:
    """Return the model that the options of a command name.

    A value outside the range that the table of parameters gives is remarked on.
    """
    from transport_model import load_model
    from transport_model.catalogue import remark_of

    model = load_model(name, parameters=parameters)
    changes: dict[str, float] = {}
    for text in values or []:
        key, value = assignment(text, "--set", "P_Na=0.002")
        refuse_twice(key, changes, "--set")
        changes[key] = quantity(value, model.unit(key), f"--set {text}")
    changed = model.with_values(**changes)
    if said := remark_of(name):
        remark(f"{name} {said}")
    remark_on_ranges(name, model, {key: (value, value) for key, value in changes.items()})
    return changed


def remark_on_ranges(name: str, model: Model, spans: Mapping[str, tuple[float, float]]) -> None:
    """Say which values, from one to another, leave the ranges known for a shipped model."""
    from transport_model.ranges import remarks

    for text in remarks(name, spans, model.unit).values():
        remark(text)


def quantity(text: str, unit: str, where: str) -> float:
    """Return a number with or without a unit as one in `unit`; the error says where it stood."""
    from transport_model.errors import InputError
    from transport_model.units import read_quantity

    try:
        return read_quantity(text, unit)
    except InputError as error:
        raise bad_input(f"{where}: {error}") from None


def time_of(text: str, model: Model, option: str) -> float:
    """Return a time that an option gives, in the model's unit of time."""
    return quantity(text, model.units["time"], f"{option} {text}")


def assignment(text: str, option: str, example: str) -> tuple[str, str]:
    """Return the id and the value of ``ID=VALUE``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise bad_input(f"{option} takes ID=VALUE, such as {option} {example}; not '{text}'")
    return key.strip(), value.strip()


def refuse_twice(key: str, seen: Mapping[str, Any], option: str) -> None:
    """Raise InputError if an option names a quantity that it has named."""
    if key in seen:
        raise bad_input(f"{option} names '{key}' twice")


def chosen(wanted: Iterable[str], known: Iterable[object], where: str) -> list[str]:
    """Return the ids that are wanted, each once; UnknownIdError for one that is not known."""
    from transport_model.errors import UnknownIdError

    ids = [str(name) for name in known]
    for name in wanted:
        if name not in ids:
            raise UnknownIdError.of(name, ids, where)
    return list(dict.fromkeys(wanted))


def check_out(out: Path | None) -> None:
    """Raise InputError unless a table can be written to `out`, before the work is done."""
    if out is not None and out != STDOUT:
        from ..tables import check_table_target

        check_table_target(out)


def went(well: bool, strict: bool) -> None:
    """End the command with status 3 if a verdict went against, and that was to count."""
    if strict and not well:
        raise typer.Exit(AGAINST)


def bad_input(message: str) -> Exception:
    """Return the error of a command that was given something wrong."""
    from transport_model.errors import InputError

    return InputError(message)
