"""Editions, chapters and formats of a report: what each holds, and what does not exist."""

from __future__ import annotations

import sys

import pytest

from transport_model import load_model
from transport_model.analyses.experiments.protocols import protocol_path, read_protocol
from transport_model.analyses.experiments.run import run_experiment
from transport_model.analyses.figures.experiments import plot_experiment
from transport_model.analyses.report import report
from transport_model.analyses.report.captions import caption_of
from transport_model.analyses.report.chapter import Search
from transport_model.analyses.report.chapters.classroom import CLAIMS, plan_of_lesson
from transport_model.analyses.report.pdf import to_typst
from transport_model.analyses.report.report import write_report
from transport_model.analyses.report.workshop import attempt
from transport_model.errors import InputError

MANY = "\n".join(f" k{n} = {n + 1}" for n in range(30))
DECAY = f"model m\n S -> ; k0*S\n S = 1\n{MANY}\nend"


@pytest.fixture
def model(tmp_path):
    (tmp_path / "decay.ant").write_text(DECAY)
    return load_model(tmp_path / "decay.ant")


@pytest.fixture
def here(monkeypatch):
    """Chapters are computed in this process, and no steady state is looked for."""
    monkeypatch.setattr(report, "compute", lambda plan, say: [attempt(one) for one in plan])
    monkeypatch.setattr(report, "search", lambda model: Search(None, "not looked for"))


def sections(text):
    return [part.partition('"')[0] for part in text.split('<section id="')[1:]]


def test_paper_folds_long_tables_and_full_opens_them(here, model, tmp_path):
    pages = {
        edition: write_report(
            model, tmp_path / edition, edition=edition, chapters=["parameters"]
        ).read_text("utf-8")
        for edition in ("paper", "full")
    }
    assert "<details><summary>" in pages["paper"]
    assert "<details><summary>" not in pages["full"]
    assert '<details open="open"><summary>' in pages["full"]
    assert "Columns of the data." in pages["full"]
    assert "Columns of the data." not in pages["paper"]
    assert "went against" not in pages["paper"]  # nothing was checked
    assert "no check, target or claim is among them" in pages["paper"]
    assert sections(pages["paper"]) == [
        "methods", "discussion", "parameters", "references", "provenance",
    ]  # fmt: skip


def test_the_lesson_has_its_chapters_and_the_questions_their_answers(here, cell, resting, tmp_path):
    plan = [planned.anchor for planned in plan_of_lesson(cell, resting)]
    assert plan == ["cell", "claims", "questions", "answers"]
    asked = plan[2:]
    page = write_report(cell, tmp_path / "lesson", edition="lesson", chapters=asked)
    text = page.read_text("utf-8")
    assert sections(text) == ["questions", "answers", "provenance"]
    questions, answers = (
        text.split(f'<ol class="{name}">')[1].split("</ol>")[0].count("<li>")
        for name in ("questions", "answers")
    )
    assert questions == answers == 6


def test_a_caption_names_panels_in_the_order_in_which_they_are_drawn():
    claim = next(claim for claim in CLAIMS if claim.protocol == "pump_stopped")
    item = run_experiment(read_protocol(protocol_path(claim.protocol)))
    axes = plot_experiment(item, claim.drawn)
    titles = [axis.get_title(loc="left") or axis.get_title() for axis in axes]
    caption = caption_of(item, claim.drawn)
    places = [caption.lower().index(title[2:].lower()) for title in titles]
    assert len(places) == 2
    assert places == sorted(places)
    assert "ouabain outside = 1 mM" in caption  # words, not ids


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"edition": "paperr"}, "did you mean 'paper'.*lesson, paper, full"),
     ({"chapters": ["modle"]}, "did you mean 'model'.*model, state, courses"),
     ({"chapters": []}, "no chapter is named"), ({"formats": "pfd"}, "did you mean 'pdf'"),
     ({"formats": "html,"}, "no format ''"), ({"edition": "lesson"}, "a transport cell")],
)  # fmt: skip
def test_what_does_not_exist_is_refused_with_what_does(model, tmp_path, monkeypatch, asked, told):
    def never(*args):
        raise AssertionError("nothing is to be computed")

    monkeypatch.setattr(report, "search", never)
    with pytest.raises(InputError, match=told) as refused:
        write_report(model, tmp_path / "report", **asked)
    assert len(str(refused.value)) <= 300
    assert not (tmp_path / "report").exists()


def test_without_typst_a_pdf_is_refused_and_a_page_is_not(model, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(InputError, match=r"pip install 'transport-model\[pdf\]'"):
        write_report(model, tmp_path / "report", formats="html,pdf")
    assert not (tmp_path / "report").exists()


def test_a_line_of_the_pdf_does_not_end_before_a_unit():
    page = "<html><head><title>t</title></head><body><p> at 66\u00a0%  of\n it </p></body></html>"
    assert '" at 66\u00a0% of it "' in to_typst(page, "2026-01-01T00:00:00")
