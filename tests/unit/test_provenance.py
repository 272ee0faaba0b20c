"""The record of a result names everything that the distribution says it requires."""

from __future__ import annotations

import platform
import re
from importlib import metadata

import pytest

from transport_model import Model
from transport_model.analyses import provenance
from transport_model.analyses.cli import doctor

NEEDS = ["numpy>=1.0", "scipy<0.1", "No_Such.Package>=1", "Typer",
         "pandas; python_version < '3'", "pytest>=1; extra == 'tests'",
         "nowhere-to-be-found; extra == 'fancy'"]  # fmt: skip


@pytest.fixture
def other_needs(monkeypatch):
    about = metadata.metadata("transport-model")
    del about["Provides-Extra"]
    about["Provides-Extra"], about["Provides-Extra"] = "tests", "fancy"
    monkeypatch.setattr(metadata, "requires", lambda name: NEEDS)
    monkeypatch.setattr(metadata, "metadata", lambda name: about)


def test_versions_are_those_of_the_distributions_own_metadata():
    texts = [t for t in metadata.requires("transport-model") or () if "extra ==" not in t]
    named = {re.split(r"[^\w-]", text, maxsplit=1)[0].lower() for text in texts}
    found = provenance.versions()
    assert named >= {"llvmlite", "pint", "pyyaml", "libroadrunner", "sbmlmath", "antimony"}
    assert set(found) == named | {"transport-model"}
    assert found["llvmlite"] == metadata.version("llvmlite")
    assert set(found) - set(provenance.versions(of_numbers=True)) >= {"matplotlib", "typer", "rich"}


def test_what_is_missing_and_what_no_number_depends_on(other_needs):
    assert provenance.versions() == {
        "transport-model": metadata.version("transport-model"), "no-such-package": None,
        "numpy": metadata.version("numpy"), "scipy": metadata.version("scipy"),
        "typer": metadata.version("typer"),
    }  # fmt: skip
    assert "typer" not in provenance.versions(of_numbers=True)
    assert {name: [need.name for need in needs] for name, needs in provenance.extras().items()} == {
        "tests": ["pytest"], "fancy": ["nowhere-to-be-found"],
    }  # fmt: skip


def test_doctor_checks_all_that_is_required_and_tells_of_extras(other_needs, monkeypatch):
    monkeypatch.setattr(doctor, "shipped_models", list)
    found = {item: (words, good) for item, words, good in doctor.diagnose()}
    assert found == {
        "python": (platform.python_version(), True),
        "transport-model": (metadata.version("transport-model"), True),
        "numpy": (metadata.version("numpy"), True),
        "scipy": (f"{metadata.version('scipy')}, but <0.1 is needed", False),
        "No_Such.Package": ("not installed", False),
        "Typer": (metadata.version("typer"), True),
        "extra tests": ("complete", True),
        "extra fancy": ("without nowhere-to-be-found (optional)", True),
    }


def test_a_bare_checkout_has_no_metadata(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    for function in ("version", "requires", "metadata"):
        monkeypatch.setattr(metadata, function, missing)
    assert provenance.versions() == {"transport-model": None}
    assert provenance.extras() == {}


def test_a_record_holds_model_seed_and_tolerances():
    model = Model("m", "<sbml/>")
    found = provenance.record_of(model, seed=7)
    assert (found["model"], found["model_sha256"], found["seed"]) == ("m", model.hash, 7)
    assert found["tolerances"]["steady_state_imbalance"] == 1e-9
    assert found["created"].endswith("+00:00")
