"""What a SED-ML document holds, Levels 1 Version 1 to 4, as far as it is run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

#: Symbols, in lower case, of the time, and of a species' amount and concentration.
TIME_SYMBOLS = {"urn:sedml:symbol:time", "kisao:0000832"}
AMOUNT_SYMBOLS = {"urn:sedml:symbol:amount", "kisao:0000836"}
CONCENTRATION_SYMBOLS = {"urn:sedml:symbol:concentration", "kisao:0000838"}


@dataclass(frozen=True)
class Variable:
    """A value of a model or of a task: the name that formulas use, and where it is found."""

    id: str
    target: str
    symbol: str
    task: str
    model: str

    @property
    def is_time(self) -> bool:
        """Whether it is the time."""
        return self.symbol.lower() in TIME_SYMBOLS


@dataclass(frozen=True, eq=False)
class Computation:
    """A formula in MathML, over variables and constants.

    Attributes
    ----------
    told
        The element that holds it, for messages.
    """

    told: str
    math: ElementTree.Element
    variables: tuple[Variable, ...] = ()
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Change:
    """A change of a model's file: the element ``changeAttribute``, ``addXML`` and so on."""

    kind: str
    told: str
    target: str
    value: str = ""
    content: tuple[ElementTree.Element, ...] = ()
    computation: Computation | None = None


@dataclass(frozen=True, eq=False)
class ModelEntry:
    """A model: a file beside the document, or another model by ``#id``, and what is changed."""

    id: str
    source: str
    changes: tuple[Change, ...]
    language: str = ""


@dataclass(frozen=True)
class Algorithm:
    """The KiSAO term of an algorithm, and its settings by theirs."""

    kisao: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Course:
    """A uniform time course; times in the model's unit."""

    id: str
    initial: float
    start: float
    end: float
    steps: int
    algorithm: Algorithm


@dataclass(frozen=True)
class OneStep:
    """One step from where the model stands."""

    id: str
    step: float
    algorithm: Algorithm


@dataclass(frozen=True)
class Rest:
    """A steady state."""

    id: str
    algorithm: Algorithm


Simulation = Course | OneStep | Rest


@dataclass(frozen=True, eq=False)
class Range:
    """The values that a repeated task runs over: numbers, or a formula of another range's.

    Attributes
    ----------
    over
        The range that a formula says it follows.
    """

    id: str
    told: str
    values: tuple[float, ...] = ()
    computation: Computation | None = None
    over: str = ""


@dataclass(frozen=True, eq=False)
class SetValue:
    """A new value of a model's quantity."""

    told: str
    model: str
    target: str
    range: str
    computation: Computation


@dataclass(frozen=True)
class Task:
    """One simulation of one model."""

    id: str
    model: str
    simulation: str


@dataclass(frozen=True, eq=False)
class SubTask:
    """A task within a repeated task, and what is set before it."""

    task: str
    order: int
    changes: tuple[SetValue, ...] = ()


@dataclass(frozen=True, eq=False)
class RepeatedTask:
    """Tasks that are run for every value of a range."""

    id: str
    range: str
    ranges: tuple[Range, ...]
    changes: tuple[SetValue, ...]
    subtasks: tuple[SubTask, ...]
    reset: bool
    concatenate: bool = False


@dataclass(frozen=True, eq=False)
class DataGenerator:
    """What outputs show: a formula over what tasks give."""

    id: str
    name: str
    computation: Computation


@dataclass(frozen=True)
class DataSet:
    """A column of a report."""

    id: str
    label: str
    name: str
    data: str


@dataclass(frozen=True)
class Report:
    """A table."""

    id: str
    name: str
    data_sets: tuple[DataSet, ...]


@dataclass(frozen=True)
class Curve:
    """A curve of a plot: one data generator against another."""

    id: str
    name: str
    x: str
    y: str
    log_x: bool = False
    log_y: bool = False
    right: bool = False


@dataclass(frozen=True)
class Plot:
    """A plot in two dimensions; labels of its axes as far as the document names them."""

    id: str
    name: str
    curves: tuple[Curve, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Document:
    """A document: everything by id.

    Attributes
    ----------
    where
        Names it in messages.
    refused
        What it holds that is not run here, by id: a sentence for whoever uses it.
    """

    where: str
    models: Mapping[str, ModelEntry]
    simulations: Mapping[str, Simulation]
    tasks: Mapping[str, Task | RepeatedTask]
    generators: Mapping[str, DataGenerator]
    outputs: Mapping[str, Report | Plot]
    refused: Mapping[str, str]
