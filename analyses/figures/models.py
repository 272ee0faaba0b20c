"""A model drawn: a cell as a cell, any other model as the map of its reactions."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure

from transport_model import Model, SteadyState
from transport_model.errors import InputError
from transport_model.model import check_model

from ..studies.anatomy import Anatomy, anatomy
from ..studies.reaction_map import reaction_map
from .panels import Panels
from .reaction_maps import map_figure
from .schematic import schematic


@dataclass(frozen=True)
class Drawing:
    """A figure of a model, and the caption that says what is seen."""

    figure: Figure
    caption: str


def plot_model(model: Model, state: SteadyState | None = None) -> Panels:
    """Draw a model: a cell with its membranes and transporters, or a map of reactions.

    A model is drawn as a cell if its annotations tell of one whose membranes substances cross:
    ChEBI terms of species and GO terms of compartments. Of a map too large for a page the largest
    fluxes are drawn.

    Parameters
    ----------
    model
        Any model with reactions.
    state
        Its steady state: arrows run the way of the flux, which is told, as are concentrations and
        potentials. Without it reactions run as they are written.

    Returns
    -------
    Panels
        The axes, one panel.

    Raises
    ------
    InputError
        The model has no reactions, or what was handed in is no model or no steady state.
    """
    return Panels(draw_model(model, state).figure.axes)


def draw_model(model: Model, state: SteadyState | None = None) -> Drawing:
    """Draw a model as :func:`transport_model.plot_model` does, with a caption.

    Raises
    ------
    InputError
        As :func:`transport_model.plot_model`.
    """
    check_model(model)
    if state is not None and not isinstance(state, SteadyState):
        raise InputError(f"a model is drawn at a steady state, not at a {type(state).__name__}")
    cell = anatomy(model, state)
    if cell is not None:
        figure, caption = schematic(cell), _of_cell(cell, at_rest=state is not None)
    else:
        figure, caption = map_figure(reaction_map(model, state)), _of_map(at_rest=state is not None)
    figure.set_label(caption)
    return Drawing(figure, caption)


def _of_cell(cell: Anatomy, *, at_rest: bool) -> str:
    between = sum(row.membrane is None for row in cell.transporters)
    through = len(cell.transporters) - between
    count = f"{through} transporter{'' if through == 1 else 's'}"
    where = "the faces towards the lumen and the blood" if cell.has_two_faces else "the membrane"
    parts = [f"{cell.name}: {count} in {where}" + (f" and {between} ways between the cells."
                                                   if between else ".")]  # fmt: skip
    parts.append("Numbers before substances are those of one turn.")
    parts.append(
        f"Arrows point the way of the flux at rest, in turns [{cell.unit}]; where nothing flows"
        " they are dashed." if at_rest else "Arrows point the way in which reactions are written."
    )  # fmt: skip
    if cell.others:
        many = len(cell.others)
        parts.append(f"{many} reaction{'' if many == 1 else 's'} that cross"
                     f"{'es' if many == 1 else ''} no membrane {'is' if many == 1 else 'are'} not"
                     " drawn.")  # fmt: skip
    return " ".join(parts)


def _of_map(*, at_rest: bool) -> str:
    way = ("the way of the flux at rest, the thicker the larger it is" if at_rest
           else "the way in which reactions are written")  # fmt: skip
    return (f"Reactions (squares) and their species (boxes). Arrows run {way}; dashed lines come"
            " from what acts on a reaction without being changed, and end in a bar if it"
            " inhibits.")  # fmt: skip
