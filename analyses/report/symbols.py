"""The symbols that print uses for a model's ids: [Na⁺]_i for Na_i, k_12 for sglt_k12."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from transport_model import Model
from transport_model.mathematics.equation_list import GREEK

from ..figures.style import LABEL

#: Ids of this many begin with the name of a part before that goes into the subscript.
SHARED = 4
_PART = re.compile(r"[a-z]{3,}")
#: Words within ids of factors between units, which are no subscripts: mV_per_V.
_FACTORS = {"per", "to"}
_LETTER_AND_NUMBER = re.compile(r"([A-Za-z])(\d+)")


@dataclass(frozen=True)
class Symbol:
    """How a quantity is printed.

    Attributes
    ----------
    base
        A letter, or letters that stand upright.
    subscript
        Parts that stand below, separated by commas.
    in_brackets
        Whether the base is in brackets, as a concentration.
    """

    base: str
    subscript: tuple[str, ...]
    in_brackets: bool = False

    def __str__(self) -> str:
        base = f"[{self.base}]" if self.in_brackets else self.base
        return f"{base}_{','.join(self.subscript)}" if self.subscript else base


def symbols_of(model: Model) -> dict[str, Symbol]:
    """Return the symbol of every quantity and reaction of a model, by id."""
    names = [*model.quantities, *model.reaction_ids]
    parts = _parts(names, model)
    concentrations = {
        name for name, quantity in model.quantities.items()
        if quantity.kind in {"floating", "boundary"} and not quantity.is_amount
    }  # fmt: skip
    found: dict[str, Symbol] = {}
    taken: set[Symbol] = set()
    for name in names:
        symbol = _symbol(name, parts, name in concentrations)
        if symbol in taken:  # two ids are not to look alike
            symbol = Symbol(name, (), name in concentrations)
        taken.add(symbol)
        found[name] = symbol
    return found


def of_amount(symbol: Symbol, name: str) -> Symbol:
    """Return the symbol n of a species' amount."""
    below = (symbol.base, *symbol.subscript) if symbol.in_brackets else (name,)
    return Symbol("n", below)


def _parts(names: list[str], model: Model) -> set[str]:
    """Return the names of parts: what the ids of reactions begin with, and many others, too."""
    begins = Counter(name.partition("_")[0] for name in names if "_" in name)
    reactions = {name.rpartition("_")[0] for name in model.reaction_ids if "_" in name}
    firsts = {name.partition("_")[0] for name in reactions}
    of_many = {word for word in firsts if begins[word] >= SHARED and _PART.fullmatch(word)}
    return of_many | {part for part in reactions if part.partition("_")[0] in of_many}


def _symbol(name: str, parts: set[str], is_concentration: bool) -> Symbol:
    part = max((p for p in parts if name.startswith(f"{p}_")), key=len, default="")
    words = [word for word in name.removeprefix(f"{part}_").split("_") if word]
    if name.startswith("_") or not words or _FACTORS.intersection(words):
        return Symbol(name.replace("_", " ").strip() or name, (), is_concentration)
    base, below = words[0], words[1:]
    if split := _LETTER_AND_NUMBER.fullmatch(base):
        base, below = split[1], [split[2], *below]
    if is_concentration and base != "Glc":
        base = LABEL.get(base, base)
    if part:
        below.append(part.replace("_", " "))
    return Symbol(GREEK.get(base, base), tuple(GREEK.get(word, word) for word in below),
                  is_concentration)  # fmt: skip
