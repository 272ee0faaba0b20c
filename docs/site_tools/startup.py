"""Run by the kernel of every page before its first cell; see :mod:`site_tools.cells`.

A command behind ``!`` that fails fails its cell, which IPython alone would not have it do. Commands
see a terminal of 80 columns without colours, so that pages show what a reader's terminal shows.
"""

import os

from IPython import get_ipython

os.environ |= {"TERM": "dumb", "COLUMNS": "80", "LINES": "40"}
for colour in ("CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"):
    os.environ.pop(colour, None)

_shell = get_ipython()
_run = _shell.system


def _system(command: str) -> None:
    _run(command)
    if status := _shell.user_ns["_exit_code"]:
        raise RuntimeError(f"exit status {status}: {command}")


_shell.system = _system
