"""Folders that say that they hold a scan, and do not."""

from __future__ import annotations

import json

import pytest

from transport_model import load_model
from transport_model.analyses.scans.designs.grids import Grid
from transport_model.analyses.scans.large.reading import open_scan
from transport_model.analyses.scans.large.run import plan_scan, run_scan
from transport_model.errors import InputError


@pytest.fixture
def planned(tmp_path):
    """The manifest of a scan, and a folder to write it to."""
    (tmp_path / "m.ant").write_text("model m\n A = 1; k = 2\n A -> ; k*A\nend\n")
    plan = plan_scan(load_model(tmp_path / "m.ant"), Grid({"k": [1.0, 2.0]}), engine="roadrunner")
    folder = tmp_path / "scan"
    folder.mkdir()
    return plan, folder


@pytest.mark.parametrize(
    ("key", "value"),
    [("part_rows", 0), ("part_rows", "x"), ("rows", None), ("model", "m"), ("model", {}),
     ("outputs", "k"), ("outputs", [1]), ("course", "long"), ("versions", None), ("design", [])],
)  # fmt: skip
def test_a_manifest_with_something_else_in_a_place_is_none(planned, key, value):
    plan, folder = planned
    for manifest in ({**plan.manifest, key: value}, {"format": 1}):
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(InputError, match=r"manifest\.json is a manifest of which parts are"):
            open_scan(folder)
        with pytest.raises(InputError, match=r"manifest\.json is a manifest of which parts are"):
            run_scan(plan, folder)


def test_files_that_are_named_almost_like_parts_do_no_harm(planned):
    plan, folder = planned
    (folder / "part-x.parquet").write_text("")
    (folder / "manifest.json").write_text(json.dumps(plan.manifest))
    (folder / "model.xml").write_text(plan.model.sbml)
    assert len(open_scan(folder)) == 0
