"""A kernel's key covers everything that can decide its numbers."""

from __future__ import annotations

import ast
import shutil
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

import transport_model
from transport_model import kept
from transport_model.kernels import store

PACKAGE = Path(transport_model.__file__).parent
#: Folders that an installation has within the package, and that decide nothing of a kernel.
BESIDE_IT = ("analyses", "models")
#: Libraries within reach of a kernel's code that make the SBML, which is in the key as it is
#: (antimony, myokit), hand tables in and out (pandas), name units, find folders or
#: hold them; and those that a model is handed to (libRoadRunner, tellurium).
BESIDE = {"antimony", "filelock", "libcellml", "myokit", "pandas", "pint", "platformdirs",
          "lazy_loader", "roadrunner", "tellurium"}  # fmt: skip


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the package that keys are made of."""
    copied = tmp_path / "transport_model"
    shutil.copytree(PACKAGE, copied, ignore=shutil.ignore_patterns("__pycache__", *BESIDE_IT))
    monkeypatch.setattr(kept, "_PACKAGE", copied)
    yield copied
    kept.package_sum.cache_clear()


def key() -> str:
    kept.package_sum.cache_clear()
    return store.key("states", "<sbml/>", frozenset())


def test_every_file_of_the_package_changes_the_key(copy):
    keys = {key()}
    files = sorted(copy.rglob("*.py"))
    assert {"newton.py", "quantities.py", "equations.py", "model.py", "evaluation.py"} <= {
        path.name for path in files
    }
    for path in files:
        path.write_text(path.read_text("utf-8") + "# changed\n", encoding="utf-8")
        keys.add(key())
    assert len(keys) == len(files) + 1
    for folder in BESIDE_IT:
        (copy / folder).mkdir()
        (copy / folder / "scan.py").write_text("decides nothing\n")
        assert key() in keys


def test_every_library_and_the_machine_change_the_key(monkeypatch):
    keys, real = {key()}, metadata.version
    for changed in store._LIBRARIES:
        versions = {name: real(name) for name in store._LIBRARIES} | {changed: "another"}
        monkeypatch.setattr(store.metadata, "version", versions.__getitem__)
        keys.add(key())
    monkeypatch.setattr(store.metadata, "version", real)
    for name in ("python_version", "machine"):
        with monkeypatch.context() as patch:
            patch.setattr(store.platform, name, lambda: "another")
            keys.add(key())
    for changed in ({"name": "another"}, {"features": "+another"}):
        with monkeypatch.context() as patch:
            other = replace(store.this_machine(), **changed)
            patch.setattr(store, "this_machine", lambda other=other: other)
            keys.add(key())
    assert len(keys) == len(store._LIBRARIES) + 5


def test_the_sbml_and_the_ids_that_are_set_change_the_key():
    texts = [("<a/>", ()), ("<b/>", ()), ("<a/>", ("x",)), ("<a/>", ("x", "y")), ("<a/>", ("xy",))]
    assert len({store.key("states", text, frozenset(ids)) for text, ids in texts}) == len(texts)


def test_the_key_names_every_library_that_a_kernel_is_made_with():
    modules = ["kernels.kernel"]
    outside = set()
    for module in modules:  # which grows
        for name in _imports(module):
            if name.partition(".")[0] != "transport_model":
                outside.add(name.partition(".")[0])
            elif (inner := name.partition(".")[2]) and _file(inner) and inner not in modules:
                modules.append(inner)
    assert {"mathematics.equations", "kernels.newton"} <= set(modules)
    # SymPy turns numbers into floats by mpmath
    used = (outside | {"mpmath"}) - BESIDE - set(sys.stdlib_module_names)
    distributions = metadata.packages_distributions()
    assert {distributions[name][0] for name in used} == set(store._LIBRARIES)


def _file(module: str) -> Path | None:
    places = PACKAGE / f"{module.replace('.', '/')}.py", PACKAGE / module.replace(".", "/")
    return next((p for p in (places[0], places[1] / "__init__.py") if p.is_file()), None)


def _imports(module: str) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(_file(module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
