"""The chapters about a cell: at rest, its gradients, without pump, over its inputs, its control."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from transport_model import Model, SteadyState, simulate
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.state_names import amount

from ...figures import cell as figures
from ...figures.energy import flows_of, plot_energetics
from ...figures.schematic import schematic
from ...scans.designs.designs import latin_hypercube, provenance_ranges
from ...scans.scan import scan
from ...studies.anatomy import anatomy
from ...studies.control import control_coefficients
from ...studies.energetics import energetics
from ...studies.laws import sodium_per_glucose
from .. import simulations
from ..chapter import Chapter
from .certificate import Check, checks_of, state_table

#: Ions and molecules on both sides of the membrane.
IONS = ("Na", "K", "Cl", "Glc")
#: Ways through the membrane, and the rates of the reactions that take them.
ROUTES = {
    "pump": ("J_pump",),
    "leak": ("J_leak_Na", "J_leak_K", "J_leak_Cl"),
    "symport": ("J_sglt",),
    "slip": ("J_sglt_slip",),
    "exit": ("J_glut",),
}
#: Seed and number of the random parameter sets on which the report tries the certificate.
SEED, RANDOM_SETS = 20250101, 200
#: Span [s] over which the pump's own current is told from the running down of the gradients.
MOMENT = 1.0


@dataclass(frozen=True)
class RandomSets:
    """Steady states at random parameter sets: how many, certified ones, the worst imbalance."""

    points: int
    converged: int
    residual: float


@dataclass(frozen=True)
class RestingCell:
    """The resting cell.

    Attributes
    ----------
    pump_sodium, pump_potassium
        Ions that a cycle of the pump moves out and in, by the model's stoichiometry.
    keeps_gradients
        Whether this cell is one that the sentences about resting cells fit.
    """

    state: SteadyState
    checks: tuple[Check, ...]
    pump_sodium: float
    pump_potassium: float
    keeps_gradients: bool
    random: RandomSets


def resting_cell(model: Model, state: SteadyState) -> Chapter[RestingCell]:
    """Return both sides of the membrane, the flows through it, and the certificate of the rest."""
    sides = pd.DataFrame(
        {"outside": [state[f"{i}_o"] for i in IONS], "inside": [state[f"{i}_i"] for i in IONS]},
        index=pd.Index(IONS, name="ion"),
    )
    moved = ions_moved(model)
    balance = pd.DataFrame(
        {
            route: sum(moved[rate] * state[rate] for rate in rates if rate in moved)
            for route, rates in ROUTES.items()
        },
        index=sides.index,
    )
    drawn = latin_hypercube(RANDOM_SETS, seed=SEED, log=(), **provenance_ranges(model))
    random = scan(model, drawn)
    facts = RestingCell(
        state=state,
        checks=checks_of(state),
        pump_sodium=-float(moved["J_pump"]["Na"]),
        pump_potassium=float(moved["J_pump"]["K"]),
        keeps_gradients=bool(state["Na_i"] < state["Na_o"] / 2 and state["K_i"] > 2 * state["K_o"]
                             and state["V_m"] < -10),
        random=RandomSets(len(random), int(random["converged"].sum()),
                          float(random["residual"].max())),
    )  # fmt: skip
    return Chapter(
        "rest", "The resting cell", "resting_cell", facts,
        {"resting": sides.join(balance), "steady_state": state_table(model, state),
         "random_sets": random},
        {**drawn_at_rest(model, state), "resting": figures.resting_figure(sides, balance)},
    )  # fmt: skip


def drawn_at_rest(model: Model, state: SteadyState) -> dict[str, Figure]:
    """Return the drawing of a cell, if its annotations tell what crosses which membrane."""
    seen = anatomy(model, state)
    return {} if seen is None else {"cell_at_rest": schematic(seen)}


def ions_moved(model: Model) -> pd.DataFrame:
    """Return how many of each ion a reaction brings in: a row per ion, a column per rate."""
    equations = read_equations(model.sbml)
    counts = np.array(equations.stoichiometry.tolist(), dtype=float)
    table = pd.DataFrame(counts, list(equations.states), model.reactions["rate"].to_list())
    own = table.reindex([amount(f"{ion}_i") for ion in IONS], fill_value=0.0)
    return own.set_axis(pd.Index(IONS, name="ion"))


@dataclass(frozen=True)
class Gradients:
    """Electrochemical gradients, and where the power of ATP goes.

    Attributes
    ----------
    sodium
        Na⁺ in a cycle of the symporter.
    static_head
        How many times the symporter could concentrate glucose before it stalled.
    energy
        A row of :func:`energetics`.
    """

    state: SteadyState
    sodium: int
    static_head: float
    energy: pd.Series


def gradients(model: Model, state: SteadyState) -> Chapter[Gradients]:
    """Return the work to bring each ion in, and the flow of energy from ATP to heat and glucose."""
    steps = pd.DataFrame(
        {
            part: [state[f"dG_{ion}{suffix}"] for ion in ("Na", "K", "Cl")]
            for part, suffix in (("chemical", "_chem"), ("electrical", "_elec"), ("sum", ""))
        },
        index=pd.Index(["Na", "K", "Cl"], name="ion"),
    )
    sodium = sodium_per_glucose(model)
    account = energetics(model, state)
    energy = account.iloc[0]
    flows = flows_of(energy)
    facts = Gradients(state, sodium, float(np.exp(-sodium * state["dG_Na"] / state["RT"])), energy)
    return Chapter(
        "gradient", "Sodium is pulled in twice over", "gradients", facts,
        {
            "gradient": steps,
            "energetics": energy.rename("value").rename_axis("id").to_frame(),
            "energy_flow": pd.DataFrame([(flow.source, flow.target, flow.power) for flow in flows],
                                        columns=["from", "to", "power_pW"]),
        },
        {"gradient": figures.staircase_figure(steps),
         "energy_flow": plot_energetics(account).figure},
    )  # fmt: skip


@dataclass(frozen=True)
class PumpStopped:
    """What becomes of the cell without its pump.

    Attributes
    ----------
    hours
        How long it is followed.
    moment, first_change
        The first seconds, and by how much the potential [mV] moves in them.
    half_minutes
        When uptake has fallen to half; None if it has not.
    sodium, potential, swelling, uptake
        Na⁺ [mM], potential [mV], and size and uptake, relative to the start, at the end.
    """

    hours: float
    moment: float
    first_change: float
    half_minutes: float | None
    sodium: float
    potential: float
    swelling: float
    uptake: float


def pump_stopped(model: Model, state: SteadyState) -> Chapter[PumpStopped]:
    """Return the course of the resting cell after its pump has stopped."""
    run = simulations.pump_stopped(model, state)
    course = run.run()
    first = simulate(run.model, MOMENT, 11)["V_m"]
    start, end = course.iloc[0], course.iloc[-1]
    fallen = course.index[course["J_sglt"] < start["J_sglt"] / 2]
    facts = PumpStopped(
        hours=run.end / 3600,
        moment=MOMENT,
        first_change=float(first.iloc[-1] - first.iloc[0]),
        half_minutes=float(fallen[0] / 60) if len(fallen) else None,
        sodium=float(end["Na_i"]),
        potential=float(end["V_m"]),
        swelling=float(end["cytosol"] / start["cytosol"]),
        uptake=float(end["J_sglt"] / start["J_sglt"]),
    )
    return Chapter("failure", "The pump stopped", "pump_stopped", facts, {run.name: course},
                   {run.name: figures.failure_figure(course)})  # fmt: skip


@dataclass(frozen=True)
class UptakeMap:
    """How many steady states the map holds, and how many points have none."""

    points: int
    failed: int


def uptake_map(model: Model, state: SteadyState) -> Chapter[UptakeMap]:
    """Return uptake and the Na⁺ gradient against lumen glucose and pump capacity."""
    run = simulations.glucose_by_pump(model)
    table = run.run()
    x, y = run.axes
    figure = figures.map_figure(
        table, x, y,
        [("J_sglt", "glucose uptake [fmol/s]"), ("dG_Na", "Na⁺ gradient [kJ/mol]")],
        {"Glc_o": "lumen glucose [mM]", "J_pump_max": "pump capacity [fmol/s]"},
        (state["Glc_o"], model.quantities["J_pump_max"].value),
    )  # fmt: skip
    facts = UptakeMap(len(table), int((~table["converged"]).sum()))
    return Chapter("map", "Lumen glucose and pump capacity", "uptake_map", facts,
                   {run.name: table}, {run.name: figure})  # fmt: skip


@dataclass(frozen=True)
class UptakeControl:
    """Who controls glucose uptake.

    Attributes
    ----------
    strongest
        Steps and their flux control coefficients, the largest first.
    summation, connectivity
        Largest departures from the theorems.
    """

    strongest: tuple[tuple[str, float], ...]
    summation: float
    connectivity: float


def control_of_uptake(model: Model) -> Chapter[UptakeControl]:
    """Return which steps control uptake, cytosolic Na⁺ and the potential."""
    analysis = control_coefficients(model)
    names, rates = model.reactions["name"], model.reactions["rate"]
    table = pd.DataFrame(
        {
            "uptake": analysis.flux.loc[rates.index[rates == "J_sglt"][0]],
            "Na_i": analysis.concentration.loc["Na_i"],
            "V_m": analysis.potential.loc["V_m"],
        }
    )
    table.index = pd.Index([names[reaction] or reaction for reaction in table.index], name="step")
    figure = figures.control_figure(
        table,
        {"uptake": "Glucose uptake|flux control coefficient",
         "Na_i": "Cytosolic Na⁺|concentration control coefficient",
         "V_m": "Membrane potential|mV per e-fold of the rate"},
    )  # fmt: skip
    ranked = table["uptake"].sort_values(key=abs, ascending=False).iloc[:3]
    strongest = tuple((str(step), float(value)) for step, value in ranked.items())
    facts = UptakeControl(strongest, analysis.summation, analysis.connectivity)
    return Chapter("control", "What controls glucose uptake", "control_of_uptake", facts,
                   {"control": table}, {"control": figure})  # fmt: skip
