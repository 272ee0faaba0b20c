"""How the documentation is built: ``python -m sphinx -W -b html docs build/docs``."""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from pathlib import Path

import typer

from transport_model.analyses.cli.app import app
from transport_model.analyses.scans.large.parts import CRASHED
from transport_model.certificate import Status
from transport_model.old_names import MOVED, RENAMED
from transport_model.references import full_citation, references

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(Path(__file__).parent))
gallery = importlib.import_module("site_tools.gallery")

project = "transport-model"
author = copyright = "The transport-model authors"
release = version = importlib.metadata.version("transport-model")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "site_tools.cells",
    "site_tools.gallery",
]
myst_enable_extensions = ["deflist", "substitution", "colon_fence"]
myst_heading_anchors = 3

# Cells of pages are run anew by every build; `-D nb_execution_mode=off` leaves that out
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_in_temp = True
nb_execution_timeout = 300
nb_merge_streams = True
suppress_warnings = [
    "myst-nb.lexer"
]  # the kernel tells the language; without cells run there is none

html_theme = "furo"
html_title = f"transport-model {release}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = html_show_sourcelink = False

sys.path.insert(0, str(ROOT / "benchmarks"))
budget = importlib.import_module("budget")

COMMANDS = typer.main.get_command(app).commands
myst_substitutions = {
    "commands": "\n".join(
        [
            "| command | what it does |",
            "|---|---|",
            *(f"| `{name}` | {command.help} |" for name, command in COMMANDS.items()),
        ]
    ),
    "times": budget.table(budget.TIMES),
    "exactness": budget.table(budget.EXACTNESS),
    "gallery": "\n".join(
        [
            "| example | what it shows | |",
            "|---|---|---|",
            *(
                f"| [{title}]({path.stem}.ipynb) | {rest} |"
                f" {{download}}`notebook <{path.stem}.ipynb>` |"
                for path in sorted(gallery.EXAMPLES.glob("ex*.py"))
                for title, rest in [gallery.title_and_rest(path)]
            ),
        ]
    ),
    "sources": "\n".join(f"- `{key}`: {full_citation(key)}" for key in references()),
    "moved": "\n".join(
        [
            "| in 0.1 | now |",
            "|---|---|",
            *(f"| `{old}` | `{new}` |" for old, new in sorted(MOVED.items())),
        ]
    ),
    "renamed": "\n".join(
        [
            "| in 0.1 | now |",
            "|---|---|",
            *(
                f"| `{old}` | `{module}.{new}` |"
                for old, (module, new) in sorted(RENAMED.items())
                if old != new
            ),
        ]
    ),
    "statuses": "\n".join(
        [
            "| status | what it says | what to try |",
            "|---|---|---|",
            *(f"| `{status}` | {status.meaning} | {status.advice} |" for status in Status),
            f"| `{CRASHED}` | large scans only: the row takes down every process that tries it |"
            " solve it alone with `steady_state`, and report it |",
        ]
    ),
}

# A name of this package that a signature or a text refers to is in the reference; what belongs to
# other packages would need their inventories, and so the network
nitpicky = True
nitpick_ignore_regex = [("py:.*", r"(?!transport_model\.).*")]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
napoleon_use_rtype = False
napoleon_use_ivar = True
