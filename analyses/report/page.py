"""A page of research: what it is made of, and how it is written in one step."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from transport_model import Model
from transport_model.catalogue import provenance
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE
from transport_model.errors import InputError
from transport_model.simulation.courses import ABSOLUTE_SCALE, RELATIVE_TOLERANCE

from ..tables import for_spreadsheets
from .equations import equation_table
from .figures.style import to_svg

#: Packages whose versions the provenance records.
PACKAGES = ("transport-model", "libroadrunner", "antimony", "python-libsbml", "sympy", "sbmlmath",
            "numpy", "scipy", "pandas", "matplotlib")  # fmt: skip


@dataclass
class Page:
    """What the page is made of, gathered on the way."""

    model: Model
    data: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: dict[str, Figure] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)
    seed: int | None = None
    template: str = "report.html.jinja"


def parameter_table(model: Model) -> pd.DataFrame:
    """Return what is known of a model's parameters: value, unit, name, source, range, note."""
    known = provenance()
    species = model.species
    fixed = species[(species["kind"] == "boundary") & species["value"].notna()]
    table = pd.concat([model.parameters, fixed[["value", "unit", "name"]]])
    columns = ["source", "low", "high", "note"]
    return table.join(known[columns]).rename_axis("id")


def check_folder(folder: Path) -> None:
    """Raise InputError unless a report can be written to `folder`, before the work is done."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; name a folder for the report")
    parent = folder if folder.exists() else folder.absolute().parent
    if not parent.exists():
        raise InputError(f"there is no folder '{parent}' to make '{folder.name}' in")
    if not os.access(parent, os.W_OK):
        raise InputError(f"the folder '{parent}' cannot be written to")


def write_page(page: Page, folder: Path) -> Path:
    """Write everything beside the target, then move it there file by file."""
    try:
        folder.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    except OSError as error:
        raise InputError(f"cannot write the report to '{folder}': {error.strerror}") from None
    try:
        (beside / "data").mkdir()
        for name, table in page.data.items():
            for_spreadsheets(table).to_csv(
                beside / "data" / f"{name}.csv", lineterminator="\n",
                index=table.index.name is not None,
            )  # fmt: skip
        (beside / f"{page.model.name}.xml").write_text(page.model.sbml, encoding="utf-8")
        (beside / "provenance.json").write_text(
            json.dumps(_provenance(page), indent=1) + "\n", "utf-8"
        )
        (beside / "report.html").write_text(_render(page), encoding="utf-8")
        (folder / "data").mkdir(exist_ok=True)
        for path in sorted(beside.rglob("*")):
            if path.is_file():
                path.replace(folder / path.relative_to(beside))
    except OSError as error:
        raise InputError(f"cannot write the report to '{folder}': {error.strerror}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / "report.html"


def _provenance(page: Page) -> dict[str, object]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "model": page.model.name,
        "model_sha256": page.model.hash,
        "changes": dict(page.model.changes),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": versions,
        "seed": page.seed,
        "tolerances": {
            "course_relative": RELATIVE_TOLERANCE,
            "course_absolute_share_of_start": RELATIVE_TOLERANCE * ABSOLUTE_SCALE,
            "steady_state_imbalance": MAX_IMBALANCE,
            "steady_state_drift": MAX_DRIFT,
        },
    }


def _render(page: Page) -> str:
    templates = Path(__file__).parent / "templates"
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: (templates / name).read_text("utf-8")),
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["number"] = number
    return environment.get_template(page.template).render(
        model=page.model,
        figures={name: to_svg(figure) for name, figure in page.figures.items()},
        facts=page.facts,
        tables={name: _records(table) for name, table in page.data.items() if len(table) <= 1000},
        parameters=page.data["parameters"].reset_index().to_dict("records"),
        equations=page.facts["equations"] if "equations" in page.facts
        else equation_table(page.model),
        provenance=_provenance(page),
    )  # fmt: skip


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    named = table.reset_index() if table.index.name is not None else table
    return [
        {str(name): value for name, value in zip(named.columns, row, strict=True)}
        for row in named.itertuples(index=False, name=None)
    ]


def number(value: float, digits: int = 4) -> str:
    """Return a number for people: `digits` significant ones, a true minus, no bare exponents."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa} × 10{power}" if mantissa != "1" else f"10{power}"
    return text.replace("-", "−")
