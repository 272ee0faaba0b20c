"""What tasks, changes and formulas of SED-ML mean, held against the package's own simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sedml_texts import (
    MATH,
    PARAMETER,
    SPECIES,
    applied,
    archive,
    ci,
    course,
    document,
    formula,
    generator,
    model,
    plot,
    repeated,
    report,
    sbml,
    set_value,
    steady,
    task,
    variable,
    vector,
)

from transport_model import load_model, run_archive, simulate, steady_state

K, LOSS, S, P = PARAMETER.format("k"), PARAMETER.format("loss"), *map(SPECIES.format, "SP")
EVENTS = """
model pulses
  compartment c = 1; species S in c; S = a; a = 2; k = 0.3; dose = 0;
  S -> ; c*k*S;
  at S < 0.5: dose = dose + 1, S = 4;
end
"""
BRUSSELATOR = """
model oscillator
  compartment c = 1; species X in c, Y in c; X = 1.2; Y = 3.1; a = 1; b = 3;
  -> X; c*a; 2 X + Y -> 3 X; c*X^2*Y; X -> Y; c*b*X; X -> ; c*X;
end
"""
PROMPT = "http://sed-ml.org/#"


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


def _course(changes):
    return document(model(changes=changes), course(), task(), generator("S", S) + generator("P", P),
                    report("S", "P"))  # fmt: skip


def test_elements_are_removed_exchanged_and_added(uptake, tmp_path):
    rate = "/sbml:sbml/sbml:model/sbml:listOfReactions/sbml:reaction[@id='leak']"
    core = 'xmlns="http://www.sbml.org/sbml/level3/version2/core"'
    new = f'<newXML><parameter {core} id="k" value="0.25" constant="true"/></newXML>'
    extra = f'<newXML><parameter {core} id="more" value="1" constant="true"/></newXML>'
    lists = "/sbml:sbml/sbml:model/sbml:listOfParameters"
    changes = (
        f'<removeXML target="{rate}"/><changeXML target="{K}">{new}</changeXML>'
        f'<addXML target="{lists}">{extra}</addXML>'
        f'<changeAttribute target="{PARAMETER.format("more")}/@value" newValue="7"/>'
    )
    found = _run(tmp_path, _course(changes), uptake.sbml)
    own = simulate(uptake.with_values(k=0.25, loss=0), 10, 21)
    np.testing.assert_allclose(found["S"], own["S"], rtol=1e-8)
    np.testing.assert_allclose(found["P"], own["P"], rtol=1e-8, atol=1e-12)


def test_what_is_exchanged_stays_in_its_place(uptake, tmp_path):
    core = 'xmlns="http://www.sbml.org/sbml/level3/version2/core"'
    new = f'<newXML><parameter {core} id="k" value="0.25" constant="true"/></newXML>'
    first = "/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[1]"
    changes = (f'<changeXML target="{K}">{new}</changeXML>'
               f'<changeAttribute target="{first}/@value" newValue="0.15"/>')  # fmt: skip
    found = _run(tmp_path, _course(changes), uptake.sbml)
    own = simulate(uptake.with_values(k=0.15), 10, 21)
    np.testing.assert_allclose(found["S"], own["S"], rtol=1e-8)


@pytest.mark.parametrize(
    "address",
    ["//*[@id='k']", "/sbml:sbml/sbml:model//descendant::*[@id='k']",
     "/sbml:sbml/descendant-or-self::sbml:parameter[@id='k']",
     "/*/*/child::sbml:listOfParameters/sbml:parameter[1]",
     '//sbml:parameter[@id="k" and @constant="true"]'],
)  # fmt: skip
def test_addresses_by_axes_positions_and_conditions_lead_there(address, uptake, tmp_path):
    quoted = address.replace('"', "&quot;")
    change = f'<changeAttribute target="{quoted}/@value" newValue="0.1"/>'
    found = _run(tmp_path, _course(change), uptake.sbml)
    own = simulate(uptake.with_values(k=0.1), 10, 21)
    np.testing.assert_allclose(found["S"], own["S"], rtol=1e-8)


def test_changes_of_derived_models_come_after_those_of_their_origin(uptake, tmp_path):
    one, two = (f'<changeAttribute target="{K}/@value" newValue="{v}"/>' for v in (0.1, 0.2))
    text = document(model(changes=one) + model("m2", "model1", two), course(), task(of="m2"),
                    generator("S", S), report("S"))  # fmt: skip
    own = simulate(uptake.with_values(k=0.2), 10, 21)
    np.testing.assert_allclose(_run(tmp_path, text, uptake.sbml)["S"], own["S"], rtol=1e-8)


def test_a_set_value_may_use_what_the_model_has_come_to(uptake, tmp_path):
    double = applied("times", ci("r"), ci("now"))
    now = variable("now", P, "model1", "modelReference")
    tasks = task() + repeated("scan", "r", vector("r", 1, 2, 0.5),
                              set_value(P, "r", double, variables=now), reset="false")  # fmt: skip
    text = document(model(), course(), tasks, generator("P", P, "scan"), report("P"))
    found = _run(tmp_path, text, uptake.sbml)["P"].reshape(3, -1)
    assert found[1, 0] == pytest.approx(2 * found[0, -1], rel=1e-12)
    assert found[2, 0] == pytest.approx(0.5 * found[1, -1], rel=1e-12)


def test_subtasks_follow_each_other_in_their_order(uptake, tmp_path):
    second = course(key="sim2", end=3, steps=20)
    tasks = task() + task("task2", simulation="sim2")
    tasks += repeated("both", "r", vector("r", 0.2, 0.9), set_value(K, "r"),
                      subtasks=["task2", "task1"])  # fmt: skip
    text = document(model(), course() + second, tasks, generator("S", S, "both"), report("S"))
    found = _run(tmp_path, text, uptake.sbml)["S"].reshape(2, 2, -1)
    np.testing.assert_allclose(found[:, 1, 0], found[:, 0, -1], rtol=1e-12)
    own = simulate(uptake.with_values(k=0.9), 13, 131)["S"]
    assert found[1, 1, -1] == pytest.approx(own.iloc[-1], rel=1e-8)


def test_courses_of_unequal_length_are_filled_up(uptake, tmp_path):
    tasks = task() + task("task2", simulation="sim2")
    tasks += repeated("both", "r", vector("r", 1), subtasks=["task1", "task2"])
    text = document(model(), course() + course(key="sim2", steps=4), tasks,
                    generator("S", S, "both"), report("S"))  # fmt: skip
    found = _run(tmp_path, text, uptake.sbml)["S"].reshape(2, 21)
    assert np.isnan(found[1, 5:]).all()
    assert np.isfinite(found[1, :5]).all()


def test_two_models_in_one_task_keep_apart(uptake, tmp_path):
    other = model("m2", "#model1", f'<changeAttribute target="{K}/@value" newValue="0.1"/>')
    tasks = task() + task("task2", of="m2")
    tasks += repeated("both", "r", vector("r", 1), subtasks=["task1", "task2"])
    data = "".join(
        generator(key, S, "both").replace("<variable ", f'<variable modelReference="{of}" ')
        for key, of in (("one", "model1"), ("two", "m2"))
    )
    text = document(model() + other, course(), tasks, data, report("one", "two"))
    found = _run(tmp_path, text, uptake.sbml)
    for key, k, place in (("one", 0.7, 0), ("two", 0.1, 1)):
        rows = found[key].reshape(2, -1)
        np.testing.assert_allclose(rows[place], simulate(uptake.with_values(k=k), 10, 21)["S"],
                                   rtol=1e-8)  # fmt: skip
        assert np.isnan(rows[1 - place]).all()


def test_starts_that_follow_from_a_parameter_follow_from_the_one_that_is_set(tmp_path):
    text = sbml(tmp_path, EVENTS, "pulses")
    tasks = task() + repeated("scan", "r", vector("r", 1, 3), set_value(PARAMETER.format("a"), "r"))
    written = document(model(), course(), tasks, generator("S", S, "scan"), report("S"))
    found = _run(tmp_path, written, text)["S"].reshape(2, -1)
    assert list(found[:, 0]) == [1, 3]


@pytest.mark.parametrize(
    ("name", "truth"),
    [("min", np.min), ("max", np.max), ("sum", np.sum), ("product", np.prod), ("mean", np.mean),
     ("count", np.size), ("stdev", lambda x: np.std(x, ddof=1)),
     ("variance", lambda x: np.var(x, ddof=1))],
)  # fmt: skip
def test_reductions(name, truth, uptake, tmp_path):
    reduced = f'<apply><csymbol definitionURL="{PROMPT}{name}">x</csymbol>{ci("x")}</apply>'
    both = applied("divide", ci("x"), reduced)
    data = formula("g", both, variable("x", S)) + formula("one", reduced, variable("x", S))
    text = document(model(), course(), task(), data, report("g", "one"), version=4)
    own = simulate(uptake, 10, 21)["S"].to_numpy()
    found = _run(tmp_path, text, uptake.sbml)
    np.testing.assert_allclose(found["g"], own / truth(own), rtol=1e-8)
    assert found["one"][0] == pytest.approx(truth(own), rel=1e-8)


@pytest.mark.parametrize(
    ("inner", "truth"),
    [
        (applied("power", ci("x"), "<cn>2</cn>"), lambda x: x**2),
        (f"<apply><log/><logbase><cn>2</cn></logbase>{ci('x')}</apply>", np.log2),
        (f"<apply><root/><degree><cn>3</cn></degree>{ci('x')}</apply>", np.cbrt),
        (applied("floor", ci("x")), np.floor),
        (applied("arctan", ci("x")), np.arctan),
        (applied("times", "<pi/>", '<cn type="e-notation">2<sep/>-3</cn>', ci("x")),
         lambda x: math.pi * 2e-3 * x),
        ("<piecewise><piece>" + ci("x") + applied("gt", ci("x"), "<cn>1</cn>")
         + "</piece><otherwise><cn>0</cn></otherwise></piecewise>",
         lambda x: np.where(x > 1, x, 0)),
    ],
)  # fmt: skip
def test_formulas(inner, truth, uptake, tmp_path):
    text = document(model(), course(), task(), formula("g", inner, variable("x", S)), report("g"))
    own = simulate(uptake, 10, 21)["S"].to_numpy()
    np.testing.assert_allclose(_run(tmp_path, text, uptake.sbml)["g"], truth(own), rtol=1e-8)


def test_amounts_and_concentrations_by_their_symbols(uptake, tmp_path):
    data = "".join(
        generator(key, S).replace("target=", f'symbol="KISAO:{term}" target=')
        for key, term in (("amount", "0000836"), ("concentration", "0000838"))
    )
    text = document(model(), course(), task(), data, report("amount", "concentration"), version=4)
    found = _run(tmp_path, text, uptake.sbml)
    own = simulate(uptake, 10, 21)
    np.testing.assert_allclose(found["amount"], own["n_S"], rtol=1e-8)
    np.testing.assert_allclose(found["concentration"], own["S"], rtol=1e-8)


def test_a_steady_state_is_the_certified_one(uptake, tmp_path):
    text = document(model(), steady(), task(), generator("S", S) + generator("P", P),
                    report("S", "P"))  # fmt: skip
    found, state = _run(tmp_path, text, uptake.sbml), steady_state(uptake)
    assert [found["S"].item(), found["P"].item()] == pytest.approx([state["S"], state["P"]])


def test_the_only_balance_of_an_oscillator_is_given_with_a_remark(tmp_path):
    """A Brusselator balances at X = A, Y = B/A, which is unstable for B > 1 + A²."""
    text = sbml(tmp_path, BRUSSELATOR, "oscillator")
    tasks = task() + repeated(
        "scan", "r", vector("r", 1, 1.1), set_value(PARAMETER.format("a"), "r")
    )
    data = generator("X", SPECIES.format("X"), "scan") + generator("Y", SPECIES.format("Y"), "scan")
    written = document(model(), steady(), tasks, data, report("X", "Y"))
    run = run_archive(archive(tmp_path / "run.omex", {"run.sedml": written, "model.xml": text}))
    (table,) = run.reports.values()
    np.testing.assert_allclose(table["X"], [1, 1.1], rtol=1e-8)
    np.testing.assert_allclose(table["Y"], [3, 3 / 1.1], rtol=1e-8)
    assert [remark for remark in run.remarks if "unstable" in remark] == [
        "task 'scan': a steady state that is unstable: no course comes to it, 2 times"
    ]


def test_what_fails_fails_alone(uptake, tmp_path):
    grows = "model grows\n compartment c = 1; species S in c = 1; k = 1; -> S; c*k*S;\nend\n"
    text = document(model() + model("m2", "grows.xml"), course() + steady("rest"),
                    task() + task("grown", "m2", "rest"),
                    generator("S", S) + generator("G", S, "grown"),
                    report("S") + report("S", "G", key="both") + plot("S", "G"))  # fmt: skip
    members = {"model.xml": uptake.sbml, "grows.xml": sbml(tmp_path, grows, "grows")}
    path = archive(tmp_path / "run.omex", {"run.sedml": text, **members})
    run = run_archive(path, tmp_path / "out")
    (log,) = run.log
    assert {key: entry.status for key, entry in log.tasks.items()} == {
        "task1": "SUCCEEDED", "grown": "FAILED"}  # fmt: skip
    assert {key: entry.status for key, entry in log.outputs.items()} == {
        "report1": "SUCCEEDED", "both": "SKIPPED", "plot1": "SKIPPED"}  # fmt: skip
    assert list(run.reports) == ["run.sedml/report1"]
    (reason,) = run.failures
    assert "task 'grown'" in reason
    written = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")}
    assert written == {"run.sedml", "run.sedml/report1.csv", "log.yml"}
    assert str(log.outputs["both"].error) == "task 'grown' failed"
    said = log.outputs["both"].as_mapping()
    assert said["skipReason"]["message"] == "task 'grown' failed"
    assert said["exception"] is None
    assert [part["status"] for part in said["dataSets"]] == ["SKIPPED", "SKIPPED"]


def test_substituted_algorithms_and_unused_settings_are_remarked_on(uptake, tmp_path):
    extra = '<algorithmParameter kisaoID="KISAO:0000228" value="3"/>'
    text = document(model(), course(algorithm="KISAO:0000032", extra=extra), task(),
                    generator("S", S), report("S"))  # fmt: skip
    path = archive(tmp_path / "run.omex", {"run.sedml": text, "model.xml": uptake.sbml})
    first, second = run_archive(path).remarks
    assert "'sim1': explicit fourth-order Runge-Kutta (KISAO:0000032) is replaced by CVODE" in first
    assert "the setting KISAO:0000228 = '3' is not used" in second


def test_a_task_may_run_over_a_functional_range_that_follows_another(uptake, tmp_path):
    ranges = vector("q", 1, 2, 4) + "".join(
        f'<functionalRange id="{key}" range="{over}"><math {MATH}>{inner}</math></functionalRange>'
        for key, over, inner in (("g", "f", applied("plus", ci("f"), "<cn>1</cn>")),
                                 ("f", "q", applied("divide", ci("q"), "<cn>8</cn>")))
    )  # fmt: skip
    tasks = task() + repeated("scan", "f", ranges, set_value(K, "f"))
    text = document(model(), course(), tasks, generator("k", K, "scan"), report("k"))
    found = _run(tmp_path, text, uptake.sbml)["k"].reshape(3, -1)[:, 0]
    np.testing.assert_allclose(found, [0.125, 0.25, 0.5])


@pytest.mark.parametrize(
    "spelling",
    ["KISAO:0000088", "KISAO_0000088", "kisao:88", "urn:miriam:biomodels.kisao:KISAO_0000088",
     "urn:miriam:biomodels.kisao:KISAO%3A0000088",
     "http://identifiers.org/biomodels.kisao/KISAO_0000088",
     "http://www.biomodels.net/kisao/KISAO#KISAO_0000088"],
)  # fmt: skip
def test_terms_of_kisao_are_known_however_they_are_written(spelling, uptake, tmp_path):
    text = document(model(), course(algorithm=spelling), task(), generator("S", S), report("S"))
    path = archive(tmp_path / "run.omex", {"run.sedml": text, "model.xml": uptake.sbml})
    (remark,) = run_archive(path).remarks
    assert remark == "simulation 'sim1': LSODA (KISAO:0000088) is replaced by CVODE"


def test_constants_alone_are_data(uptake, tmp_path):
    constant = formula("two", ci("c")).replace(
        "<math", '<listOfParameters><parameter id="c" value="2"/></listOfParameters><math'
    )
    text = document(model(), course(), task(), constant + generator("S", S), report("S", "two"))
    found = _run(tmp_path, text, uptake.sbml)
    assert found["two"][0] == 2
    assert np.isnan(found["two"][1:]).all()


def test_styles_change_nothing(uptake, tmp_path):
    styled = plot("t", "S").replace("<curve ", '<curve style="bold" ')
    data = generator("t", "time") + generator("S", S)
    style = '<listOfStyles><style id="bold"><line color="#00ff00"/></style></listOfStyles>'
    text = document(model(), course(), task(), data, styled, version=4)
    text = text.replace("<listOfSimulations", f"{style}<listOfSimulations", 1)
    path = archive(tmp_path / "run.omex", {"run.sedml": text, "model.xml": uptake.sbml})
    (figure,) = run_archive(path).figures.values()
    assert len(figure.axes[0].lines) == 1


def test_a_functional_range_may_follow_another_and_an_outer_one(uptake, tmp_path):
    def functional(key, inner):
        return (
            f'<functionalRange id="{key}" range="q"><math {MATH}>{inner}</math></functionalRange>'
        )

    ranges = vector("q", 1, 2) + functional("f", applied("times", ci("q"), ci("r")))
    ranges += functional("g", applied("plus", ci("f"), "<cn>1</cn>"))
    tasks = task() + repeated("inner", "q", ranges, set_value(K, "g"))
    tasks += repeated("outer", "r", vector("r", 0.1, 0.2), subtasks=["inner"])
    text = document(model(), course(), tasks, generator("k", K, "outer"), report("k"))
    found = _run(tmp_path, text, uptake.sbml)["k"].reshape(4, -1)[:, 0]
    np.testing.assert_allclose(found, [1.1, 1.2, 1.2, 1.4])


def test_sedml_beside_its_models_runs_like_an_archive(uptake, tmp_path):
    text = document(model(), course(), task(), generator("S", S), report("S"))
    (tmp_path / "run.sedml").write_text(text)
    (tmp_path / "model.xml").write_text(uptake.sbml)
    (table,) = run_archive(tmp_path / "run.sedml").reports.values()
    np.testing.assert_allclose(table["S"], simulate(uptake, 10, 21)["S"], rtol=1e-8)
