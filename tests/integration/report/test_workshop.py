"""Processes in which chapters are computed: those that hang, die, or belong to a bare script."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial

import pytest

from transport_model import load_model, write_report
from transport_model.analyses.report import workshop
from transport_model.analyses.report.chapter import Chapter, LeftOut, Planned
from transport_model.analyses.report.chapters.any_model import needs_state
from transport_model.analyses.report.plans import plan_of_any_model

DECAY = "model m\n S -> ; k*S\n k = 0.1; S = 1\nend"
RING = """model ring
 -> X; k/(1 + Z^10); X -> Y; g*X; Y -> Z; g*Y; Z ->; g*Z; X = 0.1; Y = 0.2; Z = 2.5; k = 1; g = 0.1
end"""
#: A script that writes a report as it is imported.
BARE = """
print("begun")
from transport_model import load_model, write_report
write_report(load_model("decay.ant"), "report", chapters=["model", "parameters"])
"""


@pytest.fixture
def model(tmp_path):
    (tmp_path / "decay.ant").write_text(DECAY)
    return load_model(tmp_path / "decay.ant")


def test_a_chapter_that_hangs_or_dies_is_left_out_and_the_others_are_there(monkeypatch):
    monkeypatch.setattr(workshop, "PATIENCE", 60)  # the clock is not what cuts it here
    plan = [
        Planned("hangs", "Hangs", partial(sum, range(10**15)), "transport-model control"),
        Planned("dies", "Dies", partial(os._exit, 3)),
        Planned("refused", "Refused", partial(needs_state, "there is none")),
        Planned("fine", "Fine", partial(Chapter, "fine", "Fine", "references", None)),
    ]
    began = time.monotonic()
    done = workshop.compute(plan, lambda step: None, budget=2)
    assert time.monotonic() - began < 110
    assert [chapter.anchor for chapter in done] == ["hangs", "dies", "refused", "fine"]
    assert [chapter.why for chapter in done if isinstance(chapter, LeftOut)] == [
        "it takes longer than the 2 s that a chapter is given; 'transport-model control' has no"
        " such limit",
        "the process that computed it died",
        "there is none",
    ]


def test_a_chapter_that_sleeps_is_cut_by_the_clock(monkeypatch):
    monkeypatch.setattr(workshop, "PATIENCE", 3)
    plan = [Planned("sleeps", "Sleeps", partial(time.sleep, 300))]
    (left,) = workshop.compute(plan, lambda step: None, budget=1)
    assert left == LeftOut(
        "sleeps", "Sleeps", "it takes longer than the 1 s that a chapter is given"
    )


def test_a_search_has_a_budget(model):
    found = workshop.search(model, budget=0.01)
    assert (found.state, found.why) == (None, "none was found within 0.01 s")


def test_a_search_tells_the_period_of_what_never_rests(tmp_path):
    """At the rest of a ring of three equal steps the rhythm is g√3; it is near that beyond."""
    (tmp_path / "ring.ant").write_text(RING)
    found = workshop.search(load_model(tmp_path / "ring.ant"))
    assert found.state is None
    assert found.period == pytest.approx(2 * 3.14159 / (0.1 * 3**0.5), rel=0.1)


def test_a_script_without_a_guard_runs_once(model, tmp_path):
    (tmp_path / "bare.py").write_text(BARE)
    done = subprocess.run(
        [sys.executable, "bare.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "begun\n"), done.stderr
    assert (tmp_path / "report" / "report.html").exists()


def test_commands_without_a_limit_name_a_file_that_lies_in_the_folder(model, tmp_path):
    plan = plan_of_any_model(model, workshop.search(model, budget=60))
    commands = [planned.instead for planned in plan if planned.anchor in ("courses", "audit")]
    assert commands == [
        "transport-model simulate --model models/decay.xml",
        "transport-model audit --model models/decay.xml",
    ]
    write_report(model, tmp_path / "report", chapters=["model"])
    assert (tmp_path / "report" / "models" / "decay.xml").is_file()
