"""The commands of ``transport-model``, a module for each kind."""
