"""PEtab problems that cannot be estimated: refused, in one line that says why."""

from dataclasses import replace

import pandas as pd
import pytest
from petab_problems import write_everything, write_line, written

from transport_model import fit, read_petab
from transport_model.analyses.studies.estimation.problem import _check
from transport_model.errors import ComputationError, InputError


def broken(folder, change):
    """Write the problem of a line with one table changed."""
    path = write_line(folder, [(0.0, 1.1), (1.0, 2.8)])
    name, edit = change
    table = pd.read_csv(folder / f"{name}.tsv", sep="\t", dtype=object)
    edit(table).to_csv(folder / f"{name}.tsv", sep="\t", index=False)
    return path


BROKEN = {
    "lint": (("measurements", lambda t: t.assign(simulationConditionId="nowhere")), "nowhere"),
    "observable": (("measurements", lambda t: t.assign(observableId="z")), "'?z'?"),
    "formula": (("observables", lambda t: t.assign(observableFormula="Y")), "Y"),
    "syntax": (("observables", lambda t: t.assign(observableFormula="X +* 2")), "problem.yaml"),
    "no data": (("measurements", lambda t: t.iloc[:0]), "measurement"),
    "not finite": (("measurements", lambda t: t.assign(measurement="inf")), "finite number: inf"),
    "nothing": (("parameters", lambda t: t.assign(estimate="0")), "estimates nothing"),
    "bounds": (("parameters", lambda t: t.assign(lowerBound="60")), "lowerBound"),
    "a law": (("parameters", lambda t: t.replace("b", "twice")), "twice"),
    "prior": (("parameters", lambda t: t.assign(objectivePriorType="even",
                                                objectivePriorParameters="0;1")), "even|prior"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_problem_is_refused_in_one_line(case, command, tmp_path):
    change, told = BROKEN[case]
    done = command("fit", str(broken(tmp_path / "line", change)), "--starts", "1")
    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert len(done.err) <= 301
    assert pd.Series([done.err]).str.contains(told).all(), done.err


def test_missing_files_are_named(command, tmp_path):
    path = write_line(tmp_path / "line", [(0.0, 1.1)])
    (tmp_path / "line" / "measurements.tsv").unlink()
    done = command("fit", str(path))
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "no file 'measurements.tsv'" in done.err
    assert command("fit", str(tmp_path / "nowhere.yaml")).code == 2


def test_what_the_model_computes_is_refused_with_its_law(tmp_path):
    path = write_everything(tmp_path / "everything")
    problem = read_petab(path)
    conditions = problem.conditions.assign(active=0.5)
    with pytest.raises(InputError, match=r"by the law active = P / total"):
        _check(replace(problem, conditions=conditions))


def test_all_starts_failing_says_why(tmp_path):
    text = "model bad; X = 1; a = 1; b = 2; X' = a*X^2 + b; end"
    table = pd.DataFrame([("y", "plain", 100.0, 1.0)], columns=["observableId",
                         "simulationConditionId", "time", "measurement"])  # fmt: skip
    parameters = pd.DataFrame([("a", "lin", 1, 2, 1.5, 1)], columns=["parameterId",
                              "parameterScale", "lowerBound", "upperBound", "nominalValue",
                              "estimate"])  # fmt: skip
    observables = pd.DataFrame({"observableId": ["y"], "observableFormula": ["X"],
                                "noiseFormula": ["1"]})  # fmt: skip
    path = written(tmp_path / "bad", text, parameters, pd.DataFrame({"conditionId": ["plain"]}),
                   observables, table)  # fmt: skip
    with pytest.raises(ComputationError, match=r"all 2 starts of 'problem' failed: .*integration"):
        fit(path, starts=2)
