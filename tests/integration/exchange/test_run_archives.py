"""Archives are run as tellurium runs them: the same curves, by another reading of SED-ML."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sedml_texts import (
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

from transport_model import run_archive

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
}  # fmt: skip

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
    folder = tmp_path_factory.mktemp("archives")
    text = sbml(folder)
    return {
        name: archive(folder / f"{name}.omex", {"run.sedml": sedml, "model.xml": text})
        for name, sedml in DOCUMENTS.items()
    }


@pytest.fixture(scope="module")
def tellurium(archives, tmp_path_factory):
    """What tellurium makes of the archives, in a process of its own: it disturbs libSBML."""
    pytest.importorskip("libsedml")
    target = tmp_path_factory.mktemp("tellurium") / "found.npz"
    subprocess.run([sys.executable, "-c", TELLURIUM, str(target), *map(str, archives.values())],
                   check=True, capture_output=True, timeout=600)  # fmt: skip
    found = np.load(target)
    names = {str(path): name for name, path in archives.items()}
    results: dict[str, dict[str, np.ndarray]] = {name: {} for name in archives}
    for key in found.files:
        path, _, column = key.rpartition("|")
        results[names[path]][column] = found[key]
    return results


@pytest.mark.parametrize("name", DOCUMENTS)
def test_curves_are_telluriums(name, archives, tellurium):
    run = run_archive(archives[name])
    assert not run.failures
    (table,) = run.reports.values()
    assert len(table.columns) >= 3
    for column in table.columns:
        theirs = tellurium[name][column].T.ravel()  # an iteration after the other
        np.testing.assert_allclose(table[column], theirs, rtol=1e-6, atol=1e-9, err_msg=column)
