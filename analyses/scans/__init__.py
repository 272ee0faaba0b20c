"""Designs, and what is solved or followed at each of their points."""
