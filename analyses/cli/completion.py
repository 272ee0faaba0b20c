"""What a shell offers behind an option: names and ids, found without loading a model."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

from transport_model.models_folder import models_folder

#: Elements of SBML whose ids are quantities, and those of reactions.
_SETTABLE = re.compile(
    r"<(?:\w+:)?(?:parameter|species|compartment)\b[^>]*?\sid=\"([^\"]+)\"", re.DOTALL
)
_REACTION = re.compile(r"<(?:\w+:)?reaction\b[^>]*?\sid=\"([^\"]+)\"", re.DOTALL)
_VALUE = re.compile(r"\s(?:value|size|initialConcentration|initialAmount)=\"([^\"]+)\"")
#: Suffixes of model files; larger ones are not read while a person waits.
_SUFFIXES, _LARGEST = (".xml", ".sbml", ".ant", ".cellml", ".omex"), 4_000_000


def models(incomplete: str) -> list[str]:
    """Return shipped models and model files whose names begin with what is written."""
    shipped = sorted(path.stem for path in models_folder().glob("*.xml"))
    return [name for name in shipped if name.startswith(incomplete)] + _files(incomplete)


def experiments(incomplete: str) -> list[str]:
    """Return shipped experiments."""
    folder = Path(__file__).parent.parent / "experiments" / "shipped"
    return [path.stem for path in sorted(folder.glob("*.yaml")) if path.stem.startswith(incomplete)]


def parameter_sets(ctx: Any, incomplete: str) -> list[str]:
    """Return the parameter sets of the model that the command names."""
    model = ctx.params.get("model") or "cell"
    with (models_folder() / "parameter_sets.csv").open(encoding="utf-8", newline="") as file:
        names = dict.fromkeys(row["set"] for row in csv.DictReader(file) if row["model"] == model)
    return [name for name in names if name.startswith(incomplete)]


def quantities(ctx: Any, incomplete: str) -> list[str]:
    """Return ids of quantities and reactions of the model that the command names."""
    text = _text_of(ctx)
    return _beginning([*_SETTABLE.findall(text), *_REACTION.findall(text)], incomplete)


def assignments(ctx: Any, incomplete: str) -> list[str]:
    """Return ids with an equals sign behind them; of a single id also the value that it has.

    A shell puts a blank behind what is offered alone, and the value could not follow.
    """
    text = _text_of(ctx)
    names = _beginning(_SETTABLE.findall(text), incomplete)
    offered = [f"{name}=" for name in names]
    if len(names) == 1:
        tag = re.search(rf'<[^<>]*\sid="{re.escape(names[0])}"[^<>]*>', text)
        value = _VALUE.search(tag[0]) if tag else None
        offered += [f"{names[0]}={value[1]}"] if value else []
    return offered


def _text_of(ctx: Any) -> str:
    name = str(ctx.params.get("model") or "cell")
    path = models_folder() / f"{name}.xml"
    if not path.is_file():
        path = Path(name)
    try:
        if path.suffix not in {".xml", ".sbml"} or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _beginning(names: list[str], incomplete: str) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(incomplete)]


def _files(incomplete: str) -> list[str]:
    folder = Path(incomplete).parent if not incomplete.endswith("/") else Path(incomplete)
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return []
    shown = [f"{path}/" if path.is_dir() else str(path) for path in found
             if path.is_dir() or path.suffix in _SUFFIXES]  # fmt: skip
    return [text for text in shown if text.startswith(incomplete)]
