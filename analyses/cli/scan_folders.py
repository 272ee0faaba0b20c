"""Commands that look at what large scans left, and bring it together."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import OutOption, check_out
from .progress import counting
from .talk import note
from .terminal import deliver


def scan_info(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a large scan.")],
    out: OutOption = None,
) -> None:
    """Say what a large scan is, how far it is, and how many points failed and why."""
    import pandas as pd

    from ..scans.large.reading import open_scan

    check_out(out)
    data = open_scan(folder)
    manifest, done = data.manifest, len(data)
    facts = {
        "model": manifest["model"]["name"],
        "model SHA-256": manifest["model"]["sha256"],
        **{f"changed {name}": value for name, value in manifest["model"]["changes"].items()},
        "design": _words(manifest["design"]),
        "engine": manifest["engine"],
        "outputs": "all" if manifest["outputs"] is None else ", ".join(manifest["outputs"]),
        "course": _words(manifest["course"]) if manifest["course"] else "none, steady states",
        "points": data.rows,
        "done": done,
        "complete": data.complete,
        **({} if data.complete else {"missing": data.missing}),
        "failed": data.failures.total(),
        **{f"failed, {status}": count for status, count in data.failures.items()},
        "versions": ", ".join(f"{name} {said}" for name, said in manifest["versions"].items()),
    }
    table = pd.DataFrame({"value": facts}, dtype=object).rename_axis("fact")
    deliver(table, out)


def scan_merge(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="The folder that shards share, or those they have."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="The folder of the whole scan; without it, one folder is looked through.",
        ),
    ] = None,
) -> None:
    """Bring the shards of a scan together, or make sure that a folder holds all of it."""
    from ..scans.large.merging import merge_scans
    from ..scans.large.reading import open_scan

    with counting(open_scan(folders[0]).parts, "parts") as count:
        data = merge_scans(folders, out, progress=count)
    made = f"wrote {data.folder}" if out is not None else f"{data.folder} is whole"
    note(f"{made}: {data.rows:,} points, {data.failures.total():,} without a result")


def _words(description: object) -> str:
    import json

    text = json.dumps(description, ensure_ascii=False).replace('"', "")
    return text if len(text) <= 200 else f"{text[:199]}…"
