"""One import line for everything, loaded when asked for."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import transport_model
from transport_model.errors import InputError

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
    heavy = ("libsbml", "pandas", "numpy", "roadrunner", "sympy", "llvmlite", "matplotlib")
    code = (
        "import sys, transport_model\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
        "transport_model.load_model\n"
        "assert 'transport_model.model' in sys.modules\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


_FUNCTIONS = [
    thing
    for thing in (getattr(transport_model, name) for name in transport_model.__all__)
    if inspect.isfunction(thing)
]
_METHODS = [
    method
    for thing in (getattr(transport_model, name) for name in transport_model.__all__)
    if inspect.isclass(thing)
    for name, method in vars(thing).items()
    if inspect.isfunction(method) and not name.startswith("_")
]
_CLASSES = [
    thing
    for thing in (getattr(transport_model, name) for name in transport_model.__all__)
    if dataclasses.is_dataclass(thing)
]
_OF_MODELS = [
    function
    for function in _FUNCTIONS
    if str(next(iter(inspect.signature(function).parameters.values()), "")).endswith(": 'Model'")
]
_NEVER_RAISE = [transport_model.parameter_sets]
#: Written out for one, and named by the others.
_REFERENCE = re.compile(r"those of\s+:(func|meth):`|by its name of release")


def _sections(thing):
    """Return the sections of a docstring in numpydoc's form, by title."""
    parts = re.split(r"^(\w+)\n-+\n", inspect.getdoc(thing) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _named(section):
    """Return the names that a section of parameters or attributes explains."""
    lines = re.findall(r"^([*\w][\w, *]*)$", section, flags=re.MULTILINE)
    return {name for line in lines for name in re.findall(r"\w+", line)}


@pytest.mark.parametrize("function", [*_FUNCTIONS, *_METHODS], ids=lambda f: f.__qualname__)
def test_what_goes_in_comes_out_and_can_go_wrong_is_described(function):
    if _REFERENCE.search(function.__doc__):
        return
    sections = _sections(function)
    signature = inspect.signature(function)
    parameters = set(signature.parameters) - {"self"}
    assert parameters <= _named(sections.get("Parameters", ""))
    if function in _FUNCTIONS:
        assert "Returns" in sections or signature.return_annotation == "None"
        # What takes nothing from the caller has nothing to refuse
        assert "Raises" in sections or not parameters or function in _NEVER_RAISE


@pytest.mark.parametrize("function", _OF_MODELS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("given", ["cell", Path("theirs.xml"), None])
def test_a_name_or_a_path_is_no_model(function, given):
    needed = [
        parameter
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    with pytest.raises(InputError, match=r"needs a model, .*load_model\("):
        function(
            given,
            *[None] * (len([p for p in needed if p.kind is not p.KEYWORD_ONLY]) - 1),
            **{p.name: None for p in needed if p.kind is p.KEYWORD_ONLY},
        )


@pytest.mark.parametrize("kind", _CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_is_described(kind):
    sections = _sections(kind)
    fields = {field.name for field in dataclasses.fields(kind) if not field.name.startswith("_")}
    assert fields <= _named(sections.get("Attributes", "") + sections.get("Parameters", ""))
