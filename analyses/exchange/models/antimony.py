"""A model as Antimony, the text that people write models in."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from transport_model import Model
from transport_model.errors import InputError, ModelFileError
from transport_model.reading.documents import read_model

from .comparison import compare
from .losses import Exported, Loss
from .sbml import losses_from
from .variants import with_changes_written

_LABEL = "Antimony"


def export_antimony(model: Model) -> Exported:
    """Return a model as Antimony text, with the values set on it, and what that cannot carry.

    Losses are what differs once the text is read again by this project's own reader, for which
    a bare number is dimensionless.

    Raises
    ------
    InputError
        Antimony cannot write the model.
    """
    text = antimony_text(model)
    return Exported(text, tuple(_losses(model, text)))


def antimony_text(model: Model) -> str:
    """Return a model as Antimony text, with the values set on it."""
    import antimony  # 0.1 s, and only needed here

    antimony.clearPreviousLoads()
    if antimony.loadSBMLString(with_changes_written(model)) < 0:
        problem = " ".join(antimony.getLastError().split())
        raise InputError(f"model '{model.name}' cannot be written as Antimony: {problem}")
    text = str(antimony.getAntimonyString(antimony.getMainModuleName()))
    antimony.clearPreviousLoads()
    return text


def _losses(model: Model, text: str) -> list[Loss]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.ant"
        path.write_text(text, encoding="utf-8")
        try:
            sbml = read_model(path)
        except ModelFileError as error:
            problem = str(error).replace(str(path), "it")
            return [Loss(_LABEL, "the model as a whole", f"Antimony cannot read {problem}")]
    return losses_from(compare(model, replace(model, sbml=sbml, changes={})), _LABEL)
