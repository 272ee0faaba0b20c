"""Metabolic control analysis of a steady state, from exact derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.linalg import null_space

from transport_model import Model, SteadyState, notebook, steady_state
from transport_model.columns import with_units
from transport_model.errors import InputError
from transport_model.mathematics.certification import Examiner
from transport_model.mathematics.equations import read_equations
from transport_model.mathematics.evaluation import start_derivatives
from transport_model.mathematics.linearization import (
    values_and_derivatives,
    velocities_and_jacobian,
)
from transport_model.mathematics.program import formulas_of
from transport_model.mathematics.state_names import amount, species_of
from transport_model.model import check_model

from .moved_balance import moved_balance

#: Entries of orthonormal flux modes that rounding left of zero.
BLOCKED = 1e-9
#: A flux below this share of its exchange flux Σ |∂v/∂x| |x| vanishes: no relative control.
ZERO_FLUX = 1e-9
#: And so does one below this share of the network's largest.
SMALLEST_FLUX = 1e-14
#: Key of a response table's ``attrs`` under which it says how exactly the moved state is balanced.
BALANCE = "balance"
#: Reactions, fluxes and species that a notebook shows.
MOST_SHOWN = 12


@dataclass(frozen=True)
class ControlAnalysis:
    """Who controls what at one steady state.

    Every table has a column per reaction j; an entry tells what happens when the rate of j is
    raised by a small fraction, all else left alone, and the steady state has moved.

    Attributes
    ----------
    state
        The steady state analysed.
    flux
        Flux control coefficients d ln J_i / d ln v_j. A flux that vanishes has none: NaN.
    concentration
        Concentration control coefficients d ln x_i / d ln v_j.
    potential
        Changes of every rule, unscaled: d y / d ln v_j, in the unit of y (mV for ``V_m``).
    elasticities
        ∂ ln v_i / ∂ ln x_k, a row per reaction, a column per floating species, as amounts.
    summation
        Largest departure from the summation theorems: Σ_j of flux control is 1, of
        concentration control 0. NaN if no flux and no concentration has coefficients.
    connectivity
        Largest departure from the connectivity theorems, C^J ε L = 0 and C^x ε L = -L.
    undefined
        Why a flux or a species has no relative coefficients, by id.
    """

    state: SteadyState
    flux: pd.DataFrame
    concentration: pd.DataFrame
    potential: pd.DataFrame
    elasticities: pd.DataFrame
    summation: float
    connectivity: float
    undefined: Mapping[str, str]

    def _repr_html_(self) -> str:
        model = self.state.model
        steps = [str(name) for name in self.flux.columns]
        if len(steps) > MOST_SHOWN:
            steps = [str(name) for name in self.flux.abs().max().nlargest(MOST_SHOWN).index]
        parts = {"flux": self.flux, "concentration": self.concentration}
        rows = [(what, name, *map(notebook.tinted, values))
                for what, table in parts.items() for name, values in
                zip(table.index[:MOST_SHOWN], table[steps].to_numpy(dtype=float), strict=False)
                ]  # fmt: skip
        theorems = f"theorems hold to: summation {self.summation:.1e}, connectivity"
        return "".join([
            notebook.heading(model.name, "control analysis"),
            notebook.note(f"{theorems} {self.connectivity:.1e}"),
            notebook.table(["control of", "", *steps], rows),
            notebook.note("tables: .flux, .concentration, .potential, .elasticities"),
        ])  # fmt: skip


def sensitivities(model: Model, parameters: Sequence[str] | None = None) -> pd.DataFrame:
    """Compute how the steady state moves with parameters, exactly.

    ``dx/dp = do/dp - L (N_R (∂v/∂x) L)^-1 (N_R (∂v/∂x do/dp + ∂v/∂p) + dN_R/dp v)``, where ``o`` is
    what the conserved sums add to the dependent states: a parameter that changes a conserved sum,
    as the impermeant charge of ``cell`` does, moves the steady state through it too. So does one
    that stoichiometries follow, as conversion factors are.

    Parameters
    ----------
    model
        The model; the derivatives are taken at its steady state.
    parameters
        Ids of parameters, compartments and boundary species; by default all that are constant and
        have a value other than zero.

    Returns
    -------
    pandas.DataFrame
        A row per result of a steady state, a column per parameter: unit of the one per unit of
        the other. ``attrs["balance"]`` is the largest share of a species' flows by which the moved
        state is out of balance: rounding.

    Raises
    ------
    UnknownIdError, InputError
        An id names nothing, or something the model computes.
    SteadyStateError, UnsupportedModelError
        As :func:`transport_model.steady_state`.
    """
    return _responses(model, parameters)[0]


def _responses(
    model: Model, parameters: Sequence[str] | None
) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return sensitivities, the results' values, and the size of what they are made of."""
    check_model(model)
    read_equations(model.sbml).require_no_events(
        f"model '{model.name}' has no sensitivities: events may set other values for other"
        " parameters (scan them instead)"
    )
    state = steady_state(model)
    examiner = Examiner(model)
    equations = examiner.equations
    if parameters is None:
        parameters = [
            name
            for name in equations.constants
            if name in model.quantities
            and model.quantities[name].settable
            and abs(model.quantities[name].value) > 0  # nor without a value
        ]
    for name in parameters:
        model.validated_value(
            name, model.quantities[name].value if name in model.quantities else 0.0
        )
        if name not in equations.constants:
            raise InputError(f"'{name}' is no parameter: it moves during a run")
    ids = tuple(parameters)
    states = examiner.states_of(state.values)
    start, constants = start_derivatives(model, ids)
    moved, balance = moved_balance(examiner, states, start, constants)
    names, count = (*equations.states, *equations.constants), len(equations.states)
    columns = [str(name) for name in state.values.index if name not in equations.constants]
    aliases = {column: amount(species) for column, species in model.amount_columns.items()}
    known = {*formulas_of(equations), *names}
    wanted = [aliases.get(column, column) for column in columns]
    inner = tuple(name if name in known else amount(name) for name in wanted)
    _, slopes = values_and_derivatives(model.sbml, inner, names, states, examiner.constants)
    with np.errstate(invalid="ignore"):  # a rule without a number there has no slope either
        result = slopes[:, :count] @ moved + slopes[:, count:] @ constants
    index = pd.Index(columns, name="quantity")
    exchange = pd.Series(np.abs(slopes[:, :count]) @ examiner.sizes(states), index)
    table = pd.DataFrame(result, index=index, columns=list(ids))
    table.attrs[BALANCE] = balance
    return table, state.values[index], exchange


def response_coefficients(model: Model, parameters: Sequence[str] | None = None) -> pd.DataFrame:
    """Compute scaled sensitivities, d ln y / d ln p (Kacser & Burns 1973).

    Parameters, returns and errors are those of :func:`sensitivities`; a result that vanishes at
    the steady state has no response coefficient: NaN.
    """
    table, values, exchange = _responses(model, parameters)
    scale = pd.Series([model.quantities[name].value for name in table.columns], table.columns)
    vanishing = values.abs() <= ZERO_FLUX * exchange
    scaled = _without_units(table.mul(scale, axis=1).div(values.where(~vanishing), axis=0))
    scaled.attrs[BALANCE] = table.attrs[BALANCE]
    return scaled


def _without_units(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of pure numbers that says so."""
    return with_units(table, {str(name): "1" for name in table.columns})


def control_coefficients(model: Model) -> ControlAnalysis:
    """Compute all control coefficients at the steady state of a model.

    With N = L N_R, the unscaled coefficients are C^x = -L (N_R (∂v/∂x) L)^-1 N_R and
    C^J = 1 + (∂v/∂x) C^x (Reder 1988, J Theor Biol 135:175); the derivatives are exact.

    Parameters
    ----------
    model
        Any model with a steady state; reactions are the processes that control it.

    Returns
    -------
    ControlAnalysis
        Flux, concentration and potential control coefficients, elasticities, and how exactly the
        theorems hold.

    Raises
    ------
    SteadyStateError
        The model has no certified steady state.
    UnsupportedModelError
        A steady state is not defined for it.
    InputError
        The model has no reactions.
    """
    check_model(model)
    if not model.reaction_ids:
        raise InputError(f"model '{model.name}' has no reactions: nothing to control")
    read_equations(model.sbml).require_no_events(
        f"model '{model.name}' has no control coefficients: events may set other values for other"
        " rates (scan parameters instead)"
    )
    state = steady_state(model)
    examiner = Examiner(model)
    equations, structure = examiner.equations, examiner.structure
    states = examiner.states_of(state.values)
    velocities, jacobian = velocities_and_jacobian(model.sbml, states, examiner.constants)
    reduced = structure.stoichiometry[structure.independent]
    state_control = -structure.link @ np.linalg.solve(reduced @ jacobian @ structure.link, reduced)
    flux_control = np.eye(len(velocities)) + jacobian @ state_control

    names = list(equations.fluxes)
    steps = len(names)  # rate rules follow the reactions and are not steps one can modulate
    v = velocities[:steps]
    vanishing = _vanishing(examiner, states, v, jacobian[:steps])
    vanishing[~vanishing] = _blocked(reduced[:, :steps][:, ~vanishing])
    v = np.where(vanishing, 0.0, v)
    with np.errstate(all="ignore"):
        flux = np.where(vanishing[:, None], np.nan,
                        flux_control[:steps, :steps] * v[None, :] / v[:, None])  # fmt: skip
        elasticities = jacobian[:steps] * states[None, :] / np.where(vanishing, np.nan, v)[:, None]

    # A species under a rate rule for its concentration is a state, and its amount defined
    targets = tuple(species_of(name) for name in equations.definitions)
    values, slopes = values_and_derivatives(
        model.sbml, targets, equations.states, states, examiner.constants
    )
    responses = pd.DataFrame(
        (slopes @ state_control)[:, :steps] * v[None, :], index=list(targets), columns=names
    )
    species = [name for name in targets if name not in equations.rules]
    levels = pd.Series(values, index=list(targets))[species]
    empty = {species_of(name) for name, gone in
             zip(equations.states, examiner.vanishing(states), strict=True) if gone}  # fmt: skip
    present = (levels != 0) & ~levels.index.isin(list(empty))
    concentration = responses.loc[species].div(levels.where(present), axis=0)
    rules = responses.loc[list(equations.rules)]

    departures = np.concatenate(
        [np.abs(flux.sum(axis=1) - 1.0), np.abs(concentration.sum(axis=1, skipna=False))]
    )
    defined = departures[np.isfinite(departures)]
    summation = float(defined.max()) if defined.size else float("nan")
    theorem = state_control @ jacobian @ structure.link + structure.link
    scale = np.abs(state_control) @ np.abs(jacobian @ structure.link)
    connectivity = float(np.max(np.abs(theorem) / np.maximum(scale, 1.0), initial=0.0))
    relative = pd.DataFrame(elasticities, index=names, columns=list(equations.states))
    return ControlAnalysis(
        state=state,
        flux=_without_units(pd.DataFrame(flux, index=names, columns=names)),
        concentration=_without_units(concentration),
        potential=rules,
        elasticities=_without_units(relative),
        summation=summation,
        connectivity=connectivity,
        undefined={
            **dict.fromkeys(levels.index[~present], "vanishes at this state"),
            **{
                name: f"vanishes: {abs(flow):.1e} beside {np.abs(velocities[:steps]).max():.1e} in"
                " the network"
                for name, flow, gone in zip(names, velocities, vanishing, strict=False)
                if gone
            },
        },
    )


def _blocked(stoichiometry: np.ndarray) -> np.ndarray:
    """Whether each of some fluxes is zero wherever these alone, and no others, are in balance."""
    if not stoichiometry.size:
        return np.zeros(stoichiometry.shape[1], dtype=bool)
    modes = null_space(stoichiometry)
    return np.abs(modes).max(axis=1, initial=0.0) <= BLOCKED


def _vanishing(
    examiner: Examiner, states: np.ndarray, values: np.ndarray, slopes: np.ndarray
) -> np.ndarray:
    """Whether each of some values, with slopes by state, is zero for all that can be told.

    Beside what the states could make of it, none of them being smaller than a millionth of its
    start, or beside the largest of its kind.
    """
    exchange = np.abs(slopes) @ examiner.sizes(states)
    return (np.abs(values) <= ZERO_FLUX * exchange) | (
        np.abs(values) <= SMALLEST_FLUX * np.abs(values).max(initial=0.0)
    )
