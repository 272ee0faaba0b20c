"""Other people's engines, each run in a process of its own.

An engine is a module with a function ``course(job)`` and, where `Referee.steady` says so, another
``steady_state(job)``; both take a :class:`Job` and return a list
of numbers by the SBML id of a quantity. They are imported by the worker alone: several of these
libraries carry SWIG tables that libSBML's share a process with badly.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata, util

_HERE = __name__


@dataclass(frozen=True)
class Referee:
    """Somebody else's engine, which can be asked for a course of an SBML model.

    Attributes
    ----------
    key
        What it is called on the command line.
    title
        What it is called in a certificate.
    module
        The module with ``course`` and ``steady_state``, for the worker to import.
    packages
        Distributions whose versions are the engine's; all must be installed.
    imports
        Modules that must be there.
    install
        The command that installs it.
    steady
        Whether it has a steady-state solver of its own.
    timeout
        Seconds that a process may take before it is given up.
    """

    key: str
    title: str
    module: str
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    install: str
    steady: bool = False
    timeout: float = 300.0

    @property
    def available(self) -> bool:
        """Whether everything it needs is installed."""
        return all(util.find_spec(name) is not None for name in self.imports)

    @property
    def version(self) -> str:
        """Versions of the engine's distributions, or an empty string if one is missing."""
        try:
            versions = [metadata.version(name) for name in self.packages]
        except metadata.PackageNotFoundError:
            return ""
        if len(versions) == 1:
            return versions[0]
        return ", ".join(f"{n} {v}" for n, v in zip(self.packages, versions, strict=True))


REFEREES: tuple[Referee, ...] = (
    Referee("roadrunner", "libRoadRunner", f"{_HERE}.roadrunner_engine", ("libroadrunner",),
           ("roadrunner",), "pip install libroadrunner", steady=True),
    Referee("copasi", "COPASI", f"{_HERE}.copasi_engine", ("python-copasi", "copasi-basico"),
           ("basico", "COPASI"), "pip install copasi-basico", steady=True),
    Referee("amici", "AMICI", f"{_HERE}.amici_engine", ("amici",), ("amici",),
           "pip install amici  (needs swig, a C++ compiler, CMake and BLAS: apt-get install swig"
           " g++ cmake libopenblas-dev)", timeout=1800.0),
    Referee("mxlpy", "MxlPy", f"{_HERE}.mxlpy_engine", ("mxlpy",), ("mxlpy",),
           "pip install mxlpy  (Python 3.12 or later)"),
    Referee("myokit", "Myokit", f"{_HERE}.myokit_engine", ("myokit",), ("myokit",),
           "pip install myokit"),
    Referee("cellml", "CellML 2.0, libCellML", f"{_HERE}.cellml_engine", ("libcellml", "myokit"),
           ("libcellml", "myokit"), "pip install libcellml myokit"),
    Referee("tellurium", "tellurium, SED-ML", f"{_HERE}.tellurium_engine",
           ("tellurium",), ("tellurium", "six"), "pip install tellurium six"),
)  # fmt: skip

#: Engines that read the SBML and get it wrong, by title: why they are not asked.
KNOWN_TO_BE_WRONG = {
    "PySCeS 1.2": "it re-sorts assignment rules: wrong numbers or NaN",
    "sbmltoodepy 1.0": "it ignores boundary conditions",
}
