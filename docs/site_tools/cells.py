"""Cells of pages are run as the site is built; one that fails, be it a command, fails the build.

MyST-NB runs them. Here stands what it does not do: its kernels find the programs of this Python's
environment, begin with :mod:`site_tools.startup`, and a cell of commands (``!transport-model …``)
is shown as in a terminal.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx


def prepare_kernels(app: Sphinx) -> None:
    """Set what kernels inherit: their path, and a folder of IPython's of their own."""
    folder = Path(app.doctreedir) / "ipython"
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    shutil.copy(Path(__file__).with_name("startup.py"), startup)
    os.environ["IPYTHONDIR"] = str(folder)
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])


def show_commands(app: Sphinx, document: nodes.document) -> None:
    """Show commands as a terminal does, behind a ``$``, and files that are written as text."""
    for block in document.findall(nodes.literal_block):
        text = block.rawsource
        if "ipython" not in block.get("language", ""):
            continue
        if text.startswith("!"):
            lines = (f"$ {line[1:]}" if line[0] == "!" else line for line in text.splitlines())
            block.rawsource = "\n".join(lines)
            block.children = [nodes.Text(block.rawsource)]
            block["language"] = "text"
            block["classes"].append("commands")
        elif text.startswith("%%writefile"):
            block["language"] = "text"


def setup(app: Sphinx) -> dict[str, bool]:
    """Join Sphinx."""
    app.connect("builder-inited", prepare_kernels)
    app.connect("doctree-read", show_commands)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
