"""The points of a scan, as the options of ``scan`` name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .options import assignment, bad_input, refuse_twice

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
        " or ':relative' or ':relative-log' for factors of the model's value. A unit, if it is not"
        " the model's, follows each number, 'Glc_o=500 uM,1 mM', or all of it,"
        " 'Na_o=0.05:0.15:11 mol/L'. Repeatable.",
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
        " ':relative', ':relative-log' and units as in --vary. Repeatable.",
        autocompletion=completion.assignments,
    ),
]
SeedOption = Annotated[int, typer.Option(help="Seed of --sample, --random and --sobol.")]


#: Finds the model, and the id in it, that tell the unit and the value of something.
Known = Callable[[str], "tuple[Model, str]"]


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
        from ..scans.designs.designs import provenance_ranges
        from ..scans.designs.grids import Grid, OneAtATime
        from ..scans.designs.samples import LatinHypercube, RandomSample, Sobol

        if self.vary:
            axes: dict[str, np.ndarray] = {}
            for text in self.vary:
                key, values = axis_of(cell, text)
                refuse_twice(key, axes, "--vary")
                axes[key] = values
            design = Grid(axes)
        else:
            bounds, log = ranges_in_words(cell, self.ranges or [])
            bounds = bounds or provenance_ranges(cell)
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


def ranges_in_words(
    cell: Model, texts: list[str], option: str = "--range"
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """Return the ranges that an option gives, and the ids whose range is logarithmic."""
    bounds: dict[str, tuple[float, float]] = {}
    log = []
    for text in texts:
        key, low, high, scale = range_of(cell, text, option, "P_Na=1e-3:3e-3")
        refuse_twice(key, bounds, option)
        bounds[key] = (low, high)
        log += [key] if scale == "log" else []
    return bounds, log


def range_of(cell: Model, text: str, option: str, example: str) -> tuple[str, float, float, str]:
    """Return the id, the ends and the scale, ``linear`` or ``log``, of ``ID=LOW:HIGH:SCALE``."""
    key, value = assignment(text, option, example)
    where = f"{option} {text}"
    fields, scale, unit = _fields(value, where)
    if len(fields) != 2:
        raise bad_input(
            f"{where}: a range is low:high; :{', :'.join(SCALES)}, or a space and a unit may follow"
        )
    written = _numbers(fields, scale, unit, where)
    with _about(where):
        values = _in_model_unit(cell, key, written, scale)
    low, high = (n for n, _ in written) if scale.startswith("relative") else values
    if not low < high:
        raise bad_input(f"{where}: a range must rise from low to high")
    ends = sorted(map(float, values))  # factors of a negative value fall
    return key, ends[0], ends[1], "log" if scale.endswith("log") else "linear"


def axis_of(
    cell: Model, text: str, option: str = "--vary", known: Known | None = None
) -> tuple[str, np.ndarray]:
    """Return the id and the values of an axis.

    Parameters
    ----------
    cell
        Of whose quantities there may be axes.
    text
        As in ``Glc_o=0.1,1,10``.
    option
        What the text was given to.
    known
        Returns, of an id that is not the model's own, the model and the id there that tell its unit
        and its value.
    """
    from ..scans.designs.axes import linear, logarithmic, relative

    key, value = assignment(text, option, "Glc_o=0.1,1,10")
    called = key
    if known is not None:
        cell, key = known(key)
    where = f"{option} {text}"
    fields, scale, unit = _fields(value, where)
    if len(fields) == 1 and scale in ("", "relative"):
        written = _numbers(fields[0].split(","), scale, unit, where)
        with _about(where):
            return called, _in_model_unit(cell, key, written, scale)
    *ends, count = fields
    if len(ends) != 2 or not count.strip().isdecimal():
        raise bad_input(
            f"{where}: an axis is low:high:count; :{', :'.join(SCALES)}, or a space and a unit"
            " may follow"
        )
    written = _numbers(ends, scale, unit, where)
    log = scale.endswith("log")
    with _about(where):
        points = int(count)
        if scale.startswith("relative"):
            low, high = (n for n, _ in written)
            return called, relative(cell, key, low, high, points, log=log)
        low, high = map(float, _in_model_unit(cell, key, written, scale))
        return called, (logarithmic if log else linear)(low, high, points)


@contextmanager
def _about(where: str) -> Iterator[None]:
    """Say where, if an error does not know which axis or range it is about."""
    try:
        yield
    except ValueError as error:
        raise bad_input(f"{where}: {error}") from None


def _fields(value: str, where: str) -> tuple[list[str], str, str]:
    """Return what stands between colons, the scale, and the unit behind all of it."""
    fields = value.split(":")
    last, unit = [*fields[-1].split(maxsplit=1), "", ""][:2]
    if last not in SCALES:
        if len(fields) == 3:  # a count, which has no unit of its own
            return [*fields[:-1], last], "", unit.strip()
        return fields, "", ""
    if len(fields) == 4 and not unit:
        fields[2], unit = [*fields[2].split(maxsplit=1), "", ""][:2]
    return fields[:-1], last, unit.strip()


def _numbers(texts: list[str], scale: str, unit: str, where: str) -> list[tuple[float, str]]:
    """Return numbers and their units: each its own, or one behind the last or behind all."""
    with _about(where):
        written = [_number_and_unit(text) for text in texts]
    own = [unit for _, unit in written]
    if scale.startswith("relative") and (unit or any(own)):
        raise bad_input(f"{where}: factors of the model's value have no unit")
    if any(own) and (unit or not all(own)) and (unit or any(own[:-1])):
        raise bad_input(f"{where}: a unit follows each number, or all of them once")
    return [(number, each or unit or own[-1]) for number, each in written]


def _number_and_unit(text: str) -> tuple[float, str]:
    from transport_model.units import split_quantity

    try:
        return float(text), ""  # also what is not finite, which is refused with the quantity's name
    except ValueError:
        return split_quantity(text)


def _in_model_unit(
    cell: Model, key: str, written: list[tuple[float, str]], scale: str
) -> np.ndarray:
    """Return numbers with units, or factors, in the model's unit."""
    import numpy as np

    from ..scans.designs.axes import in_unit, scaled

    if scale.startswith("relative"):
        return scaled(cell, key, [number for number, _ in written])
    return np.array([in_unit(cell, key, [n], unit)[0] if unit else n for n, unit in written])
