"""What tasks of SED-ML do one after the other, and within each other."""

from __future__ import annotations

import numpy as np
import pytest
from sedml_texts import (
    PARAMETER,
    SPECIES,
    applied,
    archive,
    ci,
    course,
    document,
    generator,
    model,
    repeated,
    report,
    sbml,
    set_value,
    task,
    vector,
)

from transport_model import load_model, run_archive, simulate

K, LOSS, S = PARAMETER.format("k"), PARAMETER.format("loss"), SPECIES.format("S")
EVENTS = """
model pulses
  compartment c = 1; species S in c; S = a; a = 2; k = 0.3; dose = 0;
  S -> ; c*k*S;
  at S < 0.5: dose = dose + 1, S = 4;
end
"""
DELAYED = EVENTS.replace("at S < 0.5:", "at 1 after S < 0.5:")


@pytest.fixture(scope="module")
def uptake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    path = folder / "uptake.xml"
    path.write_text(sbml(folder))
    return load_model(path)


def _run(folder, text, models):
    """Return the only report of a document as columns."""
    path = archive(folder / "run.omex", {"run.sedml": text, "model.xml": models})
    run = run_archive(path)
    assert not run.failures, run.failures
    (table,) = run.reports.values()
    return {name: table[name].to_numpy() for name in table.columns}


def test_an_amount_at_the_start_takes_the_place_of_a_concentration(uptake, tmp_path):
    change = f'<changeAttribute target="{S}/@initialAmount" newValue="8"/>'
    text = document(model(changes=change), course(), task(), generator("S", S), report("S"))
    found = _run(tmp_path, text, uptake.sbml)
    assert found["S"][0] == 4  # in a compartment of size 2


def test_a_course_may_begin_before_its_output(tmp_path):
    text = sbml(tmp_path, "model m\n x = 1; x' = -0.5*x;\nend\n", "decay")
    x = generator("x", PARAMETER.format("x")) + generator("time", "time")
    for start, end in ((2, 12), (2.3, 9.1)):
        written = document(model(), course(start=start, end=end), task(), x, report("time", "x"))
        found = _run(tmp_path, written, text)
        np.testing.assert_allclose(found["time"], np.linspace(start, end, 21))
        np.testing.assert_allclose(found["x"], np.exp(-0.5 * found["time"]), rtol=1e-8)


def test_a_scan_within_a_scan_keeps_what_the_outer_one_has_set(uptake, tmp_path):
    inner = repeated("inner", "q", vector("q", 0.1, 0.2), set_value(LOSS, "q"))
    outer = repeated("outer", "r", vector("r", 0.3, 0.4), set_value(K, "r"), subtasks=["inner"])
    data = generator("k", K, "outer") + generator("loss", LOSS, "outer")
    text = document(model(), course(), task() + inner + outer, data, report("k", "loss"))
    found = _run(tmp_path, text, uptake.sbml)
    assert list(found["k"].reshape(4, -1)[:, -1]) == [0.3, 0.3, 0.4, 0.4]
    assert list(found["loss"].reshape(4, -1)[:, -1]) == [0.1, 0.2, 0.1, 0.2]


def test_changes_of_a_subtask_are_made_before_it_alone(uptake, tmp_path):
    scan = repeated("both", "r", vector("r", 1, 2), subtasks=["task1", "task2"])
    change = set_value(K, "r", applied("times", "<cn>0.1</cn>", ci("r")))
    scan = scan.replace('<subTask task="task2" order="2"/>', '<subTask task="task2" order="2">'
                        f"<listOfChanges>{change}</listOfChanges></subTask>")  # fmt: skip
    text = document(model(), course(), task() + task("task2") + scan, generator("k", K, "both"),
                    report("k"), version=4)  # fmt: skip
    found = _run(tmp_path, text, uptake.sbml)["k"].reshape(4, -1)[:, 0]
    np.testing.assert_allclose(found, [0.7, 0.1, 0.7, 0.2])


def test_concatenated_courses_are_one(uptake, tmp_path):
    scan = repeated("on", "r", vector("r", 1, 2, 3), reset="false")
    scan = scan.replace("resetModel", 'concatenate="true" resetModel')
    text = document(model(), course(), task() + scan, generator("S", S, "on"), report("S"))
    (table,) = run_archive(
        archive(tmp_path / "a.omex", {"run.sedml": text, "model.xml": uptake.sbml})
    ).reports.values()
    assert table.index.nlevels == 1
    assert len(table) == 63


def test_models_lie_beside_the_document_that_names_them(uptake, tmp_path):
    text = document(model(), course(), task(), generator("S", S), report("S"))
    members = {"deep/er/run.sedml": text, "deep/er/model.xml": uptake.sbml,
               "model.xml": "<nothing/>"}  # fmt: skip
    path = archive(tmp_path / "a.omex", members, master="deep/er/run.sedml")
    assert list(run_archive(path).reports) == ["deep/er/run.sedml/report1"]


def test_a_finer_tolerance_is_followed(uptake, tmp_path, monkeypatch):
    asked = []

    def watched(model, end, points, *, start, relative_tolerance):
        asked.append(relative_tolerance)
        return simulate(model, end, points, start=start, relative_tolerance=relative_tolerance)

    monkeypatch.setattr("transport_model.analyses.exchange.execution.states.simulate", watched)
    for value in ("1e-12", "1e-3", "1e-30"):
        extra = f'<algorithmParameter kisaoID="KISAO:0000209" value="{value}"/>'
        text = document(model(), course(extra=extra), task(), generator("S", S), report("S"))
        _run(tmp_path, text, uptake.sbml)
    assert asked == [1e-12, 1e-10, 1e-13]


def test_a_condition_that_holds_at_a_seam_is_no_new_event(tmp_path):
    """The event fires when S falls below 1; that it stays below at the seam fires nothing."""
    falling = "model f\n S = 2; S' = -S; n = 0; at S < 1: n = n + 1;\nend\n"
    text = sbml(tmp_path, falling, "falling")
    scan = repeated("on", "r", vector("r", 1, 2, 3), reset="false")
    written = document(model(), course(end=1), task() + scan,
                       generator("n", PARAMETER.format("n"), "on"), report("n"))  # fmt: skip
    found = _run(tmp_path, written, text)["n"].reshape(3, -1)[:, -1]
    assert list(found) == [1, 1, 1]


def test_events_go_on_where_a_task_goes_on(tmp_path):
    """Four stretches of five are one of twenty: no event happens anew at a seam, none is lost."""
    text = sbml(tmp_path, EVENTS, "pulses")
    tasks = task() + repeated("on", "r", vector("r", 1, 2, 3, 4), reset="false")
    data = generator("S", S, "on") + generator("dose", PARAMETER.format("dose"), "on")
    found = _run(tmp_path, document(model(), course(end=5), tasks, data, report("S", "dose")), text)
    own = simulate(load_model(tmp_path / "pulses.ant"), 20, 81)
    for name in ("S", "dose"):
        seams = found[name].reshape(4, -1)
        np.testing.assert_allclose(seams.ravel(), np.concatenate(
            [own[name].to_numpy()[n * 20 : n * 20 + 21] for n in range(4)]), rtol=1e-7)  # fmt: skip
    assert found["dose"][-1] >= 2


def test_events_with_delays_are_not_gone_on_with(tmp_path):
    text = sbml(tmp_path, DELAYED, "delayed")
    for reset, failed in (("false", True), ("true", False)):
        tasks = task() + repeated("on", "r", vector("r", 1, 2), reset=reset)
        written = document(model(), course(end=5), tasks, generator("S", S, "on"), report("S"))
        path = archive(tmp_path / "run.omex", {"run.sedml": written, "model.xml": text})
        run = run_archive(path)
        assert bool(run.failures) is failed
        assert all("has a delay" in reason for reason in run.failures)
