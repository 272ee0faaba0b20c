"""Time courses: libRoadRunner, and what moves a model from outside."""
