"""Reported issues: which are meant, where they lie, what became of them, when they are due."""

__all__ = [
    "by_area",
    "campaign",
    "counts",
    "due_dates",
    "issue_set",
    "location",
    "moments",
    "monthly",
    "months",
    "selection",
    "working_time",
]
