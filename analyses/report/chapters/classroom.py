"""The lesson on three pages: the cell, five claims with an experiment each, questions, answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

from transport_model import Model, SteadyState

from ...experiments.protocols import protocol_path, read_protocol
from ...experiments.run import Experiment, run_experiment
from ...figures.experiments import plot_experiment
from ...studies.energetics import energetics
from ...studies.laws import sodium_per_glucose
from ..captions import caption_of
from ..chapter import Chapter, Planned
from .cell import drawn_at_rest, ions_moved
from .certificate import state_table


@dataclass(frozen=True)
class Claim:
    """A sentence of the lesson, the protocol that tests it, what is drawn of it, what it shows.

    In `told` stands what the effect named `check` has found.
    """

    sentence: str
    protocol: str
    drawn: tuple[str, ...]
    check: str
    told: str


#: The five claims.
CLAIMS = (
    Claim("The pump, fed with ATP, keeps sodium out.", "pump_stopped", ("Na_i", "V_m"),
          "sodium_gained", "With half of its pumps stopped, the cell gains {} Na⁺ in two hours."),
    Claim("The leak of potassium makes most of the voltage.", "leak_makes_potential",
          ("V_m", "K_i"), "rise_1_s_no_leak",
          "Without its K⁺ leak the cell depolarises by {} within a second."),
    Claim("Sodium is pulled in twice, by its concentration and by the voltage.",
          "two_pushes_on_sodium", ("dG_Na_chem", "dG_Na_elec"), "electrical",
          "Of the electrochemical potential difference of Na⁺, {} is electrical, about half."),
    Claim("The symporter spends that pull to take glucose uphill.", "exit_closed",
          ("glucose inside / outside", "J_sglt"), "uphill_after_10_min",
          "Ten minutes after its exit has closed, the cell holds {} times the lumen's glucose."),
    Claim("Transport of glucose is active at second hand: without the pump it ends.", "secondary",
          ("J_sglt", "dG_Na"), "after/before",
          "Four hours after the pump has stopped, uptake is {} of what it was: a slow loss."),
)  # fmt: skip


def plan_of_lesson(model: Model, state: SteadyState) -> list[Planned]:
    """Return the chapters of the edition for a course."""
    return [
        Planned("cell", "The cell", partial(the_cell, model, state)),
        Planned("claims", "Five claims", five_claims, "transport-model experiment"),
        Planned("questions", "Questions", partial(questions, model, state)),
        Planned("answers", "Answers", partial(answers, model, state)),
    ]


def the_cell(model: Model, state: SteadyState) -> Chapter[SteadyState]:
    """Return the cell at rest: its drawing, and its numbers."""
    return Chapter("cell", "The cell", "classroom_cell", state,
                   {"steady_state": state_table(model, state)},
                   drawn_at_rest(model, state))  # fmt: skip


@dataclass(frozen=True)
class TestedClaim:
    """A claim, its experiment, its caption, and what the check it names has found."""

    claim: Claim
    experiment: Experiment
    caption: str
    found: str


def five_claims() -> Chapter[dict[str, TestedClaim]]:
    """Run the experiment of each claim; by the name of its figure and data."""
    tested = {}
    for claim in CLAIMS:
        item = run_experiment(read_protocol(protocol_path(claim.protocol)))
        name = f"experiment_{claim.protocol}"
        tested[name] = TestedClaim(claim, item, caption_of(item, claim.drawn), _found(item, claim))
    return Chapter(
        "claims", "Five claims", "classroom_claims", tested,
        {name: item.experiment.courses for name, item in tested.items()},
        {name: plot_experiment(item.experiment, item.claim.drawn).figure
         for name, item in tested.items()},
    )  # fmt: skip


def _found(item: Experiment, claim: Claim) -> str:
    """Return what the check that a claim names has found."""
    told = next(check for check in item.checks.to_dict("records")
                if check["that"].partition(":")[0] == claim.check)  # fmt: skip
    return claim.told.format(f"{told['effect']:.3g} {told['unit']}".rstrip())


@dataclass(frozen=True)
class Exercise:
    """What questions and answers are made of.

    Attributes
    ----------
    state
        The resting cell.
    chemical, electrical
        Parts of the work that a mole of Na⁺ gives up as it enters [kJ/mol].
    sodium
        Na⁺ in a cycle of the symporter.
    head, head_of_one
        How far the cell's own gradient could concentrate glucose, with that many and with one.
    head_without_voltage
        The same without a membrane potential.
    pump_sodium
        Na⁺ that the pump moves for an ATP.
    ATP_per_glucose
        What a glucose costs, as the account of the energy has it.
    """

    state: SteadyState
    chemical: float
    electrical: float
    sodium: int
    head: float
    head_of_one: float
    head_without_voltage: float
    pump_sodium: int
    ATP_per_glucose: float


def _exercise(model: Model, state: SteadyState) -> Exercise:
    thermal = float(state["RT"])
    pull = -(state["dG_Na_chem"] + state["dG_Na_elec"]) / thermal
    sodium = sodium_per_glucose(model)
    return Exercise(
        state, -state["dG_Na_chem"], -state["dG_Na_elec"], sodium,
        head=math.exp(sodium * pull), head_of_one=math.exp(pull),
        head_without_voltage=math.exp(-sodium * state["dG_Na_chem"] / thermal),
        pump_sodium=round(-float(ions_moved(model)["J_pump"].to_dict()["Na"])),
        ATP_per_glucose=float(energetics(model, state)["ATP_per_glucose"].iloc[0]),
    )  # fmt: skip


def questions(model: Model, state: SteadyState) -> Chapter[Exercise]:
    """Return questions that the numbers of the cell answer."""
    return Chapter("questions", "Questions", "classroom_questions", _exercise(model, state))


def answers(model: Model, state: SteadyState) -> Chapter[Exercise]:
    """Return their answers."""
    return Chapter("answers", "Answers", "classroom_answers", _exercise(model, state))
