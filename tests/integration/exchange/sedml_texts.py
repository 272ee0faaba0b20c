"""SED-ML for tests, written by hand, and archives of it."""

from __future__ import annotations

import zipfile

from transport_model import load_model

#: A step of uptake, a leak and a slow loss; a rule and a parameter to be changed.
ANTIMONY = """
model uptake
  compartment cell; cell = 2;
  species S in cell, P in cell, $X in cell;
  S = 3; P = 0; X = 1;
  k = 0.7; v = 0.4; K = 0.5; loss = 0.05;
  total := S + P;
  bind: S -> P; cell*k*S;
  feed: $X -> S; cell*v*X/(K + X);
  leak: P -> ; cell*loss*P;
end
"""
MATH = 'xmlns="http://www.w3.org/1998/Math/MathML"'
SPECIES = "/sbml:sbml/sbml:model/sbml:listOfSpecies/sbml:species[@id='{}']"
PARAMETER = "/sbml:sbml/sbml:model/sbml:listOfParameters/sbml:parameter[@id='{}']"
REACTION = "/sbml:sbml/sbml:model/sbml:listOfReactions/sbml:reaction[@id='{}']"
LANGUAGE = "urn:sedml:language:sbml"


def sbml(folder, text=ANTIMONY, name="uptake"):
    """Return Antimony as SBML."""
    path = folder / f"{name}.ant"
    path.write_text(text)
    return load_model(path).sbml


def model(key="model1", source="model.xml", changes=""):
    inner = _list("Changes", changes)
    return f'<model id="{key}" language="{LANGUAGE}" source="{source}">{inner}</model>'


def course(key="sim1", initial=0, start=0, end=10, steps=20, algorithm="KISAO:0000019", extra=""):
    return (
        f'<uniformTimeCourse id="{key}" initialTime="{initial}" outputStartTime="{start}"'
        f' outputEndTime="{end}" numberOfPoints="{steps}">'
        f'<algorithm kisaoID="{algorithm}">{_list("AlgorithmParameters", extra)}</algorithm>'
        "</uniformTimeCourse>"
    )


def steady(key="sim1"):
    return f'<steadyState id="{key}"><algorithm kisaoID="KISAO:0000407"/></steadyState>'


def task(key="task1", of="model1", simulation="sim1"):
    return f'<task id="{key}" modelReference="{of}" simulationReference="{simulation}"/>'


def repeated(key, over, ranges, changes="", subtasks=("task1",), reset="true", main=None):
    subs = "".join(f'<subTask task="{t}" order="{n}"/>' for n, t in enumerate(subtasks, 1))
    return (
        f'<repeatedTask id="{key}" range="{main or over}" resetModel="{reset}">'
        f"<listOfRanges>{ranges}</listOfRanges>{_list('Changes', changes)}"
        f"<listOfSubTasks>{subs}</listOfSubTasks></repeatedTask>"
    )


def vector(key, *values):
    inner = "".join(f"<value>{value}</value>" for value in values)
    return f'<vectorRange id="{key}">{inner}</vectorRange>'


def uniform(key, start, end, points, kind="linear"):
    return (f'<uniformRange id="{key}" start="{start}" end="{end}" numberOfPoints="{points}"'
            f' type="{kind}"/>')  # fmt: skip


def set_value(target, over, formula=None, of="model1", variables=""):
    return (
        f'<setValue modelReference="{of}" range="{over}" target="{target}">'
        f"{_list('Variables', variables)}<math {MATH}>{formula or f'<ci>{over}</ci>'}</math>"
        "</setValue>"
    )


def variable(key, where, of="task1", attribute="taskReference"):
    what = 'symbol="urn:sedml:symbol:time"' if where == "time" else f'target="{where}"'
    return f'<variable id="{key}" {attribute}="{of}" {what}/>'


def formula(key, inner, *variables):
    """Return a data generator of MathML over variables."""
    return (
        f'<dataGenerator id="{key}" name="{key}">{_list("Variables", "".join(variables))}'
        f"<math {MATH}>{inner}</math></dataGenerator>"
    )


def applied(operation, *operands):
    return f"<apply><{operation}/>{''.join(operands)}</apply>"


def ci(name):
    return f"<ci>{name}</ci>"


def generator(key, where, of="task1"):
    return (
        f'<dataGenerator id="{key}" name="{key}"><listOfVariables>{variable(f"v_{key}", where, of)}'
        f"</listOfVariables><math {MATH}><ci>v_{key}</ci></math></dataGenerator>"
    )


def report(*keys, key="report1"):
    sets = "".join(f'<dataSet id="set_{k}" label="{k}" dataReference="{k}"/>' for k in keys)
    return f'<report id="{key}"><listOfDataSets>{sets}</listOfDataSets></report>'


def plot(x, *ys, key="plot1", log="false"):
    curves = "".join(
        f'<curve id="c_{key}_{y}" logX="false" logY="{log}" xDataReference="{x}"'
        f' yDataReference="{y}"/>'
        for y in ys
    )
    return f'<plot2D id="{key}"><listOfCurves>{curves}</listOfCurves></plot2D>'


def _list(name, inner):
    return f"<listOf{name}>{inner}</listOf{name}>" if inner else ""


def document(models, simulations, tasks, generators, outputs, version=3):
    namespace = "http://sed-ml.org/" + ("" if version == 1 else f"sed-ml/level1/version{version}")
    text = "".join((
        _list("Simulations", simulations), _list("Models", models), _list("Tasks", tasks),
        _list("DataGenerators", generators), _list("Outputs", outputs),
    ))  # fmt: skip
    if version == 4:
        text = text.replace("numberOfPoints", "numberOfSteps")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><sedML xmlns="{namespace}" level="1"'
        f' version="{version}" xmlns:sbml="http://www.sbml.org/sbml/level3/version2/core">{text}</sedML>'
    )


def archive(path, members, master="run.sedml"):
    """Write members by name into a COMBINE archive and return its path."""
    combine = "http://identifiers.org/combine.specifications"
    kinds = {".sedml": f"{combine}/sed-ml", ".xml": f"{combine}/sbml"}
    entries = "".join(
        f'<content location="./{name}" format="{kinds["." + name.rpartition(".")[2]]}"'
        + (' master="true"' if name == master else "") + "/>"
        for name in members
    )  # fmt: skip
    manifest = (
        f'<?xml version="1.0"?><omexManifest xmlns="{combine}/omex-manifest">'
        f'<content location="." format="{combine}/omex"/>{entries}</omexManifest>'
    )
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.xml", manifest)
        for name, text in members.items():
            file.writestr(name, text)
    return path
