"""Whether the rate laws of any SBML model obey thermodynamics."""
