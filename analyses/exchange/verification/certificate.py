"""The certificate of agreement that travels with a model: a page for people, JSON for programs."""

from __future__ import annotations

import json
import math
import platform
from pathlib import Path

import jinja2

from transport_model.files import write_folder

from ...provenance import model_record, versions
from ...report.typography import number
from ...verdict import Verdict
from .engines.jobs import RELATIVE_TOLERANCE
from .verify import TOLERANCE, Agreement


def write_certificate(agreement: Agreement, folder: Path) -> Path:
    """Write ``certificate.html`` and ``certificate.json``.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    content = certificate(agreement)
    text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
    with write_folder(folder, "certificate") as beside:
        (beside / "certificate.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        (beside / "certificate.html").write_text(
            render(content) + "\n", encoding="utf-8", newline="\n"
        )
    return folder / "certificate.html"


def certificate(agreement: Agreement) -> dict[str, object]:
    """Return everything that a certificate says, ready for JSON."""
    model = agreement.model
    table = agreement.engines.reset_index()
    engines = [
        {str(key).replace(" ", "_"): _plain(value) for key, value in row.items()}
        for row in table.to_dict("records")
    ]
    compared = agreement.table[agreement.table["quantity"] != ""]
    worst = compared.groupby(["engine", "test"], sort=False)["difference"].max()
    quantities = agreement.quantities
    return {
        "model": model_record(model),
        "created": agreement.created,
        "verdict": "agrees" if agreement.holds else "does not agree",
        "settings": {
            "end": agreement.end,
            "time_unit": model.units["time"],
            "points": agreement.points,
            "sets": len(agreement.sets),
            "seed": agreement.seed,
            "tolerance": TOLERANCE,
            "engines_relative_tolerance": RELATIVE_TOLERANCE,
        },
        "versions": {**versions(), "python": platform.python_version()},
        "engines": engines,
        "quantities": [
            {
                "id": str(name),
                "unit": model.unit(str(name)),
                "differences": {str(engine): _plain(value) for engine, value in row.items()},
            }
            for name, row in quantities.iterrows()
        ],
        "tests": [
            {"engine": str(engine), "test": str(test), "largest_difference": _plain(value)}
            for (engine, test), value in zip(worst.index, worst, strict=True)
        ],
        "skipped": agreement.skipped,
        "parameter_sets": {
            str(test): {str(name): float(value) for name, value in row.items()}
            for test, row in agreement.sets.iterrows()
        },
    }


def render(content: dict[str, object]) -> str:
    """Return the page of a certificate; whatever the model's author wrote is escaped."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)  # fmt: skip
    environment.filters["number"] = _shown
    text = (Path(__file__).parent / "certificate.html.jinja").read_text("utf-8")
    return environment.from_string(text).render(
        **content, missing=Verdict.NOT_INSTALLED, wrong=Verdict.KNOWN_WRONG
    )


def _shown(value: object, digits: int = 2) -> str:
    if isinstance(value, str):
        return "∞" if value == "inf" else value
    return number(value, digits) if isinstance(value, int | float) else "–"


def _plain(value: object) -> object:
    """Return a value as JSON has it: None for what is missing, a word for infinity."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, float):
        return None if math.isnan(value) else value if math.isfinite(value) else "inf"
    return value
