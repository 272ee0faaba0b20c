"""Thousands of inputs that almost make sense, in processes that may die.

Run with ``pytest -m fuzz``. ``FUZZ_TRIES`` says how many (10 000), ``FUZZ_SEED`` from which seed,
``FUZZ_FINDINGS`` a folder in which inputs that went wrong are kept.
"""

from __future__ import annotations

import collections
import json
import os
import random
import select
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
from mutating import (
    mutated_archive,
    mutated_arguments,
    mutated_bytes,
    mutated_parquet,
    mutated_text,
)
from seeds import (
    ANTIMONY,
    CELLML_TEXTS,
    COMMANDS,
    DESIGN,
    SEVERAL_FILES,
    SMALL,
    archive_bytes,
    sbml_texts,
)

from transport_model.analyses.experiments.protocols import protocol_path, shipped_protocols
from transport_model.analyses.studies.measurements import measurements_folder

TRIES = int(os.environ.get("FUZZ_TRIES", "10000"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
#: Seconds that a try may take.
PATIENCE = 60
WORKERS = 2
#: Share of each kind.
SHARES = {"sbml": 25, "antimony": 12, "cellml": 5, "several": 8, "protocol": 10, "csv": 10,
          "parquet": 8, "measurement": 5,
          "archive": 10, "command": 7}  # fmt: skip


class Worker:
    """A process that answers jobs; another one takes its place if it dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = self._started()

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, Path(__file__).with_name("trying.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            cwd=self.folder,
        )  # fmt: skip

    def try_(self, job: dict[str, object]) -> tuple[str, str]:
        """Return what became of a job."""
        process = self.process
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        asked = False
        while True:
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            line = process.stdout.readline() if ready else ""
            if line:
                answer = json.loads(line)
                if answer["outcome"] != "asking":
                    return answer["outcome"], answer["said"]
                asked = True
                continue
            process.kill()
            code = process.wait()
            self.process = self._started()
            if asked:
                return "done", "libRoadRunner alone died of it"
            return "fault", "no answer in time" if not ready else f"died with {code}"

    def close(self) -> None:
        """Let the process end."""
        self.process.kill()
        self.process.wait()


def written(kind: str, rng: random.Random, folder: Path, number: int) -> dict[str, object]:
    """Write an input of a kind; return its job."""
    if kind == "command":
        return {"kind": kind, "path": mutated_arguments(rng.choice(COMMANDS), rng)}
    if kind == "several":
        return _several_files(rng, folder / str(number))
    suffix, data, kind = _input(kind, rng)
    path = folder / f"{number}{suffix}"
    path.write_bytes(data)
    return {"kind": kind, "path": str(path)}


def _several_files(rng: random.Random, folder: Path) -> dict[str, object]:
    """Write a model of several files, one of them changed."""
    files = dict(rng.choice(SEVERAL_FILES))
    first, changed = next(iter(files)), rng.choice(list(files))
    files[changed] = mutated_text(files[changed], rng)
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8", "surrogatepass"))
    return {"kind": "sbml", "path": str(folder / first)}


def _input(kind: str, rng: random.Random) -> tuple[str, bytes, str]:
    def changed(text: str) -> bytes:
        if rng.random() < 0.1:
            return mutated_bytes(text.encode(), rng)
        return mutated_text(text, rng).encode("utf-8", "surrogatepass")

    if kind == "sbml":
        return ".xml", changed(rng.choice(sbml_texts())), kind
    if kind == "cellml":
        return ".cellml", changed(rng.choice(CELLML_TEXTS)), "sbml"
    if kind == "antimony":
        return ".ant", changed(rng.choice(ANTIMONY)), kind
    if kind == "protocol":
        name = rng.choice(shipped_protocols())
        return ".yaml", changed(protocol_path(name).read_text("utf-8")), kind
    if kind == "measurement":
        path = rng.choice(sorted(measurements_folder().glob("*.csv")))
        return ".csv", changed(path.read_text("utf-8")), kind
    if kind == "csv":
        return ".csv", changed(DESIGN), "design"
    if kind == "parquet":
        frame = pd.DataFrame({"k": [0.1, 0.2, 0.3], "A": [1.0, 2.0, 3.0]})
        return ".parquet", mutated_parquet(frame, rng), "design"
    return ".omex", mutated_archive(archive_bytes(), rng), kind


@pytest.mark.fuzz
@pytest.mark.filterwarnings("ignore")
def test_nothing_brings_the_program_down(tmp_path):
    (tmp_path / "design.ant").write_text(SMALL)
    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    count: collections.Counter[tuple[str, str]] = collections.Counter()
    faults: list[str] = []

    def share(which: int) -> None:
        worker = Worker(tmp_path)
        for number in range(which, TRIES, WORKERS):
            rng = random.Random(f"{SEED}-{number}")
            job = written(rng.choice(kinds), rng, tmp_path, number)
            outcome, said = worker.try_(job)
            count[str(job["kind"]), outcome] += 1
            if outcome == "fault":
                faults.append(f"{number} {job}: {said}")
                _keep(job)
            elif isinstance(job["path"], str):
                _removed(Path(job["path"]))
        worker.close()

    sbml_texts()  # Antimony is not for two threads at a time
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(share, range(WORKERS)))
    print(*sorted(f"{kind} {outcome}: {n}" for (kind, outcome), n in count.items()), sep="\n")
    assert sum(count.values()) == TRIES
    assert sum(n for (_, outcome), n in count.items() if outcome == "done") > TRIES / 50
    assert not faults, "\n\n".join(faults)


def _keep(job: dict[str, object]) -> None:
    kept = os.environ.get("FUZZ_FINDINGS")
    if not kept or not isinstance(job["path"], str):
        return
    path = Path(job["path"])
    if path.stem == "top":
        shutil.copytree(path.parent, Path(kept, path.parent.name))
    else:
        shutil.copy(path, kept)


def _removed(path: Path) -> None:
    if path.stem == "top":
        shutil.rmtree(path.parent)
    else:
        path.unlink()
