"""Whether the rate laws of any SBML model obey thermodynamics."""

from .audit import AUDIT_COLUMNS, audit

__all__ = ["AUDIT_COLUMNS", "audit"]
