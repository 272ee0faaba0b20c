"""The command line, one program: ``transport-model``.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from . import (
    continuation,
    documents,
    estimation,
    exchange,
    experiments,
    run,
    scan_figures,
    scan_folders,
    scans,
    sensitivity,
    solving,
    studies,
    talk,
    tubules,
    uncertainty,
    verification,
)

#: Exit status after Ctrl-C, and after a request to end, as shells have it.
INTERRUPTED, TERMINATED = 130, 143

# Typer carries its own copy of Click, or uses the installed one, depending on its version
_USAGE_ERRORS: Any = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")

#: The commands by what they are for, each with an example.
COMMANDS: dict[str, dict[str, tuple[Callable[..., None], str]]] = {
    "One cell": {
        "models": (solving.models, "transport-model models"),
        "simulate": (solving.simulate, "transport-model simulate --end '1 h' --set ouabain=1uM"),
        "steady-state": (
            solving.steady_state_command,
            "transport-model steady-state --set 'Glc_o=5 mM'",
        ),
        "control": (studies.control, "transport-model control --output sglt_cycle"),
        "sensitivity": (
            sensitivity.sensitivity,
            "transport-model sensitivity --method sobol --output J_sglt",
        ),
        "uncertainty": (
            uncertainty.uncertainty,
            "transport-model uncertainty --output J_sglt --that 'J_sglt > 0.1'",
        ),
        "continue": (
            continuation.continue_command,
            "transport-model continue K_o=2.5:8 --plot branch.svg",
        ),
        "energetics": (studies.energetics, "transport-model energetics --set 'Glc_o=5 mM'"),
    },
    "Many cells": {
        "scan": (
            scans.scan,
            "transport-model scan --vary Glc_o=0.1:30:50:log --output J_sglt --out uptake.csv",
        ),
        "scan-info": (scan_folders.scan_info, "transport-model scan-info scan"),
        "scan-merge": (scan_folders.scan_merge, "transport-model scan-merge a b --out scan"),
        "scan-figure": (
            scan_figures.scan_figure,
            "transport-model scan-figure scan --kind line --x Glc_o --value V_m --out figure.svg",
        ),
    },
    "The tubule": {
        "tubule": (
            tubules.tubule,
            "transport-model tubule --set SNGFR=800 --vary Glc_b=5,10,20 --out profile.csv",
        ),
    },
    "Claims and evidence": {
        "experiment": (experiments.experiment, "transport-model experiment secondary"),
        "validate": (studies.validate, "transport-model validate --strict"),
        "audit": (studies.audit, "transport-model audit --model theirs.xml"),
        "fit": (estimation.fit, "transport-model fit problem.yaml --profiles --out estimate"),
        "calibrate": (studies.calibrate, "transport-model calibrate --out constants.csv"),
    },
    "Exchange": {
        "run": (run.run, "transport-model run theirs.omex --out results"),
        "export": (exchange.export, "transport-model export --out cell/"),
        "verify": (verification.verify, "transport-model verify --engine copasi --strict"),
        "explore": (documents.explore, "transport-model explore --out explorer.html"),
        "report": (documents.report, "transport-model report --out report"),
        "doctor": (documents.doctor, "transport-model doctor"),
    },
}

EVERYWHERE = (
    "Everywhere: --quiet, --verbose, --log json. Exit status: 0 done, 1 could not compute, 2 bad"
    " input, 3 done and, with --strict, a verdict went against."
)


class Grouped(TyperGroup):
    """A program whose help lists its commands by what they are for, none of them cut short."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, each with its whole first sentence."""
        for title, commands in COMMANDS.items():
            told = [(name, self.commands[name].get_short_help_str(300)) for name in commands]
            with formatter.section(title):
                formatter.write_dl(told, col_max=16)


_CONTEXT = {"help_option_names": ["-h", "--help"]}
app = typer.Typer(
    cls=Grouped,
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings=_CONTEXT,
    epilog=EVERYWHERE,
)
for _commands in COMMANDS.values():
    for _name, (_command, _example) in _commands.items():
        app.command(_name, context_settings=_CONTEXT, epilog=f"Example: {_example}")(_command)


def _print_version(wanted: bool) -> None:
    if wanted:
        from transport_model import __version__

        typer.echo(f"transport-model {__version__}")
        raise typer.Exit


@app.callback()
def program(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Say the version."),
    ] = False,
) -> None:
    """Simulate and study secondary active transport across a cell membrane."""


def main() -> None:
    """Run the program: exit 0 done, 1 could not compute, 2 bad input, 3 a verdict went against."""
    with _termination_as_interrupt() as terminated, warnings.catch_warnings():
        warnings.showwarning = _warned
        code = _run()
    if code == INTERRUPTED:
        code = TERMINATED if terminated else INTERRUPTED
        _complain("terminated" if terminated else "interrupted", code)
    sys.exit(code)


@contextmanager
def _termination_as_interrupt() -> Iterator[list[int]]:
    """Let a request to end do what Ctrl-C does, so that what was begun to be written goes."""
    received: list[int] = []

    def end(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield received
    finally:
        signal.signal(signal.SIGTERM, before)


def _run() -> int:
    """Run the command that was asked for; return the exit status."""
    started = time.monotonic()
    try:
        code = app(talk.take_options(sys.argv[1:]) or ["--help"], standalone_mode=False)
        if not code:
            talk.say_verbosely(f"done in {time.monotonic() - started:.1f} s")
    except _USAGE_ERRORS as error:
        code = _complain(error.format_message(), 2)
    except (typer.Abort, KeyboardInterrupt):
        code = INTERRUPTED
    except Exception as error:  # the last door: whatever happens, a person reads one line
        if os.environ.get("TRANSPORT_MODEL_TRACEBACK"):
            raise
        code = _complain(*_explained(error))
    return code if isinstance(code, int) else 0


_python_warns = warnings.showwarning


def _warned(message: Warning | str, category: type[Warning], *where: Any) -> None:
    """Say in one line of a kernel what is to be said of it; Python says the rest."""
    from transport_model.errors import KernelWarning

    if issubclass(category, KernelWarning):
        talk.note(str(message))
    else:
        _python_warns(message, category, *where)


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

    talk.complain(one_line(" ".join(message.split())), code)
    return code


if __name__ == "__main__":
    main()
