"""What becomes of issues: verification, indicators, recurrence, recheck, ranking."""

__all__ = [
    "followup",
    "funnel",
    "kpis",
    "matrix",
    "ranking",
    "recheck",
    "recipe",
    "recurrence",
    "sampling",
    "survival",
    "verification",
]
