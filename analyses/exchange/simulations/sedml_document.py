"""A SED-ML L1V4 document being written: models, tasks, what is taken of them, tables and plots."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

from transport_model import Model
from transport_model.errors import ComputationError, InputError, UnknownIdError
from transport_model.mathematics.formulas import TIME, Formula
from transport_model.reading.untrusted import xml_text

SBML_NAMESPACE = "http://www.sbml.org/sbml/level3/version2/core"
SBML_LANGUAGE = "urn:sedml:language:sbml.level-3.version-2"
MATHML_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
#: KiSAO terms: https://bioportal.bioontology.org/ontologies/KISAO
CVODE, STEADY_STATE = "KISAO:0000019", "KISAO:0000407"
RELATIVE, ABSOLUTE, MAX_STEPS = "KISAO:0000209", "KISAO:0000211", "KISAO:0000415"
_LISTS = {"floating": "listOfSpecies/sbml:species", "boundary": "listOfSpecies/sbml:species",
          "parameter": "listOfParameters/sbml:parameter",
          "compartment": "listOfCompartments/sbml:compartment"}  # fmt: skip


def sedml_library() -> ModuleType:
    """Return libSEDML.

    Raises
    ------
    InputError
        It is not installed.
    """
    try:
        import libsedml
    except ImportError:
        raise InputError(
            "SED-ML needs libSEDML; install it with: pip install 'transport-model[exchange]'"
        ) from None
    return libsedml


@dataclass(frozen=True)
class Output:
    """What is taken of a task: a formula over the model's ids, its column, label and unit."""

    formula: Formula
    column: str
    label: str
    unit: str = ""

    @property
    def title(self) -> str:
        """Label and unit."""
        return f"{self.label} [{self.unit}]" if self.unit not in {"", "1"} else self.label


@dataclass(frozen=True)
class Data:
    """An output of one task: the id of its data generator."""

    id: str
    output: Output


class SedmlDocument:
    """Builds one document; every ``add_…`` returns the id of what it added.

    Parameters
    ----------
    title
        What the document is about, for people.
    """

    def __init__(self, title: str) -> None:
        self._lib = sedml_library()
        self._document: Any = self._lib.SedDocument(1, 4)
        self._document.getNamespaces().add(SBML_NAMESPACE, "sbml")
        self._document.setName(title)
        self._taken: set[str] = set()

    def _id(self, *words: str) -> str:
        """Return an id made of words, unlike any other."""
        wanted = ascii_id("_".join(words))
        found, number = wanted, 2
        while found in self._taken:
            found, number = f"{wanted}_{number}", number + 1
        self._taken.add(found)
        return found

    def add_model(self, source: str, name: str) -> str:
        """Add the SBML file `source`, relative to the document."""
        added = self._document.createModel()
        added.setId(self._id("model", name))
        added.setName(name)
        added.setLanguage(SBML_LANGUAGE)
        added.setSource(source)
        return added.getId()

    def add_course(self, end: float, points: int, relative: float, absolute: float, *,
                   since: float = 0.0) -> str:  # fmt: skip
        """Add a uniform time course from zero by CVODE, of which points `since` are kept."""
        course = self._document.createUniformTimeCourse()
        course.setId(self._id("course"))
        course.setInitialTime(0.0)
        course.setOutputStartTime(float(since))
        course.setOutputEndTime(float(end))
        course.setNumberOfSteps(points - 1)
        self._algorithm(course, CVODE, "CVODE", {
            RELATIVE: ("relative tolerance", relative),
            ABSOLUTE: ("absolute tolerance", absolute),
            MAX_STEPS: ("maximum number of steps", 100000),
        })  # fmt: skip
        return course.getId()

    def add_steady_state(self) -> str:
        """Add the search for a steady state by a root finder."""
        steady = self._document.createSteadyState()
        steady.setId(self._id("steady_state"))
        self._algorithm(steady, STEADY_STATE, "steady state root-finding problem", {})
        return steady.getId()

    def _algorithm(
        self, simulation: Any, term: str, name: str, parameters: Mapping[str, tuple[str, float]]
    ) -> None:
        algorithm = simulation.createAlgorithm()
        algorithm.setKisaoID(term)
        algorithm.setName(name)
        for key, (said, value) in parameters.items():
            parameter = algorithm.createAlgorithmParameter()
            parameter.setKisaoID(key)
            parameter.setName(said)
            parameter.setValue(repr(value))

    def add_task(self, model: str, simulation: str, name: str) -> str:
        """Add one simulation of one model."""
        task = self._document.createTask()
        task.setId(self._id("task", name))
        task.setName(name)
        task.setModelReference(model)
        task.setSimulationReference(simulation)
        return task.getId()

    def add_repeat(self, task: str, model_id: str, model: Model, name: str,
                   values: Sequence[float]) -> str:  # fmt: skip
        """Add a task repeated with each value of a parameter, from the start each time."""
        repeat = self._document.createRepeatedTask()
        repeat.setId(self._id("task", "for_each", name))
        repeat.setName(f"for each {name}")
        repeat.setResetModel(True)
        over = repeat.createVectorRange()
        over.setId(self._id("values_of", name))
        over.setValues([float(value) for value in values])
        repeat.setRangeId(over.getId())
        change = repeat.createTaskChange()
        change.setModelReference(model_id)
        change.setTarget(xpath(model, name))
        change.setRange(over.getId())
        change.setMath(self._math(f"<ci> {over.getId()} </ci>"))
        sub = repeat.createSubTask()
        sub.setTask(task)
        sub.setOrder(1)
        return repeat.getId()

    def _math(self, inner: str) -> Any:
        text = f'<math xmlns="{MATHML_NAMESPACE}">{inner}</math>'
        return self._lib.readMathMLFromString(text)

    def add_data(self, output: Output, task: str, model: Model, where: str) -> Data:
        """Add a data generator: a formula over what a task gives."""
        generator = self._document.createDataGenerator()
        generator.setId(self._id("data", where, output.column))
        generator.setName(f"{output.title}, {where}" if where else output.title)
        names: dict[str, str] = {}

        def variable(name: str) -> str:
            if name not in names:
                added = generator.createVariable()
                added.setId(names.setdefault(name, self._id("value", where, name)))
                added.setName(name)
                added.setTaskReference(task)
                if name == TIME:
                    added.setSymbol("urn:sedml:symbol:time")
                else:
                    added.setTarget(xpath(model, name))
            return names[name]

        root = ElementTree.fromstring(output.formula.mathml)
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                kind = child.tag.rpartition("}")[2]
                words = (child.text or "").strip()
                is_time = kind == "csymbol" and child.get("definitionURL", "").endswith("/time")
                if kind != "ci" and not is_time:
                    continue
                name = TIME if is_time else words
                held = model.amount_columns.get(name)
                if held is not None:  # an amount: concentration times volume
                    home = model.quantities[held].compartment
                    parent[place] = _applied("times", _ci(variable(held)), _ci(variable(home)))
                else:
                    parent[place] = _ci(variable(name))
        generator.setMath(self._lib.readMathMLFromString(xml_text(root)))
        return Data(generator.getId(), output)

    def add_report(self, name: str, data: Sequence[Data]) -> str:
        """Add a table with a column per datum."""
        report = self._document.createReport()
        report.setId(self._id("report", name))
        report.setName(name)
        for datum in data:
            column = report.createDataSet()
            column.setId(self._id("column", name, datum.output.column))
            column.setLabel(datum.output.column)
            column.setName(datum.output.title)
            column.setDataReference(datum.id)
        return report.getId()

    def add_plot(self, name: str, curves: Sequence[tuple[str, Data, Data]],
                 *, log_x: bool = False) -> str:  # fmt: skip
        """Add a plot: curves by name, each of a datum against another."""
        plot = self._document.createPlot2D()
        plot.setId(self._id("plot", name))
        plot.setName(name)
        plot.setLegend(len(curves) > 1)
        for add, datum, log in ((plot.createXAxis, curves[0][1], log_x),
                                (plot.createYAxis, curves[0][2], False)):  # fmt: skip
            axis = add()
            axis.setId(self._id("axis", name))
            axis.setName(datum.output.title)
            axis.setType("log10" if log else "linear")
        for number, (said, x, y) in enumerate(curves):
            curve = plot.createCurve()
            curve.setId(self._id("curve", name, said))
            curve.setName(said)
            curve.setOrder(number)
            curve.setType("points")
            curve.setXDataReference(x.id)
            curve.setYDataReference(y.id)
            curve.setYAxis("left")
        return plot.getId()

    def text(self) -> str:
        """Return the document.

        Raises
        ------
        ComputationError
            libSEDML finds an error in it.
        """
        written: str = self._lib.writeSedMLToString(self._document)
        read = self._lib.readSedMLFromString(written)
        if read.getNumErrors():
            told = " ".join(read.getError(0).getMessage().split())
            raise ComputationError(f"the SED-ML '{self._document.getName()}' is wrong: {told}")
        return written


def xpath(model: Model, name: str) -> str:
    """Return where in an SBML file a quantity or a reaction stands.

    Raises
    ------
    UnknownIdError
        The model has nothing of that name.
    """
    quantity = model.quantities.get(name)
    if quantity is None and name not in model.reaction_ids:
        known = [*model.quantities, *model.reaction_ids]
        raise UnknownIdError.of(name, known, f"model '{model.name}'")
    place = _LISTS[quantity.kind] if quantity else "listOfReactions/sbml:reaction"
    return f"/sbml:sbml/sbml:model/sbml:{place}[@id='{name}']"


def ascii_id(text: str) -> str:
    """Return an id of letters, digits and underscores that says the same."""
    plain = unicodedata.normalize("NFKD", text.replace("µ", "u").replace("μ", "u"))
    words = re.findall(r"[A-Za-z0-9]+", plain.encode("ascii", "ignore").decode())
    return "_".join(words) or "unnamed"


def _ci(name: str) -> ElementTree.Element:
    element = ElementTree.Element(f"{{{MATHML_NAMESPACE}}}ci")
    element.text = f" {name} "
    return element


def _applied(operation: str, *operands: ElementTree.Element) -> ElementTree.Element:
    element = ElementTree.Element(f"{{{MATHML_NAMESPACE}}}apply")
    element.append(ElementTree.Element(f"{{{MATHML_NAMESPACE}}}{operation}"))
    element.extend(operands)
    return element
