"""The command that estimates a model's parameters."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import bad_input
from .progress import busy, counting
from .shown_tables import View, listed
from .talk import note
from .terminal import deliver

if TYPE_CHECKING:
    import pandas as pd

    from ..studies.estimation.fit import Estimate
    from ..studies.estimation.identifiability import Identifiability, Profiles
    from ..studies.estimation.posterior import Posterior

#: Characters of what tells the folder of one best from that of another.
_SHORT = 8
_MOST_WORKERS = 1024


def fit(
    problem: Annotated[
        Path, typer.Argument(metavar="PROBLEM", help="A PEtab problem's YAML file, version 1.")
    ],
    starts: Annotated[int, typer.Option(metavar="N", help="Searches, each from a start.")] = 10,
    seed: Annotated[int, typer.Option(metavar="S", help="Of the starts and of draws.")] = 0,
    profiles: Annotated[
        bool, typer.Option("--profiles", help="Follow the likelihood along every parameter.")
    ] = False,
    posterior: Annotated[
        int, typer.Option(metavar="N", help="Draw this many parameter sets from the posterior.")
    ] = 0,
    workers: Annotated[
        int, typer.Option(metavar="N", help="Processes that search; results are the same.")
    ] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep everything here: tables, figures, and each start, profile and stretch of"
            " draws, from which a second run goes on.",
        ),
    ] = None,
) -> None:
    """Estimate a model's parameters from measurements: a PEtab problem, from many starts."""
    from transport_model.files import check_folder

    from ..studies.estimation.fit import fit as estimate_of
    from ..studies.estimation.identifiability import identifiability
    from ..studies.estimation.problem import read_petab

    if not 1 <= workers <= _MOST_WORKERS:
        raise bad_input(f"--workers takes 1 to {_MOST_WORKERS} processes, not {workers}")
    if posterior < 0:
        raise bad_input(f"--posterior takes a number of draws, 0 for none, not {posterior}")
    with busy("reading"):
        read = read_petab(problem)
    if out is not None:
        check_folder(out, "estimate")
        out.mkdir(exist_ok=True)
    with _mapping(workers) as map:
        with counting(starts, "starts") as count:
            found = estimate_of(read, starts=starts, seed=seed, progress=count, map=map,
                                folder=None if out is None else out / "starts")  # fmt: skip
        known = identifiability(found)
        followed = _followed(found, out, map) if profiles else None
        drawn = _drawn(found, posterior, seed, out, map) if posterior else None
    _deliver(found, known, followed, drawn, out)
    _tell(found, known, drawn)


@contextmanager
def _mapping(workers: int) -> Iterator[Callable[..., Any]]:
    """Yield what applies a function to many things: `map`, or that of a pool of processes."""
    if workers == 1:
        yield map
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            yield pool.map
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _kept(found: Estimate, what: str, out: Path | None) -> Path | None:
    """Return where results that follow from the best are kept."""
    short = hashlib.sha256(found.best.tobytes()).hexdigest()[:_SHORT]
    return None if out is None else out / f"{what}_{short}"


def _followed(found: Estimate, out: Path | None, map: Callable[..., Any]) -> Profiles:
    from ..studies.estimation.identifiability import profile_likelihood

    with counting(len(found.problem.estimated), "profiles") as count:
        return profile_likelihood(found, progress=count, map=map,
                                  folder=_kept(found, "profiles", out))  # fmt: skip


def _drawn(
    found: Estimate, draws: int, seed: int, out: Path | None, map: Callable[..., Any]
) -> Posterior:
    from ..studies.estimation.posterior import sample_posterior

    with counting(2 * draws, "draws") as count:
        return sample_posterior(found, draws, seed=seed, progress=count, map=map,
                                folder=_kept(found, f"draws_{seed}", out))  # fmt: skip


def _deliver(
    found: Estimate, known: Identifiability, followed: Profiles | None, drawn: Posterior | None,
    out: Path | None,
) -> None:  # fmt: skip
    """Write every table and figure into a folder, or the parameters to the terminal."""
    table = found.parameters.copy()
    table["deviation"] = known.ranking["deviation"].reindex(table.index)
    if followed is not None:
        table[["interval_low", "interval_high"]] = followed.intervals[["low", "high"]]
    if out is None:
        intervals = [] if followed is None else ["interval_low", "interval_high"]
        first = ["value", "unit", *intervals, "scale", "deviation", "on_bound"]
        deliver(table, None, View(first=first))
        return
    tables = {"parameters": table, "starts": found.starts, "residuals": found.residuals,
              "directions": _directions(known)}  # fmt: skip
    if followed is not None:
        tables["profiles"] = followed.samples
    if drawn is not None:
        tables["posterior"] = drawn.draws
    for name, each in tables.items():
        deliver(each, out / f"{name}.csv")
    _draw(found, followed, out)


def _tell(found: Estimate, known: Identifiability, drawn: Posterior | None) -> None:
    """Say how good the fit is, and what the measurements leave open."""
    starts, failed = len(found.starts), int(found.starts["objective"].isna().sum())
    note(f"objective {found.objective:.6g}, log-likelihood {found.log_likelihood:.6g};"
         f" {found.found_again} of {starts} starts found it, {failed} failed")  # fmt: skip
    on_bound = [str(name) for name in found.parameters.index[found.parameters["on_bound"]]]
    if on_bound:
        note(f"on a bound: {listed(on_bound)}")
    if known.undetermined:
        lost = known.ranking.index[~known.ranking["deviation"].lt(float("inf"))]
        note(f"{len(known.undetermined)} directions are left open by the measurements; part of"
             f" them: {listed([str(name) for name in lost])}")  # fmt: skip
    if drawn is not None and not drawn.converged:
        note(f"the posterior's chain is short: it forgets in {drawn.autocorrelation:.0f} steps, and"
             " should be fifty times as long; ask for more draws")  # fmt: skip


def _directions(known: Identifiability) -> pd.DataFrame:
    table = known.directions.T.rename_axis("direction")
    table.insert(0, "eigenvalue", known.eigenvalues)
    return table


def _draw(found: Estimate, followed: Profiles | None, out: Path) -> None:
    from ..figures.estimation import MOST_PROFILES, plot_profiles, plot_residuals, plot_waterfall

    with busy("drawing"):
        figures = {"waterfall": plot_waterfall(found), "residuals": plot_residuals(found)}
        if followed is not None and len(followed.intervals) <= MOST_PROFILES:
            figures["profiles"] = plot_profiles(followed)
        for name, panels in figures.items():
            panels.save(out / f"{name}.svg")
    note(f"drew {', '.join(f'{name}.svg' for name in figures)}")
