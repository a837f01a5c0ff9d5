"""Coverage judged by a standard: figures, verdicts, shortfall, gaps, capacity."""

__all__ = [
    "additions",
    "assessment",
    "capacity",
    "catchment",
    "editions",
    "equity",
    "figures",
    "gaps",
    "reach_curve",
    "robustness",
    "scorecard",
    "shortfall",
    "summary",
    "verdicts",
    "zones",
]
