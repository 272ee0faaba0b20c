"""What the states of a model are called."""

from __future__ import annotations


def amount(species: str) -> str:
    """Return the name of the state that holds a species' amount."""
    return f"amount({species})"


def species_of(state: str) -> str:
    """Return the id of the quantity that a state belongs to."""
    return state.removeprefix("amount(").removesuffix(")")
