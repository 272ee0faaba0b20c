"""Formulas of SED-ML: arithmetic on whole arrays, and reductions to one number."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree import ElementTree

import numpy as np

from transport_model.errors import InputError, UnsupportedModelError
from transport_model.mathematics.formulas import mathml_function

from .document import Computation
from .words import local

#: Reductions of Level 1, by the end of their addresses; NaN pads courses of other lengths.
_REDUCTIONS: dict[str, Callable[[np.ndarray], Any]] = {
    "min": np.nanmin, "max": np.nanmax, "sum": np.nansum, "product": np.nanprod,
    "count": lambda values: np.isfinite(values).sum(), "mean": np.nanmean,
    "stdev": lambda values: np.nanstd(values, ddof=1),
    "variance": lambda values: np.nanvar(values, ddof=1),
}  # fmt: skip
_ADDRESS = "http://sed-ml.org/#"
#: The same by their KiSAO terms; those that do not ignore NaN see none of the padding either.
_TERMS = {825: "mean", 826: "stdev", 828: "max", 829: "min", 830: "max", 840: "min", 841: "mean",
          842: "stdev", 844: "sum", 845: "sum", 846: "product", 847: "product", 852: "count",
          853: "count", 858: "variance", 859: "variance"}  # fmt: skip


class Formula:
    """A computation, ready to be evaluated.

    Parameters
    ----------
    computation
        What the document says.
    others
        Names that it may use besides its variables and parameters: those of ranges.

    Attributes
    ----------
    used
        Names that it uses, its parameters left out.

    Raises
    ------
    InputError
        It uses a name that nothing has, or is no formula.
    UnsupportedModelError
        It uses a function that is not known here.
    """

    def __init__(self, computation: Computation, others: tuple[str, ...] = ()) -> None:
        self._told = computation.told
        self._parameters = dict(computation.parameters)
        self._reduced: list[tuple[str, str, Formula]] = []
        known = {variable.id for variable in computation.variables} | {*others}
        root = self._without_reductions(copy.deepcopy(computation.math), computation, others)
        names, self._value = mathml_function(root, self._told)
        for name in names:
            if name not in known | self._parameters.keys() | {n for n, _, _ in self._reduced}:
                raise InputError(f"{self._told} uses '{name[:80]}', which is neither a variable nor"
                                 " a parameter of it")  # fmt: skip
        self.used = {name for name in names if name in known}
        for _, _, inner in self._reduced:
            self.used |= inner.used

    def _without_reductions(
        self, element: ElementTree.Element, computation: Computation, others: tuple[str, ...]
    ) -> ElementTree.Element:
        """Return a formula in which reductions are names."""
        reduction = _reduction(element, self._told)
        if reduction is None:
            for place, part in enumerate(list(element)):
                element[place] = self._without_reductions(part, computation, others)
            return element
        inner = Formula(
            Computation(self._told, element[1], computation.variables, computation.parameters),
            others,
        )
        name = f"reduction {len(self._reduced)}"  # as no id of SED-ML can be
        self._reduced.append((name, reduction, inner))
        found = ElementTree.Element("ci")
        found.text = name
        return found

    def __call__(self, values: Mapping[str, Any]) -> np.ndarray:
        """Evaluate at `values` by name, numbers or arrays.

        Raises
        ------
        InputError
            The arrays have shapes that do not fit each other.
        """
        given: dict[str, Any] = {**self._parameters, **values}
        for name, reduction, inner in self._reduced:
            data = inner(values)
            finite = data[~np.isnan(data)]
            empty = finite.size == 0 and reduction not in {"sum", "product", "count"}
            given[name] = np.nan if empty else _REDUCTIONS[reduction](finite)
        try:
            return self._value(given)
        except ValueError as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                f"{self._told} combines values of different lengths; reduce one of them"
            ) from None


def _reduction(element: ElementTree.Element, told: str) -> str | None:
    """Return the name of the reduction that an element applies, or None."""
    if local(element) != "apply" or not len(element) or local(element[0]) != "csymbol":
        return None
    address = element[0].get("definitionURL", "").strip()
    term = re.fullmatch(r"(?:urn:)?KISAO[:_](\d{7})", address, re.IGNORECASE)
    if term is not None and int(term[1]) in _TERMS:
        address = _ADDRESS + _TERMS[int(term[1])]
    if not address.startswith(_ADDRESS):
        raise UnsupportedModelError(f"{told} uses the symbol '{address[:80]}', which is not"
                                    " supported")  # fmt: skip
    name = address.removeprefix(_ADDRESS)
    if name not in _REDUCTIONS:
        raise UnsupportedModelError(f"{told} uses '{name[:40]}'; the reductions supported are"
                                    f" {', '.join(_REDUCTIONS)}")  # fmt: skip
    if len(element) != 2:
        raise InputError(f"{told}: '{name}' of {len(element) - 1} operands")
    return name
