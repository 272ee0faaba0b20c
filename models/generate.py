"""Write the SBML of every cell beside its Antimony source: ``python models/generate.py``."""

from __future__ import annotations

from pathlib import Path

from transport_model.documents import read_model

#: Sources that are models by themselves; the others are modules they import.
CELLS = ("cell",)


def main() -> None:
    """Generate all SBML files."""
    folder = Path(__file__).parent
    for name in CELLS:
        path = folder / f"{name}.xml"
        beside = path.with_suffix(".xml.part")
        beside.write_text(read_model(folder / f"{name}.ant"), encoding="utf-8")
        beside.replace(path)


if __name__ == "__main__":
    main()
