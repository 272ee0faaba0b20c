"""Protocols: what is done to a cell, what is measured, what is claimed."""
