"""CellML models that import others, as one model in one file: CellML 2.0, made by libCellML.

It ends the process over some files that it should refuse. This file is a process as well, which may
end: it takes the path of a copy and writes what came of it as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from transport_model.errors import InputError, ModelFileError
from transport_model.reading.neighbours import Neighbours, copied

#: Seconds that libCellML may take.
PATIENCE = 60
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
    if find_spec("libcellml") is None:
        raise InputError(
            f"{origin} imports other CellML files, which needs libCellML:"
            " pip install 'transport-model[exchange]'"
        )
    with copied(text, origin, "CellML", neighbours, imported) as path:
        try:
            done = subprocess.run(
                [sys.executable, "-P", __file__, path], capture_output=True, encoding="utf-8",
                timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ModelFileError(
                f"{origin}: libCellML cannot join it with what it imports within {PATIENCE} s"
            ) from None
    if done.returncode:
        raise ModelFileError(
            f"{origin}: libCellML dies of joining it with what it imports (it ended with"
            f" {done.returncode}); look for units and components that name what is not there"
        )
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise ModelFileError(f"{origin}{answer['error'].replace(f'{path.parent}/', '')}")
    return str(answer["model"])


def _answer(path: Path) -> dict[str, str]:
    """Return the joined model, or what is wrong."""
    import libcellml

    parser, importer = libcellml.Parser(False), libcellml.Importer(False)  # 1.0 and 1.1 as well
    model = parser.parseModel(path.read_text(encoding="utf-8"))
    if parser.errorCount():
        return {"error": f": {_first(parser)}"}
    importer.resolveImports(model, f"{path.parent}/")
    if importer.errorCount():
        return {"error": f": {_first(importer)}"}
    flat = importer.flattenModel(model)
    if importer.errorCount():
        return {"error": f" cannot be joined with what it imports: {_first(importer)}"}
    return {"model": libcellml.Printer().printModel(flat)}


def _first(logger: Any) -> str:
    return " ".join(logger.error(0).description().split())


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_answer(Path(sys.argv[1]))))
