"""The explorer's engine, asked: node runs its sources, or Chromium the pages that hold it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.browser import chromium
from transport_model import Model, evaluate, load_model, write_explorer
from transport_model.analyses.explorer.payload import payload_of
from transport_model.analyses.explorer.program import print_program

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "explorer"
#: Longest time that all answers may take [s].
PATIENCE = 900
#: A state at rest below this share of the largest with its unit is nothing: it decays for ever.
NOTHING = 1e-9

Question = tuple[str, dict[str, Any]]


def node() -> str:
    """Return the path of node, or skip the test that needs it."""
    path = shutil.which("node")
    if path is None:
        pytest.skip("needs node, which is not on the path")
    if not SOURCES.exists():
        pytest.skip("needs the explorer's sources, which are not in a source distribution")
    return path


@lru_cache(maxsize=64)
def described(model: Model) -> dict[str, Any]:
    """Return what a page holds of a model: what it knows, and the program."""
    printed = print_program(model)
    return {"payload": payload_of(model, printed), "program": printed.text}


def installed() -> None:
    """Skip a test that needs what ``npm ci`` installs."""
    if not (SOURCES / "node_modules" / "puppeteer-core").is_dir():
        pytest.skip("needs 'npm ci' in explorer/")


def asked(models: Sequence[tuple[Model, Sequence[Question]]], folder: Path) -> list[list[Any]]:
    """Return the engine's answers, model by model, each ``{"value": …}`` or ``{"error": …}``."""
    return _told("answers.js", [{**described(model), "questions": _questions(questions)}
                                for model, questions in models], folder)  # fmt: skip


def asked_of_pages(
    models: Sequence[tuple[Model, Sequence[Question]]], folder: Path
) -> list[list[Any]]:
    """Return the same of pages in Chromium, which :func:`write_explorer` writes."""
    installed()
    wanted = []
    for number, (model, questions) in enumerate(models):
        page = write_explorer(model, folder / f"page_{number}.html")
        assert page.stat().st_size < 1.5e6
        wanted.append({"page": str(page), "questions": _questions(questions)})
    return _told("page_answers.js", wanted, folder, CHROMIUM=chromium())


def _questions(questions: Sequence[Question]) -> list[dict[str, Any]]:
    return [{"method": method, "ask": ask} for method, ask in questions]


def _told(script: str, wanted: object, folder: Path, **environment: str) -> Any:
    path = folder / "questions.json"
    path.write_text(json.dumps(wanted), "utf-8")
    done = subprocess.run(
        [node(), SOURCES / "test" / script, path], capture_output=True, encoding="utf-8",
        timeout=PATIENCE, env={**os.environ, **environment},
    )  # fmt: skip
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


def response(model: Model, rows: pd.DataFrame, states: Sequence[str]) -> pd.DataFrame:
    """Return by how much every value moves, at most, where states do, relative to that.

    Where flows cancel, or a clamp's strong spring holds a voltage, that is far more than itself.
    """
    share = 1e-6
    at_rest = evaluate(model, rows)
    total = at_rest.abs() * 0.0
    for name in states:
        alike = [each for each in states if model.unit(each) == model.unit(name)]
        size = np.maximum(rows[name].abs(), NOTHING * rows[alike].abs().to_numpy().max())
        moved = evaluate(model, rows.assign(**{name: rows[name] + share * size}))
        total += (moved - at_rest).abs()
    return total / share


def worst_of_course(model: Model, found: pd.DataFrame, known: pd.DataFrame) -> tuple[float, str]:
    """Return the largest difference of two courses, and where it is.

    Relative to the largest value of each column, and what the states make of it.
    """
    np.testing.assert_allclose(found.index, known.index, rtol=1e-12)
    tops = known.abs().max() + response(model, known, states_of(model)).max().reindex(known.columns)
    gaps = (found[known.columns] - known).abs().max() / tops.replace(0.0, 1.0)
    return float(gaps.max()), str(gaps.idxmax())


def worst_of_rest(model: Model, found: Mapping[str, float], known: pd.Series) -> tuple[float, str]:
    """Return the largest difference of two steady states, and where it is.

    Relative to each value; what the states determine, and to what they make of it.
    """
    states = states_of(model)
    sizes = known.abs()
    of_unit = sizes.groupby([model.unit(str(name)) for name in sizes.index]).transform("max")
    row = known.to_frame().T
    made = response(model, row, states).iloc[0].reindex(known.index)
    sizes = np.where(known.index.isin(states), np.maximum(sizes, NOTHING * of_unit), sizes + made)
    values = pd.Series({name: found[name] for name in known.index}, dtype=float)
    gaps = (values - known).abs() / pd.Series(sizes, known.index).replace(0.0, 1.0)
    return float(gaps.max()), str(gaps.idxmax())


def states_of(model: Model) -> list[str]:
    """Return the ids of what moves by itself."""
    return [name for name, quantity in model.quantities.items()
            if (quantity.kind == "floating" and quantity.computed != "rule")
            or quantity.computed == "rate rule"]  # fmt: skip


def from_text(name: str, antimony: str, folder: Path) -> Model:
    """Return a model of an Antimony text."""
    path = folder / f"{name}.ant"
    text = (
        antimony if antimony.lstrip().startswith("model") else f"model {name}\n {antimony}\nend\n"
    )
    path.write_text(text, "utf-8")
    return load_model(path)
