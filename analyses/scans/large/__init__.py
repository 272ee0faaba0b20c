"""Scans that outgrow memory, a process or an evening."""
