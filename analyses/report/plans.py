"""Which chapters a report has, in which order, and what each is computed from."""

from __future__ import annotations

import shlex
from functools import partial

from transport_model import Model, SteadyState, load_model
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError

from .chapter import Planned, Search
from .chapters import across, any_model, cell, lesson, reference, sureness, transporters

#: What a model must have for the story to be told about it.
NEEDED = ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "Glc_o", "J_pump", "J_pump_max", "J_sglt",
          "dG_Na_chem", "dG_Na_elec", "dG_sglt")  # fmt: skip
#: What must not be zero in it.
PRESENT = ("J_pump_max", "n_SGLT", "J_glut_max", "P_K", "P_Na", "Na_o", "K_o", "Cl_o", "Glc_o",
           "Glc_b", "ATP")  # fmt: skip


def is_transport_cell(model: Model) -> bool:
    """Return whether a model has what the story of secondary active transport is about."""
    known = {*model.quantities, *model.rules.index}
    return known.issuperset((*NEEDED, *PRESENT)) and {"J_pump", "J_sglt"}.issubset(
        model.reactions["rate"]
    )


def check_present(model: Model) -> None:
    """Make sure that a transport cell has what its story is about.

    Raises
    ------
    InputError
        Something of :data:`PRESENT` is zero.
    """
    for name in PRESENT:
        if model.quantities[name].value == 0:
            raise InputError(
                f"the report is about a cell that pumps, leaks and takes up glucose: '{name}' must"
                " not be zero (steady-state, simulate and scan take it)"
            )


def is_as_shipped(model: Model) -> bool:
    """Return whether what is known of shipped parameters is known of this model's."""
    return model.name in shipped_models() and load_model(model.name).hash == model.hash


def plan_of_cell(model: Model, state: SteadyState) -> list[Planned]:
    """Return the chapters about a transport cell: the story of its sodium gradient."""
    sourced = is_as_shipped(model)
    uptake = float(state["J_sglt"])
    return [
        Planned("rest", "The resting cell", partial(cell.resting_cell, model, state)),
        Planned("gradient", "Sodium is pulled in twice over",
                partial(cell.gradients, model, state)),
        Planned("failure", "The pump stopped", partial(cell.pump_stopped, model, state)),
        Planned("map", "Lumen glucose and pump capacity", partial(cell.uptake_map, model, state)),
        Planned("control", "What controls glucose uptake", partial(cell.control_of_uptake, model),
                _command("control", model)),
        Planned("sureness", "What controls uptake, and how sure we are",
                partial(sureness.how_sure_of_uptake, model, uptake, sourced=sourced),
                _command("sensitivity", model)),
        Planned("laws", "Held against laws and measurements",
                partial(transporters.laws_and_measurements, model), _command("validate", model)),
        Planned("lesson", "The lesson as experiments", lesson.lesson, "transport-model experiment"),
        Planned("across", "Across the membrane",
                partial(across.across_the_membrane, load_model("epithelium")),
                "transport-model tubule"),
        Planned("equations", "Equations", partial(reference.equations, model)),
        Planned("parameters", "Parameters", partial(reference.parameters, model, sourced=sourced)),
    ]  # fmt: skip


def plan_of_any_model(model: Model, found: Search) -> list[Planned]:
    """Return the chapters about any model, whose steady state was looked for."""
    sourced, state = is_as_shipped(model), found.state
    at_rest = partial(any_model.needs_state, "it is taken at a steady state, and none is certified")
    plan = [
        Planned("model", "What the model is", partial(any_model.contents, model, state)),
        Planned("state", "Steady state",
                partial(any_model.settled, state) if state
                else partial(any_model.needs_state, found.why),
                _command("steady-state", model)),
        Planned("courses", "Time course", partial(any_model.courses, model, found),
                _command("simulate", model)),
    ]  # fmt: skip
    if across.is_polarised(model):
        plan.append(
            Planned("across", "Across the membrane",
                    partial(across.along_the_tubule, model) if state else at_rest,
                    "transport-model tubule")
        )  # fmt: skip
    return [
        *plan,
        Planned("control", "Control",
                partial(any_model.control, model) if state else at_rest,
                _command("control", model)),
        Planned("sensitivity", "Sensitivity",
                partial(any_model.sensitivity, model) if state else at_rest,
                _command("control", model)),
        Planned("sureness", "How sure results are",
                partial(sureness.how_sure, model, sourced=sourced) if state else at_rest,
                _command("sensitivity", model)),
        Planned("audit", "Audit", partial(any_model.thermodynamics, model),
                _command("audit", model)),
        Planned("equations", "Equations", partial(reference.equations, model)),
        Planned("parameters", "Parameters", partial(reference.parameters, model, sourced=sourced)),
    ]  # fmt: skip


def _command(name: str, model: Model) -> str:
    """Return a command that takes the model, whose file lies in the report's folder."""
    shipped = model.name in shipped_models()
    file = model.name if shipped else shlex.quote(f"models/{model.name}.xml")
    return f"transport-model {name} --model {file}"
