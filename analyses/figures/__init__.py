"""Figures; they draw what they are given."""
