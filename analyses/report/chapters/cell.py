"""The chapters of a cell's report: each computes, draws and states the facts it is about."""

from __future__ import annotations

import numpy as np
import pandas as pd

from transport_model import Model, SteadyState, simulate
from transport_model.certificate import MAX_DRIFT, MAX_IMBALANCE

from ...scans.designs.designs import grid, latin_hypercube, provenance_ranges
from ...scans.scan import scan
from ...studies.control import ControlAnalysis, control_coefficients
from ...studies.energetics import energetics
from ...studies.laws import FARADAY, sodium_per_glucose
from ..figures import cell as figures
from ..page import Page

#: Seed of the random parameter sets in the report.
SEED = 20250101
#: Random parameter sets on which the report tries the certificate.
RANDOM_SETS = 200
#: Hours without pump that the report shows.
FAILURE_HOURS = 2.0


def resting(page: Page, state: SteadyState) -> None:
    """Fill in the resting cell: both sides of its membrane, its flows, its certificate."""
    ions = ["Na", "K", "Cl", "Glc"]
    gradients = pd.DataFrame(
        {"outside": [state[f"{i}_o"] for i in ions], "inside": [state[f"{i}_i"] for i in ions]},
        index=pd.Index(ions, name="ion"),
    )
    symport, slip = state["J_sglt"], state["J_sglt_slip"]
    sodium = sodium_per_glucose(page.model)
    balance = pd.DataFrame(
        {
            "pump": [-3 * state["J_pump"], 2 * state["J_pump"], 0.0, 0.0],
            "leak": [state["J_leak_Na"], state["J_leak_K"], state["J_leak_Cl"], 0.0],
            "symport": [sodium * symport, 0.0, 0.0, symport],
            "slip": [sodium * slip, 0.0, 0.0, 0.0],
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


def gradient(page: Page, state: SteadyState) -> None:
    """Fill in the electrochemical gradients and where the energy of ATP goes."""
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
    page.facts["static_head"] = float(
        np.exp(-sodium_per_glucose(page.model) * state["dG_Na"] / state["RT"])
    )
    page.data["energetics"] = table.rename("value").rename_axis("id").to_frame()


def failure(page: Page, state: SteadyState) -> None:
    """Fill in what becomes of the cell when its pump stops."""
    stopped = page.model.starting_from(state.values).with_values(J_pump_max=0.0)
    course = simulate(stopped, FAILURE_HOURS * 3600, 721)
    page.figures["failure"] = figures.failure_figure(course)
    page.data["pump_stopped"] = course[
        ["V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "cytosol", "J_sglt", "dG_Na", "dG_Na_chem",
         "dG_Na_elec"]
    ]  # fmt: skip
    uptake = course["J_sglt"]
    fallen = uptake.index[uptake < uptake.iloc[0] / 2]
    page.facts["hours"] = FAILURE_HOURS
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


def uptake_map(page: Page, state: SteadyState) -> None:
    """Fill in uptake and Na⁺ gradient against lumen glucose and pump capacity."""
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


def control(page: Page) -> None:
    """Fill in which steps control uptake, cytosolic Na⁺ and the potential."""
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


def random_sets(page: Page) -> None:
    """Certify the cell at parameter sets from all over the provenance ranges."""
    page.seed = SEED
    ranges = provenance_ranges(page.model)
    table = scan(page.model, latin_hypercube(RANDOM_SETS, seed=SEED, log=(), **ranges))
    page.data["random_sets"] = table
    page.facts["random"] = {
        "points": len(table),
        "converged": int(table["converged"].sum()),
        "residual": float(table["residual"].max()),
    }
