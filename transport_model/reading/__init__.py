"""Model files of every kind, read into one checked SBML text."""
