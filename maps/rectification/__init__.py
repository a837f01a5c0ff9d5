"""Maps of rectification: tasks by state, and what rounds of inspection found, before and after."""

__all__ = ["tasks"]
