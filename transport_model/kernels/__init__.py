"""Compiled solvers: steady states by the million."""
