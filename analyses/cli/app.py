"""The command line, one program: ``transport-model``.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import typer

from . import (
    documents,
    exchange,
    experiments,
    scans,
    solving,
    studies,
    verification,
)

#: Exit status after Ctrl-C, as shells have it.
INTERRUPTED = 130

# Typer carries its own copy of Click, or uses the installed one, depending on its version
_USAGE_ERRORS: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Simulate and study secondary active transport across a cell membrane.",
)
for _name, _command in {
    "models": solving.models,
    "simulate": solving.simulate,
    "steady-state": solving.steady_state_command,
    "scan": scans.scan,
    "scan-info": scans.scan_info,
    "scan-figure": scans.scan_figure,
    "control": studies.control,
    "sensitivity": studies.sensitivity,
    "energetics": studies.energetics,
    "validate": studies.validate,
    "calibrate": studies.calibrate,
    "audit": studies.audit,
    "experiment": experiments.experiment,
    "export": exchange.export,
    "verify": verification.verify,
    "report": documents.report,
    "doctor": documents.doctor,
}.items():
    app.command(_name)(_command)


def main() -> None:
    """Run the program: exit 0 done, 1 could not compute, 2 bad input."""
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except _USAGE_ERRORS as error:
        code = _complain(error.format_message(), 2)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:  # the last door: whatever happens, a person reads one line
        if os.environ.get("TRANSPORT_MODEL_TRACEBACK"):
            raise
        code = _complain(*_explained(error))
    if code == INTERRUPTED:
        _complain("interrupted", INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _explained(error: Exception) -> tuple[str, int]:
    from transport_model.errors import InputError, TransportModelError

    message = " ".join(str(error).split())
    if isinstance(error, InputError):
        return message, 2
    if isinstance(error, TransportModelError):
        return message, 1
    if isinstance(error, OSError):
        return f"cannot write the result: {error.strerror}", 1
    if isinstance(error, MemoryError):
        return "not enough memory for that many points", 1
    return (f"internal error, {type(error).__name__}: {message[:200]}"
            " (TRANSPORT_MODEL_TRACEBACK=1 shows where)", 1)  # fmt: skip


def _complain(message: str, code: int) -> int:
    from transport_model.errors import one_line

    typer.echo(f"transport-model: {one_line(' '.join(message.split()))}", err=True)
    return code


if __name__ == "__main__":
    main()
