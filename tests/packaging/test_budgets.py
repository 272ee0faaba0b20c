"""Budgets of time and exactness, and the history that they are judged by."""

from __future__ import annotations

import csv
import importlib
import math
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def budget(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("budget")


@pytest.fixture
def history(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    return importlib.import_module("history")


def test_every_budget_has_been_measured_and_is_kept(budget):
    assert budget.exceeded() == []


def test_rows_are_appended_and_the_last_one_counts(history, tmp_path):
    path = tmp_path / "history.csv"
    history.record([("help", 0.1, "s"), ("command", 1.0, "s")], path)
    history.record([("help", 0.25, "s")], path)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == list(history.COLUMNS)
    assert len(rows) == 4
    assert history.latest(path)["help"]["value"] == "0.25"
    assert history.latest(path)["command"]["unit"] == "s"


@pytest.mark.parametrize("value", [2.0, math.nan])
def test_what_exceeds_its_budget_or_was_not_measured_is_told(budget, monkeypatch, value):
    rows = {"help": {"value": str(value)}}
    monkeypatch.setattr(budget, "latest", lambda: rows)
    few = tuple(each for each in budget.TIMES if each.name in ("help", "command"))
    assert budget.exceeded(few) == [
        f"help is {value} s, not at most 0.3",
        "command has not been measured",
    ]


def test_limits_of_exactness_are_those_of_the_product(budget):
    for each in budget.EXACTNESS:
        assert 0 < each.limit <= 1e-6
    assert {each.name for each in budget.EXACTNESS if isinstance(each.most, str)} == {
        "imbalance", "state_error", "engines_apart", "courses_apart"}  # fmt: skip
