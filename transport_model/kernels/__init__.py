"""Compiled solvers: steady states by the million."""

from transport_model.old_names import forwarded

__getattr__ = forwarded(__name__, "transport_model.kernels.kernel")
