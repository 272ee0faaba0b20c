from __future__ import annotations

import math
import re
import sys
from dataclasses import dataclass

import pytest

from transport_model import load_model, steady_state
from transport_model.analyses.cli import talk
from transport_model.analyses.cli.app import main
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.analyses.scans.scan import scan


@pytest.fixture(scope="session")
def cell():
    return load_model("cell")


@pytest.fixture(scope="session")
def resting(cell):
    return steady_state(cell)


@pytest.fixture(scope="session")
def random_parameters(cell):
    """200 parameter sets from all over the provenance ranges."""
    return latin_hypercube(200, seed=20260101, **provenance_ranges(cell))


@pytest.fixture(scope="session")
def random_states(cell, random_parameters):
    """The certified steady states of the 200 parameter sets, with their parameters."""
    return scan(cell, random_parameters)


@pytest.fixture(scope="session")
def words():
    """A function that returns what is written on a page, its figures left out."""

    def written(html: str) -> str:
        without = re.sub(r"<(svg|style|math).*?</\1>", " ", html, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]*>", " ", without).split())

    return written


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it wrote."""

    code: object
    out: str
    err: str


@pytest.fixture
def command(capsys, monkeypatch):
    """Run ``transport-model`` with some arguments, in this process."""
    monkeypatch.setattr(talk, "FIRST", math.inf)  # how long things take is no matter here

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["transport-model", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main()
        said = capsys.readouterr()
        return Outcome(end.value.code, said.out, said.err)

    return run
