"""The chapter of a cell's report that walks through the lesson: claim, experiment, verdict."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from ...experiments.protocols import protocol_path, read_protocol
from ...experiments.run import run_experiment
from ..figures.energy import energy_flow_figure, flows_of
from ..figures.experiments import experiment_figure
from ..page import Page

#: The lesson in its order, by the names of the shipped protocols.
LESSON = (
    "leak_makes_potential", "potassium_near_balance", "two_pushes_on_sodium", "without_membrane",
    "store_of_energy", "uphill", "secondary", "pump_stopped", "phlorizin", "potassium_outside",
    "failing_ATP", "low_sodium", "meal_and_fast",
)  # fmt: skip


def lesson(page: Page, say: Callable[[str], object]) -> None:
    """Run every experiment of the lesson and fill in its claim, figure, numbers and verdict.

    Experiments run on the models that their protocols name, whatever the report is about.
    """
    claims = []
    for name in LESSON:
        protocol = read_protocol(protocol_path(name))
        say(f"experiment: {protocol.title}")
        experiment = run_experiment(protocol)
        page.figures[f"experiment_{name}"] = experiment_figure(experiment)
        page.data[f"experiment_{name}"] = experiment.courses
        claims.append(
            {
                "name": name,
                "title": protocol.title,
                "claim": protocol.claim,
                "checks": experiment.checks.to_dict("records"),
                "verdict": str(experiment.verdict),
            }
        )
    page.facts["lesson"] = claims
    page.data["lesson"] = pd.DataFrame(
        [
            {"experiment": claim["name"], **check, "verdict": claim["verdict"]}
            for claim in claims
            for check in claim["checks"]
        ]
    )
    flows = flows_of(page.data["energetics"]["value"])
    page.figures["energy_flow"] = energy_flow_figure(flows)
    page.data["energy_flow"] = pd.DataFrame(
        [(flow.source, flow.target, flow.power) for flow in flows],
        columns=["from", "to", "power_pW"],
    )
