"""The recipes of docs/how_to/cluster.md do what they say."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

RECIPES = Path(__file__).parents[3] / "docs" / "how_to" / "cluster"
ARRAY = RECIPES / "scan_array.sh"


def test_shellcheck_has_nothing_to_say_of_the_array_job():
    if shutil.which("shellcheck") is None:
        pytest.skip("needs shellcheck")
    found = subprocess.run(["shellcheck", ARRAY], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_the_array_has_as_many_tasks_as_the_scan_has_shards():
    text = ARRAY.read_text("utf-8")
    (tasks,) = re.findall(r"--array=1-(\d+)", text)
    (count,) = re.findall(r"^SHARDS=(\d+)$", text, re.MULTILINE)
    assert tasks == count


@pytest.mark.slow
def test_the_tasks_of_the_array_job_make_a_whole_scan(tmp_path):
    """Every task as SLURM runs it, with a small design in place of the large one."""
    program = tmp_path / "bin" / "transport-model"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m transport_model "$@"\n')
    program.chmod(0o755)
    script = ARRAY.read_text("utf-8")
    small = re.sub(r"  --vary .*\n", "  --vary Glc_o=1:8:8 --engine roadrunner \\\\\n", script)
    small = small.replace("--part-rows 62500", "--part-rows 2")
    assert small.count("--part-rows 2 ") == small.count("Glc_o=1:8:8") == 1
    (tmp_path / "job.sh").write_text(small)
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}",
                   "PYTHONPATH": os.pathsep.join(sys.path)}  # fmt: skip
    for task in "1234":
        subprocess.run(["bash", "job.sh"], check=True, cwd=tmp_path, capture_output=True,
                       env={**environment, "SLURM_ARRAY_TASK_ID": task})  # fmt: skip
    said = subprocess.run([program, "scan-merge", "scan"], cwd=tmp_path, capture_output=True,
                          text=True, env=environment)  # fmt: skip
    assert (said.returncode, said.stderr) == (0, "scan is whole: 8 points, 0 without a result\n")


def test_the_workers_that_slurm_is_asked_for():
    pytest.importorskip("dask_jobqueue", reason="needs dask-jobqueue")
    made = runpy.run_path(str(RECIPES / "dask_on_slurm.py"))["workers"]
    with made() as cluster:
        script = cluster.job_script()
    assert "#SBATCH --cpus-per-task=8" in script
    assert "export TRANSPORT_MODEL_SHARED_CACHE=$HOME/kernels" in script
    assert "--nthreads 1 " in script
    assert "--nworkers 8 " in script
