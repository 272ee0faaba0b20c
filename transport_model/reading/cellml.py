"""CellML 1.0, 1.1 and 2.0 to SBML: every variable a parameter, every derivative a rate rule.

Myokit reads CellML; its own SBML writer leaves unit definitions invalid, so that the SBML is
built here from what it read. CellML has neither species nor reactions, and neither has the result.
"""

from __future__ import annotations

import contextlib
import math
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from transport_model.errors import InputError, ModelFileError, UnsupportedModelError
from transport_model.reading.cellml_imports import flattened, imported
from transport_model.reading.neighbours import Neighbours
from transport_model.reading.untrusted import parsed_xml

if TYPE_CHECKING:
    import libsbml
    import myokit

#: CellML's namespaces, and the module of Myokit that reads each.
NAMESPACES = {
    "http://www.cellml.org/cellml/1.0#": "v1",
    "http://www.cellml.org/cellml/1.1#": "v1",
    "http://www.cellml.org/cellml/2.0#": "v2",
}
#: Myokit's base units, in the order of its exponents, as SBML has them.
_KINDS = ("gram", "metre", "second", "ampere", "kelvin", "candela", "mole")
#: Units with a name of their own: exponents of the base units, and size in these.
_NAMED = {
    "litre": ((0, 3, 0, 0, 0, 0, 0), 1e-3),
    "volt": ((1, 2, -3, -1, 0, 0, 0), 1e3),
    "farad": ((-1, -2, 4, 2, 0, 0, 0), 1e-3),
    "coulomb": ((0, 0, 1, 1, 0, 0, 0), 1.0),
    "siemens": ((-1, -2, 3, 2, 0, 0, 0), 1e-3),
    "ohm": ((1, 2, -3, -2, 0, 0, 0), 1e3),
    "joule": ((1, 2, -2, 0, 0, 0, 0), 1e3),
    "watt": ((1, 2, -3, 0, 0, 0, 0), 1e3),
}
_TIME = "time_"
_TIME_NAME = re.compile(rf"<((?:\w+:)?)ci[^>]*>\s*{_TIME}\s*</(?:\w+:)?ci>")
_TIME_SYMBOL = (
    r'<\1csymbol encoding="text" definitionURL="http://www.sbml.org/sbml/symbols/time">time'
    r"</\1csymbol>"
)


def is_cellml(text: str) -> bool:
    """Tell whether an examined XML document is CellML, by its root element."""
    namespace, _, name = _root(text).removeprefix("{").rpartition("}")
    return name == "model" and namespace in NAMESPACES


def _root(text: str) -> str:
    parser = ElementTree.XMLPullParser(("start",))
    with contextlib.suppress(ElementTree.ParseError):  # a prefix that is not bound
        for begin in range(0, len(text), 65536):
            parser.feed(text[begin : begin + 65536])
            for event in parser.read_events():
                return str(getattr(event[-1], "tag", ""))
    return ""


def cellml_to_sbml(text: str, origin: str, neighbours: Neighbours) -> str:
    """Translate an examined CellML document, and what it imports, to SBML L3V2.

    Ids are the variables' names; where components share one, ``component_variable``. Constants
    become parameters, computed variables assignment rules, states rate rules; units come along.
    A derivative is by the time of its component, whatever unit the model's time has; one that
    other variables are computed from is ``rate_of_<id>``.

    Raises
    ------
    InputError
        Myokit is not installed.
    ModelFileError
        The document is not valid CellML, or imports what is not among its neighbours.
    UnsupportedModelError
        It uses what Myokit does not read: resets, equations that are not explicit.
    """
    try:
        import myokit
        from myokit.formats.cellml import v1, v2
    except ImportError:
        raise InputError(
            f"{origin} is CellML, which needs Myokit: pip install 'transport-model[exchange]'"
        ) from None
    root = parsed_xml(text, origin, "CellML")
    if imported(root):
        text = flattened(text, origin, neighbours)
        root = parsed_xml(text, origin, "CellML")
    namespace = root.tag.removeprefix("{").rpartition("}")[0]
    parse: Any = {"v1": v1, "v2": v2}[NAMESPACES[namespace]].parse_string
    try:
        with warnings.catch_warnings():
            # Free variables are found below; units that do not fit are an error
            warnings.simplefilter("ignore")
            warnings.filterwarnings("error", "Unable to determine unit conversion")
            document = parse(text.partition("?>")[2])
            document.validate()
            model = document.myokit_model()
        return _Translation(model, _unset(document), _clocks(document, root)).sbml()
    except UserWarning as warning:
        raise ModelFileError(f"{origin}: {_line(warning)}") from None
    except UnsupportedModelError as error:
        raise UnsupportedModelError(f"{origin}: {error}") from None
    except myokit.IntegrityError as error:
        raise ModelFileError(f"{origin}: {_line(error)}") from None
    except (v1.CellMLParsingError, v2.CellMLParsingError, myokit.MyokitError) as error:
        what = _line(error)
        refused = any(word in what.lower() for word in ("support", "reset"))
        kind = UnsupportedModelError if refused else ModelFileError
        raise kind(f"{origin}: {what}") from None
    except (
        ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
    ) as error:  # fmt: skip
        raise ModelFileError(
            f"{origin}: Myokit cannot read it ({type(error).__name__}: {_line(error)})"
        ) from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


def _clocks(document: Any, root: ElementTree.Element) -> dict[tuple[str, str], myokit.Unit]:
    """Return the unit of the variable that drives each derivative, by component and state.

    Myokit keeps one time for a whole model; a component may count it in a unit of its own.
    """
    clocks: dict[tuple[str, str], myokit.Unit] = {}
    for component in root.iter():
        if _local(component.tag) != "component":
            continue
        home = component.get("name", "")
        for apply in component.iter():
            parts = list(apply)
            if _local(apply.tag) != "apply" or len(parts) < 3 or _local(parts[0].tag) != "diff":
                continue
            driver = next((_content(e) for e in parts[1].iter() if _local(e.tag) == "ci"), "")
            unit = document.component(home).variable(driver).units().myokit_unit()
            key = home, _content(parts[2])
            if clocks.setdefault(key, unit) != unit:
                raise UnsupportedModelError(f"'{'.'.join(key)}' is derived by two times")
    return clocks


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]


def _content(element: ElementTree.Element) -> str:
    return (element.text or "").strip()


def _unset(document: Any) -> set[str]:
    """Return the full names of variables that have neither an equation nor a value."""

    def is_unset(variable: Any) -> bool:
        if hasattr(variable, "value_source"):  # CellML 1
            source = variable.value_source()
            return source.rhs() is None and source.initial_value() is None
        return bool(variable.is_free())

    return {
        f"{component.name()}.{variable.name()}"
        for component in document
        for variable in component
        if is_unset(variable)
    }


class _Translation:
    """A model of Myokit's on its way to SBML.

    Parameters
    ----------
    model
        What Myokit read.
    unset
        Full names of variables without a value, which Myokit takes for zero.
    clocks
        Unit of the time of each derivative, by component and state.
    """

    def __init__(
        self, model: myokit.Model, unset: set[str], clocks: dict[tuple[str, str], myokit.Unit]
    ) -> None:
        self.model, self.unset, self.clocks = model, unset, clocks
        self.time = model.time()
        if self.time is not None and not clocks and not _is_time(self.time.unit()):
            self.time = None  # the one variable without a value, but no time
        self.ids = _ids(model, self.time)
        import libsbml

        self.document = libsbml.SBMLDocument(3, 2)
        self.target = self.document.createModel()
        self.units = _Units(self.target)
        self.rates: dict[object, str] = {}

    def sbml(self) -> str:
        """Return the model as SBML."""
        import libsbml

        self.target.setId(_sid(str(self.model.name() or "model")))
        if self.time is not None:
            self.target.setTimeUnits(self.units.of(self.time.unit()))
        variables = [v for v in self.model.variables(deep=True, sort=True) if v is not self.time]
        for variable in variables:
            for left in variable.rhs().references():
                if left.is_derivative() and left.var() not in self.rates:
                    self.rates[left.var()] = self._unused(f"rate_of_{self.ids[left.var()]}")
        for variable in variables:
            if variable.is_state():
                self._add_state(variable)
            else:
                self._add(variable)
        return libsbml.writeSBMLToString(self.document)

    def _parameter(self, variable: myokit.Variable, value: Any) -> bool:
        """Add a variable; whether its value is a number rather than to be computed."""
        is_number = not list(value.references())
        parameter = self.target.createParameter()
        parameter.setId(self.ids[variable])
        parameter.setName(str(variable.meta.get("oxmeta", variable.qname())))
        parameter.setUnits(self.units.of(variable.unit()))
        parameter.setConstant(is_number and not variable.is_state())
        if is_number and variable.qname() not in self.unset:
            parameter.setValue(float(value.eval()))
        return is_number

    def _add(self, variable: myokit.Variable) -> None:
        if not self._parameter(variable, variable.rhs()):
            self._assign(self.ids[variable], variable, variable.rhs())

    def _add_state(self, variable: myokit.Variable) -> None:
        name, rate = self.ids[variable], variable.rhs()
        if not self._parameter(variable, variable.initial_value()):
            start = self.target.createInitialAssignment()
            start.setSymbol(name)
            start.setMath(self._math(variable, variable.initial_value()))
        if variable in self.rates:
            self._rate(variable)
        else:
            rule = self.target.createRateRule()
            rule.setVariable(name)
            rule.setMath(self._math(variable, self._scaled(variable, rate)))

    def _rate(self, variable: myokit.Variable) -> None:
        """Add a state's derivative, which others are computed from, as a quantity of its own."""
        import myokit

        parameter = self.target.createParameter()
        parameter.setId(self.rates[variable])
        parameter.setName(f"time derivative of {variable.qname()}")
        parameter.setConstant(False)
        self._assign(self.rates[variable], variable, variable.rhs())
        rule = self.target.createRateRule()
        rule.setVariable(self.ids[variable])
        own = self._scaled(variable, myokit.Derivative(myokit.Name(variable)))
        rule.setMath(self._math(variable, own))

    def _scaled(self, variable: myokit.Variable, rate: Any) -> Any:
        """Return a derivative by the component's time as one by the model's."""
        import myokit

        clock = self.clocks[variable.parent(myokit.Component).name(), variable.name()]
        factor = myokit.Unit.conversion_factor(self.time.unit(), clock).value()
        return rate if factor == 1 else myokit.Multiply(myokit.Number(factor), rate)

    def _assign(self, name: str, variable: myokit.Variable, formula: Any) -> None:
        rule = self.target.createAssignmentRule()
        rule.setVariable(name)
        rule.setMath(self._math(variable, formula))

    def _math(self, variable: myokit.Variable, formula: Any) -> libsbml.ASTNode:
        import libsbml
        import myokit
        from myokit.formats.mathml import MathMLExpressionWriter

        named: dict[Any, Any] = {}
        for left in formula.references():
            if left.is_derivative():
                self._check_clock(variable, left.var())
                named[left] = myokit.Name(self.rates[left.var()])
        writer = MathMLExpressionWriter()
        # What is no variable is a name already, and Myokit's word for time, which stays unused
        writer.set_lhs_function(lambda left: self.ids.get(left.var(), str(left.var())))
        formula = formula.clone(subst=named) if named else formula
        # In the text, because the types of libSBML's nodes do not compare beside libSEDML's
        text = _TIME_NAME.sub(_TIME_SYMBOL, str(writer.ex(formula)))
        formula_tree = libsbml.readMathMLFromString(text)
        if formula_tree is None:
            raise UnsupportedModelError(f"the formula of '{variable.qname()}' has no form in SBML")
        return formula_tree

    def _check_clock(self, variable: myokit.Variable, state: myokit.Variable) -> None:
        """Refuse a derivative that is used where time has another unit than in its equation."""
        import myokit

        home = variable.parent(myokit.Component).name()
        own = self.clocks[state.parent(myokit.Component).name(), state.name()]
        if any(clock != own for (name, _), clock in self.clocks.items() if name == home):
            raise UnsupportedModelError(
                f"'{variable.qname()}' is computed from the derivative of '{state.qname()}' by a"
                " time in another unit than that of its equation; use one unit of time for both"
            )

    def _unused(self, name: str) -> str:
        while name in self.ids.values() or name in self.rates.values():
            name += "_"
        return name


def _is_time(unit: myokit.Unit | None) -> bool:
    return unit is not None and list(unit.exponents()) == [0, 0, 1, 0, 0, 0, 0]


def _ids(model: myokit.Model, time: myokit.Variable | None) -> dict[object, str]:
    variables = list(model.variables(deep=True, sort=True))
    shared = Counter(_sid(variable.name()) for variable in variables)
    ids: dict[object, str] = {}
    taken: set[str] = set()
    for variable in variables:
        name = _sid(variable.name())
        if shared[name] > 1:
            name = _sid(variable.qname().replace(".", "_"))
        while name in taken or name == _TIME:
            name += "_"
        taken.add(name)
        ids[variable] = name
    if time is not None:
        ids[time] = _TIME
    return ids


def _sid(text: str) -> str:
    name = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text)
    return name if name and not name[0].isdigit() else f"_{name}"


class _Units:
    """Unit definitions of a model, made as they are asked for."""

    def __init__(self, model: libsbml.Model) -> None:
        self.model = model
        self.known: dict[str, str] = {}

    def of(self, unit: myokit.Unit | None) -> str:
        """Return the SBML id of a unit of Myokit's; none counts as dimensionless."""
        import libsbml

        if unit is None:
            return "dimensionless"
        exponents = [float(value) for value in unit.exponents()]
        multiplier = float(unit.multiplier())
        if multiplier == 1 and not any(exponents):
            return "dimensionless"
        text = str(unit)
        if text in self.known:
            return self.known[text]
        name = f"unit_{len(self.known) + 1}"
        definition = self.model.createUnitDefinition()
        definition.setId(name)
        definition.setName(text.strip("[]"))
        for kind, exponent, factor in _parts(exponents, multiplier):
            part = definition.createUnit()
            part.setKind(libsbml.UnitKind_forName(kind))
            part.setExponent(exponent)
            power = round(math.log10(factor)) if factor > 0 else 0
            scaled = math.isclose(factor, 10.0**power, rel_tol=1e-12)
            part.setScale(power if scaled else 0)
            part.setMultiplier(1.0 if scaled else factor)
        self.known[text] = name
        return name


def _parts(exponents: list[float], multiplier: float) -> list[tuple[str, float, float]]:
    """Return kind, exponent and factor of a unit's parts; a named unit is one part."""
    for kind, (named, size) in _NAMED.items():
        if exponents == list(named):
            return [(kind, 1.0, multiplier / size)]
    parts = [(kind, e, 1.0) for kind, e in zip(_KINDS, exponents, strict=True) if e]
    if len(parts) == 1:
        kind, exponent, _ = parts[0]
        return [(kind, exponent, multiplier ** (1 / exponent))]
    if multiplier == 1:
        return parts
    for number, (kind, exponent, _) in enumerate(parts):
        if exponent == 1:
            return [*parts[:number], (kind, exponent, multiplier), *parts[number + 1 :]]
    return [("dimensionless", 1.0, multiplier), *parts]
