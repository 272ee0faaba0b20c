"""Archives are run as tellurium runs them: the same curves, by another reading of SED-ML.

Documents are written by hand, exported by tellurium from phraSED-ML, or exported by this package.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from sedml_texts import (
    ANTIMONY,
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
    repeated,
    report,
    sbml,
    set_value,
    steady,
    task,
    uniform,
    variable,
    vector,
)

from transport_model import export_file, load_model, run_archive

#: tellurium's own tolerance is 1e-6.
FINE = (
    '<algorithmParameter kisaoID="KISAO:0000209" value="1e-11"/>'
    '<algorithmParameter kisaoID="KISAO:0000211" value="1e-13"/>'
)
ONE_STEP = ('<oneStep id="sim1" step="1.5"><algorithm kisaoID="KISAO:0000019">'
            f"<listOfAlgorithmParameters>{FINE}</listOfAlgorithmParameters></algorithm>"
            "</oneStep>")  # fmt: skip
BASIC = {"S": SPECIES.format("S"), "P": SPECIES.format("P"), "bind": REACTION.format("bind"),
         "total": PARAMETER.format("total")}  # fmt: skip


def _course(**how):
    return course(extra=FINE, **how)


def _shown(of="task1", time=True):
    """Return data generators of everything that is compared, and a report of them."""
    found = {**({"time": "time"} if time else {}), **BASIC}
    return "".join(generator(k, where, of) for k, where in found.items()), report(*found)


def _scan(ranges, change, *, sim=None, main="r", reset="true", more=""):
    tasks = task() + repeated("scan", "r", ranges, change, reset=reset, main=main) + more
    return document(model(), sim or _course(), tasks, *_shown("scan", time=False))


CHANGED = (
    f'<changeAttribute target="{PARAMETER.format("k")}/@value" newValue="0.2"/>'
    f'<changeAttribute target="{SPECIES.format("S")}/@initialConcentration" newValue="5"/>'
)
COMPUTED = (
    f'<computeChange target="{PARAMETER.format("loss")}/@value">'
    f"<listOfVariables>{variable('now', PARAMETER.format('k'), 'model1', 'modelReference')}"
    '</listOfVariables><math xmlns="http://www.w3.org/1998/Math/MathML">'
    f"{applied('divide', ci('now'), '<cn>2</cn>')}</math></computeChange>"
)
V, LOSS = PARAMETER.format("v"), PARAMETER.format("loss")
ARITHMETIC = (
    formula("share", applied("divide", ci("s"), applied("plus", ci("s"), ci("p"))),
            variable("s", BASIC["S"]), variable("p", BASIC["P"]))
    + formula("square", applied("times", ci("x"), ci("x")), variable("x", BASIC["total"]))
    + formula("rest", applied("minus", "<cn>3</cn>", applied("divide", ci("y"), "<cn>7</cn>")),
              variable("y", BASIC["S"]))
)  # fmt: skip

#: Documents by what they try.
DOCUMENTS = {
    "course": document(model(), _course(), task(), *_shown()),
    "late_output": document(model(), _course(start=2), task(), *_shown()),
    "odd_output": document(model(), _course(start=2.3, end=9.1), task(), *_shown()),
    "level_1_version_1": document(model(), _course(), task(), *_shown(), version=1),
    "level_1_version_2": document(model(), _course(), task(), *_shown(), version=2),
    "level_1_version_4": document(model(), _course(), task(), *_shown(), version=4),
    "one_step": document(model(), ONE_STEP, task(), *_shown()),
    "steady_state": document(model(), steady(), task(), *_shown(time=False)),
    "lsoda": document(model(), _course(algorithm="KISAO:0000088"), task(), *_shown()),
    "changed": document(model(changes=CHANGED), _course(), task(), *_shown()),
    "computed": document(model(changes=COMPUTED), _course(), task(), *_shown()),
    "derived": document(
        model() + model("model2", "#model1", CHANGED), _course(), task(of="model2"), *_shown()
    ),
    "linear_scan": _scan(uniform("r", 0.2, 1, 4), set_value(V, "r")),
    "log_scan": _scan(uniform("r", 0.01, 1, 4, "log"), set_value(V, "r")),
    "scan_of_starts": _scan(vector("r", 1, 2.5, 4), set_value(BASIC["S"], "r")),
    "two_ranges": _scan(
        vector("r", 0.1, 0.9) + vector("q", 0.02, 0.3), set_value(V, "r") + set_value(LOSS, "q")
    ),
    "functional_range": _scan(
        vector("r", 0.1, 0.9)
        + '<functionalRange id="f" range="r"><math xmlns="http://www.w3.org/1998/Math/MathML">'
        f"{applied('times', ci('r'), '<cn>0.25</cn>')}</math></functionalRange>",
        set_value(V, "r") + set_value(LOSS, "f"),
    ),
    "steady_scan": _scan(uniform("r", 0.2, 0.4, 3), set_value(V, "r"), sim=steady()),
    "going_on": _scan(vector("r", 0.1, 0.9, 0.3), set_value(V, "r"), reset="false"),
    "step_by_step": _scan(vector("r", 0.1, 0.9, 0.3), set_value(V, "r"), sim=ONE_STEP,
                          reset="false"),
    "nested": document(
        model(), _course(),
        task() + repeated("inner", "q", vector("q", 0.02, 0.2, 0.3), set_value(LOSS, "q"))
        + repeated("scan", "r", vector("r", 0.1, 0.9), set_value(V, "r"), subtasks=["inner"]),
        *_shown("scan", time=False),
    ),
    "arithmetic": document(
        model(), _course(), task(), ARITHMETIC, report("share", "square", "rest")
    ),
    "constants": document(
        model(), _course(), task(),
        formula("scaled", applied("times", ci("a"), ci("x")), variable("x", BASIC["S"])).replace(
            "<math", '<listOfParameters><parameter id="a" value="2.5"/></listOfParameters><math')
        + generator("S", BASIC["S"]) + generator("P", BASIC["P"]),
        report("scaled", "S", "P"),
    ),
    "underscored": document(model(), _course(algorithm="KISAO_0000019"), task(), *_shown()),
}  # fmt: skip

#: What tellurium exports, in phraSED-ML.
PHRASED = {
    "course": "plot time vs S, P\nreport time, S, P, total, bind",
    "formulas": "report time, S/P, k*S, S*S + 1",
    "derived": "model2 = model model1 with S=5\ntask2 = run sim1 on model2\n"
    "report task1.time, task1.S, task2.S, task2.P",
    "scan": "again = repeat task1 for v in uniform(0.1, 0.9, 4), reset=true\n"
    "report again.S, again.P, again.v",
    "log_scan": "again = repeat task1 for v in logUniform(0.01, 1, 4), reset=true\n"
    "plot again.time vs again.S\nreport again.S, again.P",
    "vector": "again = repeat task1 for v in [0.1, 0.2, 0.9], loss = v*0.5, reset=true\n"
    "report again.S, again.P, again.loss",
    "nested": "inner = repeat task1 for loss in [0.02, 0.2], reset=true\n"
    "outer = repeat inner for v in [0.1, 0.9], reset=true\nreport outer.S, outer.P",
    "steady": "sim2 = simulate steadystate\ntask2 = run sim2 on model1\n"
    "report task2.S, task2.P, task2.total",
    "steps": "sim2 = simulate onestep(1.5)\n"
    "sim2.algorithm.relative_tolerance = 1e-11\nsim2.algorithm.absolute_tolerance = 1e-13\n"
    "task2 = run sim2 on model1\nagain = repeat task2 for v in [0.1, 0.9, 0.3], reset=false\n"
    "report again.S, again.P",
}
BEFORE = """model1 = model "uptake.xml"
sim1 = simulate uniform(0, 2.5, 12.5, 40)
sim1.algorithm.relative_tolerance = 1e-11
sim1.algorithm.absolute_tolerance = 1e-13
task1 = run sim1 on model1
"""
EXPORT = """
import json, sys, warnings
warnings.simplefilter("ignore")
import tellurium
for path, text in json.load(sys.stdin).items():
    tellurium.exportInlineOmex(text, path)
"""
TELLURIUM = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np
from tellurium.sedml.tesedml import executeCombineArchive
found = {}
for path in sys.argv[2:]:
    for result in executeCombineArchive(path, createOutputs=False).values():
        for key, values in result["dataGenerators"].items():
            found[path + "|" + key] = np.asarray(values, dtype=float)
np.savez(sys.argv[1], **found)
"""


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    pytest.importorskip("libsedml")
    folder = tmp_path_factory.mktemp("archives")
    text = sbml(folder)
    made = {
        name: archive(folder / f"{name}.omex", {"run.sedml": sedml, "model.xml": text})
        for name, sedml in DOCUMENTS.items()
    }  # fmt: skip
    exported = {f"exported {name}": folder / f"exported_{name}.omex" for name in PHRASED}
    texts = (ANTIMONY + BEFORE + inner + "\n" for inner in PHRASED.values())
    _python(EXPORT, text=json.dumps(dict(zip(map(str, exported.values()), texts, strict=True))))
    own = load_model(folder / "uptake.ant").with_values(v=0.3)
    export_file(own, folder / "own.omex")
    return {**made, **exported, "own": folder / "own.omex"}


def _python(program, *words, text=""):
    """Run a program of tellurium's in a process of its own: it disturbs libSBML."""
    subprocess.run([sys.executable, "-c", program, *words], input=text, text=True, check=True,
                   capture_output=True, timeout=600)  # fmt: skip


@pytest.fixture(scope="module")
def tellurium(archives, tmp_path_factory):
    """What tellurium makes of the archives: data generators by archive and id."""
    target = tmp_path_factory.mktemp("tellurium") / "found.npz"
    _python(TELLURIUM, str(target), *map(str, archives.values()))
    found = np.load(target)
    names = {str(path): name for name, path in archives.items()}
    results: dict[str, dict[str, np.ndarray]] = {name: {} for name in archives}
    for key in found.files:
        path, _, column = key.rpartition("|")
        results[names[path]][column] = found[key]
    return results


@pytest.mark.parametrize("name", [*DOCUMENTS, *(f"exported {name}" for name in PHRASED), "own"])
def test_curves_are_telluriums(name, archives, tellurium):
    run = run_archive(archives[name])
    assert not run.failures
    ((uri, table),) = run.reports.items()
    assert len(table.columns) >= 2
    for column, key in _shown_by(archives[name], uri).items():
        theirs = tellurium[name][key].T.ravel()  # an iteration after the other
        np.testing.assert_allclose(table[column], theirs, rtol=1e-6, atol=1e-9, err_msg=column)


def _shown_by(path, uri):
    """Return the data generators that a report shows, by label."""
    location, _, key = uri.rpartition("/")
    with zipfile.ZipFile(path) as file:
        root = ElementTree.fromstring(file.read(location))
    (found,) = (e for e in root.iter() if e.tag.endswith("}report") and e.get("id") == key)
    return {e.get("label"): e.get("dataReference") for e in found[0]}
