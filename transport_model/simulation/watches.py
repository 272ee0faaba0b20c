"""Events added to a model, which stop the integrator where a comparison changes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import libsbml

from transport_model.errors import UnsupportedModelError
from transport_model.mathematics.formula_reader import FormulaReader
from transport_model.mathematics.jumps import is_seamless
from transport_model.mathematics.spelled_out import may_be_undefined
from transport_model.reading.mathematics import formula_text, with_functions_expanded
from transport_model.reserved import WATCH, unused_ids

#: The formulas that rules assign, by id.
_Rules = Mapping[str, libsbml.ASTNode]
#: Most parts of a formula in which they are written out.
LONGEST = 500


def with_watches(sbml: str) -> tuple[str, dict[str, str]]:
    """Return SBML in which the integrator stops where a comparison that states decide changes.

    It looks for a change of a whole trigger between the ends of its steps, and misses one that is
    true within a step alone: ``x > 0.18 && x < 0.19``. In a rate it sees such a window only if one
    of its steps ends within it. Each comparison gets two events of its own, for its becoming true
    and false, which do nothing. So does a trigger of one comparison that may lose its sides.
    """
    document = libsbml.readSBMLFromString(sbml)
    model = document.getModel()
    expanded = with_functions_expanded(sbml)
    found = expanded.getModel()
    triggers = [event.getTrigger() for event in found.getListOfEvents()]
    rules = {rule.getVariable(): rule.getMath() for rule in found.getListOfRules()
             if rule.isAssignment() and rule.isSetMath()}  # fmt: skip
    compared = [list(_relations(t.getMath(), rules)) for t in triggers
                if t is not None and t.isSetMath()]  # fmt: skip
    parts = [part for relations in compared if len(relations) > 1 for part in relations]
    moving = _moving(found)
    if may_be_undefined(sbml):
        single = [relations[0] for relations in compared if len(relations) == 1]
        parts += [part for part in single if moving & set(_named(part))]
    laws = [reaction.getKineticLaw() for reaction in found.getListOfReactions()]
    for element in [*found.getListOfRules(), *laws]:
        if element is not None and element.isSetMath():
            formula = element.getMath()
            jumps = (*_visible(found, formula, rules), *_jumps(formula, rules))
            parts += [part for part in jumps if moving & set(_named(part))]
    parts = list({libsbml.formulaToL3String(part): part for part in parts}.values())
    names = [
        (part, name) for place, part in enumerate(parts) for name in (f"{place}", f"not_{place}")
    ]
    watches = unused_ids(model, WATCH, [name for _, name in names])
    for part, name in names:
        event = model.createEvent()
        event.setId(watches[name])
        event.setUseValuesFromTriggerTime(True)
        trigger = event.createTrigger()
        trigger.setInitialValue(True)
        trigger.setPersistent(True)
        trigger.setMath(part if name.isdecimal() else _negated(part))
    changes = {watches[name]: formula_text(part) for part, name in names}
    return (libsbml.writeSBMLToString(document) if changes else sbml), changes


def _negated(formula: libsbml.ASTNode) -> libsbml.ASTNode:
    negation = libsbml.ASTNode(libsbml.AST_LOGICAL_NOT)
    negation.addChild(formula.deepCopy())
    return negation


def _relations(formula: libsbml.ASTNode, rules: _Rules) -> Iterator[libsbml.ASTNode]:
    """Yield the comparisons of numbers in a formula."""
    if formula.isRelational():
        yield from _compared_by(formula, rules)
    for part in _parts(formula):
        yield from _relations(part, rules)


def _compared_by(relation: libsbml.ASTNode, rules: _Rules) -> Iterator[libsbml.ASTNode]:
    """Yield a comparison and, if it may be a window, those at which that opens and closes."""
    yield relation.deepCopy()
    yield from _edges(relation, rules)


def _edges(relation: libsbml.ASTNode, rules: _Rules) -> Iterator[libsbml.ASTNode]:
    """Yield what changes where a window opens or closes: ``abs(x) < 1``, ``(x - 1)*(2 - x) > 0``.

    A size is one of two numbers, a square that of one of two, and a product is zero where a factor
    is. What follows by a rule is looked at as the rule has it, too.
    """
    yield from _edges_of(relation)
    written = _without_rules(relation, rules)
    if written is not None:
        yield from _edges_of(written)


def _without_rules(formula: libsbml.ASTNode, rules: _Rules) -> libsbml.ASTNode | None:
    """Return a formula with what rules assign written out; None if that is nothing, or too much."""
    if not rules.keys() & set(_named(formula)):
        return None
    written = formula.deepCopy()
    for _ in rules:  # which may name each other
        named = [name for name in dict.fromkeys(_named(written)) if name in rules]
        if not named:
            break
        for name in named:
            written.replaceArgument(name, rules[name])
        if _size(written) > LONGEST:
            return None
    return written


def _size(formula: libsbml.ASTNode) -> int:
    return 1 + sum(map(_size, _parts(formula)))


def _edges_of(relation: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    yield from _signed(relation)
    sides = _parts(relation)
    if len(sides) != 2:
        return
    yield from _rooted(relation)
    for side, other in (sides, sides[::-1]):
        factors = list(_factors(side))
        if other.isNumber() and other.getValue() == 0 and len(factors) > 1:
            yield from (_compared("factor > 0", "factor", factor) for factor in factors)


def _signed(formula: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Yield a formula with each size in it replaced by what it is of, and by minus that."""
    for place, part in enumerate(_parts(formula)):
        others = _signed(part)
        if part.isFunction() and part.getName() == "abs":
            others = (_compared(text, "part", part.getChild(0)) for text in ("part", "-part"))
        for other in others:
            copy = formula.deepCopy()
            copy.replaceChild(place, other.deepCopy(), True)
            yield copy


def _rooted(relation: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Yield what an even power is of, compared with the two roots that make the sides equal.

    The power is taken to be in the difference of the sides as in a straight line.
    """
    powers = list(_even_powers(relation))
    if len(powers) != 1:
        return
    base, exponent = powers[0]
    for part in ("part", "-part"):
        formula = _compared(f"{part} < (zero/(zero - one))^(1/{exponent})", "part", base)
        for number, name in enumerate(("zero", "one")):
            known = _with_power(relation, number)
            difference = _compared("left - right", "left", known.getChild(0))
            difference.replaceArgument("right", known.getChild(1))
            formula.replaceArgument(name, difference)
        yield formula


def _even_powers(formula: libsbml.ASTNode) -> Iterator[tuple[libsbml.ASTNode, int]]:
    """Yield the bases and exponents of the even powers in a formula."""
    parts = _parts(formula)
    if _is_even_power(formula, parts):
        yield parts[0], int(parts[1].getValue())
    for part in parts:
        yield from _even_powers(part)


def _is_even_power(formula: libsbml.ASTNode, parts: list[libsbml.ASTNode]) -> bool:
    is_power = len(parts) == 2 and formula.isFunction() and formula.getName() == "power"
    return is_power and parts[1].isNumber() and parts[1].getValue() % 2 == 0 < parts[1].getValue()


def _with_power(formula: libsbml.ASTNode, number: int) -> libsbml.ASTNode:
    """Return a formula with a number for each even power."""
    copy = formula.deepCopy()
    for place, part in enumerate(_parts(copy)):
        is_power = _is_even_power(part, _parts(part))
        other = libsbml.parseL3Formula(str(number)) if is_power else _with_power(part, number)
        copy.replaceChild(place, other, True)
    return copy


def _factors(formula: libsbml.ASTNode) -> Iterator[libsbml.ASTNode]:
    """Yield what a product is made of, and what it is divided by."""
    sign = formula.getCharacter() if formula.isOperator() else ""
    parts = _parts(formula)
    if sign in ("*", "/") or (sign == "-" and len(parts) == 1):
        for part in parts:
            yield from _factors(part)
    else:
        yield formula


def _visible(
    model: libsbml.Model, formula: libsbml.ASTNode, rules: _Rules
) -> Iterator[libsbml.ASTNode]:
    """Yield the comparisons in a formula but those between two branches that are one function."""
    parts = _parts(formula)
    if formula.isRelational():
        yield from _compared_by(formula, rules)
    if formula.isPiecewise() and len(parts) == 3 and parts[1].isRelational():
        here, condition, beyond = parts
        if _is_seamless(model, condition, here, beyond):
            parts = [here, *_parts(condition), beyond]
    for part in parts:
        yield from _visible(model, part, rules)


def _parts(formula: libsbml.ASTNode) -> list[libsbml.ASTNode]:
    return [formula.getChild(number) for number in range(formula.getNumChildren())]


def _is_seamless(model: libsbml.Model, *parts: libsbml.ASTNode) -> bool:
    reader = FormulaReader(model)
    try:
        return is_seamless(*(reader.of_tree(part, "a branch") for part in parts))
    except UnsupportedModelError:  # what cannot be read is watched
        return False


def _jumps(formula: libsbml.ASTNode, rules: _Rules) -> Iterator[libsbml.ASTNode]:
    """Yield comparisons of what a formula does without: a floor jumps, a maximum has a peak."""
    parts = _parts(formula)
    # By names: types do not compare beside another library built on SWIG
    if formula.isFunction() and formula.getName() == "floor":
        yield _compared("whole - floor(whole) < 0.5", "whole", parts[0])
    if formula.isFunction() and formula.getName() in ("ceil", "ceiling"):
        yield _compared("ceil(whole) - whole < 0.5", "whole", parts[0])
    if formula.isFunction() and formula.getName() in ("max", "min"):
        for one, other in itertools.combinations(parts, 2):
            relation = _compared("one > other", "one", one)
            relation.replaceArgument("other", other)
            yield from _edges(relation, rules)
    if formula.isOperator() and formula.getCharacter() == "/":
        for part in parts:
            if part.isFunction() and part.getName() == "abs":
                yield _compared("part < 0", "part", part.getChild(0))
    for part in parts:
        yield from _jumps(part, rules)


def _compared(text: str, name: str, part: libsbml.ASTNode) -> libsbml.ASTNode:
    formula = libsbml.parseL3Formula(text)
    formula.replaceArgument(name, part)
    return formula


def _named(formula: libsbml.ASTNode) -> Iterator[str]:
    """Yield the ids in a formula."""
    if formula.isName():  # its type does not compare beside another library built on SWIG
        yield formula.getName()
    for part in _parts(formula):
        yield from _named(part)


def _moving(model: libsbml.Model) -> set[str]:
    """Return the ids of states, and of rules that follow from them."""
    still = (libsbml.Species.getBoundaryCondition, libsbml.Species.getConstant)
    rules = [rule for rule in model.getListOfRules() if rule.isSetMath()]
    moving = {item.getId() for item in model.getListOfSpecies() if not any(f(item) for f in still)}
    moving |= {rule.getVariable() for rule in rules if rule.isRate()}
    moving |= {reaction.getId() for reaction in model.getListOfReactions()}
    waiting = {r.getVariable(): set(_named(r.getMath())) for r in rules if r.isAssignment()}
    moving -= waiting.keys()
    while following := {name for name, used in waiting.items() if used & moving} - moving:
        moving |= following
    return moving
