"""What a large scan is said to take is about what it takes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from transport_model.analyses.scans.designs.designs import grid
from transport_model.analyses.scans.large.estimate import estimate_scan
from transport_model.analyses.scans.large.run import plan_scan, run_scan
from transport_model.analyses.scans.large.shards import Shard
from transport_model.errors import InputError

REAL = """
import json, resource, sys, time
from pathlib import Path
from transport_model import grid, load_model, plan_scan, run_scan
axes, part_rows, folder = json.loads(sys.argv[1])
plan = plan_scan(load_model("cell"), grid(**axes), engine="roadrunner", part_rows=part_rows)
started = time.monotonic()
run_scan(plan, Path(folder))
print(time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)
"""


def test_an_estimate_is_about_what_a_run_takes(cell, tmp_path):
    axes = {"Glc_o": [0.1 * n for n in range(1, 41)], "P_Na": [1e-3, 2e-3, 3e-3, 4e-3, 5e-3]}
    plan = plan_scan(cell, grid(**axes), engine="roadrunner", part_rows=100)
    told = estimate_scan(plan, tmp_path / "scan")["value"]
    assert not list(tmp_path.iterdir())
    argument = json.dumps([axes, 100, str(tmp_path / "scan")])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run([sys.executable, "-c", REAL, argument], check=True, capture_output=True,
                          text=True, env=environment).stdout  # fmt: skip
    seconds, memory = map(float, said.split())
    # Machines are shared, and this test runs beside others: the order of magnitude is what counts
    assert seconds / 5 < told["time to solve"] < seconds * 5
    assert memory / 2.5 < told["memory"] < memory * 2.5
    written = sum(p.stat().st_size for p in (tmp_path / "scan").glob("part-*")) / 1e6
    assert told["disk"] == pytest.approx(written, rel=0.2)
    assert told["points left"] == 200


def test_what_is_there_or_is_another_shards_does_not_count(tmp_path):
    from transport_model import load_model

    (tmp_path / "m.ant").write_text("model m\n S = 1; k = 1; d = 2\n -> S; k\n S -> ; d*S\nend\n")
    plan = plan_scan(load_model(tmp_path / "m.ant"), grid(k=[1.0, 2.0, 3.0, 4.0, 5.0]),
                     engine="roadrunner", part_rows=1)  # fmt: skip
    folder = tmp_path / "scan"
    assert estimate_scan(plan, folder, shard=Shard(1, 2)).loc["points left", "value"] == 3
    run_scan(plan, folder, shard=Shard(1, 2))
    told = estimate_scan(plan, folder, workers=2)
    assert told.loc["points left", "value"] == told.loc["parts left", "value"] == 2
    assert (told.loc["time to solve", "unit"], told.loc["disk", "unit"]) == ("s", "MB")
    run_scan(plan, folder)
    told = estimate_scan(plan, folder)["value"]
    assert told["points left"] == told["time to solve"] == told["disk"] == 0
    with pytest.raises(
        InputError, match="5 parts cannot be divided into 9 shards; it has 5 points"
    ):
        estimate_scan(plan, folder, shard=Shard(1, 9))
    elsewhere = estimate_scan(plan, folder, elsewhere=True)
    assert "time on one core" in elsewhere.index
    assert "time to solve" not in elsewhere.index
    other = replace(plan, part_rows=2)
    with pytest.raises(InputError, match="holds another scan; its part_rows is 1, not 2"):
        estimate_scan(other, folder)
    with pytest.raises(InputError, match="holds other files"):
        estimate_scan(plan, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.ant", "scan"]
