"""Maps of rectification: tasks by state, rounds of inspection, surveys, frontage duty."""

__all__ = ["frontage", "survey", "tasks"]
