"""How the documentation is built: ``python -m sphinx -W -b html docs build/docs``."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path

import typer

from transport_model.analyses.cli.app import app
from transport_model.analyses.scans.large.parts import CRASHED
from transport_model.certificate import Status
from transport_model.old_names import MOVED

ROOT = Path(__file__).parents[1]
project = "transport-model"
author = copyright = "The transport-model authors"
release = version = importlib.metadata.version("transport-model")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist", "substitution", "colon_fence"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"transport-model {release}"
html_copy_source = html_show_sourcelink = False

#: What each status of a steady state means, and what to try; every status needs its row.
ADVICE = {
    Status.OK: ("every check passed", "nothing"),
    Status.UNBALANCED: (
        "fluxes into and out of a species differ by more than 1e-9 of their size",
        "look at how close `residual` is to 1e-9; follow the course with `simulate` and see which"
        " species still moves; start nearer with `starting_from`",
    ),
    Status.DRIFTED: (
        "balanced, but a conserved sum is not what it was at the start",
        "the state belongs to other totals: check the starting values, and any factor between"
        " amounts and concentrations",
    ),
    Status.NEGATIVE: (
        "balanced, but an amount is below zero",
        "a rate goes on when its substrate is gone: let rate laws vanish with their substrates",
    ),
    Status.UNSTABLE: (
        "balanced, but a disturbance would grow",
        "simulate for long: the model may oscillate, or rest elsewhere; `distinct_steady_states`"
        " looks for other states",
    ),
    Status.SINGULAR: (
        "balanced, but a direction has no restoring force, so that there is a line of such states",
        "find the quantity that nothing sets, such as a transporter with a capacity of zero; fix"
        " it or remove it",
    ),
    Status.NOT_FINITE: (
        "NaN or infinity among the states, rates or derivatives",
        "look for a division by zero, or the logarithm of zero, at the starting values:"
        " `evaluate` shows which rule",
    ),
    Status.NOT_REACHED: (
        "a certified state was found, but the course from the start did not come near it in time",
        "start nearer to it with `starting_from`, or measure time in a larger unit",
    ),
    Status.NO_START: (
        "the model's own starting values are impossible, such as a negative K⁺ from"
        " electroneutrality",
        "change what the computed start depends on; the error of `steady_state` names the quantity",
    ),
    Status.FAILED: (
        "no solver found a candidate",
        "simulate: the model may grow without end, or have no steady state",
    ),
    Status.GAVE_UP: (
        "a time course came to no end",
        "look at the course up to there; a pole or a very fast process in the rate laws is likely",
    ),
}
COMMANDS = typer.main.get_command(app).commands
myst_substitutions = {
    "commands": "\n".join(
        [
            "| command | what it does |",
            "|---|---|",
            *(f"| `{name}` | {command.help} |" for name, command in COMMANDS.items()),
        ]
    ),
    "examples": "\n".join(
        f"```{{literalinclude}} ../examples/{name}\n:language: python\n:caption: {name}\n```"
        for name in sorted(path.name for path in (ROOT / "examples").glob("*.py"))
    ),
    "moved": "\n".join(
        [
            "| in 0.1 | now |",
            "|---|---|",
            *(f"| `{old}` | `{new}` |" for old, new in sorted(MOVED.items())),
        ]
    ),
    "statuses": "\n".join(
        [
            "| status | what it says | what to try |",
            "|---|---|---|",
            *(f"| `{status}` | {' | '.join(ADVICE[status])} |" for status in Status),
            f"| `{CRASHED}` | large scans only: the row takes down every process that tries it |"
            " solve it alone with `steady_state`, and report it |",
        ]
    ),
}

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"
python_use_unqualified_type_names = True
napoleon_use_rtype = False
napoleon_use_ivar = True
