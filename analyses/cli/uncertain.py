"""Uncertain inputs as options name them, for the commands that ask how sure a result is."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .designs_in_words import ranges_in_words
from .options import assignment, bad_input, refuse_twice, remark_on_ranges

if TYPE_CHECKING:
    from transport_model import Model

    from ..scans.courses import Course
    from ..scans.designs.distributions import Distribution
    from ..studies.global_sensitivity.answers import Answers
    from ..studies.uncertain_inputs import UncertainInputs

InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="ID[=WHAT]",
        help="An uncertain quantity: its range in parameters.csv, or one as in --range of scan,"
        " 'P_Na=1e-3:3e-3:log', or a distribution: 'Na_o=normal:140:3', lognormal:median:factor,"
        " triangular:low:mode:high, uniform and loguniform:low:high; a unit may follow. By default"
        " all that have a range. Repeatable.",
        autocompletion=completion.assignments,
    ),
]
WithinOption = Annotated[
    float | None,
    typer.Option(
        metavar="FACTOR",
        help="Every constant within this factor of its value, for a model without ranges; --input"
        " adds to it.",
    ),
]
GroupOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=ID,ID", help="Inputs whose influence is told as one. Repeatable."),
]
TieOption = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME=ID,ID", help="Inputs that move together. Repeatable."),
]
KeepOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Keep the points here: the same command goes on if it was stopped."
    ),
]
DrawSeedOption = Annotated[int, typer.Option(help="Seed of the points.")]
ReduceOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID:WHAT",
        help="Of time courses instead of steady states, as in scan: 'V_m:max'. Repeatable.",
    ),
]


def uncertain_inputs(
    model: Model,
    texts: list[str] | None,
    within: float | None,
    groups: list[str] | None = None,
    ties: list[str] | None = None,
) -> UncertainInputs:
    """Return what the options say, checked against the model.

    Ranges that go beyond those of the table of parameters are remarked on.
    """
    from ..scans.designs.distributions import LogUniform, Triangular, Uniform
    from ..studies.uncertain_inputs import UncertainInputs, known_ranges, within_factor

    found: dict[str, Distribution] = {}
    named: dict[str, str] = {}
    for text in texts or []:
        key = text.partition("=")[0].strip()
        refuse_twice(key, named, "--input")
        named[key] = text
    for key, text in named.items():
        if "=" in text:
            found[key] = _distribution(model, *assignment(text, "--input", "Na_o=normal:140:3"))
        else:
            found |= known_ranges(model, [key]).distributions
    if within is not None:
        found = {**within_factor(model, within).distributions, **found}
    elif not found:
        found = dict(known_ranges(model).distributions)
    inputs = UncertainInputs(found, _lists(groups, "--group"), _lists(ties, "--tie"))
    inputs.check(model)
    given = {key: found[key] for key in named
             if isinstance(found[key], Uniform | LogUniform | Triangular)}  # fmt: skip
    remark_on_ranges(model.name, model, {key: d.bounds() for key, d in given.items()})
    return inputs


def _lists(texts: list[str] | None, option: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in texts or []:
        key, value = assignment(text, option, "leaks=P_Na,P_K")
        refuse_twice(key, found, option)
        found[key] = [name.strip() for name in value.split(",")]
    return found


def _distribution(model: Model, key: str, value: str) -> Distribution:
    """Return a distribution, or a range as --range has it, in the model's unit."""
    from transport_model.errors import InputError

    from ..scans.designs.distributions import LogUniform, Uniform, read_distribution

    if not value.split(":")[0].strip().isalpha():
        bounds, log = ranges_in_words(model, [f"{key}={value}"], "--input")
        return (LogUniform if key in log else Uniform)(*bounds[key])
    words, unit = [*value.split(maxsplit=1), ""][:2]
    try:
        found = read_distribution(words)
        return _in_model_unit(model, key, found, unit.strip()) if unit else found
    except InputError as error:
        raise bad_input(f"--input {key}={value}: {error}") from None


def _in_model_unit(model: Model, key: str, found: Distribution, unit: str) -> Distribution:
    """Return a distribution whose numbers are in `unit` in the model's; a factor has none."""
    from ..scans.designs.axes import in_unit

    numbers = asdict(found)
    (zero,) = in_unit(model, key, [0.0], unit)
    for name, number in numbers.items():
        if name != "factor":
            (converted,) = in_unit(model, key, [number], unit)
            numbers[name] = float(converted - zero if name == "sd" else converted)
    return type(found)(**numbers)


def answers_of(
    model: Model,
    outputs: list[str] | None,
    course: Course | None,
    experiment: str | None,
    keep: Path | None,
) -> Answers:
    """Return what is computed at every point: a steady state, a course, or an experiment."""
    from ..studies.global_sensitivity.answers import scan_answers

    if experiment is None:
        return scan_answers(model, outputs, course=course, folder=keep)
    if outputs or course:
        raise bad_input("an experiment has measures of its own; leave out --output and --reduce")
    import os

    from ..experiments.uncertain import measured_experiment

    return measured_experiment(experiment, model, workers=os.cpu_count() or 1, folder=keep)
