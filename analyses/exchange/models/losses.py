"""What a format cannot carry, and a text with the list of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loss:
    """One thing that a format does not carry, or carries in another form.

    Attributes
    ----------
    format
        ``SBML L2V4``, ``Antimony``, ``CellML 2.0``, …
    what
        What of the model.
    why
        What became of it, or what the format lacks.
    """

    format: str
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.format}: {self.what} ({self.why})"


@dataclass(frozen=True)
class Exported:
    """A model in some format, and what that format could not carry."""

    text: str
    losses: tuple[Loss, ...] = ()
