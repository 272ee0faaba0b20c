"""The documentation with all of its cells run, as it is published; ``pytest -m site``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from site_links import broken_links

pytestmark = pytest.mark.site
ROOT = Path(__file__).parents[2]
PAGE = """---
file_format: mystnb
kernelspec:
  display_name: Python 3
  name: python3
---

# A page

```{code-cell} ipython3
print(6 * 7)
```

```{code-cell} ipython3
CELL
```
"""
CONF = """
import sys

sys.path.insert(0, SITE_TOOLS)
extensions = ["myst_nb", "site_tools.cells"]
nb_execution_raise_on_error = True
"""


def build(source, target):
    """Return how building pages ended."""
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "-d",
        target / "trees",
        source,
        target / "html",
    ]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("executed")
    built = build(ROOT / "docs", folder)
    assert built.returncode == 0, built.stderr
    return folder / "html"


def test_every_page_with_cells_shows_what_they_gave(site):
    for folder, count, outputs in (("tutorials", 6, 6), ("gallery", 15, 1)):
        pages = [path for path in (site / folder).glob("*.html") if path.stem != "index"]
        assert len(pages) >= count
        for page in pages:
            text = page.read_text(encoding="utf-8")
            assert text.count('class="cell_output') >= outputs, page
            written = ROOT / "docs" / folder / f"{page.stem}.md"
            draws = written.exists() and "plot_" in written.read_text(encoding="utf-8")
            assert "<img" in text or not draws, page


def test_every_link_of_the_executed_site_leads_somewhere(site):
    assert list(broken_links(site)) == []


@pytest.mark.parametrize(
    ("cell", "fails"),
    [
        ("1 / 1", False),
        ("!transport-model models", False),
        ("1 / 0", True),
        ("!transport-model steady-state --set PNa=1", True),
    ],
)
def test_a_cell_that_fails_fails_the_build(cell, fails, tmp_path):
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text(CONF.replace("SITE_TOOLS", repr(str(ROOT / "docs"))), "utf-8")
    (source / "index.md").write_text(PAGE.replace("CELL", cell), "utf-8")
    built = build(source, tmp_path)
    assert (built.returncode != 0) == fails, built.stderr
    if fails:
        assert "index.md" in built.stderr
    else:
        text = (tmp_path / "html" / "index.html").read_text("utf-8")
        assert "42" in text
        assert ("$ " in text) == cell.startswith("!")


def test_a_tutorial_in_which_a_name_was_mistyped_fails_the_build(tmp_path):
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_text(CONF.replace("SITE_TOOLS", repr(str(ROOT / "docs"))), "utf-8")
    text = (ROOT / "docs" / "tutorials" / "lesson.md").read_text("utf-8")
    assert 'load_model("cell")' in text
    (source / "index.md").write_text(
        text.replace('load_model("cell")', 'load_model("cel")'), "utf-8"
    )
    built = build(source, tmp_path)
    assert built.returncode != 0
    assert "index.md" in built.stderr
