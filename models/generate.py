"""Write the SBML of every model beside its Antimony source: ``python models/generate.py``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from transport_model.catalogue import model_source, variants
from transport_model.files import write_text
from transport_model.reading.documents import read_model

HERE = Path(__file__).parent
#: Sources that are models without variants.
ASSAYS = ("oocyte", "oocyte_published")


def main() -> None:
    """Generate all SBML files."""
    for name in (*ASSAYS, *variants()["file"]):
        write_text(HERE / f"{name}.xml", generated(name))


def generated(name: str) -> str:
    """Return the SBML of a model or of a variant of one, from the sources in this folder."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "models"
        shutil.copytree(HERE, copy)
        path = copy / f"{name}.ant"
        path.write_text(model_source(name), encoding="utf-8")
        return read_model(path)


if __name__ == "__main__":
    main()
