"""The proximal tubule: nephrons marched downstream, titrations, and how many segments it takes."""

from .answers import TubuleAnswers, tubule_answers
from .calibration import TubuleFit, calibrate_tubule
from .claims import tubule_claims
from .convergence import segments_needed, tubule_convergence
from .geometry import Part, Tubule
from .titration import Titration, titration
from .tubule import Nephrons, tubule
from .validation import validate_tubule

__all__ = [
    "Nephrons",
    "Part",
    "Titration",
    "Tubule",
    "TubuleAnswers",
    "TubuleFit",
    "calibrate_tubule",
    "segments_needed",
    "titration",
    "tubule",
    "tubule_answers",
    "tubule_claims",
    "tubule_convergence",
    "validate_tubule",
]
