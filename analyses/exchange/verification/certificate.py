"""The certificate of agreement that travels with a model: a page for people, JSON for programs."""

from __future__ import annotations

import json
import math
import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

import jinja2

from transport_model.errors import InputError

from ...report.page import number
from ...verdict import Verdict
from .engines.jobs import RELATIVE_TOLERANCE
from .verify import TOLERANCE, Agreement

#: Packages of ours whose versions the certificate records.
PACKAGES = ("transport-model", "libroadrunner", "python-libsbml", "numpy", "scipy")


def check_folder(folder: Path) -> None:
    """Raise InputError unless a certificate can be written to `folder`; asked before the work."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; name a folder for the certificate")
    parent = folder if folder.exists() else folder.absolute().parent
    if not parent.exists():
        raise InputError(f"there is no folder '{parent}' to make '{folder.name}' in")
    if not os.access(parent, os.W_OK):
        raise InputError(f"the folder '{parent}' cannot be written to")


def write_certificate(agreement: Agreement, folder: Path) -> Path:
    """Write ``certificate.html`` and ``certificate.json`` beside the target, then move them there.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InputError
        The folder cannot be written to.
    """
    check_folder(folder)
    content = certificate(agreement)
    texts = {
        "certificate.json": json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False),
        "certificate.html": render(content),
    }
    try:
        folder.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".certificate-", dir=folder))
        try:
            for name, text in texts.items():
                (beside / name).write_text(text + "\n", encoding="utf-8")
            for name in texts:
                (beside / name).replace(folder / name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise InputError(f"cannot write the certificate to '{folder}': {error.strerror}") from None
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
        "model": {
            "name": model.name,
            "sha256": model.hash,
            "changes": dict(model.changes),
        },
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
        "versions": {**_versions(), "python": platform.python_version()},
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


def _versions() -> dict[str, str | None]:
    versions: dict[str, str | None] = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return versions
