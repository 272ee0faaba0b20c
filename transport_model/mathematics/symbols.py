"""The symbols of which formulas are made."""

from __future__ import annotations

import sympy as sp


def symbol(name: str) -> sp.Symbol:
    """Return the symbol of a quantity; all of a model's quantities are real."""
    return sp.Symbol(name, real=True)


TIME = symbol("csymbol(time)")
#: The value that SBML L3V2, section 3.4.6, gives its csymbol; not ours to improve.
AVOGADRO = sp.Float("6.02214179e23", 17)
