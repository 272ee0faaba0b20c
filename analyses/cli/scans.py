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
    ParametersOption,
    SetOption,
    bad_input,
    check_out,
    load,
    quantity,
    remark_on_ranges,
    time_of,
)
from .plots import PlotOption, check_plot, draw, plot_of_scan
from .progress import busy, counting, tallying
from .shown_tables import View, listed
from .talk import note
from .terminal import deliver
from .views import series_view

if TYPE_CHECKING:
    from transport_model import Model

    from ..scans.courses import Course
    from ..scans.large.executors import Executor
    from ..scans.large.run import Plan
    from ..scans.large.shards import Shard

#: Points of a course, unless --points says otherwise.
COURSE_POINTS = 361


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
    points: Annotated[int, typer.Option(help="Points of the courses of --reduce.")] = COURSE_POINTS,
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
    shard: Annotated[
        str | None,
        typer.Option(
            metavar="I/N",
            help="Into a folder: solve this share of the parts, as in 2/4, beside the other jobs of"
            " an array.",
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Into a folder: solve some points now, and say how much time, memory and disk the"
            " scan will take; nothing is written.",
        ),
    ] = False,
    plot: PlotOption = None,
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
    course = course_of(cell, reduce, end, points)
    words = DesignInWords(vary, design, sample, random, sobol, one_at_a_time, ranges, seed)
    points_of = words.points(cell)
    remark_on_ranges(model, cell, points_of.bounds())
    if out is not None and (out.endswith("/") or Path(out).is_dir()):
        from ..scans.large.run import plan_scan
        from ..scans.large.shards import Shard

        if plot is not None:
            raise bad_input("--plot goes with a table; scan-figure draws the scan in a folder")
        executor = _executor(workers, cluster)
        share = None if shard is None else Shard.named(shard)
        with busy("planning"):
            plan = plan_scan(cell, points_of, engine=engine, outputs=outputs, course=course,
                             part_rows=part_rows, folder=Path(out))  # fmt: skip
        if dry_run:
            _estimate(plan, Path(out), workers, share, cluster is not None)
        else:
            _into_folder(plan, Path(out), executor, share)
        return
    if dry_run or not {workers, cluster, part_rows, shard} <= {None}:
        raise bad_input("--workers, --cluster, --part-rows, --shard and --dry-run go with a folder,"
                        " --out DIR/")  # fmt: skip
    from transport_model.key_facts import key_facts

    from ..scans.scan import scan as run

    target = None if out is None else Path(out)
    check_out(target)
    check_plot(plot)
    table = words.table(cell)
    drawing = None if plot is None else plot_of_scan(table, cell)
    with counting(len(table), "steady states" if course is None else "courses") as count:
        result = run(cell, table, engine=engine, outputs=outputs, course=course, progress=count)
    asked = [*(outputs or ()), *(course.reductions if course else ())]
    deliver(result.rename_axis("point"), target, series_view(result, cell, asked))
    if drawing is not None:
        results = [str(name) for name in result.columns[len(table.columns) :]]
        names = [name for name in dict.fromkeys(asked) if name in results]
        shown = names or key_facts(cell, results)
        draw(plot, lambda: drawing(result, shown))
    what = "a certified steady state" if course is None else "a course"
    failed = result.loc[~result["converged"], "status"].value_counts()
    why = listed([f"{count} {status}" for status, count in failed.items()])
    note(f"{len(result)} points, {failed.sum()} without {what}{f': {why}' if why else ''}")


def course_of(
    cell: Model, reduce: list[str] | None, end: str, points: int = COURSE_POINTS
) -> Course | None:
    """Return the course that --reduce asks for, if it does."""
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


def _into_folder(plan: Plan, folder: Path, executor: Executor, shard: Shard | None) -> None:
    from ..scans.large.run import Tally, run_scan

    last = Tally(0)

    def seen(tally: Tally) -> None:
        nonlocal last
        last = tally
        show(tally)

    of = "" if shard is None else f" of shard {shard}"
    try:
        with tallying() as show:
            tally = run_scan(plan, folder, executor=executor, shard=shard, progress=seen)
    except KeyboardInterrupt:
        note(f"{last.done:,} of {last.rows:,} points{of} are in {folder}; the same command"
             " continues")  # fmt: skip
        raise
    already = f", {tally.resumed:,} of them already there" if tally.resumed else ""
    repaired = f", {tally.repaired} damaged parts solved again" if tally.repaired else ""
    note(f"wrote {folder}: {tally.done:,} points{of}{already}{repaired},"
         f" {tally.failed:,} without a result")  # fmt: skip


def _estimate(
    plan: Plan, folder: Path, workers: int | None, shard: Shard | None, elsewhere: bool
) -> None:
    from ..scans.large.estimate import estimate_scan

    with busy("measuring"):
        table = estimate_scan(plan, folder, workers=workers, shard=shard, elsewhere=elsewhere)
    deliver(table, None, View(numbers=".3g"))
    found = table["value"]
    lacking = found["disk"] - found["disk, free"]
    room = f"; the disk lacks {lacking:,.3g} MB" if lacking > 0 else ""
    note(f"estimated from {found['points measured']:,.0f} points solved now by {plan.engine} on"
         f" this machine; nothing was written{room}")  # fmt: skip
