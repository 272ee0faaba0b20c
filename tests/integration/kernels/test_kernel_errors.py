"""Kernels that cannot be kept, compiled or loaded say so."""

from __future__ import annotations

import hashlib
import json
import zlib

import pytest

from transport_model import load_model
from transport_model.errors import ComputationError
from transport_model.kernels import cache, kernel, source

SMALL = "model m\n -> S; {k}\n S -> ; d*S\n k = 1; d = 2; S = 1\nend\n"


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A model that no process has a kernel of, and a cache of its own."""
    monkeypatch.setenv("TRANSPORT_MODEL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "small.ant").write_text(
        SMALL.format(k=f"k + 0*{zlib.crc32(tmp_path.name.encode())}")
    )
    return load_model(tmp_path / "small.ant")


def test_a_cache_that_cannot_be_written_names_the_way_out(small, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(ComputationError, match=r"cannot write kernels to .*TRANSPORT_MODEL_CACHE"):
        kernel.kernel_for(small)


UNTYPED = "import numba\n@numba.njit('f8(f8)')\ndef solve_points(x):\n    return x + 'a'\n"


@pytest.mark.parametrize("text", ["x = 1\n", "def solve_points(:\n", UNTYPED])
def test_what_does_not_compile_says_so_and_leaves_nothing(small, tmp_path, monkeypatch, text):
    _, description = source.write_kernel(small, frozenset())
    monkeypatch.setattr(source, "write_kernel", lambda *_: (text, dict(description)))
    with pytest.raises(ComputationError, match="the kernel of 'small' does not compile"):
        kernel.kernel_for(small)
    assert not list((tmp_path / "cache").iterdir())


def test_a_kernel_that_cannot_be_loaded_even_when_built_anew(small, monkeypatch):
    monkeypatch.setattr(kernel, "_build", lambda *_: None)
    with pytest.raises(ComputationError, match=r"the compiled kernel of 'small' in .* cannot be"):
        kernel.kernel_for(small)


def test_a_damaged_description_is_no_kernel(small, tmp_path):
    folder = tmp_path / "cache" / kernel._key(small.sbml, frozenset())
    folder.mkdir(parents=True)
    for text in ("not json", "[]", "{}"):
        (folder / "checksums.json").write_text(text)
        assert not cache.is_intact(folder)
    kernel.kernel_for(small)
    assert cache.is_intact(folder)


@pytest.mark.parametrize(
    ("name", "text"),
    [("kernel.json", "[]"), ("kernel.py", "1/0"),
     *[pytest.param(*each, marks=pytest.mark.slow) for each in (("kernel.json", "{}"),
       ("kernel.py", "raise RuntimeError('x')"), ("kernel.py", "def ("))]],
)  # fmt: skip
def test_a_cache_whose_checksums_fit_but_not_its_content_is_built_anew(small, tmp_path, name, text):
    folder = tmp_path / "cache" / kernel._key(small.sbml, frozenset())
    folder.mkdir(parents=True)
    for file, content in (("kernel.json", "{}"), ("kernel.py", ""), (name, text)):
        (folder / file).write_text(content)
    sums = {
        file: hashlib.sha256((folder / file).read_bytes()).hexdigest()
        for file in ("kernel.json", "kernel.py")
    }
    (folder / "checksums.json").write_text(json.dumps(sums))
    assert cache.is_intact(folder)
    assert "S" in kernel.kernel_for(small).outputs
