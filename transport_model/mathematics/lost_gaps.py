"""Places where a formula has no value and SymPy's has one: ``x/x`` is not 1 where x is 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy as sp


def with_gaps(formula: Any, literal: Any, never_zero: frozenset[sp.Symbol]) -> Any:
    """Return a formula that has no value where, as it was written, it divides by zero.

    Nor where it takes a logarithm of what is not positive, or a root of what is negative. SymPy
    cancels what is divided by itself and leaves out what is multiplied by zero; libRoadRunner does
    what is written.

    Parameters
    ----------
    formula
        As SymPy simplifies it.
    literal
        As it was written, or None if that is not known.
    never_zero
        What may be divided by itself.
    """
    if literal is None:
        return formula
    lost = set(_needs(literal)) - set(_needs(formula))
    lost = {need for need in lost if need != sp.true and need.free_symbols - never_zero}
    if not lost:
        return formula
    return sp.Piecewise((formula, sp.And(*sorted(lost, key=str))), evaluate=False)


def _needs(formula: Any) -> Iterator[Any]:
    """Yield the conditions that a formula needs in order to have a value.

    Those of branches, which need theirs only where they are taken, are left out.
    """
    if formula.is_Piecewise:
        return
    parts = formula.args
    if formula.is_Pow and formula.exp.is_number and formula.exp.is_negative:
        factors = sp.Mul.make_args(formula.base.doit())
        for factor in factors:
            base, exponent = factor.as_base_exp()
            if not exponent.is_number:
                base = factor
            elif exponent.is_negative:  # one over infinity is zero
                continue
            yield sp.Ne(base, 0)
        parts = [part for factor in factors for part in factor.args]
    elif (taken := _power_of_logarithm(formula)) is not None:  # zero, or infinity, where it is 0
        inside, parts = taken
        yield sp.Ge(inside.doit(), 0)
    elif isinstance(formula, sp.log):
        yield sp.Gt(formula.args[0].doit(), 0)
    elif formula.is_Pow and formula.exp.is_number and formula.exp.is_integer is False:
        yield sp.Ge(formula.base.doit(), 0)
    for part in parts:
        yield from _needs(part)


def _power_of_logarithm(formula: Any) -> tuple[Any, list[Any]] | None:
    """Return x of ``10^log10(x)``, ``exp(y + n*ln(x))`` or the like, and what else is in it.

    None of anything else.
    """
    is_power = isinstance(formula, sp.exp) or (formula.is_Pow and formula.base.is_positive)
    exponent: Any = formula.args[-1] if is_power else sp.S.Zero
    terms: list[Any] = list(sp.Add.make_args(exponent))
    found = [term for term in terms if term.has(sp.log) and not term.is_number]
    if len(found) != 1 or found[0].as_coeff_Mul()[0] == 0:
        return None
    factors = [factor for factor in sp.Mul.make_args(found[0]) if not factor.is_number]
    if len(factors) != 1 or not isinstance(factors[0], sp.log):
        return None
    inside: Any = factors[0].args[0]
    return inside, [inside, *(term for term in terms if term is not found[0])]
