"""Notebooks of the examples, and the app."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import nbformat
import pytest

from transport_model import steady_state

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("ex*.py"))
sys.path.insert(0, str(ROOT / "docs"))
from site_tools.gallery import notebook, write_notebooks  # noqa: E402


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_notebook_holds_its_example(path):
    book = notebook(path)
    nbformat.validate(book)
    title, *cells = book.cells
    assert title.cell_type == "markdown"
    assert title.source.startswith("# ")
    assert len(cells) >= 2
    assert all(cell.cell_type == "code" for cell in cells)
    source = path.read_text("utf-8")
    for cell in cells:
        for line in cell.source.splitlines():
            assert line in source or "Path(" in line
        assert "__file__" not in cell.source
        compile(cell.source, path.name, "exec")


def test_notebooks_lie_beside_what_they_read(tmp_path):
    written = write_notebooks(tmp_path)
    assert [path.stem for path in written] == [path.stem for path in EXAMPLES]
    for path in written:
        for cell in nbformat.read(path, as_version=4).cells:
            for name in ("michaelis_menten.ant", "ouabain_washed_out.yaml"):
                assert name not in cell.source or (tmp_path / name).is_file()


def test_the_app_draws_a_scan_and_follows_its_controls():
    names = runpy.run_path(str(ROOT / "examples" / "apps" / "scan_app.py"))
    cell = names["cell"]
    assert set(names["PARAMETERS"]) <= set(cell.quantities)
    (axes,) = names["draw"]("P_Na", 2.0, ("Na_i",), 10)
    (curve,) = axes.get_lines()
    value = cell.quantities["P_Na"].value
    assert curve.get_xdata()[[0, -1]] == pytest.approx([value / 2, 2 * value])
    first = steady_state(cell.with_values(P_Na=value / 2))
    assert curve.get_ydata()[0] == pytest.approx(first["Na_i"])
    asked = []
    names["controls"]["parameter"].observe(lambda change: asked.append(change["new"]), "value")
    names["controls"]["parameter"].value = "P_K"
    assert asked == ["P_K"]
