"""Imports of the last release keep working, and meet nobody else's modules."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import transport_model
from transport_model.old_names import MOVED, RENAMED

#: The imports of the last release's README.
OLD = """
from transport_model import load_model, simulate, steady_state, evaluate
from analyses.designs import grid
from analyses.scan import scan
from analyses.control import control_coefficients, response_coefficients
from analyses.energetics import energetics
from analyses.validation import validate
from analyses.audit import audit
from analyses.large_scan import plan_scan, run_scan
from analyses.lazy_designs import LazyGrid
from analyses.scan_reading import open_scan
from analyses.courses import Course, reducer_of
"""


@pytest.fixture
def run(tmp_path):
    """Run code in an empty folder with the package, and nothing else of the checkout, on the path.

    The package is a link in a folder of its own, as it lies in ``site-packages``.
    """
    package = Path(transport_model.__file__).resolve().parent
    site, here = tmp_path / "site", tmp_path / "here"
    site.mkdir()
    here.mkdir()
    (site / "transport_model").symlink_to(package)

    def run(code: str, *flags: str, path: Path = site) -> str:
        # without the checkout that an editable installation has on the path
        alone = (
            "import os, sys\n"
            f"keep = ('', {str(path)!r})\n"
            "sys.path = [p for p in sys.path if p in keep or not os.path.isdir(p + '/analyses')]\n"
        )
        done = subprocess.run(
            [sys.executable, *flags, "-c", alone + textwrap.dedent(code)], cwd=here, text=True,
            env={**os.environ, "PYTHONPATH": str(path)}, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    run.here, run.checkout = here, package.parent
    return run


@pytest.mark.parametrize("new", sorted(set(MOVED.values())))
def test_every_new_place_exists(new):
    assert importlib.util.find_spec(new) is not None


@pytest.mark.parametrize("old", sorted(RENAMED))
def test_every_new_name_exists(old):
    module, name = RENAMED[old]
    assert hasattr(importlib.import_module(module), name)


def test_the_imports_of_the_last_readme_work_and_name_the_new_place(run):
    told = run(OLD, "-W", "always::DeprecationWarning")
    for line in OLD.splitlines():
        if line.startswith("from analyses."):
            module = line.split()[1]
            assert f"'{module}' is now '{MOVED[module]}'" in told
    assert "is now 'transport_model.analyses.scans.designs.grids.Grid'" in told
    same = """
    from transport_model import scan
    from analyses.scan import scan as old
    assert scan is old
    """
    run(same)


def test_modules_that_became_packages_still_have_their_names(run):
    told = run(
        """
        import transport_model.kernels, transport_model.simulation
        from transport_model import distinct_steady_states, simulate
        assert transport_model.kernels.distinct_steady_states is distinct_steady_states
        assert transport_model.simulation.simulate is simulate
        assert not hasattr(transport_model.simulation, "nonsense")
        from transport_model.inputs import held
        """,
        "-W", "always::DeprecationWarning",
    )  # fmt: skip
    assert "is now 'transport_model.kernels.kernel.distinct_steady_states'" in told
    assert "'transport_model.inputs' is now 'transport_model.simulation.inputs'" in told


def test_a_checkout_on_the_path_loads_no_module_twice(run):
    code = """
    import analyses.scans.scan, sys
    from transport_model import scan
    from analyses.scan import scan as old
    assert old is scan and analyses.scans.scan.scan is scan
    ours = [name for name, module in sys.modules.items()
            if name.startswith("analyses") and "__file__" in vars(module)]
    assert ours == ["analyses"], ours
    """
    run(code, path=run.checkout)


@pytest.mark.parametrize("place", [pytest.param("installed", marks=pytest.mark.slow), "checkout"])
@pytest.mark.parametrize("kind", ["package", "folder", "module"])
def test_a_users_own_analyses_is_left_alone(run, kind, place):
    own = run.here / "analyses"
    if kind == "module":
        own.with_suffix(".py").write_text("mine = True\n")
    else:
        own.mkdir()
        (own / "own.py").write_text("mine = True\n")
    if kind == "package":
        (own / "__init__.py").write_text("mine = True\n")
    name = "analyses.own" if kind == "folder" else "analyses"
    code = f"""
    from transport_model import scan, validate, write_report
    import importlib.util
    assert importlib.import_module({name!r}).mine
    if {kind!r} == "package":
        assert importlib.util.find_spec("analyses.scan") is None
    """
    run(code, **({"path": run.checkout} if place == "checkout" else {}))
