"""The command line, one program: ``transport-model``.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analyses.terminal import busy, counting, deliver, note, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from transport_model import Model

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

ModelOption = Annotated[
    str,
    typer.Option(
        "--model", metavar="NAME|PATH", help="A shipped model, or an SBML or Antimony file."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="ID=VALUE", help="Change a quantity, in model units. Repeatable."
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Write the table here: .csv, .parquet or .json."),
]


@app.command()
def models(out: OutOption = None) -> None:
    """List the shipped models."""
    import pandas as pd

    from transport_model import load_model
    from transport_model.catalogue import shipped_models

    rows = []
    for name in shipped_models():
        model = load_model(name)
        kinds = model.species["kind"]
        rows.append(
            {
                "model": name,
                "floating": int((kinds == "floating").sum()),
                "boundary": int((kinds == "boundary").sum()),
                "reactions": len(model.reactions),
                "parameters": len(model.parameters),
                "rules": len(model.rules),
            }
        )
    deliver(pd.DataFrame(rows).set_index("model"), out, {})


@app.command()
def simulate(
    model: ModelOption = "cell",
    values: SetOption = None,
    end: Annotated[float, typer.Option(help="Last time, in the model's unit of time.")] = 3600.0,
    points: Annotated[int, typer.Option(help="Number of points, both ends included.")] = 361,
    out: OutOption = None,
) -> None:
    """Integrate a time course."""
    from transport_model import simulate as run

    cell = _load(model, values)
    _check_out(out)
    with busy(f"integrating to {end:g}"):
        course = run(cell, end=end, points=points)
    units = {"time": cell.units["time"], **{str(name): cell.unit(str(name)) for name in course}}
    deliver(course, out, units, dynamic=cell)


@app.command("steady-state")
def steady_state_command(
    model: ModelOption = "cell", values: SetOption = None, out: OutOption = None
) -> None:
    """Find and certify the steady state."""
    from transport_model import steady_state

    cell = _load(model, values)
    _check_out(out)
    with busy("solving"):
        state = steady_state(cell)
    table = state.values.rename_axis("id").to_frame()
    table["unit"] = [cell.unit(name) for name in table.index]
    deliver(table, out, {})
    current = (
        "" if state.net_current != state.net_current else f", net current {state.net_current:.1e}"
    )
    note(f"{state.status}: relative imbalance {state.residual:.1e}{current},"
          f" {'stable' if state.stable else 'not stable'}")  # fmt: skip


@app.command()
def scan(
    model: ModelOption = "cell",
    values: SetOption = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID=VALUES",
            help="An axis of a grid: 'Glc_o=0.1,1,10' or 'P_Na=low:high:count' or"
            " 'P_Na=low:high:count:log'. Repeatable.",
        ),
    ] = None,
    design: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A design: .csv or .parquet, a column a quantity."),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Latin hypercube of N points over the ranges of --range, or of parameters.csv.",
        ),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option(
            "--range", metavar="ID=LOW:HIGH[:log]", help="A range for --sample. Repeatable."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of --sample.")] = 1,
    engine: Annotated[
        str, typer.Option(help="kernel (compiled, microseconds a point), roadrunner or auto.")
    ] = "auto",
    out: OutOption = None,
) -> None:
    """Solve the steady state at every point of a design."""
    from analyses.scan import scan as run

    cell = _load(model, values)
    _check_out(out)
    table = _design(cell, vary, design, sample, ranges, seed)
    with counting(len(table), "steady states") as count:
        result = run(cell, table, engine=engine, progress=count)
    failed = int((~result["converged"]).sum())
    units = {str(name): cell.unit(str(name)) for name in result}
    deliver(result.rename_axis("point"), out, units, dynamic=cell)
    note(f"{len(result)} points, {failed} without a certified steady state")


@app.command()
def control(model: ModelOption = "cell", values: SetOption = None, out: OutOption = None) -> None:
    """Control coefficients of fluxes, concentrations and rules at the steady state."""
    import pandas as pd

    from analyses.control import control_coefficients

    cell = _load(model, values)
    _check_out(out)
    with busy("solving"):
        analysis = control_coefficients(cell)
    parts = {"flux": analysis.flux, "concentration": analysis.concentration,
             "rule": analysis.potential}  # fmt: skip
    if out is None and sys.stdout.isatty():
        parts["rule"] = parts["rule"].filter(items=["V_m"], axis=0)
    table = pd.concat(parts, names=["of", "quantity"]).reset_index("of")
    deliver(table, out, {})
    note(f"theorems hold to: summation {analysis.summation:.1e},"
          f" connectivity {analysis.connectivity:.1e}")  # fmt: skip


@app.command()
def sensitivity(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="A parameter; by default all that are not zero. Repeatable."
        ),
    ] = None,
    out: OutOption = None,
) -> None:
    """Response coefficients d ln y / d ln p of the steady state, exact."""
    from analyses.control import response_coefficients

    cell = _load(model, values)
    _check_out(out)
    with busy("solving"):
        table = response_coefficients(cell, parameter or None)
    deliver(table, out, {})


@app.command()
def energetics(
    model: ModelOption = "cell", values: SetOption = None, out: OutOption = None
) -> None:
    """Where the energy of ATP goes at the steady state."""
    from analyses.energetics import energetics as account
    from transport_model import steady_state

    cell = _load(model, values)
    _check_out(out)
    with busy("solving"):
        table = account(cell, steady_state(cell)).T.set_axis(["value"], axis=1).rename_axis("id")
    table["unit"] = ["kJ/mol" if name.startswith("dG_") else "pW" for name in table.index]
    deliver(table, out, {})


@app.command()
def report(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the report.")],
    model: ModelOption = "cell",
    values: SetOption = None,
) -> None:
    """Write the research report: a page, its data, the model and its provenance."""
    cell = _load(model, values)
    from analyses.report import write_report

    with steps() as step:
        page = write_report(cell, out, progress=step)
    note(f"wrote {page}")


@app.command()
def doctor() -> None:
    """Say what is installed, and whether the shipped models load, simulate and balance."""
    from analyses.doctor import diagnose

    healthy = True
    for item, found, good in diagnose():
        healthy &= good
        typer.echo(f"{'ok ' if good else 'BAD'}  {item:<24} {found}")
    if not healthy:
        raise typer.Exit(1)


# -- the pieces that commands share ---------------------------------------------------------


def _load(name: str, values: list[str] | None) -> Model:
    from transport_model import load_model

    changes: dict[str, float] = {}
    for text in values or []:
        key, value = _assignment(text, "--set", "P_Na=0.002")
        _refuse_twice(key, changes, "--set")
        changes[key] = _number(value, f"--set {text}")
    return load_model(name).with_values(**changes)


def _assignment(text: str, option: str, example: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip() or not value.strip():
        raise _bad_input(f"{option} takes ID=VALUE, such as {option} {example}; not '{text}'")
    return key.strip(), value.strip()


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _bad_input(f"{where}: '{text}' is not a number") from None


def _design(
    cell: Model,
    vary: list[str] | None,
    design: Path | None,
    sample: int | None,
    ranges: list[str] | None,
    seed: int,
) -> pd.DataFrame:
    from analyses.designs import grid, latin_hypercube, provenance_ranges
    from analyses.tables import read_table

    if sum(option is not None for option in (vary or None, design, sample)) != 1:
        raise _bad_input("name the points with one of --vary, --design or --sample")
    if ranges and sample is None:
        raise _bad_input("--range goes with --sample")
    if design is not None:
        return read_table(design)
    if sample is not None:
        bounds: dict[str, tuple[float, float]] = {}
        logarithmic = []
        for text in ranges or []:
            key, value = _assignment(text, "--range", "P_Na=1e-3:3e-3")
            low, high, *scale = value.split(":") if value.count(":") in (1, 2) else ("", "", "?")
            if scale not in ([], ["log"]):
                raise _bad_input(f"--range takes ID=LOW:HIGH or ID=LOW:HIGH:log, not '{text}'")
            _refuse_twice(key, bounds, "--range")
            bounds[key] = (_number(low, f"--range {text}"), _number(high, f"--range {text}"))
            logarithmic += [key] if scale else []
        if not bounds:
            bounds = provenance_ranges(cell)
        return latin_hypercube(sample, seed=seed, log=logarithmic, **bounds)
    axes: dict[str, Any] = {}
    for text in vary or []:
        key, values = _axis(text)
        _refuse_twice(key, axes, "--vary")
        axes[key] = values
    return grid(**axes)


def _refuse_twice(key: str, seen: Mapping[str, Any], option: str) -> None:
    if key in seen:
        raise _bad_input(f"{option} names '{key}' twice")


def _axis(text: str) -> tuple[str, Any]:
    import numpy as np

    key, value = _assignment(text, "--vary", "Glc_o=0.1,1,10")
    where = f"--vary {text}"
    if ":" not in value:
        return key, [_number(part, where) for part in value.split(",")]
    low, high, count, *scale = [*value.split(":"), "?", "?"][: max(3, value.count(":") + 1)]
    if scale not in ([], ["log"]) or not count.isdigit() or int(count) < 1:
        raise _bad_input(f"{where}: a range is low:high:count or low:high:count:log")
    from analyses.designs import MAX_POINTS

    if int(count) > MAX_POINTS:
        raise _bad_input(f"{where}: at most {MAX_POINTS:,} points")
    first, last = _number(low, where), _number(high, where)
    if scale and not (first > 0 and last > 0):
        raise _bad_input(f"{where}: a logarithmic range needs two positive ends")
    return key, (np.geomspace if scale else np.linspace)(first, last, int(count))


def _check_out(out: Path | None) -> None:
    if out is not None:
        from analyses.tables import check_target

        check_target(out)


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


def _bad_input(message: str) -> Exception:
    from transport_model.errors import InputError

    return InputError(message)


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
    typer.echo(f"transport-model: {' '.join(message.split())}", err=True)
    return code


if __name__ == "__main__":
    main()
