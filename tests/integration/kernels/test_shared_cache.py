"""Kernels of a cache that others have filled, or that cannot be written, and many at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zlib
from contextlib import ExitStack

import pytest

from transport_model import kept, load_model
from transport_model.analyses.scans.designs.designs import grid
from transport_model.analyses.scans.scan import scan
from transport_model.errors import KernelWarning
from transport_model.kernels import kernel, writing

TEXT = "model m\n -> S; k\n S -> ; d*S\n k = 1; d = 2; S = 1\nend\n"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """A model that no other test has a kernel of, and a cache that holds it."""
    folder = tmp_path_factory.mktemp("cache")
    text = TEXT.replace("k\n", f"k + 0*{zlib.crc32(str(folder).encode())}\n", 1)
    (folder / "small.ant").write_text(text)
    model = load_model(folder / "small.ant")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(kept.OWN, str(folder / "kernels"))
        kernel.kernel_for(model)
    return model, folder


@pytest.fixture
def small(compiled, tmp_path, monkeypatch):
    """The model, with a cache of one's own and a shared one, both empty."""
    model, folder = compiled
    monkeypatch.setenv(kept.OWN, str(tmp_path / "own"))
    monkeypatch.setenv(kept.SHARED, str(tmp_path / "shared"))
    shutil.copy(folder / "small.ant", tmp_path)
    kernel._kernel.cache_clear()
    yield model
    kernel._kernel.cache_clear()


@pytest.fixture
def shared(compiled, tmp_path):
    """The shared cache, filled."""
    shutil.copytree(compiled[1] / "kernels", tmp_path / "shared")
    return tmp_path / "shared"


def never(*_, **__):
    raise AssertionError("a kernel is compiled that is there")


def state_of(folder):
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*")}


def solved(model):
    return scan(model, grid(k=[1.0, 3.0]), engine="kernel")["S"].tolist()


def test_a_shared_kernel_is_used_and_nothing_is_written(small, shared, tmp_path, monkeypatch):
    assert len(list(shared.glob("*/kernel.o"))) == 1  # the machine code
    before = state_of(shared)
    monkeypatch.setattr(writing, "kernel_code", never)
    assert kernel.is_cached(small)
    assert solved(small) == pytest.approx([0.5, 1.5])
    assert {path.name for path in (tmp_path / "own").glob("*")} <= {kept.FOLDER}
    assert state_of(shared) == before


def test_a_shared_kernel_that_is_damaged_is_passed_over(small, shared, tmp_path):
    (code,) = shared.glob("*/kernel.o")
    code.write_bytes(code.read_bytes() + b"1")
    before = state_of(shared)
    assert solved(small) == pytest.approx([0.5, 1.5])
    assert state_of(shared) == before
    assert len(list((tmp_path / "own").glob("*/kernel.o"))) == 1


def test_nowhere_to_write_and_nothing_there_names_the_way_out(small, tmp_path):
    (tmp_path / "own").write_text("a file")
    with pytest.warns(KernelWarning, match=r"cannot be kept in '.*TRANSPORT_MODEL_CACHE"):
        assert solved(small) == pytest.approx([0.5, 1.5])


SOLVE = """
import sys
from transport_model import grid, load_model, scan
from transport_model.kernels import writing
built, build = [], writing.kernel_code
writing.kernel_code = lambda *given: (built.append(1), build(*given))[1]
table = scan(load_model(sys.argv[1]), grid(k=[1.0, 3.0]), engine="kernel")
print(len(built), table["S"].tolist())
"""


def test_a_read_only_mount_is_used_without_compiling(small, shared, tmp_path):
    """As on a cluster's nodes; where this user may mount."""
    if not shutil.which("unshare"):
        pytest.skip("needs unshare")
    mount = f"mount --bind {shared} {shared} && mount -o remount,ro,bind {shared}"
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("this user cannot mount")
    command = f'{mount} && ! touch {shared}/x 2>/dev/null && exec "$@"'
    for own in (shared, tmp_path / "own"):  # also as the only cache there is
        said = subprocess.run(
            ["unshare", "-m", "sh", "-c", command, "sh", sys.executable, "-c", SOLVE,
             tmp_path / "small.ant"], check=True, capture_output=True, text=True,
            env={**os.environ, kept.OWN: str(own), "PYTHONPATH": os.pathsep.join(sys.path)},
        ).stdout  # fmt: skip
        assert said.split() == ["0", "[0.5,", "1.5]"]


@pytest.mark.slow
def test_processes_that_start_at_once_compile_once(small, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen([sys.executable, "-c", SOLVE, tmp_path / "small.ant"],
                                 stdout=subprocess.PIPE, text=True, env=environment)
            )
            for _ in range(4)
        ]  # fmt: skip
        said = [process.communicate(timeout=300)[0] for process in started]
    assert sorted(text.split()[0] for text in said) == ["0", "0", "0", "1"]
    assert len(list((tmp_path / "own").glob("*/kernel.o"))) == 1
