"""Observables and their noise: formulas over a model's quantities, with exact derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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
    transformation, distribution
        As PEtab names them.
    """

    names: tuple[str, ...]
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
        As of :class:`Problem`.
    known
        Quantities of the model and parameters of the problem.
    where
        What they belong to, for messages.

    Raises
    ------
    InputError, UnknownIdError
        A formula cannot be read, or names nothing.
    """
    from petab.v1.math import sympify_petab

    found, formulas = {}, {}
    for name, row in table.iterrows():
        try:
            pair = [sympify_petab(row[column]) for column in ("formula", "noise")]
        except Exception as error:  # whatever a parser says of what it cannot read
            told = " ".join(str(error).split())
            raise InputError(f"the formula of '{name}' cannot be read: {told}") from None
        formulas[str(name)] = [each.xreplace({s: symbol(s.name) for s in each.free_symbols})
                               for each in pair]  # fmt: skip
    for name, (formula, noise) in formulas.items():
        used = {str(s) for s in formula.free_symbols | noise.free_symbols}
        for other in sorted(used):
            if other not in known and other != "time" and not is_placeholder(other):
                raise UnknownIdError.of(other, known, f"{where} (formula of '{name}')")
        names = tuple(sorted(used))
        program = derivative_program({_OBSERVABLE: formula, _NOISE: noise}, (_OBSERVABLE, _NOISE),
                                     names)  # fmt: skip
        row = table.loc[name]
        function = array_function(program, {"given": names})
        found[name] = Observable(names, row["transformation"], row["distribution"], function)
    return found


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
