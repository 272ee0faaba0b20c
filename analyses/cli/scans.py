"""Commands that run designs, and that look at what large scans left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import completion
from .designs_in_words import (
    DesignInWords,
    DesignOption,
    OneAtATimeOption,
    RandomOption,
    RangeOption,
    SampleOption,
    SeedOption,
    SobolOption,
    VaryOption,
)
from .options import (
    EndOption,
    ModelOption,
    OutOption,
    ParametersOption,
    SetOption,
    bad_input,
    check_out,
    load,
    quantity,
    time_of,
)
from .progress import busy, counting, tallying
from .shown_tables import listed
from .talk import note
from .terminal import deliver
from .views import series_view

if TYPE_CHECKING:
    from transport_model import Model

    from ..scans.courses import Course
    from ..scans.large.executors import Executor
    from ..scans.large.run import Plan


def scan(
    model: ModelOption = "cell",
    values: SetOption = None,
    parameters: ParametersOption = None,
    vary: VaryOption = None,
    design: DesignOption = None,
    sample: SampleOption = None,
    random: RandomOption = None,
    sobol: SobolOption = None,
    one_at_a_time: OneAtATimeOption = None,
    ranges: RangeOption = None,
    seed: SeedOption = 1,
    engine: Annotated[
        str,
        typer.Option(
            help="kernel (compiled, microseconds a point), roadrunner or auto.",
            autocompletion=lambda: ["auto", "kernel", "roadrunner"],
        ),
    ] = "auto",
    outputs: Annotated[
        list[str] | None,
        typer.Option(
            "--output",
            metavar="ID",
            help="A column to keep; by default all. 'error' adds the bound of each state's error."
            " Repeatable.",
            autocompletion=completion.quantities,
        ),
    ] = None,
    reduce: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID:WHAT",
            help="Run time courses and keep this of each: 'Na_i:final', 'V_m:max',"
            " 'V_m:time_to:-30'. Repeatable.",
        ),
    ] = None,
    end: EndOption = "3600",
    points: Annotated[int, typer.Option(help="Points of the courses of --reduce.")] = 361,
    workers: Annotated[
        int | None, typer.Option(metavar="N", help="Into a folder: solve on N processes.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Into a folder: solve on a Dask cluster, tcp://…"),
    ] = None,
    part_rows: Annotated[
        int | None, typer.Option(metavar="N", help="Into a folder: rows of a part.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|DIR/",
            help="Write the table here: .csv, .parquet or .json. Or a folder, ending in /, for a"
            " scan of any size that the same command continues when it was stopped.",
        ),
    ] = None,
) -> None:
    """Solve the steady state, or run a course, at every point of a design."""
    cell = load(model, values, parameters)
    course = _course(cell, reduce, end, points)
    words = DesignInWords(vary, design, sample, random, sobol, one_at_a_time, ranges, seed)
    if out is not None and (out.endswith("/") or Path(out).is_dir()):
        from ..scans.large.run import plan_scan

        executor = _executor(workers, cluster)
        with counting(0, "planning"):
            points_of = words.points(cell)
            plan = plan_scan(cell, points_of, engine=engine, outputs=outputs, course=course,
                             part_rows=part_rows, folder=Path(out))  # fmt: skip
        _into_folder(plan, Path(out), executor)
        return
    if workers is not None or cluster is not None or part_rows is not None:
        raise bad_input("--workers, --cluster and --part-rows go with a folder, --out DIR/")
    from ..scans.scan import scan as run

    target = None if out is None else Path(out)
    check_out(target)
    table = words.table(cell)
    with counting(len(table), "steady states" if course is None else "courses") as count:
        result = run(cell, table, engine=engine, outputs=outputs, course=course, progress=count)
    deliver(
        result.rename_axis("point"),
        target,
        series_view(result, cell, [*(outputs or ()), *(course.reductions if course else ())]),
    )
    what = "a certified steady state" if course is None else "a course"
    failed = result.loc[~result["converged"], "status"].value_counts()
    why = listed([f"{count} {status}" for status, count in failed.items()])
    note(f"{len(result)} points, {failed.sum()} without {what}{f': {why}' if why else ''}")


def scan_info(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a large scan.")],
    out: OutOption = None,
) -> None:
    """Say what a large scan is, how far it is, and how many points failed and why."""
    import pandas as pd

    from ..scans.large.reading import open_scan

    check_out(out)
    data = open_scan(folder)
    manifest, done = data.manifest, len(data)
    facts = {
        "model": manifest["model"]["name"],
        "model SHA-256": manifest["model"]["sha256"],
        **{f"changed {name}": value for name, value in manifest["model"]["changes"].items()},
        "design": _words(manifest["design"]),
        "engine": manifest["engine"],
        "outputs": "all" if manifest["outputs"] is None else ", ".join(manifest["outputs"]),
        "course": _words(manifest["course"]) if manifest["course"] else "none, steady states",
        "points": data.rows,
        "done": done,
        "complete": data.complete,
        "failed": data.failures.total(),
        **{f"failed, {status}": count for status, count in data.failures.items()},
        **{f"version of {name}": version for name, version in manifest["versions"].items()},
    }
    table = pd.DataFrame({"value": facts}, dtype=object).rename_axis("fact")
    deliver(table, out)


def scan_figure(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a large scan.")],
    kind: Annotated[str, typer.Option(help="line, heat, contour, multiples or failures.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.svg", help="Where to draw it.")],
    x: Annotated[str, typer.Option(metavar="ID", help="Horizontal axis.")],
    y: Annotated[str | None, typer.Option(metavar="ID", help="Vertical axis of a map.")] = None,
    value: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="What is drawn. Repeatable.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A line, or a small map, for each of its values."),
    ] = None,
) -> None:
    """Draw a large scan: lines, heat maps, contours, small multiples, or where points failed."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    from transport_model.files import check_target, write_text

    from ..report.figures import scans as draw
    from ..report.figures.style import to_svg
    from ..scans.large.reading import open_scan

    if out.suffix != ".svg":
        raise bad_input(f"a figure is drawn as SVG; end '{out}' in .svg")
    check_target(out)
    data = open_scan(folder)
    wanted = list(value or [])
    needs = {"line": (None, 1), "heat": (y, 1), "contour": (y, 1), "multiples": (y and by, 1),
             "failures": (y, 0)}  # fmt: skip
    if kind not in needs:
        raise bad_input(f"no kind of figure '{kind}' (there are: {', '.join(needs)})")
    if kind != "line" and not needs[kind][0]:
        raise bad_input(f"a figure of kind '{kind}' needs --y" + (" and --by" if by is None and
                        kind == "multiples" else ""))  # fmt: skip
    if len(wanted) < needs[kind][1] or (kind == "multiples" and len(wanted) > 1):
        raise bad_input(f"a figure of kind '{kind}' needs {'one' if kind == 'multiples' else 'a'}"
                        " --value")  # fmt: skip
    columns = dict.fromkeys([x, *filter(None, (y, by)), *wanted, "converged", "status"])
    table = data.to_pandas(list(columns))
    for name in dict.fromkeys([x, *filter(None, (y, by)), *wanted]):
        if not is_numeric_dtype(table[name]) or is_bool_dtype(table[name]):
            raise bad_input(f"the column '{name}' holds no numbers; a figure needs some")
    labels = {name: f"{name} [{unit}]" for name in columns if (unit := data.unit(name))}
    with busy("drawing"):
        if kind == "line":
            figure = draw.line_figure(table, x, wanted, by, labels)
        elif kind == "failures":
            figure = draw.failure_figure(table, x, str(y), labels)
        elif kind == "multiples":
            figure = draw.multiples_figure(table, x, str(y), wanted[0], str(by), labels)
        else:
            figure = draw.heat_figure(table, x, str(y), wanted, labels, contours=kind == "contour")
        svg = to_svg(figure)
    write_text(out, svg)
    note(f"drew {out}: {len(table):,} points")


def _words(description: object) -> str:
    import json

    text = json.dumps(description, ensure_ascii=False).replace('"', "")
    return text if len(text) <= 200 else f"{text[:199]}…"


def _course(cell: Model, reduce: list[str] | None, end: str, points: int) -> Course | None:
    if not reduce:
        return None
    from ..scans.courses import Course

    kept = [_in_model_units(cell, text) for text in reduce]
    return Course(time_of(end, cell, "--end"), points, kept)


def _in_model_units(cell: Model, text: str) -> str:
    """Return a reduction whose number may have a unit, such as ``V_m:time_to:-30 mV``, without."""
    from ..reductions import Take

    of, *rest = text.split(":")
    if len(rest) != 2:
        return text
    unit = (
        cell.units["time"] if Take.named(rest[0].strip()).number == "at" else cell.unit(of.strip())
    )
    return f"{of}:{rest[0]}:{quantity(rest[1], unit, f'--reduce {text}'):g}"


def _executor(workers: int | None, cluster: str | None) -> Executor:
    from ..scans.large.executors import Cluster, InProcess, Processes

    if workers is not None and cluster is not None:
        raise bad_input("name one of --workers and --cluster")
    if workers is not None:
        if not 1 <= workers <= 1024:
            raise bad_input(f"--workers takes 1 to 1024 processes, not {workers}")
        return Processes(workers)
    return InProcess() if cluster is None else Cluster(cluster)


def _into_folder(plan: Plan, folder: Path, executor: Executor) -> None:
    from ..scans.large.run import Tally, run_scan

    last = Tally(len(plan.design))

    def seen(tally: Tally) -> None:
        nonlocal last
        last = tally
        show(tally)

    try:
        with tallying() as show:
            tally = run_scan(plan, folder, executor=executor, progress=seen)
    except KeyboardInterrupt:
        note(f"{last.done:,} of {last.rows:,} points are in {folder}; the same command continues")
        raise
    already = f", {tally.resumed:,} of them already there" if tally.resumed else ""
    repaired = f", {tally.repaired} damaged parts solved again" if tally.repaired else ""
    note(f"wrote {folder}: {tally.done:,} points{already}{repaired},"
         f" {tally.failed:,} without a result")  # fmt: skip
