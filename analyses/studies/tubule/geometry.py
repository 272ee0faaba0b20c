"""What a nephron's proximal tubule is made of: how long its parts are, and what flows into it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from transport_model.catalogue import parameter_set, provenance
from transport_model.errors import InputError

#: Minutes, and millimoles in a femtomole: from fmol/s of a nephron to mmol/min of the kidneys.
SECONDS, MMOL = 60.0, 1e-12


@dataclass(frozen=True)
class Part:
    """A part of the tubule whose cells are alike.

    Attributes
    ----------
    name
        As in ``S1``; stands before what a design sets in this part alone (``S1.n_SGLT2``).
    end
        Where it ends, as a fraction of the tubule's length.
    values
        Values of its cells by id, in model units, where they differ from the model's file.
    """

    name: str
    end: float
    values: Mapping[str, float] = field(default_factory=dict)


def _known(name: str) -> float:
    return float(provenance()["value"].astype(float).to_dict()[name])


def _human_parts() -> tuple[Part, ...]:
    ends = {"S1": 0.5, "S2": 0.8, "S3": 1.0}
    sets = {name: parameter_set("epithelium", f"pt_{name.lower()}") for name in ends}
    return tuple(Part(name, end, sets[name]) for name, end in ends.items())


@dataclass(frozen=True)
class Tubule:
    """The proximal tubules of two kidneys, all alike; the defaults are a human's.

    A glomerulus filters 60 nl/min, which is 1000 pL/s: 120 ml/min by two million nephrons. The
    tubule is 17 mm long and 36 µm wide inside (Layton & Layton 2019, and the files of the model by
    the same laboratory), so that 9600 cells of a footprint of 200 µm² cover it; that footprint is
    a choice. So are the ends of S1 and S2, at 0.5 and 0.8 of the length; Layton & Layton begin S3
    at 0.88.

    Attributes
    ----------
    SNGFR
        What one glomerulus filters [pL/s].
    cells
        Cells of one tubule.
    parts
        From the glomerulus on; by default ``S1``, ``S2`` and ``S3`` with the parameter sets
        ``pt_s1``, ``pt_s2`` and ``pt_s3`` of the model ``epithelium``.
    nephrons
        Of both kidneys.
    """

    SNGFR: float = field(default_factory=lambda: _known("SNGFR"))
    cells: float = field(default_factory=lambda: _known("cells"))
    parts: tuple[Part, ...] = field(default_factory=_human_parts)
    nephrons: float = 2e6

    def __post_init__(self) -> None:
        for name in ("SNGFR", "cells", "nephrons"):
            check_positive(name, getattr(self, name))
        ends = [0.0, *(part.end for part in self.parts)]
        rises = all(low < high for low, high in pairwise(ends))
        if not rises or ends[-1] != 1:
            raise InputError(
                f"the parts of a tubule end one behind the other, the last at 1, not at {ends[1:]}"
            )
        names = [part.name for part in self.parts]
        if len(set(names)) < len(names) or not all(name.isidentifier() for name in names):
            raise InputError(f"the parts of a tubule need a name each, such as S1, not {names}")

    @property
    def mmol_per_min(self) -> float:
        """What 1 fmol/s of one nephron is in mmol/min of both kidneys."""
        return self.nephrons * SECONDS * MMOL

    def layout(self, segments: int) -> list[tuple[Part, float, float]]:
        """Return the part, the share of the cells and the end of every segment.

        Segments of a part are of equal length. Every part has at least one, and as near as possible
        to its share of them.

        Parameters
        ----------
        segments
            How many there are to be.

        Raises
        ------
        InputError
            There are fewer than parts.
        """
        whole = isinstance(segments, int) and not isinstance(segments, bool)
        if not whole or segments < len(self.parts):
            names = ", ".join(part.name for part in self.parts)
            raise InputError(f"a tubule has at least {len(self.parts)} segments, one for each of"
                             f" its parts ({names}), not {segments!r:.40}")  # fmt: skip
        begins = [0.0, *(part.end for part in self.parts[:-1])]
        lengths = [p.end - begin for p, begin in zip(self.parts, begins, strict=True)]
        counts = [max(1, math.floor(length * segments + 1e-9)) for length in lengths]
        while sum(counts) != segments:
            lacks = [length * segments - n for length, n in zip(lengths, counts, strict=True)]
            more = sum(counts) < segments
            able = [i for i, n in enumerate(counts) if more or n > 1]
            chosen = (max if more else min)(able, key=lambda i: lacks[i])
            counts[chosen] += 1 if more else -1
        return [
            (part, length / count, begin + length * (place + 1) / count)
            for part, length, begin, count in zip(self.parts, lengths, begins, counts, strict=True)
            for place in range(count)
        ]


def check_positive(name: str, value: object) -> None:
    """Raise InputError unless a number of the tubule's is positive and finite."""
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise InputError(f"{name} of a tubule is a positive number, not {value!r:.40}")
