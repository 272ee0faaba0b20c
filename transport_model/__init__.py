"""A model of secondary active transport: load it, move it, solve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transport_model.mathematics.evaluation import evaluate
    from transport_model.model import Model, load_model
    from transport_model.simulation.courses import simulate
    from transport_model.simulation.inputs import Ramp, Step, held
    from transport_model.steady_states import SteadyState, steady_state

__version__ = "0.1.0"
__all__ = [
    "Model",
    "Ramp",
    "SteadyState",
    "Step",
    "evaluate",
    "held",
    "load_model",
    "simulate",
    "steady_state",
]

_HOME = {
    "Model": "model",
    "Ramp": "simulation.inputs",
    "SteadyState": "steady_states",
    "Step": "simulation.inputs",
    "evaluate": "mathematics.evaluation",
    "held": "simulation.inputs",
    "load_model": "model",
    "simulate": "simulation.courses",
    "steady_state": "steady_states",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line must answer --help before libSBML is in memory
    if name not in _HOME:
        raise AttributeError(f"module 'transport_model' has no attribute '{name}'")
    import importlib

    module = importlib.import_module(f"transport_model.{_HOME[name]}")
    value = getattr(module, name)
    globals()[name] = value
    return value
