"""Kernels that cannot be kept, compiled or loaded: told once, and done without where one may."""

from __future__ import annotations

import json
import shutil
import sys
import warnings
import zlib

import llvmlite.binding as llvm
import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.scans import scan as scans
from transport_model.analyses.scans.large import run
from transport_model.analyses.scans.scan import Engine, scan
from transport_model.errors import ComputationError, KernelWarning
from transport_model.kernels import cache, kernel, machine, store

SMALL = "model m\n -> S; {k}\n S -> ; d*S\n k = 1; d = 2; S = 1\nend\n"
DESIGN = pd.DataFrame({"d": [1.0, 2.0, 4.0]})


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A model that no process has a kernel of, and a cache of its own."""
    monkeypatch.setenv("TRANSPORT_MODEL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "small.ant").write_text(
        SMALL.format(k=f"k + 0*{zlib.crc32(tmp_path.name.encode())}")
    )
    return load_model(tmp_path / "small.ant")


def test_a_cache_that_cannot_be_written_is_told_once_and_done_without(small, tmp_path):
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").write_text("a file")
    with pytest.warns(KernelWarning, match=r"cannot be kept in '.*TRANSPORT_MODEL_CACHE") as said:
        table = scan(small, DESIGN, engine="kernel")
    scan(small, DESIGN, engine="kernel")  # where a warning would be an error
    assert table["S"].tolist() == pytest.approx([1.0, 0.5, 0.25])
    assert table["converged"].all()
    assert len(said) == 1


def refused(*_):
    raise RuntimeError("no such thing\nand more of it")


@pytest.fixture(params=["code is refused", "processor is not known", "library does not load"])
def uncompiled(request, monkeypatch):
    """What is said where nothing can be compiled."""
    if request.param == "code is refused":
        monkeypatch.setattr(llvm, "parse_assembly", refused)
        yield "a kernel does not compile: no such thing"
        return
    for each in (machine.this_machine, machine._llvm):
        each.cache_clear()
    if request.param == "processor is not known":
        monkeypatch.setattr(llvm, "initialize_native_target", refused)
    else:
        monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    yield "kernels cannot be compiled on this machine"
    monkeypatch.undo()
    for each in (machine.this_machine, machine._llvm):
        each.cache_clear()


def test_what_does_not_compile_says_so_and_leaves_nothing(small, tmp_path, uncompiled):
    with pytest.raises(ComputationError, match=uncompiled):
        scan(small, DESIGN, engine="kernel")
    assert not list((tmp_path / "cache").glob("*/kernel.*"))


def test_auto_does_without_a_kernel_that_does_not_compile(small, monkeypatch, uncompiled):
    few = scan(small, DESIGN)  # not worth a kernel, so that nothing is to be said
    monkeypatch.setattr(scans, "WORTH_COMPILING", 2)
    with pytest.warns(KernelWarning, match=f"one by one.*{uncompiled}") as said:
        table = scan(small, DESIGN)
    assert len(said) == 1
    pd.testing.assert_frame_equal(table, few)
    monkeypatch.setattr(run, "WORTH_COMPILING", 2)
    with pytest.warns(KernelWarning, match=uncompiled):
        assert run._engine_for(small, DESIGN, None) is Engine.ROADRUNNER


def test_the_command_line_says_it_in_one_line(small, tmp_path, monkeypatch, uncompiled, command):
    monkeypatch.setattr(scans, "WORTH_COMPILING", 2)
    model, out = tmp_path / "small.ant", tmp_path / "table.csv"
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        said = command("scan", "--model", model, "--vary", "d=1,2.5,4", "--out", out)
    assert said.code == 0, said.err
    (line,) = [line for line in said.err.splitlines() if uncompiled in line]
    assert line.startswith("points are solved one by one")
    assert pd.read_csv(out)["S"].tolist() == pytest.approx([1.0, 0.4, 0.25])


def test_a_damaged_description_is_no_kernel(small, tmp_path):
    folder = tmp_path / "cache" / store.key(kernel.KIND, small.sbml, frozenset())
    folder.mkdir(parents=True)
    for text in ("not json", "[]", "{}"):
        (folder / "checksums.json").write_text(text)
        assert not cache.is_intact(folder)
    kernel.kernel_for(small)
    assert cache.is_intact(folder)


def sum_up(folder):
    sums = {name: cache.checksum(folder / name, folder.name) for name in ("kernel.json",
                                                                          "kernel.o")}  # fmt: skip
    (folder / "checksums.json").write_text(json.dumps(sums))
    assert cache.is_intact(folder)


@pytest.mark.parametrize("text", ["[]", "{}", '{"inputs": {}}'])
def test_a_cache_whose_checksums_fit_but_not_its_content_is_built_anew(small, tmp_path, text):
    kernel.kernel_for(small)
    folder = tmp_path / "cache" / store.key(kernel.KIND, small.sbml, frozenset())
    (folder / "kernel.json").write_text(text)
    sum_up(folder)
    kernel._kernel.cache_clear()
    assert "S" in kernel.kernel_for(small).outputs
    assert json.loads((folder / "kernel.json").read_text())["outputs"]


def test_a_kernel_in_the_place_of_another_one_is_not_used(small, tmp_path):
    """Complete, and each file with its checksum: but of another model."""
    (tmp_path / "other.ant").write_text(SMALL.format(k="7*k"))
    kernel.kernel_for(load_model(tmp_path / "other.ant"))
    (other,) = (code.parent for code in (tmp_path / "cache").glob("*/kernel.o"))
    assert cache.is_intact(other)
    other.rename(tmp_path / "cache" / store.key(kernel.KIND, small.sbml, frozenset()))
    assert scan(small, DESIGN, engine="kernel")["S"].tolist() == pytest.approx([1.0, 0.5, 0.25])


def test_damaged_machine_code_is_never_loaded(small, tmp_path, monkeypatch):
    """LLVM ends the process over it."""
    kernel.kernel_for(small)
    folder = tmp_path / "cache" / store.key(kernel.KIND, small.sbml, frozenset())
    sound = (folder / "kernel.o").read_bytes()
    real, seen = store.Loaded, []
    monkeypatch.setattr(store, "Loaded", lambda code: (seen.append(code), real(code))[1])
    for place in (0, len(sound) // 2, len(sound) - 1):
        damaged = bytearray(sound)
        damaged[place] ^= 8
        (folder / "kernel.o").write_bytes(damaged)
        kernel._kernel.cache_clear()
        kernel.kernel_for(small)
        assert (folder / "kernel.o").read_bytes() == sound
    assert set(seen) == {sound}
