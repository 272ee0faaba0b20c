"""A report's folder: the page, its figures and data, the models, and how they were computed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from transport_model.files import write_folder

from ..tables import for_spreadsheets
from .data_package import data_package
from .editions import Format
from .page import Page
from .pdf import to_pdf
from .render import render

#: Columns of the LaTeX table of parameters, and their headings.
_LATEX = {"id": "Id", "name": "Meaning", "value": "Value", "unit": "Unit", "low": "From",
          "high": "To", "source": "Source"}  # fmt: skip


def write_page(page: Page, folder: Path, formats: Sequence[Format]) -> Path:
    """Write a report; return the path of its page, in the first of the formats.

    Raises
    ------
    InputError
        The folder cannot be written, or there is nothing that makes PDFs.
    """
    with write_folder(folder, "report") as beside:
        for name in ("data", "figures", "models", "tables"):
            (beside / name).mkdir()
        for name, table in page.tables.items():
            write_csv(table, beside / "data" / f"{name}.csv")
        for name, drawn in page.drawn.items():
            (beside / "figures" / f"{name}.svg").write_text(drawn.svg, "utf-8", newline="\n")
            (beside / "figures" / f"{name}.pdf").write_bytes(drawn.pdf)
            (beside / "figures" / f"{name}.png").write_bytes(drawn.png)
        for name, model in page.models.items():
            (beside / "models" / f"{name}.xml").write_text(
                model.sbml, encoding="utf-8", newline="\n"
            )
        if "parameters" in page.tables:
            text = latex(page.tables["parameters"])
            (beside / "tables" / "parameters.tex").write_text(text, "utf-8", newline="\n")
        _write_json(page.provenance, beside / "provenance.json")
        _write_json(data_package(page), beside / "datapackage.json")
        if page.explorer:
            (beside / "explorer.html").write_text(page.explorer, encoding="utf-8", newline="\n")
        if Format.HTML in formats:
            (beside / "report.html").write_text(render(page), encoding="utf-8", newline="\n")
        if Format.PDF in formats:
            text = render(page, figures="linked")
            (beside / "report.pdf").write_bytes(to_pdf(text, beside, page.provenance["created"]))
    return folder / f"report.{formats[0]}"


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV; its index is a column where it has a name."""
    for_spreadsheets(table).to_csv(path, lineterminator="\n", index=table.index.name is not None)


def latex(table: pd.DataFrame) -> str:
    """Return the table of parameters as LaTeX, for the package ``longtable`` and ``booktabs``."""
    shown = table.reset_index()[[name for name in _LATEX if name in table.reset_index()]]
    return shown.rename(columns=_LATEX).to_latex(
        index=False, longtable=True, escape=True, na_rep="", float_format="%.7g",
        caption="Parameters and fixed concentrations.", label="tab:parameters",
    )  # fmt: skip


def _write_json(content: object, path: Path) -> None:
    text = json.dumps(content, indent=1, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8", newline="\n")
