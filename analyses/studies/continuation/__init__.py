"""Steady states followed in parameters: branches, their special points, curves of folds."""

from .branch import Branch, continue_steady_state, crossing_branch
from .fold_curves import FoldCurve, fold_curve

__all__ = ["Branch", "FoldCurve", "continue_steady_state", "crossing_branch", "fold_curve"]
