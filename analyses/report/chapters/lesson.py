"""The chapter of a cell's report that walks through the lesson: claim, experiment, verdict."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from transport_model import load_model
from transport_model.catalogue import shipped_models

from ...experiments.protocols import protocol_path, read_protocol
from ...experiments.run import Experiment, run_experiment
from ...figures.experiments import plot_experiment
from ...verdict import Verdict
from ..captions import caption_of
from ..chapter import Chapter
from ..simulations import LESSON


@dataclass(frozen=True)
class Lesson:
    """The experiments.

    Attributes
    ----------
    experiments
        By the name of their figure and data, in the lesson's order.
    captions
        What each figure shows, by the same names.
    holding
        How many of their claims hold.
    """

    experiments: dict[str, Experiment]
    captions: dict[str, str]
    holding: int


def lesson() -> Chapter[Lesson]:
    """Run every experiment of the lesson, and return its claim, figure, numbers and verdict.

    Experiments run on the models that their protocols name, whatever the report is about.
    """
    experiments = {
        f"experiment_{name}": run_experiment(read_protocol(protocol_path(name))) for name in LESSON
    }
    checks = [
        {"experiment": item.protocol.name, **check, "verdict": str(item.verdict)}
        for item in experiments.values()
        for check in item.checks.to_dict("records")
    ]
    facts = Lesson(
        experiments,
        {name: caption_of(item) for name, item in experiments.items()},
        sum(item.verdict is Verdict.HOLDS for item in experiments.values()),
    )
    models = {arm.model.name: arm.model for item in experiments.values()
              for arm in item.protocol.arms}  # fmt: skip
    return Chapter(
        "lesson", "The lesson as experiments", "lesson", facts,
        {**{name: item.courses for name, item in experiments.items()},
         "lesson": pd.DataFrame(checks)},
        {name: plot_experiment(item).figure for name, item in experiments.items()},
        models=tuple(load_model(name) for name in models if name in shipped_models()),
    )  # fmt: skip
