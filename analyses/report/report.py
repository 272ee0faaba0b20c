"""The research report: one folder with a page, the data behind it, the model and its provenance."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from transport_model import Model, steady_state
from transport_model.errors import InputError

from .chapters import any_model as general_chapters
from .chapters import cell as cell_chapters
from .chapters.lesson import lesson
from .chapters.transporters import held_against_measurements
from .page import Page, check_folder, parameter_table, write_page

#: What a model must have for the story to be told about it.
NEEDED = ("V_m", "Na_i", "K_i", "Cl_i", "Glc_i", "Glc_o", "J_pump", "J_pump_max", "J_sglt",
          "dG_Na_chem", "dG_Na_elec", "dG_sglt")  # fmt: skip
#: What must not be zero in it.
PRESENT = ("J_pump_max", "n_SGLT", "J_glut_max", "P_K", "P_Na", "Na_o", "K_o", "Cl_o", "Glc_o",
           "Glc_b", "ATP")  # fmt: skip


def tells_the_story_of(model: Model) -> bool:
    """Return whether a model has what the story of secondary active transport is about."""
    return {*model.quantities, *model.rules.index}.issuperset((*NEEDED, *PRESENT))


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

    Raises
    ------
    InputError
        A cell lacks what the story is about, or the folder cannot be written.
    SteadyStateError, SimulationError
        A cell does not rest, or a course of it cannot be computed.
    """
    say = progress or (lambda step: None)
    if not tells_the_story_of(model):
        check_folder(folder)
        return write_page(general_chapters.gathered(model, say), folder)
    for name in PRESENT:
        if model.quantities[name].value == 0:
            raise InputError(
                f"the report is about a cell that pumps, leaks and takes up glucose: '{name}' must"
                " not be zero (steady-state, simulate and scan take it)"
            )
    check_folder(folder)
    page = Page(model)
    say("resting cell")
    state = steady_state(model)
    cell_chapters.resting(page, state)
    cell_chapters.gradient(page, state)
    say("pump stopped")
    cell_chapters.failure(page, state)
    say("lumen glucose and pump capacity")
    cell_chapters.uptake_map(page, state)
    say("control of glucose uptake")
    cell_chapters.control(page)
    held_against_measurements(page, say)
    say("random parameter sets")
    cell_chapters.random_sets(page)
    lesson(page, say)
    say("page")
    page.data["parameters"] = parameter_table(model)
    return write_page(page, folder)
