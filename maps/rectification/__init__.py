"""Maps of rectification: tasks by state, rounds, surveys, frontage duty, monitoring."""

__all__ = ["frontage", "monitoring", "survey", "tasks"]
