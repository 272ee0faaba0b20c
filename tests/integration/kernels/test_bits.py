"""A point's results are the same bits beside any neighbours, in any lane, at any width."""

from __future__ import annotations

import platform
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from transport_model import load_model
from transport_model.analyses.scans.designs.designs import latin_hypercube, provenance_ranges
from transport_model.kernels import blocks as module
from transport_model.kernels import machine
from transport_model.kernels.blocks import Blocks, Method
from transport_model.kernels.calling import ARGUMENTS, ENTRY
from transport_model.kernels.kernel import STATUS, kernel_for
from transport_model.kernels.machine import Loaded, Machine
from transport_model.kernels.model_values import model_values
from transport_model.kernels.writing import kernel_code

WIDTHS = (2, 4, 8)
#: A switch of two genes, one of which also leaks into a pool with a conserved sum: two states that
#: rest, some of them near a separatrix, exponents that are no whole numbers, a branch.
SWITCH = """model switch
  -> x; a/(1 + y^n)
  x -> ; x
  -> y; b/(1 + x^m) + piecewise(0.1, x < 0.3, 0)
  y -> ; y
  p -> q; k*p*(1 + x) - q
  a = 4; b = 4; n = 2.5; m = 2; k = 1; x = 1; y = 0.2; p = 2; q = 1
end"""
ROWS = 301


@dataclass(frozen=True)
class Case:
    """A model, points of it, and its machine code at every width."""

    model: object
    design: pd.DataFrame
    kernels: dict[int, Blocks]

    def solved(self, method, *, width=8, rows=None, starts=None):
        """Return status, residuals, errors and results of some rows."""
        rows = np.arange(len(self.design)) if rows is None else rows
        kernel = kernel_for(self.model, list(self.design.columns))
        names = list(kernel.inputs)
        columns = np.array([names.index(name) for name in self.design.columns])
        begun = np.empty((0, 0)) if starts is None else starts[rows]
        base = np.array(list(kernel.inputs.values()))
        points = self.design.to_numpy(dtype=float)[rows]
        solved = self.kernels[width].solve(points, columns, base, begun,
                                           range(len(kernel.outputs)), method)  # fmt: skip
        good = solved.status == 0
        results = np.where(good[:, None], solved.results, 0.0)
        return solved.status, solved.residuals, solved.errors, results


@pytest.fixture(scope="module", params=["cell", "switch"])
def case(request, cell, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRANSPORT_MODEL_CACHE", str(folder / "cache"))
        if request.param == "cell":
            model = cell
            design = latin_hypercube(ROWS, seed=4, **provenance_ranges(cell))
            design.iloc[::50, design.columns.get_loc("n_SGLT")] = 0.0
        else:
            (folder / "switch.ant").write_text(SWITCH)
            model = load_model(folder / "switch.ant")
            rng = np.random.default_rng(9)
            ranges = {"a": (0.1, 30), "b": (0.1, 30), "n": (0.5, 6), "x": (0.01, 5), "y": (0.01, 5)}
            design = pd.DataFrame({
                name: np.exp(rng.uniform(*np.log(bounds), ROWS)) for name, bounds in ranges.items()
            })  # fmt: skip
            design["k"] = rng.choice([0.0, 1.0, np.nan, -1.0], ROWS, p=[0.1, 0.7, 0.1, 0.1])
        kernel = kernel_for(model, list(design.columns))
        values = model_values(model, frozenset())
        sizes = len(kernel.inputs), len(kernel.outputs), len(kernel.independent)
        kernels = {width: Blocks(Loaded(kernel_code(values, width)).function(ENTRY, ARGUMENTS),
                                 width, *sizes) for width in WIDTHS}  # fmt: skip
        yield Case(model, design, kernels)


@pytest.mark.parametrize("name", ["haswell", "x86-64-v2"])
def test_an_older_processor_agrees(case, monkeypatch, name):
    """One with narrower vectors, and one without fused products, which are then computed."""
    if platform.machine() != "x86_64":
        pytest.skip("other processors have other names")
    values = model_values(case.model, frozenset())
    monkeypatch.setattr(machine, "this_machine", lambda: Machine(name, "", 4))
    code = kernel_code(values, 4)
    older = replace(case.kernels[4], function=Loaded(code).function(ENTRY, ARGUMENTS))
    other = replace(case, kernels={4: older})
    for method in Method:
        rows = np.arange(0, ROWS, 5)
        same(other.solved(method, width=4, rows=rows), case.solved(method, width=4, rows=rows))


def same(one, other):
    for a, b in zip(one, other, strict=True):
        assert np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


@pytest.mark.parametrize("method", list(Method))
def test_all_widths_agree(case, method):
    first = case.solved(method, width=2)
    outcomes = {STATUS[each] for each in first[0]}
    assert "ok" in outcomes
    assert len(outcomes) > 1 or case.model.name == "cell"
    for width in WIDTHS[1:]:
        same(case.solved(method, width=width), first)


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("width", WIDTHS)
def test_neither_order_nor_neighbours_matter(case, method, width):
    first = case.solved(method, width=width)
    everything = np.arange(ROWS)
    for rows in (np.random.default_rng(2).permutation(ROWS), np.roll(everything, 3),
                 everything[5:], everything[:1], everything[::7]):  # fmt: skip
        same(case.solved(method, width=width, rows=rows), [each[rows] for each in first])


def test_starts_that_are_given_belong_to_their_rows(case):
    own = np.array(list(kernel_for(case.model, list(case.design.columns)).independent.values()))
    starts = own * 3.0 ** np.random.default_rng(3).uniform(-1, 1, (ROWS, len(own)))
    first = case.solved(Method.NEWTON, width=2, starts=starts)
    order = np.random.default_rng(4).permutation(ROWS)
    for width in WIDTHS:
        shuffled = case.solved(Method.NEWTON, width=width, rows=order, starts=starts)
        same(shuffled, [each[order] for each in first])


def test_neither_threads_nor_chunks_matter(case, monkeypatch):
    kernel = kernel_for(case.model, list(case.design.columns))
    tables = []
    for chunk, threads in ((4096, 1), (64, 2), (37, 2), (1, 1)):
        monkeypatch.setattr(module, "CHUNK", chunk)
        results = np.zeros((ROWS, len(kernel.outputs)))
        tables.append([*kernel.solve(case.model, case.design, results, threads=threads), results])
    for table in tables[1:]:
        same(table, tables[0])
