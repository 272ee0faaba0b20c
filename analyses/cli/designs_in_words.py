"""The points of a scan, as the options of ``scan`` name them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .options import assignment, bad_input, number, refuse_twice

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from transport_model import Model

    from ..scans.designs.base import Design

VaryOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID=VALUES",
        help="An axis of a grid: 'Glc_o=0.1,1,10' or 'P_Na=low:high:count', with ':log' behind it,"
        " or ':relative' or ':relative-log' for factors of the model's value; then a unit, if it"
        " is not the model's: 'Na_o=0.05:0.15:11 mol/L'. Repeatable.",
        autocompletion=completion.assignments,
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
        autocompletion=completion.assignments,
    ),
]
SeedOption = Annotated[int, typer.Option(help="Seed of --sample, --random and --sobol.")]


@dataclass(frozen=True)
class DesignInWords:
    """What the options say: one of `vary`, `design` and the four counts is given.

    Raises
    ------
    InputError
        None or several are given, or ranges with something that has none.
    """

    vary: list[str] | None = None
    design: Path | None = None
    sample: int | None = None
    random: int | None = None
    sobol: int | None = None
    one_at_a_time: int | None = None
    ranges: list[str] | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        given = [name for name, count in self.counts.items() if count is not None]
        if sum((bool(self.vary), self.design is not None, len(given))) != 1:
            *most, last = ("--vary", "--design", *(f"--{name}" for name in self.counts))
            raise bad_input(f"name the points with one of {', '.join(most)} or {last}")
        if self.ranges and not given:
            *most, last = (f"--{name}" for name in self.counts)
            raise bad_input(f"--range goes with {', '.join(most)} or {last}")

    @property
    def counts(self) -> dict[str, int | None]:
        """Numbers of points by the option that gives them."""
        return {"sample": self.sample, "random": self.random, "sobol": self.sobol,
                "one-at-a-time": self.one_at_a_time}  # fmt: skip

    def table(self, cell: Model) -> pd.DataFrame:
        """Return all points."""
        from ..scans.designs.base import whole
        from ..scans.designs.designs import from_file

        return whole(self._described(cell)) if self.design is None else from_file(self.design)

    def points(self, cell: Model) -> Design:
        """Return the points, as many as they may be, checked against the model."""
        from ..scans.designs.base import check_bounds
        from ..scans.designs.designs import from_file
        from ..scans.designs.files import ParquetDesign, TableDesign

        if self.design is None:
            return self._described(cell)
        points = (ParquetDesign(self.design) if self.design.suffix == ".parquet"
                  else TableDesign(from_file(self.design)))  # fmt: skip
        check_bounds(cell, points)
        return points

    def _described(self, cell: Model) -> Design:
        from ..scans.designs.base import check_bounds
        from ..scans.designs.grids import Grid, OneAtATime
        from ..scans.designs.samples import LatinHypercube, RandomSample, Sobol

        if self.vary:
            axes: dict[str, np.ndarray] = {}
            for text in self.vary:
                key, values = _axis(cell, text)
                refuse_twice(key, axes, "--vary")
                axes[key] = values
            design = Grid(axes)
        else:
            bounds, log = _ranges(cell, self.ranges or [])
            kind, count = next((kind, n) for kind, n in self.counts.items() if n is not None)
            if kind == "one-at-a-time":
                design = OneAtATime(cell, bounds, points=count, log=log)
            else:
                kinds = {"sample": LatinHypercube, "random": RandomSample, "sobol": Sobol}
                design = kinds[kind](count, self.seed, bounds, log)
        check_bounds(cell, design)
        return design


#: How the values of an axis or range may be meant: evenly in the logarithm, as factors
SCALES = ("log", "relative", "relative-log")


def _ranges(cell: Model, texts: list[str]) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Return what --range gives, and the ids whose range is logarithmic."""
    from ..scans.designs.designs import provenance_ranges

    bounds: dict[str, tuple[float, float]] = {}
    log = []
    for text in texts:
        key, value = assignment(text, "--range", "P_Na=1e-3:3e-3")
        where = f"--range {text}"
        fields, scale, unit = _fields(value, where)
        if len(fields) != 2:
            raise bad_input(
                f"{where}: a range is low:high; :{', :'.join(SCALES)}, or a space and a unit may"
                " follow"
            )
        refuse_twice(key, bounds, "--range")
        low, high = (number(field, where) for field in fields)
        if not low < high:
            raise bad_input(f"{where}: a range must rise from low to high")
        ends = sorted(_in_model_unit(cell, key, [low, high], scale, unit))
        bounds[key] = (ends[0], ends[1])
        log += [key] if scale.endswith("log") else []
    return bounds or provenance_ranges(cell), log


def _axis(cell: Model, text: str) -> tuple[str, np.ndarray]:
    """Return the id and the values of an axis."""
    from ..scans.designs.axes import linear, logarithmic, relative

    key, value = assignment(text, "--vary", "Glc_o=0.1,1,10")
    where = f"--vary {text}"
    fields, scale, unit = _fields(value, where)
    if len(fields) == 1 and scale in ("", "relative"):
        numbers = [number(part, where) for part in fields[0].split(",")]
        return key, _in_model_unit(cell, key, numbers, scale, unit)
    if len(fields) != 3 or not fields[2].strip().isdecimal():
        raise bad_input(
            f"{where}: an axis is low:high:count; :{', :'.join(SCALES)}, or a space and a unit"
            " may follow"
        )
    low, high = number(fields[0], where), number(fields[1], where)
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
