"""What leaves the project: model formats, experiments, archives, and agreement with engines."""
