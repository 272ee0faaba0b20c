"""A study depends on its own arguments alone, whatever the process has been asked before."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

HERE = Path(__file__)
#: Foreign models beside the shipped cell: events with memory, volumes that change, several states.
ZOO = {
    "doses": "dose = 3; next = 4; k = 0.5; species S; S = 1; fill: -> S; 0.2; J: S -> ; k*S\n"
    " at (time >= next && time < 20): S = S + dose, next = next + 3",
    "volumes": "compartment c = 2; c' = 1 - k*c; k = 1; species S in c; S = 3; fill: -> S; 1\n"
    " J: S -> ; c*k*S",
    "toggle": "k = 4; species u, v; u = 2; v = 1; a: -> u; k/(1 + v^3); b: u -> ; u\n"
    " c: -> v; k/(1 + u^3); d: v -> ; v",
}
#: A parameter of each model, and two values.
VALUES = {"cell": ("Glc_o", 0.5, 2.0), **dict.fromkeys(ZOO, ("k", 0.8, 3.0))}
PROTOCOL = """title: a step
model: {model}
start: given
duration: 30 {unit}
points: 7
arms:
  only: {{with: {{{name}: {value}}}, changes: [{{at: 10 {unit}, set: {{{name}: {other}}}}}]}}
measures:
  last: {{of: {of}, take: final}}
"""
KINDS = ("simulate", "stepped", "steady_state", "by_roadrunner", "by_kernel", "reduced", "control",
         "sensitivities", "energetics", "experiment", "sbml", "antimony", "verify", "audit",
         "evaluate", "states")  # fmt: skip


def study(folder, name, kind, value):
    """Return what one study says of a model with one value set: a table, or the refusal."""
    import transport_model as tm
    from transport_model.analyses.scans.courses import Course
    from transport_model.errors import TransportModelError

    column, *values = VALUES[name]
    other = values[1] if value == values[0] else values[0]
    source = name if name == "cell" else str(folder / f"{name}.ant")
    model = tm.load_model(source).with_values(**{column: value})
    first = next(n for n, q in model.quantities.items() if q.kind == "floating")
    design = tm.grid(**{column: [value, other]})

    def exported(suffix, flavour):
        path = folder / f"{name}-{kind}-{value}{suffix}"
        tm.export_file(model, path, flavour)
        return tm.simulate(tm.load_model(path), 20, 3)

    def experiment():
        path = folder / f"{name}-{value}.yaml"
        before, after = (f"{each} {model.unit(column)}".strip() for each in (value, other))
        path.write_text(PROTOCOL.format(model=source, name=column, value=before, other=after,
                                        of=first, unit=model.units["time"]))  # fmt: skip
        return tm.run_experiment(path).courses

    asked = {
        "simulate": lambda: tm.simulate(model, 50, 5),
        "stepped": lambda: tm.simulate(model, 20, 3, inputs=[tm.Step(7, {column: other})]),
        "steady_state": lambda: tm.steady_state(model).values.to_frame(),
        "by_roadrunner": lambda: tm.scan(model, design, engine="roadrunner"),
        "by_kernel": lambda: tm.scan(model, design, engine="kernel"),
        "reduced": lambda: tm.scan(model, design, course=Course(20, 5, [f"{first}:max"])),
        "control": lambda: tm.control_coefficients(model).flux,
        "sensitivities": lambda: tm.sensitivities(model, [column]),
        "energetics": lambda: tm.energetics(model, tm.steady_state(model)),
        "experiment": experiment,
        "sbml": lambda: exported(".xml", "sbml-l3v2"),
        "antimony": lambda: exported(".ant", "antimony"),
        "verify": lambda: tm.verify(model, engines=["roadrunner"], sets=1, end=20, points=3).table,
        "audit": lambda: tm.audit(model, samples=3),
        "evaluate": lambda: tm.evaluate(model, pd.DataFrame({first: [1.0, 2.0]})),
        "states": lambda: tm.distinct_steady_states(model, starts=8),
    }
    try:
        table = asked[kind]()
    except TransportModelError as error:
        return f"{type(error).__name__}: {str(error)[:120]}"
    numbers = table.select_dtypes("number").drop(columns=["seconds"], errors="ignore")
    words = table.select_dtypes(exclude="number").astype(str)
    return {"columns": [str(each) for each in table.columns if each != "seconds"],
            "numbers": numbers.to_numpy(dtype=float).tolist(),
            "words": [] if kind == "verify" else words.to_numpy().tolist()}  # fmt: skip


def same(one, other, what):
    if isinstance(one, str) or isinstance(other, str):
        assert one == other, what
        return
    assert one["columns"] == other["columns"], what
    assert one["words"] == other["words"], what
    np.testing.assert_allclose(one["numbers"], other["numbers"], rtol=1e-12, atol=1e-300,
                               err_msg=str(what))  # fmt: skip


@pytest.fixture(scope="module")
def zoo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo")
    for name, body in ZOO.items():
        (folder / f"{name}.ant").write_text(f"model {name}\n {body}\nend\n")
    return folder


def fresh(folder, *asked):
    """Return what a process of its own says to a study, asked nothing before."""
    command = [sys.executable, "-W", "ignore", str(HERE), str(folder), json.dumps(asked)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def check(zoo, names, kinds, length, seed):
    """Compare studies in random order in this process with each in a process of its own."""
    random = np.random.default_rng(seed)
    asked = [(str(random.choice(names)), str(random.choice(kinds))) for _ in range(length)]
    asked = [(name, kind, float(random.choice(VALUES[name][1:]))) for name, kind in asked]
    alone = {}
    said = []
    for each in asked:
        mine = study(zoo, *each)
        if each not in alone:
            alone[each] = fresh(zoo, *each)
        same(json.loads(json.dumps(mine)), alone[each], each)
        said.append(mine)
    assert sum(not isinstance(mine, str) for mine in said) > length / 2


@pytest.mark.slow
def test_a_few_studies_in_any_order(zoo):
    check(zoo, ["doses"], ["stepped", "steady_state", "experiment"], 24, seed=3)


@pytest.mark.slow
@pytest.mark.parametrize("name", VALUES)
def test_studies_of_a_model_in_any_order(zoo, name):
    check(zoo, [name], KINDS, 60, seed=4)


if __name__ == "__main__":
    print(json.dumps(study(Path(sys.argv[1]), *json.loads(sys.argv[2]))))
