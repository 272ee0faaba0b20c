"""CellML 1.0, 1.1 and 2.0 to SBML: every variable a parameter, every derivative a rate rule.

Myokit reads CellML; its own SBML writer leaves unit definitions invalid, so that the SBML is
built here from what it read. CellML has neither species nor reactions, and neither has the result.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import libsbml

from transport_model.errors import InputError, ModelFileError, UnsupportedModelError

if TYPE_CHECKING:
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
    for begin in range(0, len(text), 65536):
        parser.feed(text[begin : begin + 65536])
        for event in parser.read_events():
            return str(getattr(event[-1], "tag", ""))
    return ""


def cellml_to_sbml(text: str, origin: str) -> str:
    """Translate an examined CellML document to SBML L3V2.

    Ids are the variables' names; where components share one, ``component_variable``. Constants
    become parameters, computed variables assignment rules, states rate rules; units come along.

    Raises
    ------
    InputError
        Myokit is not installed.
    ModelFileError
        The document is not valid CellML.
    UnsupportedModelError
        It uses what Myokit does not read: imports, resets, equations that are not explicit.
    """
    try:
        import myokit
        from myokit.formats.cellml import v1, v2
    except ImportError:
        raise InputError(
            f"{origin} is CellML, which needs Myokit: pip install 'transport-model[exchange]'"
        ) from None
    namespace = _root(text).removeprefix("{").rpartition("}")[0]
    parse: Any = {"v1": v1, "v2": v2}[NAMESPACES[namespace]].parse_string
    try:
        document = parse(text.partition("?>")[2])
        document.validate()
        return _sbml_of(document.myokit_model())
    except myokit.IntegrityError as error:
        raise ModelFileError(f"{origin}: {_line(error)}") from None
    except (v1.CellMLParsingError, v2.CellMLParsingError, myokit.MyokitError) as error:
        what = _line(error)
        refused = any(word in what.lower() for word in ("import", "support", "reset"))
        kind = UnsupportedModelError if refused else ModelFileError
        raise kind(f"{origin}: {what}") from None


def _line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 300 else text[:299] + "…"


def _sbml_of(model: myokit.Model) -> str:
    document = libsbml.SBMLDocument(3, 2)
    target = document.createModel()
    target.setId(_sid(str(model.name() or "model")))
    ids = _ids(model)
    units = _Units(target)
    time = model.time()
    target.setTimeUnits(units.of(time.unit()))
    for variable in model.variables(deep=True, sort=True):
        if variable is time:
            continue
        parameter = target.createParameter()
        parameter.setId(ids[variable])
        parameter.setName(str(variable.meta.get("oxmeta", variable.qname())))
        parameter.setUnits(units.of(variable.unit()))
        number = variable.is_literal()
        parameter.setConstant(number)
        if variable.is_state():
            parameter.setValue(float(variable.initial_value(as_float=True)))
            rule = target.createRateRule()
        elif number:
            parameter.setValue(float(variable.eval()))
            continue
        else:
            rule = target.createAssignmentRule()
        rule.setVariable(ids[variable])
        rule.setMath(_math(variable, ids))
    return libsbml.writeSBMLToString(document)


def _ids(model: myokit.Model) -> dict[object, str]:
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
    ids[model.time()] = _TIME
    return ids


def _sid(text: str) -> str:
    name = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in text)
    return name if name and not name[0].isdigit() else f"_{name}"


def _math(variable: myokit.Variable, ids: dict[object, str]) -> libsbml.ASTNode:
    from myokit.formats.mathml import MathMLExpressionWriter

    writer = MathMLExpressionWriter()
    writer.set_lhs_function(lambda left: ids[left.var()])
    formula = variable.rhs()
    if any(left.is_derivative() for left in formula.references()):
        raise UnsupportedModelError(f"'{variable.qname()}' is computed from a derivative,"
                                    " which SBML cannot say")  # fmt: skip
    # In the text, because the types of libSBML's nodes do not compare beside libSEDML's
    text = _TIME_NAME.sub(_TIME_SYMBOL, str(writer.ex(formula)))
    formula_tree = libsbml.readMathMLFromString(text)
    if formula_tree is None:
        raise UnsupportedModelError(f"the formula of '{variable.qname()}' has no form in SBML")
    return formula_tree


class _Units:
    """Unit definitions of a model, made as they are asked for."""

    def __init__(self, model: libsbml.Model) -> None:
        self.model = model
        self.known: dict[str, str] = {}

    def of(self, unit: myokit.Unit | None) -> str:
        """Return the SBML id of a unit of Myokit's; none counts as dimensionless."""
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
