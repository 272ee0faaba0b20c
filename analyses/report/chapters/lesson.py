"""The chapter of a cell's report that walks through the lesson: claim, experiment, verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from ...experiments.protocols import protocol_path, read_protocol
from ...experiments.run import Experiment, run_experiment
from ...figures.experiments import plot_experiment
from ..chapter import Chapter
from ..simulations import LESSON


@dataclass(frozen=True)
class Lesson:
    """The experiments by the name of their figure and data, in the lesson's order."""

    experiments: dict[str, Experiment]


def lesson(say: Callable[[str], object]) -> Chapter[Lesson]:
    """Run every experiment of the lesson, and return its claim, figure, numbers and verdict.

    Experiments run on the models that their protocols name, whatever the report is about.
    """
    experiments = {}
    for name in LESSON:
        protocol = read_protocol(protocol_path(name))
        say(f"experiment: {protocol.title}")
        experiments[f"experiment_{name}"] = run_experiment(protocol)
    checks = [
        {"experiment": item.protocol.name, **check, "verdict": str(item.verdict)}
        for item in experiments.values()
        for check in item.checks.to_dict("records")
    ]
    return Chapter(
        "lesson", "The lesson as experiments", "lesson", Lesson(experiments),
        {**{name: item.courses for name, item in experiments.items()},
         "lesson": pd.DataFrame(checks)},
        {name: plot_experiment(item).figure for name, item in experiments.items()},
    )  # fmt: skip
