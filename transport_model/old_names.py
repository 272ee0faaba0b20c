"""Imports as they were in release 0.1, answered in 0.2 with a note of the new place; gone in 0.3.

The studies were a package ``analyses`` of their own. A finder at the very end of Python's list
answers for what nobody else has: a user's own ``analyses``, be it a package, a folder or a module,
is found before it and never mixed with ours.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

#: Modules that moved, by their old and new package: ``name``, or ``old:new``.
_MOVED = {
    ("analyses", "transport_model"): "units",
    ("analyses", "transport_model.mathematics"): "formulas",
    ("analyses", "transport_model.analyses.cli"): "cli:app doctor terminal",
    ("analyses", "transport_model.analyses.experiments"): (
        "arms experiment:run nodes:strict_yaml protocols"
    ),
    ("analyses", "transport_model.analyses.report"): "mathematics:equations page report",
    ("analyses", "transport_model.analyses.scans"): "courses scan",
    ("analyses", "transport_model.analyses.scans.designs"): (
        "axes designs lazy_combinations:combinations lazy_designs:base lazy_tables:files"
    ),
    ("analyses", "transport_model.analyses.scans.large"): (
        "executors large_scan:run scan_parts:parts scan_reading:reading scan_store:store"
    ),
    ("analyses", "transport_model.analyses.studies"): (
        "calibration control energetics laws measurements rate_laws:chemistry"
        " symporter:symporter_assay validation"
    ),
    ("analyses", "transport_model.analyses.studies.audit"): "audit equilibria:fluxes",
    ("analyses.exchange", "transport_model.analyses.exchange.models"): (
        "antimony_text:antimony cellml comparison equations:latex_and_markdown escaping hierarchy"
        " losses mathml:earlier_mathml sbml variants"
    ),
    ("analyses.exchange", "transport_model.analyses.exchange.simulations"): (
        "arm_sbml energy_formulas:energy_rules sedml sedml_document"
    ),
    ("analyses.exchange", "transport_model.analyses.exchange.verification"): (
        "certificate engines questions verify"
    ),
    ("transport_model", "transport_model.mathematics"): (
        "equations evaluation linearization program structure"
    ),
    ("transport_model", "transport_model.reading"): ("archives cellml documents hostile:untrusted"),
    ("transport_model", "transport_model.simulation"): "inputs restart runner",
}
#: New place of every module that moved, by its old name.
MOVED = {
    f"{old}.{name.partition(':')[0]}": f"{new}.{name.rpartition(':')[2]}"
    for (old, new), names in _MOVED.items()
    for name in names.split()
}
#: What has another name now, by the old one: its module in ``transport_model.analyses`` and name.
RENAMED = {
    old: (f"transport_model.analyses.{module}", new)
    for module, names in {
        "reductions": "Reducer:Reduction reducer_of:read_reduction",
        "studies.audit.cycles": "elementary_cycles:elementary_cycles",
        "exchange.archive": "Member:ArchiveFile",
        "exchange.verification.engines": "Engine:Referee ENGINES:REFEREES",
        "experiments.arms": "Change:TimedChange Span:Duration",
        "scans.designs.base": "LazyDesign:Design",
        "scans.designs.grids": "LazyGrid:Grid LazyOneAtATime:OneAtATime",
        "scans.designs.samples": (
            "LazySample:RandomSample LazySobol:Sobol LazyLatinHypercube:LatinHypercube"
        ),
        "scans.designs.combinations": "LazyProduct:Product LazyUnion:Union",
        "scans.designs.files": "LazyTable:TableDesign LazyFile:ParquetDesign",
        "scans.large.executors": "Died:FatalTask Here:InProcess",
        "scans.large.parts": "crashed:crashed_rows",
        "scans.large.store": "inspected:read_part_failures",
    }.items()
    for old, _, new in (name.partition(":") for name in names.split())
}


class _OldNames(MetaPathFinder, Loader):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        root, _, rest = fullname.partition(".")
        new = MOVED.get(fullname)
        if root == "analyses":
            if rest and not hasattr(sys.modules[root], "_is_transport_model"):
                return None  # somebody else's package of that name
            new = new or f"transport_model.{fullname}"
        if new is None or find_spec(new) is None:
            return None
        return ModuleSpec(fullname, self, origin=new, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        new = str(module.__spec__ and module.__spec__.origin)
        if module.__name__ == "analyses":
            module._is_transport_model = True
        else:
            warnings.warn(f"'{module.__name__}' is now '{new}'", DeprecationWarning, stacklevel=2)
        module.__getattr__ = forwarded(module.__name__, new, told=True)


def install() -> None:
    """Answer for old names from now on; a second call changes nothing."""
    if not any(isinstance(finder, _OldNames) for finder in sys.meta_path):
        sys.meta_path.append(_OldNames())


def elsewhere(folders: Iterable[str]) -> list[str]:
    """Return folders called ``analyses`` on Python's path other than those given.

    For a checkout whose root lies on the path: its ``analyses`` is found before a folder of that
    name without an ``__init__``, the modules of which must stay within reach.
    """
    own = {Path(folder).resolve() for folder in folders}
    found = [Path(entry or ".", "analyses").absolute() for entry in sys.path]
    return [str(folder) for folder in found if folder.is_dir() and folder.resolve() not in own]


def forwarded(old: str, new: str, *, told: bool = False) -> Callable[[str], Any]:
    """Return ``__getattr__`` of module `old`, the names of which are in `new`.

    Where one was not `told` so when importing the module, using a name says it.
    """

    def attribute(name: str) -> Any:
        place, now = RENAMED.get(name, (new, name))
        if name.startswith("__") or not hasattr(importlib.import_module(place), now):
            raise AttributeError(f"module '{old}' has no attribute '{name}'")
        if not told or now != name:
            note = f"'{old}.{name}' is now '{place}.{now}'"
            warnings.warn(note, DeprecationWarning, stacklevel=2)
        return getattr(sys.modules[place], now)

    return attribute
