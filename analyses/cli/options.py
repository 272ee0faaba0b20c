"""Options that commands share, and how their words become models and designs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from transport_model import Model

    from ..scans.designs.lazy_designs import LazyDesign

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
VaryOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID=VALUES",
        help="An axis of a grid: 'Glc_o=0.1,1,10' or 'P_Na=low:high:count', with ':log' behind it,"
        " or ':relative' or ':relative-log' for factors of the model's value; then a unit, if it"
        " is not the model's: 'Na_o=0.05:0.15:11 mol/L'. Repeatable.",
    ),
]
DesignOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A design: .csv or .parquet, a column a quantity."),
]
SampleOption = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Latin hypercube of N points over the ranges of --range, or of parameters.csv.",
    ),
]
RandomOption = Annotated[
    int | None, typer.Option(metavar="N", help="N random points over the same ranges.")
]
SobolOption = Annotated[
    int | None, typer.Option(metavar="N", help="N points of a Sobol' sequence over them.")
]
OneAtATimeOption = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="Each quantity alone at N values of its range, the others at rest."
    ),
]
RangeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--range",
        metavar="ID=LOW:HIGH",
        help="A range for --sample, --random, --sobol or --one-at-a-time, with ':log',"
        " ':relative', ':relative-log' and a unit as in --vary. Repeatable.",
    ),
]
SeedOption = Annotated[int, typer.Option(help="Seed of --sample, --random and --sobol.")]


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
    *,
    random: int | None = None,
    sobol: int | None = None,
    one_at_a_time: int | None = None,
) -> pd.DataFrame:
    """Return the table of points that the options of ``scan`` describe."""
    from ..scans.designs.designs import from_file
    from ..scans.designs.lazy_designs import whole

    counts = {"sample": sample, "random": random, "sobol": sobol, "one-at-a-time": one_at_a_time}
    _check_choice(vary, design, counts, ranges)
    if design is not None:
        return from_file(design)
    return whole(_described(cell, vary, counts, ranges, seed))


def lazy_design_of(
    cell: Model,
    vary: list[str] | None,
    design: Path | None,
    sample: int | None,
    ranges: list[str] | None,
    seed: int,
    *,
    random: int | None = None,
    sobol: int | None = None,
    one_at_a_time: int | None = None,
) -> LazyDesign:
    """Return the points that the options of ``scan`` describe, as many as they may be."""
    from ..scans.designs.designs import from_file
    from ..scans.designs.files import LazyFile, LazyTable
    from ..scans.designs.lazy_designs import check_bounds

    counts = {"sample": sample, "random": random, "sobol": sobol, "one-at-a-time": one_at_a_time}
    _check_choice(vary, design, counts, ranges)
    if design is None:
        return _described(cell, vary, counts, ranges, seed)
    points = LazyFile(design) if design.suffix == ".parquet" else LazyTable(from_file(design))
    check_bounds(cell, points)
    return points


def _check_choice(
    vary: list[str] | None,
    design: Path | None,
    counts: Mapping[str, int | None],
    ranges: list[str] | None,
) -> None:
    given = [name for name, count in counts.items() if count is not None]
    if sum((bool(vary), design is not None, len(given))) != 1:
        *most, last = ("--vary", "--design", *(f"--{name}" for name in counts))
        raise bad_input(f"name the points with one of {', '.join(most)} or {last}")
    if ranges and not given:
        *most, last = (f"--{name}" for name in counts)
        raise bad_input(f"--range goes with {', '.join(most)} or {last}")


def _described(
    cell: Model,
    vary: list[str] | None,
    counts: Mapping[str, int | None],
    ranges: list[str] | None,
    seed: int,
) -> LazyDesign:
    """Return the design that options other than a file describe, checked against the model."""
    from ..scans.designs import lazy_designs as lazy

    if vary:
        axes: dict[str, np.ndarray] = {}
        for text in vary:
            key, values = _axis(cell, text)
            _refuse_twice(key, axes, "--vary")
            axes[key] = values
        design = lazy.LazyGrid(axes)
    else:
        bounds, log = _ranges(cell, ranges or [])
        kind, count = next((kind, count) for kind, count in counts.items() if count is not None)
        if kind == "one-at-a-time":
            design = lazy.LazyOneAtATime(cell, bounds, points=count, log=log)
        else:
            kinds = {"sample": lazy.LazyLatinHypercube, "random": lazy.LazySample,
                     "sobol": lazy.LazySobol}  # fmt: skip
            design = kinds[kind](count, seed, bounds, log)
    lazy.check_bounds(cell, design)
    return design


def _refuse_twice(key: str, seen: Mapping[str, Any], option: str) -> None:
    if key in seen:
        raise bad_input(f"{option} names '{key}' twice")


#: How the values of an axis or range may be meant: evenly in the logarithm, as factors
SCALES = ("log", "relative", "relative-log")


def _ranges(cell: Model, texts: list[str]) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Return what --range gives, and the ids whose range is logarithmic."""
    from ..scans.designs.designs import provenance_ranges

    bounds: dict[str, tuple[float, float]] = {}
    log = []
    for text in texts:
        key, value = _assignment(text, "--range", "P_Na=1e-3:3e-3")
        where = f"--range {text}"
        fields, scale, unit = _fields(value, where)
        if len(fields) != 2:
            raise bad_input(
                f"{where}: a range is low:high; :{', :'.join(SCALES)}, or a space and a unit may"
                " follow"
            )
        _refuse_twice(key, bounds, "--range")
        low, high = (_number(field, where) for field in fields)
        if not low < high:
            raise bad_input(f"{where}: a range must rise from low to high")
        ends = sorted(_in_model_unit(cell, key, [low, high], scale, unit))
        bounds[key] = (ends[0], ends[1])
        log += [key] if scale.endswith("log") else []
    return bounds or provenance_ranges(cell), log


def _axis(cell: Model, text: str) -> tuple[str, np.ndarray]:
    """Return the id and the values of an axis."""
    from ..scans.designs.axes import linear, logarithmic, relative

    key, value = _assignment(text, "--vary", "Glc_o=0.1,1,10")
    where = f"--vary {text}"
    fields, scale, unit = _fields(value, where)
    if len(fields) == 1 and scale in ("", "relative"):
        numbers = [_number(part, where) for part in fields[0].split(",")]
        return key, _in_model_unit(cell, key, numbers, scale, unit)
    if len(fields) != 3 or not fields[2].strip().isdecimal():
        raise bad_input(
            f"{where}: an axis is low:high:count; :{', :'.join(SCALES)}, or a space and a unit"
            " may follow"
        )
    low, high = _number(fields[0], where), _number(fields[1], where)
    log = scale.endswith("log")
    try:
        count = int(fields[2])
        if scale.startswith("relative"):
            return key, relative(cell, key, low, high, count, log=log)
        low, high = map(float, _in_model_unit(cell, key, [low, high], scale, unit))
        return key, (logarithmic if log else linear)(low, high, count)
    except ValueError as error:  # an InputError that does not know which axis it is about
        raise bad_input(f"{where}: {error}") from None


def _fields(value: str, where: str) -> tuple[list[str], str, str]:
    """Return the fields of an axis or range between colons, its scale and its unit."""
    last = value.replace(",", ":").rpartition(":")[2]
    number, unit = [*last.split(maxsplit=1), "", ""][:2]
    head = value[: len(value) - len(last)]
    fields = [*head.split(":")[:-1], number] if head.endswith(":") else [head + number]
    *_, scale = fields
    if scale not in SCALES:
        return fields, "", unit.strip()
    if scale.startswith("relative") and unit:
        raise bad_input(f"{where}: factors of the model's value have no unit")
    return fields[:-1], scale, unit.strip()


def _in_model_unit(
    cell: Model, key: str, numbers: list[float], scale: str, unit: str
) -> np.ndarray:
    """Return numbers that were written in a unit, or as factors, in the model's unit."""
    import numpy as np

    from ..scans.designs.axes import in_unit, scaled

    if scale.startswith("relative"):
        return scaled(cell, key, numbers)
    return in_unit(cell, key, numbers, unit) if unit else np.asarray(numbers)


def check_out(out: Path | None) -> None:
    """Raise InputError unless a table can be written to `out`, before the work is done."""
    if out is not None:
        from ..tables import check_table_target

        check_table_target(out)


def bad_input(message: str) -> Exception:
    """Return the error of a command that was given something wrong."""
    from transport_model.errors import InputError

    return InputError(message)
