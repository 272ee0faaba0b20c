"""Random reaction networks, as Antimony and as right-hand sides that owe nothing to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Reaction:
    """What a reaction takes and makes, and how fast: by mass action, or saturating in each."""

    taken: tuple[int, ...]
    made: tuple[int, ...]
    saturating: bool
    rate: float
    half: float


@dataclass(frozen=True)
class Network:
    """Species in one volume, with concentrations to start from."""

    seed: int
    volume: float
    start: tuple[float, ...]
    reactions: tuple[Reaction, ...]

    @property
    def species(self) -> list[str]:
        return [f"S{i}" for i in range(len(self.start))]

    @property
    def antimony(self) -> str:
        lines = [f"model network_{self.seed}", f" compartment c = {self.volume!r}"]
        lines += [f" species {name} in c = {x!r}"
                  for name, x in zip(self.species, self.start, strict=True)]  # fmt: skip
        for j, each in enumerate(self.reactions):
            left, right = (" + ".join(f"S{i}" for i in side) for side in (each.taken, each.made))
            factors = [f"S{i}/(h{j} + S{i})" if each.saturating else f"S{i}" for i in each.taken]
            lines.append(f" R{j}: {left} -> {right}; {'*'.join(['c', f'k{j}', *factors])}")
            lines.append(f" k{j} = {each.rate!r}")
            lines += [f" h{j} = {each.half!r}"] if each.saturating and each.taken else []
        return "\n".join([*lines, "end", ""])

    def change(self, x: np.ndarray, first: float | None = None) -> np.ndarray:
        """Return the rates of change of concentrations; `first` replaces the rate of reaction 0."""
        change = np.zeros(len(x))
        for j, each in enumerate(self.reactions):
            flux = first if j == 0 and first is not None else each.rate
            for i in each.taken:
                flux *= x[i] / (each.half + x[i]) if each.saturating else x[i]
            for i in each.taken:
                change[i] -= flux
            for i in each.made:
                change[i] += flux
        return change


def network(seed: int) -> Network:
    """Return the network of a seed: 2 to 6 species, some fed, most drained, closed now and then."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 7))

    def number(decades: float = 1.5) -> float:
        return float(f"{10 ** rng.uniform(-decades, decades):.4g}")

    def reaction(taken: tuple[int, ...], made: tuple[int, ...]) -> Reaction:
        return Reaction(taken, made, bool(rng.random() < 0.4), number(), number(1))

    reactions = []
    for _ in range(int(rng.integers(2, 9))):
        sizes = rng.choice([1, 2], 2, p=[0.7, 0.3])
        taken, made = (tuple(int(i) for i in rng.integers(0, count, size)) for size in sizes)
        if sorted(taken) == sorted(made):
            continue
        reactions.append(reaction(taken, made))
        if rng.random() < 0.6:
            reactions.append(reaction(made, taken))
    if rng.random() < 0.75:
        for i in range(count):
            if rng.random() < 0.4:
                reactions.append(reaction((), (i,)))
            if rng.random() < 0.8:
                reactions.append(reaction((i,), ()))
    reactions = reactions or [reaction((0,), (1,))]
    start = tuple(0.0 if rng.random() < 0.2 else number() for _ in range(count))
    return Network(seed, number(1), start, tuple(reactions))
