"""The proximal tubule: nephrons marched downstream, titrations, and how many segments it takes."""

from .convergence import segments_needed, tubule_convergence
from .geometry import Part, Tubule
from .titration import Titration, titration
from .tubule import Nephrons, tubule

__all__ = [
    "Nephrons",
    "Part",
    "Titration",
    "Tubule",
    "segments_needed",
    "titration",
    "tubule",
    "tubule_convergence",
]
