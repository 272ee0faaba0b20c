"""Chapters on what results owe to uncertain inputs, and how sure that leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from transport_model import Model
from transport_model.errors import InputError
from transport_model.key_facts import key_facts
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import result_columns

from ...figures.indices import plot_indices
from ...figures.panels import column_labels, column_words
from ...figures.uncertainty import plot_uncertainty
from ...studies.control import response_coefficients
from ...studies.global_sensitivity.answers import scan_answers
from ...studies.global_sensitivity.morris import morris_screening
from ...studies.global_sensitivity.sobol import sobol_indices
from ...studies.uncertain_inputs import UncertainInputs, known_ranges, within_factor
from ...studies.uncertainty import propagate_uncertainty
from ..chapter import Chapter

#: Of a cell: what is asked about, and what the lesson says of it, with the words for that.
ASKED = ("J_sglt", "V_m")
LESSON = {
    "J_sglt > 0": "the cell takes glucose up",
    "Glc_i > Glc_o": "it holds more of it than the lumen",
    "dG_Na_chem < 0": "the concentrations pull sodium in",
    "dG_Na_elec < 0": "the potential pulls sodium in",
}
#: What the experimenter sets.
BATH = ("Na_o", "K_o", "Cl_o", "Glc_o", "Glc_b", "osm_bath", "T")
#: Width of the intervals, most points of the indices, and points of the sample.
WIDTH, BUDGET, SAMPLE = 0.1, 200_000, 4096
#: Of any other model: the factor within which constants lie, how many of them, and of results.
WITHIN, MOST_INPUTS, MOST_RESULTS = 1.5, 12, 4
#: Points of its screening for each input and one more.
TRAJECTORIES = 16


@dataclass(frozen=True)
class Probability:
    """How likely a sentence of the lesson is true, and between which ends that lies."""

    words: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class SureCell:
    """What the chapter on a cell states.

    Attributes
    ----------
    strongest
        Inputs with the largest total indices for uptake, each with the ends of its interval.
    words
        What each of them is, as the model names it.
    together
        Share of the variance of uptake that no input makes alone.
    own, low, high
        Uptake at the cell's own values, and between which values 90 % lie [fmol/s].
    inputs, said
        How many inputs there are, and how large the study was.
    """

    strongest: tuple[tuple[str, float, float, float], ...]
    words: Mapping[str, str]
    together: float
    own: float
    low: float
    high: float
    probabilities: tuple[Probability, ...]
    inputs: int
    said: str


def how_sure_of_uptake(model: Model, own: float, *, sourced: bool) -> Chapter[SureCell]:
    """Return what uptake owes to the constants of a cell, and how sure it is.

    Bath and temperature are left at the cell's own.

    Parameters
    ----------
    model
        The cell.
    own
        Its uptake at rest.
    sourced
        Whether the ranges of the table of parameters are known to be those of its constants;
        otherwise all are taken to be known within a factor of :data:`WITHIN`.

    Raises
    ------
    ComputationError
        Too many points have no steady state.
    """
    inputs = _constants(known_ranges(model) if sourced else within_factor(model, WITHIN))
    found = sobol_indices(scan_answers(model, ASKED), inputs, width=WIDTH, budget=BUDGET)
    spread = propagate_uncertainty(
        scan_answers(model, [*ASKED, "Glc_i", "dG_Na_chem", "dG_Na_elec"]), inputs, points=SAMPLE,
        conditions=[text.replace("Glc_o", f"{model.quantities['Glc_o'].value!r}")
                    for text in LESSON],
    )  # fmt: skip
    total = found.table[(found.table["index"] == "ST") & (found.table["output"] == "J_sglt")]
    alone = found.table[(found.table["index"] == "S1") & (found.table["output"] == "J_sglt")]
    uptake = spread.summary().loc["J_sglt"].to_dict()
    strongest = tuple((row["input"], row["value"], max(row["low"], 0.0), row["high"])
                      for row in total.head(4).to_dict("records"))  # fmt: skip
    facts = SureCell(
        strongest=strongest,
        words={name: model.quantities[name].name or "" for name, *_ in strongest},
        together=1.0 - float(alone["value"].clip(lower=0).sum()),
        own=own, low=uptake["5 %"], high=uptake["95 %"],
        probabilities=tuple(
            Probability(words, row["probability"], row["low"], row["high"]) for words, row in
            zip(LESSON.values(), spread.probabilities.to_dict("records"), strict=True)
        ),
        inputs=len(inputs.columns), said=found.said,
    )  # fmt: skip
    return Chapter(
        "sureness", "What controls uptake, and how sure we are", "how_sure_of_uptake", facts,
        {"indices": found.table, "quantiles": spread.quantiles},
        {"indices": plot_indices(found, labels=column_words(model, model.quantities)).figure,
         "spread": plot_uncertainty(spread, ASKED, labels=column_labels(model, ASKED)).figure},
    )  # fmt: skip


def _constants(inputs: UncertainInputs) -> UncertainInputs:
    """Return the inputs without what the experimenter sets: the bath and the temperature."""
    return UncertainInputs({name: item for name, item in inputs.distributions.items()
                            if name not in BATH})  # fmt: skip


@dataclass(frozen=True)
class Screened:
    """What the chapter on any model states.

    Attributes
    ----------
    inputs, said
        How many inputs were screened, and how large the study was.
    factor
        Within which each is taken to be known; None where they have ranges of their own.
    """

    inputs: int
    factor: float | None
    said: str


def how_sure(model: Model, *, sourced: bool) -> Chapter[Screened]:
    """Return which inputs of any model matter, over their ranges or within a factor of each.

    The constants with the largest response coefficients are screened.

    Parameters
    ----------
    model
        The model.
    sourced
        As :func:`how_sure_of_uptake` has it.

    Raises
    ------
    InputError
        No constant has an influence, or nothing varies.
    ComputationError
        Too many points have no steady state.
    """
    results = key_facts(model, result_columns(read_equations(model.sbml), model))
    responses = response_coefficients(model)
    telling = responses.loc[[name for name in results if name in responses.index]]
    size = telling.abs().replace(np.inf, np.nan).max().fillna(0.0)
    varied = (known_ranges(model) if sourced else within_factor(model, WITHIN)).distributions
    ranked = [str(name) for name in size.sort_values(ascending=False, kind="stable").index
              if size[name] > 0 and name in varied]  # fmt: skip
    if not ranked:
        raise InputError("no positive constant has an influence on its results")
    inputs = UncertainInputs({name: varied[name] for name in ranked[:MOST_INPUTS]})
    asked = scan_answers(model, [str(name) for name in telling.index[:MOST_RESULTS]])
    budget = TRAJECTORIES * (len(inputs.columns) + 1)
    found = morris_screening(asked, inputs, budget=budget, width=WIDTH)
    if found.table.empty:
        raise InputError("nothing that people look for first varies with its constants")
    facts = Screened(len(inputs.columns), None if sourced else WITHIN, found.said)
    words = column_words(model, model.quantities)
    return Chapter("sureness", "What controls its results, and how sure they are", "how_sure",
                   facts, {"effects": found.table},
                   {"effects": plot_indices(found, labels=words).figure})  # fmt: skip
