"""The explorer's engine, asked without a browser: node runs its sources."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from transport_model import Model, load_model
from transport_model.analyses.explorer.payload import payload_of
from transport_model.analyses.explorer.program import print_program

ROOT = Path(__file__).parents[1]
ASKING = ROOT / "explorer" / "test" / "answers.js"
#: Longest time that all answers may take [s].
PATIENCE = 600
#: A column that stays below this share of the largest with its unit is as large as that: where
#: flows cancel, all digits go.
FLOOR = 1e-4
#: The same for states at rest: what decays for ever is nothing.
NOTHING = 1e-9

Question = tuple[str, dict[str, Any]]


def node() -> str:
    """Return the path of node, or skip the test that needs it."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("needs node, which is not on the path")
    if not ASKING.exists():
        pytest.skip("needs the explorer's sources, which are not in a source distribution")
    return path


@lru_cache(maxsize=64)
def described(model: Model) -> dict[str, Any]:
    """Return what a page holds of a model: what it knows, and the program."""
    printed = print_program(model)
    return {"payload": payload_of(model, printed), "program": printed.text}


def asked(models: Sequence[tuple[Model, Sequence[Question]]], folder: Path) -> list[list[Any]]:
    """Return the engine's answers, model by model, each ``{"value": …}`` or ``{"error": …}``."""
    wanted = [{**described(model), "questions": [{"method": m, "ask": a} for m, a in questions]}
              for model, questions in models]  # fmt: skip
    path = folder / "questions.json"
    path.write_text(json.dumps(wanted), "utf-8")
    done = subprocess.run([node(), ASKING, path], capture_output=True, text=True, timeout=PATIENCE)
    assert not done.returncode, done.stderr[-2000:]
    return json.loads(done.stdout)


def answer(model: Model, method: str, ask: dict[str, Any], folder: Path) -> Any:
    """Return one answer, or the words of what is wrong."""
    ((found,),) = asked([(model, [(method, ask)])], folder)
    return found.get("value", found.get("error"))


def course_of(value: Mapping[str, Any]) -> pd.DataFrame:
    """Return an answered course as a table like those of ``simulate``."""
    table = pd.DataFrame(value["columns"], dtype=float)
    return table.set_axis(pd.Index(value["t"], name="time", dtype=float))


def worst_of_course(model: Model, found: pd.DataFrame, known: pd.DataFrame) -> tuple[float, str]:
    """Return the largest difference of two courses, relative to each column, and where it is."""
    np.testing.assert_allclose(found.index, known.index, rtol=1e-12)
    tops = known.abs().max()
    of_unit = tops.groupby([model.unit(str(name)) for name in tops.index]).transform("max")
    sizes = np.maximum(tops, FLOOR * of_unit).replace(0.0, 1.0)
    gaps = (found[known.columns] - known).abs().max() / sizes
    return float(gaps.max()), str(gaps.idxmax())


def worst_of_rest(
    model: Model, found: Mapping[str, float], known: pd.Series, states: Sequence[str]
) -> tuple[float, str]:
    """Return the largest difference of two steady states, relative to states, and where it is.

    What the states determine is taken relative to the largest value with its unit: at an
    equilibrium a flow is nothing but rounding.
    """
    sizes = known.abs()
    of_unit = sizes.groupby([model.unit(str(name)) for name in sizes.index]).transform("max")
    own = np.maximum(sizes, NOTHING * of_unit)
    sizes = own.where(sizes.index.isin(list(states)), of_unit).replace(0.0, 1.0)
    values = pd.Series({name: found[name] for name in known.index}, dtype=float)
    gaps = (values - known).abs() / sizes
    return float(gaps.max()), str(gaps.idxmax())


def from_text(name: str, antimony: str, folder: Path) -> Model:
    """Return a model of an Antimony text."""
    path = folder / f"{name}.ant"
    text = (
        antimony if antimony.lstrip().startswith("model") else f"model {name}\n {antimony}\nend\n"
    )
    path.write_text(text, "utf-8")
    return load_model(path)
