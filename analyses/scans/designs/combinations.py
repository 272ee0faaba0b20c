"""Designs made of designs: every row of one with every row of another, or one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from transport_model import Model
from transport_model.errors import InputError

from .axes import values_of
from .base import Columns, Design, joined


class Product(Design):
    """Every row of one design with every row of another, as :func:`product`."""

    def __init__(self, first: Design, second: Design) -> None:
        for name in first.columns:
            if name in second.columns:
                raise InputError(f"both designs of a product have a column '{name}'")
        self._first, self._second = first, second
        super().__init__((*first.columns, *second.columns), len(first) * len(second))

    def _made(self, start: int, stop: int) -> Columns:
        inner = len(self._second)
        outer = start // inner
        left = self._first.rows(outer, (stop - 1) // inner + 1)
        numbers = np.arange(start, stop, dtype=np.int64)
        columns = _taken(left, numbers // inner - outer)
        low, high = start % inner, (stop - 1) % inner + 1
        if stop - start >= inner:
            right = self._second.rows(0, inner)
            return columns | _taken(right, numbers % inner)
        pieces = [(low, high)] if low < high else [(low, inner), (0, high)]
        return columns | joined([self._second.rows(*p) for p in pieces], self._second.columns)

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return the bounds of both designs."""
        return self._first.bounds() | self._second.bounds()

    def description(self) -> dict[str, Any]:
        """Return both designs."""
        of = [self._first.description(), self._second.description()]
        return {"design": "product", "of": of}


class Union(Design):
    """The rows of one design, then those of others, as :func:`union`.

    Parameters
    ----------
    *designs
        At least one.
    model
        Gives the values of columns that only some of the designs have.
    """

    def __init__(self, *designs: Design, model: Model | None = None) -> None:
        if not designs:
            raise InputError("a union needs at least one design")
        self._designs = designs
        columns = dict.fromkeys(name for design in designs for name in design.columns)
        partial = [n for n in columns if any(n not in design.columns for design in designs)]
        if partial and model is None:
            raise InputError(
                f"only some designs of the union have a column '{min(partial)}'; give the model"
                " whose value the others take"
            )
        self._filling = values_of(model, sorted(partial)) if model is not None else {}
        super().__init__(columns, sum(map(len, designs)))

    def _made(self, start: int, stop: int) -> Columns:
        pieces, first = [], 0
        for design in self._designs:
            low, high = max(start, first), min(stop, first + len(design))
            if low < high:
                rows = design.rows(low - first, high - first)
                for name in self._filling.keys() - set(design.columns):
                    rows[name] = self._filling[name]
                pieces.append(rows)
            first += len(design)
        return joined(pieces, self.columns)

    def bounds(self) -> dict[str, tuple[float, float]]:
        """Return bounds that hold for all designs."""
        found = [design.bounds() for design in self._designs]
        for bounds in found:
            bounds.update({n: (v, v) for n, v in self._filling.items() if n not in bounds})
        return {
            name: (min(b[name][0] for b in found), max(b[name][1] for b in found))
            for name in self.columns
        }

    def description(self) -> dict[str, Any]:
        """Return the designs, and the values where one lacks a column."""
        of = [design.description() for design in self._designs]
        return {"design": "union", "of": of, "filling": self._filling}


def _taken(rows: pd.DataFrame, numbers: np.ndarray) -> Columns:
    return {str(name): column.to_numpy()[numbers] for name, column in rows.items()}
