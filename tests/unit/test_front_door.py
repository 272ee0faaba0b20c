"""One import line for everything, loaded when asked for."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import transport_model

_STUB = ast.parse(Path(transport_model.__file__).with_suffix(".pyi").read_text("utf-8"))


def test_every_name_of_the_stub_is_there_and_listed():
    imports = [node for node in _STUB.body if isinstance(node, ast.ImportFrom)]
    names = {alias.name for node in imports for alias in node.names}
    (listed,) = [
        ast.literal_eval(node.value) for node in _STUB.body if isinstance(node, ast.Assign)
    ]
    assert names == set(listed) == set(transport_model.__all__)
    for name in names:
        assert getattr(transport_model, name).__name__ == name


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="steady_stat"):
        _ = transport_model.steady_stat


def test_nothing_heavy_is_loaded_before_it_is_asked_for():
    heavy = ("libsbml", "pandas", "numpy", "roadrunner", "sympy", "numba", "matplotlib")
    code = (
        "import sys, transport_model\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
        "transport_model.load_model\n"
        "assert 'libsbml' in sys.modules and 'roadrunner' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
