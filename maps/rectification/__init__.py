"""Maps of rectification: tasks by state, what rounds of inspection found, what residents say."""

__all__ = ["survey", "tasks"]
