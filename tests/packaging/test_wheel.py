"""The wheel, installed away from the checkout, finds its models and writes the report."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_wheel_works_outside_the_checkout(tmp_path):
    subprocess.run([sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, ROOT],
                   check=True, capture_output=True)  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = (
        "import sys; sys.path.insert(0, 'site')\n"
        "import transport_model; from pathlib import Path\n"
        "assert Path(transport_model.__file__).is_relative_to(Path('site').resolve())\n"
        "from transport_model.catalogue import models_folder\n"
        "assert models_folder().is_relative_to(Path('site').resolve()), models_folder()\n"
        "from transport_model.analyses.cli.app import main\n"
        "sys.argv = ['x', 'report', '--out', 'report']; main()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)
    assert (tmp_path / "report" / "report.html").stat().st_size > 100_000
