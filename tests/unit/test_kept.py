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
    names, real = {kept._key("text")}, kept.metadata.version
    for changed in kept._LIBRARIES:
        versions = {name: real(name) for name in kept._LIBRARIES} | {changed: "another"}
        monkeypatch.setattr(kept.metadata, "version", versions.__getitem__)
        names.add(kept._key("text"))
    monkeypatch.setattr(kept.metadata, "version", real)
    for name in ("_processor", "package_sum"):
        with monkeypatch.context() as patch:
            patch.setattr(kept, name, lambda: "another")
            names.add(kept._key("text"))
    for name in ("python_version", "machine"):
        with monkeypatch.context() as patch:
            patch.setattr(kept.platform, name, lambda: "another")
            names.add(kept._key("text"))
    assert len(names) == len(kept._LIBRARIES) + 5


@pytest.mark.parametrize("name", shipped_models())
def test_equations_from_disk_are_the_same(name):
    sbml = load_model(name).sbml
    read = equations._Reader(equations.with_functions_expanded(sbml)).read()
    again = pickle.loads(pickle.dumps(read))
    for field in ("states", "constants", "rules", "stoichiometry", "has_events"):
        assert getattr(again, field) == getattr(read, field)
    for field in ("definitions", "fluxes", "rate_rules", "start"):
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


def test_what_reads_formulas_is_loaded_for_new_models_only():
    code = (
        "import sys\n"
        "from transport_model import load_model, steady_state\n"
        "steady_state(load_model('cell'))\n"
        "print(int('sbmlmath' in sys.modules), int('pint' in sys.modules))\n"
    )
    said = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True,
                           env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}).stdout
            for _ in range(2)]  # fmt: skip
    assert [text.split() for text in said] == [["1", "1"], ["0", "0"]]
