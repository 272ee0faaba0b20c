"""Time courses: libRoadRunner, and what moves a model from outside."""

from transport_model.old_names import forwarded

__getattr__ = forwarded(__name__, "transport_model.simulation.courses")
