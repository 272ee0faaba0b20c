"""Tellurium, executing SED-ML beside the SBML: the route of a COMBINE archive."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from .jobs import RELATIVE_TOLERANCE, Columns, Job

_MATH = "http://www.w3.org/1998/Math/MathML"
_PLACES = {True: "listOfSpecies/sbml:species", False: "listOfParameters/sbml:parameter"}


def course(job: Job) -> Columns:
    """Return a course."""
    from tellurium.sedml.tesedml import SEDMLCodeFactory

    with TemporaryDirectory() as folder:
        Path(folder, "model.xml").write_text(job.sbml, encoding="utf-8", newline="\n")
        factory = SEDMLCodeFactory(sedml(job), workingDir=folder, createOutputs=False)
        generators = factory.executePython()["dataGenerators"]
    found = {name: np.asarray(generators[f"data_{name}"])[:, 0] for name in _read(job)}
    return job.from_concentrations(found)


def _read(job: Job) -> list[str]:
    """Return what is read: the columns, and the compartments that amounts are computed with."""
    homes = [job.species[n][0] for n in job.columns if n in job.species and job.species[n][1]]
    return list(dict.fromkeys([*job.columns, *homes]))


def sedml(job: Job) -> str:
    """Return the SED-ML L1V3 document of a course."""
    generators = "\n".join(
        f'<dataGenerator id="data_{name}"><listOfVariables><variable id="read_{name}"'
        f" target=\"/sbml:sbml/sbml:model/sbml:{_PLACES[name in job.species]}[@id='{name}']\""
        f' taskReference="task"/></listOfVariables>'
        f'<math xmlns="{_MATH}"><ci>read_{name}</ci></math></dataGenerator>'
        for name in _read(job)
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<sedML xmlns="http://sed-ml.org/sed-ml/level1/version3"
 xmlns:sbml="http://www.sbml.org/sbml/level3/version2/core" level="1" version="3">
<listOfSimulations>
<uniformTimeCourse id="course" initialTime="0" outputStartTime="0" outputEndTime="{job.end!r}"
 numberOfPoints="{job.points - 1}"><algorithm kisaoID="KISAO:0000019"><listOfAlgorithmParameters>
<algorithmParameter kisaoID="KISAO:0000209" value="{RELATIVE_TOLERANCE!r}"/>
<algorithmParameter kisaoID="KISAO:0000211" value="{job.absolute!r}"/>
</listOfAlgorithmParameters></algorithm></uniformTimeCourse>
</listOfSimulations>
<listOfModels>
<model id="model" language="urn:sedml:language:sbml" source="model.xml"/>
</listOfModels>
<listOfTasks><task id="task" modelReference="model" simulationReference="course"/></listOfTasks>
<listOfDataGenerators>
{generators}
</listOfDataGenerators>
</sedML>"""
