"""Observables and their noise: formulas over a model's quantities, with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from transport_model.errors import InputError, UnknownIdError
from transport_model.mathematics.program import array_function, derivative_program
from transport_model.mathematics.symbols import symbol

#: Names of the two formulas within their program.
_OBSERVABLE, _NOISE = "the observable", "its noise"


@dataclass(frozen=True)
class Observable:
    """An observable and its noise as one program.

    Attributes
    ----------
    names
        What the formulas are made of: quantities of the model, parameters, placeholders, ``time``.
    noise_names
        Those of the noise.
    transformation, distribution
        As PEtab names them.
    """

    names: tuple[str, ...]
    noise_names: frozenset[str]
    transformation: str
    distribution: str
    function: Callable[..., list[Any]]

    def at(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return observable and noise, and their derivatives by the names.

        Parameters
        ----------
        values
            Of shape (names, rows).

        Returns
        -------
        tuple of numpy.ndarray
            Of shape (2, rows) and (2, names, rows).
        """
        with np.errstate(all="ignore"):
            computed = self.function(values)
        rows = values.shape[1]
        found = np.array([np.broadcast_to(np.asarray(each, float), rows) for each in computed])
        return found[:2], found[2:].reshape(2, len(self.names), rows)


def read_observables(table: Any, known: Sequence[str], where: str) -> Mapping[str, Observable]:
    """Read the formulas of a table of observables.

    Parameters
    ----------
    table
        As of :class:`Problem`; a formula may be one of SymPy already.
    known
        Quantities of the model and parameters of the problem.
    where
        What they belong to, for messages.

    Raises
    ------
    InputError, UnknownIdError
        A formula cannot be read, or names nothing.
    """
    found, formulas = {}, {}
    for name, row in table.iterrows():
        pair = [_formula(str(name), row[column]) for column in ("formula", "noise")]
        formulas[str(name)] = [each.xreplace({s: symbol(s.name) for s in each.free_symbols})
                               for each in pair]  # fmt: skip
    for name, (formula, noise) in formulas.items():
        of_noise = frozenset(str(s) for s in noise.free_symbols)
        used = {str(s) for s in formula.free_symbols} | of_noise
        for other in sorted(used):
            if other not in known and other != "time" and not is_placeholder(other):
                raise UnknownIdError.of(other, known, f"{where} (formula of '{name}')")
        names = tuple(sorted(used))
        program = derivative_program({_OBSERVABLE: formula, _NOISE: noise}, (_OBSERVABLE, _NOISE),
                                     names)  # fmt: skip
        row = table.loc[name]
        function = array_function(program, {"given": names})
        found[name] = Observable(names, of_noise, row["transformation"], row["distribution"],
                                 function)  # fmt: skip
    return found


def _formula(of: str, given: Any) -> sp.Basic:
    """Return a formula as SymPy's; its text is read by PEtab's own parser."""
    if isinstance(given, sp.Basic):
        return given
    from petab.v1.math import sympify_petab

    try:
        return sympify_petab(given)
    except Exception as error:  # whatever a parser says of what it cannot read
        told = " ".join(str(error).split())
        raise InputError(f"the formula of '{of}' cannot be read: {told}") from None


def is_placeholder(name: str) -> bool:
    """Whether a name stands for what each measurement brings."""
    return placeholder_of(name) is not None


def placeholder_of(name: str) -> tuple[str, int] | None:
    """Return the measurements' column and the place in it that a placeholder stands for."""
    for kind in ("observable", "noise"):
        number, _, of = name.removeprefix(f"{kind}Parameter").partition("_")
        if name.startswith(f"{kind}Parameter") and number.isdigit() and of:
            return f"{kind}_parameters", int(number) - 1
    return None
