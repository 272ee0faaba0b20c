"""What of SED-ML is not run is refused by name, before anything is run or written."""

from __future__ import annotations

import zipfile

import pytest
import yaml
from sedml_texts import (
    MATH,
    PARAMETER,
    REACTION,
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
    task,
    uniform,
    variable,
    vector,
)

from transport_model import run_archive
from transport_model.errors import InputError

K, S = PARAMETER.format("k"), SPECIES.format("S")


@pytest.fixture(scope="module")
def sbml_text(tmp_path_factory):
    return sbml(tmp_path_factory.mktemp("model"))


def _document(**parts):
    usual = {
        "models": model(), "simulations": course(), "tasks": task(),
        "generators": generator("time", "time") + generator("S", S), "outputs": report("time", "S"),
    }  # fmt: skip
    return document(**{**usual, **parts})


def _changed(inner):
    return _document(models=model(changes=inner))


def _scanned(ranges, changes="", **how):
    tasks = task() + repeated("scan", "r", ranges, changes, **how)
    return _document(tasks=tasks, generators=generator("S", S, "scan"), outputs=report("S"))


def _generated(inner, *variables):
    return _document(generators=formula("g", inner, *variables), outputs=report("g"))


def _nested(depth, width):
    inner = "".join(
        repeated(f"t{n}", "r", vector("r", 1), subtasks=[f"t{n - 1}"] * width)
        for n in range(1, depth)
    )
    last = f"t{depth - 1}"
    return _document(tasks=task("t0") + inner, generators=generator("S", S, last),
                     outputs=report("S"))  # fmt: skip


LINKS = "".join(model(f"m{n}", f"#m{n - 1}" if n else "#model1") for n in range(2000))
ESTIMATION = '<parameterEstimationTask id="fit"/>'
CSYMBOL = '<csymbol encoding="text" definitionURL="{}">f</csymbol>'
V = variable("x", S)
REFUSED = {
    "three dimensions": (
        _document(outputs='<plot3D id="surface7"/>'), "<plot3D> 'surface7' is not supported"),
    "figure": (_document(outputs='<figure id="fig"/>'), "<figure> 'fig' is not supported"),
    "bars": (
        _document(outputs=plot("time", "S").replace("<curve ", '<curve type="bar" ')),
        "<curve> 'c_plot1_S': the type 'bar'"),
    "error bars": (
        _document(outputs=plot("time", "S").replace("<curve ", '<curve yErrorUpper="S" ')),
        "<curve> 'c_plot1_S': yErrorUpper"),
    "shaded area": (
        _document(outputs=plot("time", "S").replace("<curve ", "<shadedArea ")),
        "<shadedArea> 'c_plot1_S' is not supported"),
    "estimation": (
        _document(tasks=task() + ESTIMATION, generators=generator("S", S, "fit"),
                  outputs=report("S")),
        "<parameterEstimationTask> 'fit' is not supported"),
    "analysis": (
        _document(simulations='<analysis id="sim1"/>'),
        "<analysis> 'sim1' is not supported"),
    "stochastic": (
        _document(simulations=course(algorithm="KISAO:0000029")),
        "'sim1' asks for algorithm KISAO:0000029 (Gillespie direct), which is stochastic"),
    "flux balance": (
        _document(simulations=course(algorithm="KISAO_0000437")), "KISAO:0000437, which is not"),
    "no algorithm of this world": (
        _document(simulations=course(algorithm="cvode")),
        "algorithm cvode, which is not supported"),
    "steady state by course": (
        _document(simulations=course(algorithm="KISAO:0000407")), "steady state root-finding"),
    "data range": (
        _scanned('<dataRange id="r" sourceReference="d"/>'), "<dataRange> 'r' is not supported"),
    "formula as range": (
        _scanned(f'<functionalRange id="r"><math {MATH}><cn>1</cn></math></functionalRange>'),
        "runs over <functionalRange> 'r'"),
    "unequal ranges": (
        _scanned(vector("r", 1, 2, 3) + vector("q", 1, 2)), "<vectorRange> 'q' of task 'scan'"),
    "no such range": (_scanned(vector("q", 1)), "runs over the range 'r'"),
    "endless range": (_scanned(uniform("r", 0, 1, 10**9)), "<uniformRange> 'r'"),
    "too many runs": (_scanned(uniform("r", 0, 1, 200_000)), "task 'scan' is 200,001 simulations"),
    "logarithm of zero": (
        _scanned(uniform("r", 0, 1, 9, "log")),
        "<uniformRange> 'r' is logarithmic"),
    "task within itself": (
        _scanned(vector("r", 1), subtasks=["scan"]),
        "'scan' is a part of itself"),
    "tasks within each other": (
        _document(
            tasks=task() + repeated("a", "r", vector("r", 1), subtasks=["b"])
            + repeated("b", "r", vector("r", 1), subtasks=["a"]),
            generators=generator("S", S, "a"), outputs=report("S")),
        "'a' is a part of itself"),
    "too deep": (_nested(17, 1), "nested more than 16 deep"),
    "as many as there are stars": (_nested(16, 10), "1,000,000,000,000,000 simulations"),
    "range of itself": (
        _scanned(f'<functionalRange id="r" range="r"><math {MATH}><cn>1</cn></math>'
                 "</functionalRange>"),
        "runs over <functionalRange> 'r'"),
    "set to no number": (
        _scanned(vector("r", 1), set_value(K, "r", "<notanumber/>")), "uses 'notanumber'"),
    "nan in a range": (_scanned(vector("r", "nan")), "<vectorRange> 'r': 'nan' is not"),
    "words in a range": (_scanned(uniform("r", 0, "many", 3)), "<uniformRange> 'r': end is 'many'"),
    "constant that is none": (
        _generated(ci("c")).replace(
            "<math", '<listOfParameters><parameter id="c" value="1,5"/></listOfParameters><math'),
        "<parameter> 'c': value is '1,5'"),
    "set by symbol": (
        _scanned(vector("r", 1), set_value(K, "r").replace("target=", 'symbol="urn:x" target=')),
        "sets the symbol 'urn:x'"),
    "set a flux": (
        _scanned(vector("r", 1), set_value(REACTION.format("bind"), "r")), "reaction 'bind'"),
    "set a rule": (
        _scanned(vector("r", 1), set_value(PARAMETER.format("total"), "r")),
        "'total' follows a rule"),
    "set nothing": (_scanned(vector("r", 1), set_value(PARAMETER.format("kk"), "r")), "nothing in"),
    "set by an unknown name": (
        _scanned(vector("r", 1), set_value(K, "r", ci("q"))),
        "uses 'q', which is neither a variable nor"),
    "unknown change": (
        _changed('<changeMath target="x"/>'),
        "<changeMath> 'x' of <model> 'model1'"),
    "changed nothing": (
        _changed(f'<changeAttribute target="{PARAMETER.format("kk")}/@value" newValue="1"/>'),
        "nothing in the model"),
    "changed to no number": (
        _changed(f'<changeAttribute target="{K}/@value" newValue="fast"/>'),
        "'fast' is not a number"),
    "changed what a rule computes": (
        _changed(f'<changeAttribute target="{PARAMETER.format("total")}/@value" newValue="1"/>'),
        "'total' by a <assignmentRule>"),
    "xpath function": (
        _changed('<changeAttribute target="//*[contains(@id, \'k\')]/@value" newValue="1"/>'),
        "contains(@id, 'k')]/@value' is not supported"),
    "model of itself": (_document(models=model(source="#model1")), "'model1' is made of itself"),
    "models of each other": (
        _document(models=model(source="#m2") + model("m2", "#model1")),
        "'model1' is made of itself"),
    "a long line of models": (
        _document(models=model() + LINKS, tasks=task(of="m1999")), "more than 64 models"),
    "computed in a circle": (
        _document(models=model(changes=f'<computeChange target="{K}/@value"><listOfVariables>'
                  + variable("v", S, "m2", "modelReference")
                  + f"</listOfVariables><math {MATH}><ci>v</ci></math></computeChange>")
                  + model("m2", "#model1")),
        "'model1' is made of itself"),
    "computed to infinity": (
        _changed(f'<computeChange target="{K}/@value"><math {MATH}>'
                 f"{applied('divide', '<cn>1</cn>', '<cn>0</cn>')}</math></computeChange>"),
        "comes to inf, which is not a finite number"),
    "absolute model": (_document(models=model(source="/etc/passwd")), "leads out of the archive"),
    "model as a file address": (
        _document(models=model(source="file:///etc/passwd")), "is not a file in the archive"),
    "model from the net": (
        _document(models=model(source="https://example.org/a.xml")),
        "is on the web; put the file into the archive"),
    "model in another language": (
        _document(models=model().replace(":sbml", ":neuroml")),
        "model 'model1' is in the language 'urn:sedml:language:neuroml'"),
    "cellml": (
        _document(models=model().replace(":sbml", ":cellml.2_0")), "cellml.2_0'; models in SBML"),
    "model outside": (
        _document(models=model(source="../../model.xml")),
        "leads out of the archive"),
    "missing model": (
        _document(models=model(source="other.xml")),
        "'other.xml' is not in its archive"),
    "missing task": (
        _document(generators=generator("S", S, "none"), outputs=report("S")), "no task 'none'"),
    "missing simulation": (_document(tasks=task(simulation="none")), "no simulation 'none'"),
    "missing generator": (_document(outputs=report("time", "none")), "generator 'none'"),
    "data source": (
        _document(generators=generator("S", "#data1"), outputs=report("S")), "data source 'data1'"),
    "unknown symbol": (
        _generated(ci("x"), V.replace("target=", 'symbol="urn:sedml:symbol:rate" target=')),
        "the symbol 'urn:sedml:symbol:rate'"),
    "unknown name": (_generated(ci("y"), V), "<dataGenerator> 'g' uses 'y'"),
    "unknown function": (_generated(applied("gamma", ci("x")), V), "uses 'gamma'"),
    "unknown reduction": (
        _generated(f"<apply>{CSYMBOL.format('http://sed-ml.org/#median')}{ci('x')}</apply>", V),
        "uses 'median'"),
    "foreign symbol": (
        _generated(f"<apply>{CSYMBOL.format('http://x.org/f')}{ci('x')}</apply>", V),
        "the symbol 'http://x.org/f'"),
    "too many operands": (_generated(applied("exp", ci("x"), ci("x")), V), "'exp' of 2 operands"),
    "empty formula": (_generated("<apply/>", V), "holds no formula"),
    "backwards": (_document(simulations=course(start=10, end=1)), "<uniformTimeCourse> 'sim1'"),
    "no steps": (_document(simulations=course(steps=0)), "<uniformTimeCourse> 'sim1'"),
    "time without end": (_document(simulations=course(end="INF")), "outputEndTime is 'INF'"),
    "bad tolerance": (
        _document(simulations=course(
            extra='<algorithmParameter kisaoID="KISAO:0000209" value="tiny"/>')),
        "a relative tolerance lies between 0 and 1, not 'tiny'"),
    "an id twice": (_document(tasks=task() + task()), "the id 'task1' occurs twice"),
    "a data set twice": (_document(outputs=report("S", "S")), "the id of a data set occurs twice"),
    "no outputs": (_document(outputs=""), "has no outputs"),
    "a path as id": (_document(outputs=report("S", key="../../x")), "its id cannot name a file"),
    "level 2": (_document().replace('level="1"', 'level="2"'), "level '2'"),
    "no sedml": ("<html/>", "is not SED-ML"),
    "not well formed": (_document()[:-9], "is not SED-ML"),
    "entities": (
        _document().replace("<sedML", '<!DOCTYPE s [<!ENTITY a "b">]><sedML'), "declares entities"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_run_is_refused_by_name_and_only_a_log_is_written(case, sbml_text, tmp_path):
    text, words = REFUSED[case]
    path = archive(tmp_path / "theirs.omex", {"run.sedml": text, "model.xml": sbml_text})
    with pytest.raises(InputError) as caught:
        run_archive(path, tmp_path / "out")
    message = str(caught.value)
    assert words in message
    assert len(message) <= 300
    assert "\n" not in message
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["log.yml"]
    log = yaml.safe_load((tmp_path / "out" / "log.yml").read_text())
    assert log["exception"] == {"type": type(caught.value).__name__, "message": message}


def test_what_no_output_needs_does_no_harm(sbml_text, tmp_path):
    text = _document(
        tasks=task() + ESTIMATION,
        simulations=course() + course(key="sim2", algorithm="KISAO:0000029"),
        models=model() + model("gone", "gone.xml"),
    )
    path = archive(tmp_path / "theirs.omex", {"run.sedml": text, "model.xml": sbml_text})
    assert list(run_archive(path).reports) == ["run.sedml/report1"]


def test_hostile_archives_are_met_as_elsewhere(sbml_text, tmp_path):
    path = archive(tmp_path / "theirs.omex", {"run.sedml": _document(), "model.xml": sbml_text})
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("../outside.xml", "x")
    with pytest.raises(InputError, match="leads out of the archive"):
        run_archive(path)
    with zipfile.ZipFile(tmp_path / "bomb.omex", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.xml", b" " * 2**28)
    with pytest.raises(InputError, match=r"bomb\.omex"):
        run_archive(tmp_path / "bomb.omex")
    with zipfile.ZipFile(tmp_path / "bare.omex", "w") as file:
        file.writestr("run.sedml", _document())
    with pytest.raises(InputError, match=r"has no manifest\.xml"):
        run_archive(tmp_path / "bare.omex")
    (tmp_path / "cut.omex").write_bytes(path.read_bytes()[:300])
    with pytest.raises(InputError, match="no ZIP archive, or cut short"):
        run_archive(tmp_path / "cut.omex")


@pytest.mark.parametrize(
    ("name", "words"),
    [("none.omex", "no such file"), (".", "not a regular file"), ("a.txt", "neither an archive")],
)
def test_what_is_no_archive_is_said(name, words, tmp_path):
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(InputError, match=words):
        run_archive(tmp_path / name)


def test_an_archive_without_sedml_is_said(sbml_text, tmp_path):
    for master in ("", "model.xml"):
        path = archive(tmp_path / "theirs.omex", {"model.xml": sbml_text}, master=master)
        with pytest.raises(InputError, match="holds no SED-ML to run"):
            run_archive(path)


def test_where_the_master_is_no_sedml_all_sedml_is_run(sbml_text, tmp_path):
    members = {"a.sedml": _document(), "b.sedml": _document(), "model.xml": sbml_text}
    for master, ran in (("model.xml", {"a", "b"}), ("", {"a", "b"}), ("b.sedml", {"b"})):
        path = archive(tmp_path / "theirs.omex", members, master=master)
        assert set(run_archive(path).reports) == {f"{name}.sedml/report1" for name in ran}
