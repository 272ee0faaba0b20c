"""Bridges to what people run models with: instances of libRoadRunner and of tellurium."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from transport_model.errors import InputError, UnsupportedModelError
from transport_model.quantities import document_of, with_values_written

if TYPE_CHECKING:
    from roadrunner import RoadRunner

    from transport_model import Explorer, Model


def new_roadrunner(sbml: str, changes: Mapping[str, float]) -> RoadRunner:
    """Return a libRoadRunner instance of an SBML text with some values changed, by id.

    Raises
    ------
    UnsupportedModelError
        libRoadRunner cannot load it.
    """
    import roadrunner

    return _loaded(roadrunner.RoadRunner, with_values_written(sbml, changes))


def new_tellurium(sbml: str, changes: Mapping[str, float]) -> RoadRunner:
    """Return a tellurium instance of an SBML text with some values changed, by id.

    Importing tellurium, which takes seconds, puts its class in the place of
    ``roadrunner.RoadRunner``, in the whole process; it is not imported before.

    Raises
    ------
    InputError
        tellurium is not installed, or cannot be imported.
    UnsupportedModelError
        libRoadRunner cannot load the model.
    """
    try:
        from tellurium.roadrunner import ExtendedRoadRunner
    except ImportError as error:  # tellurium does not say that it needs six
        brings = "pip install 'transport-model[tellurium]' brings what it needs"
        raise InputError(f"tellurium cannot be imported ({error}); {brings}") from None
    return _loaded(ExtendedRoadRunner, with_values_written(sbml, changes))


def name_and_text(instance: object) -> tuple[str, str]:
    """Return what an instance's model is called, and its SBML with the values that it has now.

    Raises
    ------
    InputError
        It is no instance of libRoadRunner's or tellurium's, or holds no model.
    """
    kinds = [(kind.__module__.partition(".")[0], kind.__name__) for kind in type(instance).__mro__]
    if ("roadrunner", "RoadRunner") not in kinds:
        raise InputError(
            f"a model is a name, a path or a RoadRunner, not {type(instance).__name__}"
        )
    held: Any = instance
    try:
        held.getModel().getModelName()
        text = str(held.getCurrentSBML())
    except (AttributeError, RuntimeError, ValueError):
        raise InputError("the RoadRunner holds no model") from None
    return document_of(text).getModel().getIdAttribute() or "model", text


def _loaded(kind: Any, sbml: str) -> RoadRunner:
    try:
        return kind(sbml)
    except RuntimeError as error:
        why = " ".join(str(error).split())[:150]
        raise UnsupportedModelError(f"libRoadRunner cannot load this model: {why}") from None


def new_explorer(model: Model) -> Explorer:
    """Return the page of a model, by the front door: what shows a model lies above it."""
    import transport_model

    return transport_model.explore(model)
