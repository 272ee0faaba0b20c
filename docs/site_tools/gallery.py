"""The gallery: a notebook of every example, which is a page of the site when its cells are run.

``python docs/site_tools/gallery.py FOLDER`` writes the notebooks and what they read without Sphinx.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jupytext
import nbformat

if TYPE_CHECKING:
    from sphinx.application import Sphinx

EXAMPLES = Path(__file__).parents[2] / "examples"


def title_and_rest(path: Path) -> tuple[str, str]:
    """Return an example's title, and the rest of its docstring as a sentence."""
    docstring = path.read_text(encoding="utf-8").split('"""', 2)[1]
    title, _, rest = docstring.rstrip(".").partition(": ")
    return title, f"{rest[:1].upper()}{rest[1:]}." if rest else ""


def notebook(path: Path) -> nbformat.NotebookNode:
    """Return an example as a notebook, with its docstring as the title, run in its own folder."""
    text = path.read_text(encoding="utf-8").replace("Path(__file__).with_name(", "Path(")
    title, rest = title_and_rest(path)
    book = jupytext.reads(text.split('"""', 2)[2].lstrip(), "py:percent")
    book.cells.insert(0, nbformat.v4.new_markdown_cell(f"# {title}\n\n{rest}".strip()))
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number}"
    book.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "mystnb": {"execution_in_temp": False},
    }
    return book


def write_notebooks(folder: Path) -> list[Path]:
    """Write a notebook of every example, and the files that examples read.

    Returns
    -------
    list
        The notebooks, in the order of their names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in EXAMPLES.iterdir():
        if path.suffix in {".ant", ".yaml"} and path.parent != folder.resolve():
            shutil.copy(path, folder)
    written = []
    for path in sorted(EXAMPLES.glob("ex*.py")):
        written.append(folder / f"{path.stem}.ipynb")
        nbformat.write(notebook(path), written[-1])
    return written


def _of_the_site(app: Sphinx) -> None:
    write_notebooks(Path(app.srcdir) / "gallery")


def setup(app: Sphinx) -> dict[str, bool]:
    """Join Sphinx."""
    app.connect("config-inited", lambda app, config: _of_the_site(app))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    for made in write_notebooks(Path(sys.argv[1])):
        print(made)
