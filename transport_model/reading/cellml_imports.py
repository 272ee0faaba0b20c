"""CellML models that import others, as one model in one file: CellML 2.0, made by libCellML."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from transport_model.errors import InputError, ModelFileError
from transport_model.reading.neighbours import Neighbours, copied

_LOCATION = "{http://www.w3.org/1999/xlink}href"


def imported(root: ElementTree.Element) -> list[str]:
    """Return the locations of the files that a CellML document imports."""
    return [
        element.get(_LOCATION, "").strip()
        for element in root
        if element.tag.rpartition("}")[2] == "import"
    ]


def flattened(text: str, origin: str, neighbours: Neighbours) -> str:
    """Return an examined CellML document, of any version, and what it imports as one CellML 2.0.

    Raises
    ------
    InputError
        libCellML is not installed.
    ModelFileError
        What it imports is not among its neighbours, or is no valid CellML.
    """
    try:
        import libcellml
    except ImportError:
        raise InputError(
            f"{origin} imports other CellML files, which needs libCellML:"
            " pip install 'transport-model[exchange]'"
        ) from None
    parser, importer = libcellml.Parser(False), libcellml.Importer(False)  # 1.0 and 1.1 as well
    with copied(text, origin, "CellML", neighbours, imported) as path:
        model = parser.parseModel(path.read_text(encoding="utf-8"))
        _raise_on_issues(parser, origin, path.parent)
        importer.resolveImports(model, f"{path.parent}/")
        _raise_on_issues(importer, origin, path.parent)
        flat = importer.flattenModel(model)
        _raise_on_issues(importer, f"{origin} cannot be joined with what it imports", path.parent)
    return str(libcellml.Printer().printModel(flat))


def _raise_on_issues(logger: Any, origin: str, folder: object) -> None:
    if logger.errorCount():
        what = " ".join(logger.error(0).description().split())
        raise ModelFileError(f"{origin}: {what.replace(f'{folder}/', '')}")
