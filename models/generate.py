"""Write the SBML of every model beside its Antimony source: ``python models/generate.py``.

A variant (a row of ``variants.csv``) is a model's source with other modules imported.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from transport_model.files import write_text
from transport_model.reading.documents import read_model

HERE = Path(__file__).parent
#: Sources that are models without variants.
ASSAYS = ("oocyte", "oocyte_published")


def main() -> None:
    """Generate all SBML files."""
    for name in ASSAYS:
        write_text(HERE / f"{name}.xml", read_model(HERE / f"{name}.ant"))
    for variant in pd.read_csv(HERE / "variants.csv").itertuples():
        write_text(HERE / f"{variant.file}.xml", variant_text(HERE, variant))


def variant_text(folder: Path, variant: Any) -> str:
    """Return the SBML of one row of ``variants.csv``, from the sources in `folder`."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "models"
        shutil.copytree(folder, copy)
        source = (copy / f"{variant.model}.ant").read_text(encoding="utf-8")
        source = source.replace('"pumps/calibrated.ant"', f'"pumps/{variant.pump}.ant"')
        source = source.replace('"symporters/sglt1.ant"', f'"symporters/{variant.symporter}.ant"')
        source = source.replace(f"model *{variant.model}()", f"model *{variant.file}()")
        path = copy / f"{variant.file}.ant"
        path.write_text(source, encoding="utf-8")
        return read_model(path)


if __name__ == "__main__":
    main()
