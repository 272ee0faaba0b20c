"""The command that estimates a model's parameters."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .progress import busy, counting
from .shown_tables import View, listed
from .talk import note
from .terminal import deliver

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from ..studies.estimation.fit import Estimate
    from ..studies.estimation.identifiability import Profiles

#: Characters of what tells the folder of one best from that of another.
_SHORT = 8


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
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Keep everything here: tables, figures, and each start, from which a second run"
            " goes on.",
        ),
    ] = None,
) -> None:
    """Estimate a model's parameters from measurements: a PEtab problem, from many starts."""
    from transport_model.files import check_folder

    from ..studies.estimation.fit import fit as estimate_of
    from ..studies.estimation.identifiability import identifiability, profile_likelihood
    from ..studies.estimation.posterior import sample_posterior
    from ..studies.estimation.problem import read_petab

    with busy("reading"):
        read = read_petab(problem)
    if out is not None:
        check_folder(out, "estimate")
        out.mkdir(exist_ok=True)
    with counting(starts, "starts") as count:
        found = estimate_of(read, starts=starts, seed=seed, progress=count,
                            folder=None if out is None else out / "starts")  # fmt: skip
    known = identifiability(found)
    table = found.parameters.copy()
    table["deviation"] = known.ranking["deviation"].reindex(table.index)
    followed = None
    if profiles:
        short = hashlib.sha256(found.best.tobytes()).hexdigest()[:_SHORT]
        with counting(len(read.estimated), "profiles") as count:
            followed = profile_likelihood(found, progress=count,
                                          folder=None if out is None else out / f"profiles_{short}"
                                          )  # fmt: skip
        table[["interval_low", "interval_high"]] = followed.intervals[["low", "high"]]
    drawn = None
    if posterior:
        with counting(posterior, "draws") as count:
            drawn = sample_posterior(found, posterior, seed=seed, progress=count)
    first = ["value", "unit", *(["interval_low", "interval_high"] if profiles else []), "scale",
             "deviation", "on_bound"]  # fmt: skip
    if out is None:
        deliver(table, None, View(first=first))
    else:
        tables = {"parameters": table, "starts": found.starts, "residuals": found.residuals,
                  "directions": _directions(known.directions, known.eigenvalues)}  # fmt: skip
        if followed is not None:
            tables["profiles"] = followed.samples
        if drawn is not None:
            tables["posterior"] = drawn.draws
        for name, each in tables.items():
            deliver(each, out / f"{name}.csv")
        _draw(found, followed, out)
    failed = int(found.starts["objective"].isna().sum())
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


def _directions(directions: pd.DataFrame, eigenvalues: np.ndarray) -> pd.DataFrame:
    table = directions.T.rename_axis("direction")
    table.insert(0, "eigenvalue", eigenvalues)
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
