"""The research report: one folder with a page, the data behind it, the model and its provenance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transport_model import Model, load_model, steady_state
from transport_model.catalogue import shipped_models
from transport_model.errors import InputError
from transport_model.files import check_folder
from transport_model.model import check_model

from ..provenance import record_of
from .chapter import Chapter, LeftOut
from .chapters import across, any_model, cell, reference, sureness
from .chapters.lesson import lesson
from .chapters.transporters import laws_and_measurements
from .page import Page, write_page

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


def write_report(
    model: Model, folder: Path, *, progress: Callable[[str], object] | None = None
) -> Path:
    """Write the report of a model into `folder` and return the page's path.

    Parameters
    ----------
    model
        The shipped ``cell`` or a model with its ids, of which the report tells the story of
        secondary active transport; or any other, of which it tells what applies to every model.
    folder
        Made if it is not there. Files of an earlier report in it are replaced, each in one step,
        and only when the whole new report is ready.
    progress
        Called with the name of each step before it starts.

    Returns
    -------
    pathlib.Path
        The page.

    Raises
    ------
    InputError
        A cell lacks what the story is about, or the folder cannot be written.
    SteadyStateError, SimulationError
        A cell does not rest, or a course of it cannot be computed.
    """
    check_model(model)
    build_page = page_of_cell if is_transport_cell(model) else page_of_any_model
    if build_page is page_of_cell:
        _check_present(model)
    check_folder(folder, "report")
    return write_page(build_page(model, progress or (lambda step: None)), folder)


def _check_present(model: Model) -> None:
    for name in PRESENT:
        if model.quantities[name].value == 0:
            raise InputError(
                f"the report is about a cell that pumps, leaks and takes up glucose: '{name}' must"
                " not be zero (steady-state, simulate and scan take it)"
            )


def page_of_cell(model: Model, say: Callable[[str], object]) -> Page:
    """Return the report of a transport cell: the story of its sodium gradient.

    Raises
    ------
    SteadyStateError, SimulationError
        The cell does not rest, or a course of it cannot be computed.
    """
    say("resting cell")
    state = steady_state(model)
    chapters: list[Chapter[Any] | LeftOut] = [
        cell.resting_cell(model, state), cell.gradients(model, state)
    ]  # fmt: skip
    say("pump stopped")
    chapters.append(cell.pump_stopped(model, state))
    say("lumen glucose and pump capacity")
    chapters.append(cell.uptake_map(model, state))
    say("control of glucose uptake")
    chapters.append(cell.control_of_uptake(model))
    say("how sure uptake is")
    chapters.append(any_model.attempt(
        "sureness", "What controls uptake, and how sure we are",
        lambda: sureness.how_sure_of_uptake(model, float(state["J_sglt"]), sourced=_ships(model)),
    ))  # fmt: skip
    held_against = laws_and_measurements(model, say)
    chapters += [held_against, lesson(say)]
    chapters.append(across.across_the_membrane(load_model("epithelium"), say))
    say("page")
    record = record_of(model, seed=cell.SEED)
    parameters = reference.parameters(model, sourced=True)
    cited = reference.cited(parameters.tables["parameters"], held_against.tables["validation"])
    chapters += [reference.equations(model), parameters, cited, reference.provenance(record)]
    return Page(model, "cell", tuple(chapters), record)


def page_of_any_model(model: Model, say: Callable[[str], object]) -> Page:
    """Return the report of any model: every chapter that applies, and why the others do not."""
    say("steady state")
    found = any_model.attempt("state", "Steady state", lambda: steady_state(model))
    state = None if isinstance(found, LeftOut) else found
    rest = found if isinstance(found, LeftOut) else any_model.settled(found)
    chapters: list[Chapter[Any] | LeftOut] = [any_model.contents(model), rest]
    say("time course")
    chapters.append(
        any_model.attempt("courses", "Courses", lambda: any_model.courses(model, state))
    )
    if across.is_polarised(model) and state is not None:
        chapters.append(
            any_model.attempt(
                "across", "Across the membrane", lambda: across.across_the_membrane(model, say)
            )
        )
    say("control and sensitivity")
    if state is None:
        nowhere = "there is no certified steady state to take {} at"
        chapters += [LeftOut("control", "Control", nowhere.format("coefficients")),
                     LeftOut("sensitivity", "Sensitivity", nowhere.format("them")),
                     LeftOut("sureness", "How sure results are",
                             nowhere.format("points about"))]  # fmt: skip
    else:
        chapters += [
            any_model.attempt("control", "Control", lambda: any_model.control(model)),
            any_model.attempt("sensitivity", "Sensitivity", lambda: any_model.sensitivity(model)),
            any_model.attempt(
                "sureness",
                "How sure results are",
                lambda: sureness.how_sure(model, sourced=_ships(model)),
            ),
        ]
    say("audit")
    chapters.append(any_model.attempt("audit", "Audit", lambda: any_model.thermodynamics(model)))
    say("equations")
    chapters.append(any_model.attempt("equations", "Equations", lambda: reference.equations(model)))
    say("page")
    record = record_of(model)
    # What is known of our parameters says nothing of others with their ids
    parameters = reference.parameters(model, sourced=_ships(model))
    chapters.append(parameters)
    if _ships(model):
        chapters.append(reference.cited(parameters.tables["parameters"]))
    chapters.append(reference.provenance(record))
    return Page(model, "any_model", tuple(chapters), record)


def _ships(model: Model) -> bool:
    return model.name in shipped_models() and load_model(model.name).hash == model.hash
