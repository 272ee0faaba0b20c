"""Problems of estimation as files in the format PEtab, version 1; the calibrations among them.

PEtab's tables are plain tables, so that pandas writes them; PEtab's own linter, which comes with an
extra, reads them in the tests.
"""

from __future__ import annotations

import pandas as pd

from transport_model import Model

from ..studies.calibration import FITTED as PUMP
from ..studies.calibration import pump_problem
from ..studies.estimation.problem import Problem
from ..studies.symporter_calibration import FITTED as SYMPORTER
from ..studies.symporter_calibration import symporter_problem
from ..studies.validation import assays_of
from .archive import ArchiveFile, text_member
from .simulations.arm_sbml import arm_sbml


def calibrations(cell: Model) -> list[Problem]:
    """Return the calibrations of a shipped cell's pump and symporter, where it has the fitted ones.

    Parameters
    ----------
    cell
        Its values are the nominal ones of its symporter.
    """
    assay = assays_of(cell).pump
    found = []
    if set(PUMP) <= set(assay.quantities):
        found.append(pump_problem(assay))
    if set(SYMPORTER) <= set(cell.quantities):
        found.append(symporter_problem(cell))
    return found


def petab_members(problem: Problem, folder: str) -> list[ArchiveFile]:
    """Return the files of a problem of estimation.

    Parameters
    ----------
    problem
        Of any model.
    folder
        Where the files lie.

    Returns
    -------
    list of ArchiveFile
        ``<name>.yaml``, which names the others: condition, measurement, observable and parameter
        tables (TSV) and the model (SBML).
    """
    name, model = problem.name, problem.model
    tables = {
        "conditions": (_conditions(problem), "Conditions"),
        "measurements": (_measurements(problem), "What was measured"),
        "observables": (_observables(problem), "What is observed, with its noise"),
        "parameters": (_parameters(problem), "What is fitted, with bounds"),
    }
    members = [
        text_member(f"{folder}/{name}_{kind}.tsv",
                    table.to_csv(sep="\t", index=False, lineterminator="\n"),
                    f"PEtab problem '{name}'. {said}")
        for kind, (table, said) in tables.items()
    ]  # fmt: skip
    sbml = arm_sbml(model) if model.changes else model.sbml
    members.append(text_member(f"{folder}/{name}_model.xml", sbml, f"Model of problem '{name}'"))
    members.append(text_member(f"{folder}/{name}.yaml", _YAML.format(name=name),
                               f"PEtab problem '{name}'"))  # fmt: skip
    return members


_YAML = """\
format_version: 1
parameter_file: {name}_parameters.tsv
problems:
  - sbml_files: [{name}_model.xml]
    condition_files: [{name}_conditions.tsv]
    measurement_files: [{name}_measurements.tsv]
    observable_files: [{name}_observables.tsv]
"""


def _conditions(problem: Problem) -> pd.DataFrame:
    """Return the conditions; a quantity that one of them does not mention is as in the model."""
    table = problem.conditions
    values = {name: problem.model.quantities[str(name)].value for name in table.columns}
    return table.fillna(values).rename_axis("conditionId").reset_index()


def _measurements(problem: Problem) -> pd.DataFrame:
    table = problem.measurements
    found = {
        "observableId": table["observable"],
        "preequilibrationConditionId": table["before"],
        "simulationConditionId": table["condition"],
        "measurement": table["measurement"],
        "time": table["time"],
        "observableParameters": table["observable_parameters"],
        "noiseParameters": table["noise_parameters"],
    }
    return pd.DataFrame({name: column for name, column in found.items() if (column != "").any()})


def _observables(problem: Problem) -> pd.DataFrame:
    table = problem.observables
    return pd.DataFrame({
        "observableId": table.index,
        "observableName": table["name"],
        "observableFormula": table["formula"].map(str),
        "observableTransformation": table["transformation"],
        "noiseFormula": table["noise"].map(str),
        "noiseDistribution": table["distribution"],
    })  # fmt: skip


def _parameters(problem: Problem) -> pd.DataFrame:
    table = problem.parameters
    found = {
        "parameterId": table.index,
        "parameterName": table["name"],
        "parameterScale": table["scale"],
        "lowerBound": table["low"],
        "upperBound": table["high"],
        "nominalValue": table["nominal"],
        "estimate": table["estimate"].astype(int),
    }
    for name, kind in (("start", "initialization"), ("prior", "objective")):
        parts = table[name].str.partition(";")
        if (table[name] != "").any():
            found |= {f"{kind}PriorType": parts[0], f"{kind}PriorParameters": parts[2]}
    return pd.DataFrame(found)
