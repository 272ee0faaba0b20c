"""What is kept of a model's text comes back as it was, or not at all."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from transport_model import kept, load_model, simulate
from transport_model.catalogue import shipped_models
from transport_model.mathematics import equations
from transport_model.simulation import runner


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(kept.OWN, str(tmp_path / "own"))
    monkeypatch.delenv(kept.SHARED, raising=False)
    return tmp_path / "own" / kept.FOLDER


def test_what_was_kept_is_found_by_its_text_and_kind(cache):
    assert kept.kept("kind", "text") is None
    kept.keep("kind", "text", b"content")
    assert kept.kept("kind", "text") == b"content"
    assert kept.kept("kind", "another") is None
    assert kept.kept("other", "text") is None
    assert len(list(cache.iterdir())) == 1


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b"", lambda b: b[:40] + b"x" * 9,
                                    lambda b: bytes([b[0] ^ 1]) + b[1:]])  # fmt: skip
def test_damage_is_as_good_as_nothing(cache, damage):
    kept.keep("kind", "text", b"a content of some length")
    (file,) = cache.iterdir()
    file.write_bytes(damage(file.read_bytes()))
    assert kept.kept("kind", "text") is None
    kept.keep("kind", "text", b"again")
    assert kept.kept("kind", "text") == b"again"


def test_a_file_in_another_ones_place_is_not_used(cache):
    kept.keep("kind", "one", b"of one")
    (one,) = cache.iterdir()
    kept.keep("kind", "two", b"of two")
    (two,) = {*cache.iterdir()} - {one}
    one.replace(two)
    assert kept.kept("kind", "two") is None


def test_the_newest_stay_and_those_in_use(cache, monkeypatch):
    monkeypatch.setattr(kept, "MOST", 3)
    for age, text in enumerate("abc"):
        kept.keep("kind", text, text.encode())
        (file,) = [each for each in cache.iterdir() if each.stat().st_mtime > 1e6]
        os.utime(file, (age, age))
    assert kept.kept("kind", "a") == b"a"  # which makes it new
    kept.keep("kind", "d", b"d")
    assert [kept.kept("kind", text) for text in "abcd"] == [b"a", None, b"c", b"d"]


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(kept.OWN, str(tmp_path / "file"))
    kept.keep("kind", "text", b"content")
    assert kept.kept("kind", "text") is None


def test_a_shared_folder_is_read_and_never_written(tmp_path, monkeypatch, cache):
    kept.keep("kind", "text", b"content")
    (tmp_path / "own").rename(tmp_path / "shared")
    monkeypatch.setenv(kept.SHARED, str(tmp_path / "shared"))
    assert kept.kept("kind", "text") == b"content"
    kept.keep("kind", "other", b"more")
    assert len(list((tmp_path / "shared" / kept.FOLDER).iterdir())) == 1
    assert len(list(cache.iterdir())) == 1


def test_everything_that_has_a_hand_in_it_is_in_the_name(monkeypatch):
    names, real = {kept._makers.__wrapped__()}, kept.metadata.version
    for changed in kept._LIBRARIES:
        versions = {name: real(name) for name in kept._LIBRARIES} | {changed: "another"}
        monkeypatch.setattr(kept.metadata, "version", versions.__getitem__)
        names.add(kept._makers.__wrapped__())
    monkeypatch.setattr(kept.metadata, "version", real)
    with monkeypatch.context() as patch:
        patch.setattr(kept, "package_sum", lambda: "another")
        names.add(kept._makers.__wrapped__())
    for name in ("python_version", "machine"):
        with monkeypatch.context() as patch:
            patch.setattr(kept.platform, name, lambda: "another")
            names.add(kept._makers.__wrapped__())
    assert len(names) == len(kept._LIBRARIES) + 4
    monkeypatch.setattr(kept, "_makers", lambda: "one")
    one = kept._key("text")
    monkeypatch.setattr(kept, "_makers", lambda: "another")
    assert kept._key("text") != one


def test_machine_code_is_kept_for_its_processor(monkeypatch, cache):
    model = load_model("cell")
    for name in ("one", "another"):
        monkeypatch.setattr(runner, "processor", lambda name=name: name)
        runner.runner_for.cache_clear()
        simulate(model, 1, 2)
    runner.runner_for.cache_clear()
    assert len([file for file in cache.iterdir() if file.name.startswith("engine")]) == 2


def test_a_function_works_out_nothing_twice_and_keeps_no_error(cache):
    calls = []

    def squares(text: str, ids: frozenset[str] = frozenset(), most: float = 1.0) -> list[str]:
        calls.append(text)
        if not text:
            raise ValueError("no text")
        return [text * 2, *sorted(ids), repr(most)]

    def anew():
        return kept.remembered(squares)  # as in another process

    first = anew()
    assert first("a", frozenset("xyz")) == first("a", frozenset("zyx")) == ["aa", *"xyz", "1.0"]
    assert anew()("a", frozenset("yxz")) == ["aa", *"xyz", "1.0"]
    assert calls == ["a"]
    assert anew()("a", frozenset("xy")) == ["aa", "x", "y", "1.0"]
    assert anew()("a", frozenset("xy"), 2.0) == ["aa", "x", "y", "2.0"]
    assert calls == ["a"] * 3
    for _ in range(2):
        with pytest.raises(ValueError, match="no text"):
            first("")
    assert calls == ["a", "a", "a", "", ""]
    assert len(list(cache.iterdir())) == 3


@pytest.mark.parametrize("name", shipped_models())
def test_equations_from_disk_are_the_same(name):
    read = equations.read_equations(load_model(name).sbml)
    again = pickle.loads(pickle.dumps(read))
    for field in ("states", "constants", "rules", "stoichiometry", "has_events", "following_time",
                  "has_branches"):  # fmt: skip
        assert getattr(again, field) == getattr(read, field)
    for field in ("definitions", "fluxes", "rate_rules", "start"):
        assert list(getattr(again, field)) == list(getattr(read, field))
        assert list(getattr(again, field).items()) == list(getattr(read, field).items())
    assert list(again.values) == list(read.values)
    assert np.array_equal([*again.values.values()], [*read.values.values()], equal_nan=True)


EVENTS = """model odd
  species A = 5; B := 2*A; compartment c = 2; c' = 0.1; species D in c; D = 1
  J: A -> D; k*A; k = 0.3; reset = 2
  E: at (A < 3): k = k/2, A = A + 1
end"""


@pytest.mark.parametrize("name", ["cell", "oocyte", "events"])
def test_courses_of_an_engine_from_disk_are_the_same(name, tmp_path, cache):
    """Bit for bit, with other values before and in between."""
    if name == "events":
        (tmp_path / "events.ant").write_text(EVENTS)
    model = load_model(tmp_path / "events.ant" if name == "events" else name)
    first = next(iter(model.parameters.index[model.parameters["value"] > 0]))
    other = model.with_values(**{first: model.parameters.at[first, "value"] * 1.1})
    tables = []
    for _ in range(2):
        runner.runner_for.cache_clear()
        tables.append([simulate(each, 50, 21) for each in (model, other, model)])
        assert any(file.name.startswith("engine") for file in cache.iterdir())
    runner.runner_for.cache_clear()
    for fresh, from_disk in zip(*tables, strict=True):
        assert fresh.equals(from_disk)
    assert not tables[0][0].equals(tables[0][1])


ANSWERS = """
import sys
from transport_model import evaluate, load_model, simulate, steady_state

models = [load_model(name) for name in sys.argv[1:]]
models.append(models[0].with_values(n_X=100.0, K_o=8.0))
for model in models:
    try:
        state = steady_state(model)
        print(state.values.to_dict(), state.error, state.certificate.eigenvalues.tolist())
    except Exception as error:
        print(repr(error))
    course = simulate(model, 20, 5)
    print(course.to_dict(), course.attrs, evaluate(model, course).to_dict())
    print(model.units, model.start_columns, model.species.to_dict(), model.rules.to_dict())
    print([model.domain(name) for name in model.quantities])
"""


def test_answers_are_the_same_with_and_without_what_is_kept(tmp_path):
    (tmp_path / "events.ant").write_text(EVENTS)
    (tmp_path / "file").write_text("")
    said = []
    for folder in ("own", "own", "file"):  # empty, filled, and one that takes nothing
        result = subprocess.run(
            [sys.executable, "-c", ANSWERS, "cell", "oocyte", str(tmp_path / "events.ant")],
            check=True, capture_output=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1",
                 kept.OWN: str(tmp_path / folder)},
        )  # fmt: skip
        said.append(result.stdout)
    assert said[0] == said[1] == said[2]
    assert len(said[0]) > 10_000


def test_a_known_model_needs_neither_libsbml_nor_sympy(tmp_path):
    code = (
        "import sys\n"
        "from transport_model import load_model, simulate, steady_state\n"
        "cell = load_model('cell').with_values(Glc_o=3)\n"
        "steady_state(cell)\n"
        "simulate(cell, 10, 3)\n"
        "print(*({'libsbml', 'pint', 'sbmlmath', 'scipy', 'sympy'} & sys.modules.keys()))\n"
    )
    said = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                           env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).stdout
            for _ in range(2)]  # fmt: skip
    assert {"libsbml", "sbmlmath", "sympy"} <= set(said[0].split())
    assert said[1].split() == []


def test_a_typing_error_loads_no_library(tmp_path):
    code = (
        "import sys\n"
        "from transport_model.analyses.cli import app\n"
        "sys.argv = ['transport-model', 'steady-state', '--set', 'Glcc_o=3']\n"
        "try:\n    app.main()\n"
        "except SystemExit as end:\n"
        "    print(end.code, *({'libsbml', 'numpy', 'pandas', 'sympy'} & sys.modules.keys()))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                           env=environment) for _ in range(2)]  # fmt: skip
    assert said[0].stderr == said[1].stderr
    assert "did you mean 'Glc_o'?" in said[1].stderr
    assert said[1].stdout.split() == ["2"]
