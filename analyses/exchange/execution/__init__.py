"""Simulation experiments of other people, run: the SED-ML of a COMBINE archive, or on its own."""
