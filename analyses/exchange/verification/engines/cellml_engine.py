"""CellML 2.0: written by Myokit, validated, analysed and turned into Python by libCellML."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from .jobs import Columns, EngineError, Job
from .myokit_engine import columns_by_id, read
from .ode import integrate


def course(job: Job) -> Columns:
    """Return a course."""
    model = read(job)
    if not model.count_states():
        raise EngineError("CellML knows no time without a state that moves; this model has none")
    code = _python(_cellml(model))
    scope: dict[str, Any] = {}
    exec(compile(code, "<libCellML's Python>", "exec"), scope)
    states = scope["create_states_array"]()
    rates = scope["create_states_array"]()
    rest = [scope[f"create_{kind}_array"]()
            for kind in ("constants", "computed_constants", "algebraic_variables")]  # fmt: skip
    scope["initialise_arrays"](states, rates, *rest)
    scope["compute_computed_constants"](0.0, states, rates, *rest)

    def rates_at(time: float, y: np.ndarray) -> np.ndarray:
        scope["compute_rates"](time, y, rates, *rest)
        return np.array(rates)

    path = integrate(rates_at, np.array(states, dtype=float), job.times)
    found: dict[str, list[float]] = {}
    kinds = ("STATE", "CONSTANT", "COMPUTED_CONSTANT", "ALGEBRAIC_VARIABLE")
    labels = [
        [f"{item['component']}.{item['name']}" for item in scope[f"{kind}_INFO"]] for kind in kinds
    ]
    for time, y in zip(job.times, path, strict=True):
        scope["compute_rates"](time, y, rates, *rest)
        scope["compute_variables"](time, y, rates, *rest)
        for names, values in zip(labels, (y, *rest), strict=True):
            for name, value in zip(names, values, strict=True):
                found.setdefault(name, []).append(float(value))
    return columns_by_id(job, found)


def _cellml(model: Any) -> str:
    from myokit.formats.cellml import CellMLExporter

    with TemporaryDirectory() as folder:
        path = Path(folder, "model.cellml")
        CellMLExporter().model(str(path), model, version="2.0")
        return path.read_text("utf-8")


def _python(cellml: str) -> str:
    """Return libCellML's Python for a CellML text."""
    import libcellml

    parser = libcellml.Parser(True)
    model = parser.parseModel(cellml)
    _refuse_errors(parser, "parse")
    validator = libcellml.Validator()
    validator.validateModel(model)
    _refuse_errors(validator, "validate")
    analyser = libcellml.Analyser()
    analyser.analyseModel(model)
    _refuse_errors(analyser, "analyse")
    analysed = analyser.analyserModel() if hasattr(analyser, "analyserModel") else analyser.model()
    profile = libcellml.GeneratorProfile(libcellml.GeneratorProfile.Profile.PYTHON)
    return libcellml.Generator().implementationCode(analysed, profile)


def _refuse_errors(logger: Any, doing: str) -> None:
    if logger.errorCount():
        raise EngineError(f"libCellML cannot {doing} it: {logger.error(0).description()}")
