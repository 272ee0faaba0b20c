"""MathML of SBML L3V2 said in the words of earlier levels.

LibSBML's own conversion leaves what the earlier level lacks as it is: the result is not valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import libsbml

from transport_model.errors import InputError
from transport_model.mathematics.formulas import mathml_number
from transport_model.mathematics.symbols import AVOGADRO
from transport_model.reading.mathematics import formulas

_MATHML = "http://www.w3.org/1998/Math/MathML"
#: Attributes that give numbers a unit.
UNITS = re.compile(r"\{http://www\.sbml\.org/sbml/level3/version[12]/core\}units")
_SYMBOLS = "http://www.sbml.org/sbml/symbols/"


def tag(name: str) -> str:
    """Return the name of a MathML element with its namespace."""
    return f"{{{_MATHML}}}{name}"


def rewrite(document: libsbml.SBMLDocument, change: Callable[[ET.Element, bool], None]) -> None:
    """Pass every formula of a document, as an element tree, through `change`.

    `change` gets the ``math`` element and whether the formula is a function definition's.
    """
    for element, formula in list(formulas(document)):
        text = libsbml.writeMathMLWithNamespaceToString(
            formula, libsbml.SBMLNamespaces(document.getLevel(), document.getVersion())
        )
        tree = ET.fromstring(text)  # written by libSBML a line above
        before = ET.tostring(tree)
        change(tree, element.getElementName() == "functionDefinition")
        if ET.tostring(tree) != before:
            written = ET.tostring(tree, encoding="unicode")
            element.setMath(libsbml.readMathMLFromString(written))


def in_earlier_words(tree: ET.Element, _: bool = False) -> None:
    """Replace what L3V2 added to MathML by what every level has.

    ``max``, ``min``, ``quotient``, ``rem`` and ``implies`` are spelled out.

    Raises
    ------
    InputError
        The formula uses ``rateOf``, for which there are no other words.
    """
    for node in tree.iter(tag("csymbol")):
        if node.get("definitionURL") == _SYMBOLS + "rateOf":
            raise InputError("a formula uses rateOf, which SBML has only from Level 3 Version 2 on")
    for node in list(tree.iter(tag("apply")))[::-1]:  # the innermost first
        head, *operands = list(node)
        spelled = _SPELLED.get(head.tag.removeprefix(f"{{{_MATHML}}}"))
        if spelled is not None:
            _become(node, spelled(operands))


def avogadro_as_number(tree: ET.Element, _: bool = False) -> None:
    """Replace Avogadro's constant, which Level 2 does not know, by its value in SBML."""
    for node in tree.iter(tag("csymbol")):
        if node.get("definitionURL") == _SYMBOLS + "avogadro":
            number = ET.Element(tag("cn"))
            number.text = repr(float(AVOGADRO))
            _become(node, number)


def negate(number: ET.Element) -> None:
    """Write a negative number as the negative of a positive one."""
    text = (number.text or "").strip()
    if text.startswith("-"):
        positive = ET.Element(number.tag, number.attrib)
        positive.text = text[1:]
        positive.extend(list(number))  # what separates a number of two parts
        number.attrib.clear()
        _become(number, _apply("minus", positive))


def _become(node: ET.Element, other: ET.Element) -> None:
    tail = node.tail
    node.clear()
    node.tag, node.text, node.tail = other.tag, other.text, tail
    node.attrib.update(other.attrib)
    node.extend(list(other))


def _apply(function: str, *operands: ET.Element) -> ET.Element:
    node = ET.Element(tag("apply"))
    ET.SubElement(node, tag(function))
    node.extend(operands)
    return node


def _choose(value: ET.Element, condition: ET.Element, otherwise: ET.Element) -> ET.Element:
    node = ET.Element(tag("piecewise"))
    piece = ET.SubElement(node, tag("piece"))
    piece.extend((value, condition))
    ET.SubElement(node, tag("otherwise")).append(otherwise)
    return node


def _extreme(relation: str) -> Callable[[list[ET.Element]], ET.Element]:
    def spelled(operands: list[ET.Element]) -> ET.Element:
        best, *others = operands
        for other in others:
            best = _choose(best, _apply(relation, best, other), other)
        return best

    return spelled


def _quotient(operands: list[ET.Element]) -> ET.Element:
    ratio, zero = _apply("divide", *operands), ET.Element(tag("cn"))
    zero.text = "0"
    return _choose(_apply("floor", ratio), _apply("geq", ratio, zero), _apply("ceiling", ratio))


def _remainder(operands: list[ET.Element]) -> ET.Element:
    whole = _apply("times", operands[1], _quotient(operands))
    return _apply("minus", operands[0], whole)


_SPELLED: dict[str, Callable[[list[ET.Element]], ET.Element]] = {
    "max": _extreme("geq"),
    "min": _extreme("leq"),
    "quotient": _quotient,
    "rem": _remainder,
    "implies": lambda operands: _apply("or", _apply("not", operands[0]), operands[1]),
}


class NumbersAsParameters:
    """Numbers that carry a unit become constant parameters: Level 2 has no other way to say it.

    Exponents and degrees stay numbers, so that units can be derived; so do those of function
    definitions, which may not name a parameter. libSBML writes the base of every logarithm as a
    number without a unit, and then finds that its unit is missing: bases become parameters, too.
    """

    def __init__(self, document: libsbml.SBMLDocument) -> None:
        self.document = document
        self.parameters: dict[tuple[float, str], str] = {}
        self.taken = set(all_ids(document))

    def __call__(self, tree: ET.Element, is_function: bool) -> None:
        """Put parameters in place of the numbers of one formula."""
        if is_function:
            return
        kept = {id(number) for number in _plain_numbers(tree)}
        bases = {id(cn) for base in tree.iter(tag("logbase")) for cn in base.iter(tag("cn"))}
        for node in list(tree.iter(tag("cn"))):
            units = [node.attrib[key] for key in node.attrib if UNITS.fullmatch(key)]
            units += ["dimensionless"] if id(node) in bases else []
            if not units or id(node) in kept:
                continue
            name = self._parameter(mathml_number(node), units[0])
            reference = ET.Element(tag("ci"))
            reference.text = name
            _become(node, reference)

    def _parameter(self, value: float, unit: str) -> str:
        key = (value, unit)
        if key not in self.parameters:
            name = "number_" + re.sub(
                r"\W", "_", f"{value:.15g}".replace("-", "m").replace("+", "")
            )
            while name in self.taken:
                name += "_"
            self.taken.add(name)
            self.parameters[key] = name
            parameter = self.document.getModel().createParameter()
            parameter.setId(name)
            parameter.setName(f"the number {value:.15g}")
            parameter.setValue(value)
            parameter.setUnits(unit)
            parameter.setConstant(True)
        return self.parameters[key]


def _plain_numbers(tree: ET.Element) -> Iterator[ET.Element]:
    for node in tree.iter(tag("apply")):
        head, *operands = list(node)
        if head.tag == tag("power") and len(operands) == 2:
            yield from operands[1].iter(tag("cn"))
    for node in tree.iter(tag("degree")):
        yield from node.iter(tag("cn"))


def all_ids(document: libsbml.SBMLDocument) -> Iterator[str]:
    """Return the ids of a document's model and all that it holds."""
    model = document.getModel()
    yield model.getIdAttribute()
    for items in (model.getListOfFunctionDefinitions(), model.getListOfCompartments(),
                  model.getListOfSpecies(), model.getListOfParameters(),
                  model.getListOfReactions(), model.getListOfEvents()):  # fmt: skip
        yield from (item.getIdAttribute() for item in items)
    for reaction in model.getListOfReactions():
        for side in (reaction.getListOfReactants(), reaction.getListOfProducts()):
            yield from (reference.getIdAttribute() for reference in side)
        if reaction.isSetKineticLaw():
            law = reaction.getKineticLaw()
            yield from (item.getIdAttribute() for item in law.getListOfParameters())
            yield from (item.getIdAttribute() for item in law.getListOfLocalParameters())
