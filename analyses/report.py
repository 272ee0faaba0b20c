"""The research report: one folder with a page, the data behind it, the model and its provenance."""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata, resources
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from analyses import figures
from analyses.control import ControlAnalysis, control_coefficients
from analyses.designs import grid, latin_hypercube, provenance_ranges
from analyses.energetics import energetics
from analyses.laws import FARADAY, laws
from analyses.mathematics import equation_table
from analyses.scan import scan
from transport_model import Model, SteadyState, simulate, steady_state
from transport_model.catalogue import provenance
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE
from transport_model.errors import InputError
from transport_model.simulation import ABSOLUTE_SCALE, RELATIVE_TOLERANCE

#: Seed of the random parameter sets in the report.
SEED = 20250101
#: Random parameter sets on which the report tries the certificate.
RANDOM_SETS = 200
#: Hours without pump that the report shows.
FAILURE_HOURS = 2.0
#: What a model must have for the story to be told about it.
NEEDED = ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "Glc_o", "J_pump", "J_pump_max", "J_sglt",
          "dG_Na_chem", "dG_Na_elec", "dG_sglt")  # fmt: skip
#: What must not be zero in it.
PRESENT = ("J_pump_max", "n_SGLT", "J_glut_max", "P_K", "P_Na", "Na_o", "K_o", "Cl_o", "Glc_o",
           "Glc_b", "ATP")  # fmt: skip
#: Packages whose versions the provenance records.
PACKAGES = ("transport-model", "libroadrunner", "antimony", "python-libsbml", "sympy", "sbmlmath",
            "numpy", "scipy", "pandas", "matplotlib")  # fmt: skip


@dataclass
class _Page:
    """What the page is made of, gathered on the way."""

    model: Model
    data: dict[str, pd.DataFrame] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)


def write_report(
    model: Model, folder: Path, *, progress: Callable[[str], object] | None = None
) -> Path:
    """Write the report of a cell into `folder` and return the page's path.

    Parameters
    ----------
    model
        The shipped ``cell``, or a model with its ids.
    folder
        Made if it is not there. Files of an earlier report in it are replaced, each in one step,
        and only when the whole new report is ready.
    progress
        Called with the name of each step before it starts.

    Raises
    ------
    InputError
        The model lacks what the story is about, or the folder cannot be written.
    SteadyStateError, SimulationError
        The cell does not rest, or a course cannot be computed.
    """
    say = progress or (lambda step: None)
    known = {*model.quantities, *model.rules.index}
    for name in NEEDED:
        if name not in known:
            raise InputError(f"the report needs '{name}', which model '{model.name}' does not have")
    for name in PRESENT:
        if model.quantities[name].value == 0:
            raise InputError(
                f"the report is about a cell that pumps, leaks and takes up glucose: '{name}' must"
                " not be zero (steady-state, simulate and scan take it)"
            )
    _check_folder(folder)
    page = _Page(model)
    say("resting cell")
    state = steady_state(model)
    _resting(page, state)
    _gradient(page, state)
    say("pump stopped")
    _failure(page, state)
    say("lumen glucose and pump capacity")
    _map(page, state)
    say("control of glucose uptake")
    _control(page)
    say("laws")
    page.data["laws"] = laws(model)
    say("random parameter sets")
    _random_sets(page)
    say("page")
    page.data["parameters"] = _parameters(model)
    return _write(page, folder)


def _resting(page: _Page, state: SteadyState) -> None:
    ions = ["Na", "K", "Cl", "Glc"]
    gradients = pd.DataFrame(
        {"outside": [state[f"{i}_o"] for i in ions], "inside": [state[f"{i}_i"] for i in ions]},
        index=pd.Index(ions, name="ion"),
    )
    symport, slip = state["J_sglt"], state["J_sglt_slip"]
    balance = pd.DataFrame(
        {
            "pump": [-3 * state["J_pump"], 2 * state["J_pump"], 0.0, 0.0],
            "leak": [state["J_leak_Na"], state["J_leak_K"], state["J_leak_Cl"], 0.0],
            "symport": [2 * symport, 0.0, 0.0, symport],
            "slip": [2 * slip, 0.0, 0.0, 0.0],
            "exit": [0.0, 0.0, 0.0, -state["J_glut"]],
        },
        index=pd.Index(ions, name="ion"),
    )
    page.figures["resting"] = figures.resting_figure(gradients, balance)
    page.data["resting"] = gradients.join(balance)
    certificate = state.certificate
    slowest = -1 / certificate.eigenvalues.real.max() if len(certificate.eigenvalues) else np.nan
    page.facts["state"] = state
    page.facts["at_rest"] = (
        state["Na_i"] < state["Na_o"] / 2 and state["K_i"] > 2 * state["K_o"] and state["V_m"] < -10
    )
    page.facts["certificate"] = [
        ("status", state.status, "every check below passed"),
        ("largest relative imbalance", f"{state.residual:.1e}",
         f"of a species, |Σ N v| / Σ |N||v|; at most {MAX_IMBALANCE:.0e}"),
        ("net current", f"{state.net_current * FARADAY * 1e-3:.1e} pA", "charge leaving the cell"),
        ("drift of conserved sums", f"{certificate.drift:.1e}",
         f"relative; at most {MAX_DRIFT:.0e}"),
        ("stability", "stable" if state.stable else "not stable",
         f"slowest time constant {slowest:.0f} s"),
    ]  # fmt: skip
    page.data["steady_state"] = state.values.rename_axis("id").to_frame()


def _gradient(page: _Page, state: SteadyState) -> None:
    steps = pd.DataFrame(
        {
            part: [state[f"dG_{ion}{suffix}"] for ion in ("Na", "K", "Cl")]
            for part, suffix in (("chemical", "_chem"), ("electrical", "_elec"), ("sum", ""))
        },
        index=pd.Index(["Na", "K", "Cl"], name="ion"),
    )
    page.figures["gradient"] = figures.staircase_figure(steps)
    page.data["gradient"] = steps
    table = energetics(page.model, state).iloc[0]
    page.facts["energy"] = table
    page.facts["static_head"] = float(np.exp(-2 * state["dG_Na"] / state["RT"]))
    page.data["energetics"] = table.rename("value").rename_axis("id").to_frame()


def _failure(page: _Page, state: SteadyState) -> None:
    stopped = page.model.starting_from(state.values).with_values(J_pump_max=0.0)
    course = simulate(stopped, FAILURE_HOURS * 3600, 721)
    page.figures["failure"] = figures.failure_figure(course)
    page.data["pump_stopped"] = course[
        ["V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "cytosol", "J_sglt", "dG_Na", "dG_Na_chem",
         "dG_Na_elec"]
    ]  # fmt: skip
    uptake = course["J_sglt"]
    fallen = uptake.index[uptake < uptake.iloc[0] / 2]
    page.facts["failure"] = {
        "half_minutes": float(fallen[0] / 60) if len(fallen) else None,
        "first_second": float(np.interp(1.0, *_second(stopped)) - course["V_m"].iloc[0]),
        "V_end": float(course["V_m"].iloc[-1]),
        "Na_end": float(course["Na_i"].iloc[-1]),
        "swelling": float(course["cytosol"].iloc[-1] / course["cytosol"].iloc[0]),
    }


def _second(stopped: Model) -> tuple[np.ndarray, np.ndarray]:
    course = simulate(stopped, 1.0, 11)
    return course.index.to_numpy(), course["V_m"].to_numpy()


def _map(page: _Page, state: SteadyState) -> None:
    capacity = page.model.quantities["J_pump_max"].value
    design = grid(Glc_o=np.geomspace(0.2, 30, 25), J_pump_max=capacity * np.linspace(0.2, 2.0, 25))
    table = scan(page.model, design)
    page.data["glucose_by_pump"] = table
    page.facts["map_failed"] = int((~table["converged"]).sum())
    page.figures["map"] = figures.map_figure(
        table, "Glc_o", "J_pump_max",
        [("J_sglt", "glucose uptake [fmol/s]"), ("dG_Na", "Na⁺ gradient [kJ/mol]")],
        {"Glc_o": "lumen glucose [mM]", "J_pump_max": "pump capacity [fmol/s]"},
        (state["Glc_o"], capacity),
    )  # fmt: skip


def _control(page: _Page) -> None:
    analysis = control_coefficients(page.model)
    names = page.model.reactions["name"]
    uptake = _reaction_of(page.model, "J_sglt")
    table = pd.DataFrame(
        {
            "uptake": analysis.flux.loc[uptake],
            "Na_i": analysis.concentration.loc["Na_i"],
            "V_m": analysis.potential.loc["V_m"],
        }
    )
    table.index = pd.Index([names[reaction] or reaction for reaction in table.index], name="step")
    page.figures["control"] = figures.control_figure(
        table,
        {"uptake": "Glucose uptake|flux control coefficient",
         "Na_i": "Cytosolic Na⁺|concentration control coeff.",
         "V_m": "Membrane potential|mV per e-fold of the rate"},
    )  # fmt: skip
    page.data["control"] = table
    page.facts["control"] = analysis
    page.facts["uptake_control"] = _ranked(analysis, uptake, names)


def _ranked(analysis: ControlAnalysis, flux: str, names: pd.Series) -> list[tuple[str, float]]:
    row = analysis.flux.T[flux]
    order = row.abs().sort_values(ascending=False).index[:3]
    return [(str(names[step]), float(row[step])) for step in order]


def _reaction_of(model: Model, flux: str) -> str:
    return str(model.reactions.index[model.reactions["rate"] == flux][0])


def _random_sets(page: _Page) -> None:
    """Certify the cell at parameter sets from all over the provenance ranges."""
    ranges = provenance_ranges(page.model)
    table = scan(page.model, latin_hypercube(RANDOM_SETS, seed=SEED, log=(), **ranges))
    page.data["random_sets"] = table
    page.facts["random"] = {
        "points": len(table),
        "converged": int(table["converged"].sum()),
        "residual": float(table["residual"].max()),
    }


def _parameters(model: Model) -> pd.DataFrame:
    known = provenance()
    species = model.species
    fixed = species[(species["kind"] == "boundary") & species["value"].notna()]
    table = pd.concat([model.parameters, fixed[["value", "unit", "name"]]])
    columns = ["source", "low", "high", "note"]
    return table.join(known[columns]).rename_axis("id")


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError(f"'{folder}' is a file; name a folder for the report")
    parent = folder if folder.exists() else folder.absolute().parent
    if not parent.exists():
        raise InputError(f"there is no folder '{parent}' to make '{folder.name}' in")
    if not os.access(parent, os.W_OK):
        raise InputError(f"the folder '{parent}' cannot be written to")


def _write(page: _Page, folder: Path) -> Path:
    """Write everything beside the target, then move it there file by file."""
    try:
        folder.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    except OSError as error:
        raise InputError(f"cannot write the report to '{folder}': {error.strerror}") from None
    try:
        (beside / "data").mkdir()
        for name, table in page.data.items():
            table.to_csv(beside / "data" / f"{name}.csv", lineterminator="\n",
                         index=table.index.name is not None)  # fmt: skip
        (beside / f"{page.model.name}.xml").write_text(page.model.sbml, encoding="utf-8")
        (beside / "provenance.json").write_text(
            json.dumps(_provenance(page), indent=1) + "\n", "utf-8"
        )
        (beside / "report.html").write_text(_render(page), encoding="utf-8")
        (folder / "data").mkdir(exist_ok=True)
        for path in sorted(beside.rglob("*")):
            if path.is_file():
                path.replace(folder / path.relative_to(beside))
    except OSError as error:
        raise InputError(f"cannot write the report to '{folder}': {error.strerror}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / "report.html"


def _provenance(page: _Page) -> dict[str, object]:
    versions = {}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = None
    return {
        "model": page.model.name,
        "model_sha256": page.model.hash,
        "changes": dict(page.model.changes),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "versions": versions,
        "seed": SEED,
        "tolerances": {
            "course_relative": RELATIVE_TOLERANCE,
            "course_absolute_share_of_start": RELATIVE_TOLERANCE * ABSOLUTE_SCALE,
            "steady_state_imbalance": MAX_IMBALANCE,
            "steady_state_drift": MAX_DRIFT,
        },
    }


def _render(page: _Page) -> str:
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)  # fmt: skip
    environment.filters["number"] = number
    text = (resources.files("analyses") / "templates" / "report.html.jinja").read_text("utf-8")
    return environment.from_string(text).render(
        model=page.model,
        figures=page.figures,
        facts=page.facts,
        laws=page.data["laws"].to_dict("records"),
        parameters=page.data["parameters"].reset_index().to_dict("records"),
        equations=equation_table(page.model),
        provenance=_provenance(page),
        hours=FAILURE_HOURS,
    )


def number(value: float, digits: int = 4) -> str:
    """Return a number for people: `digits` significant ones, a true minus, no bare exponents."""
    if value is None or not np.isfinite(value):
        return "–"
    text = f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        power = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        text = f"{mantissa} × 10{power}" if mantissa != "1" else f"10{power}"
    return text.replace("-", "−")
