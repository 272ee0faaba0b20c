"""Simulation experiments in the formats of other tools."""
