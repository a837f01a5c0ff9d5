"""Rectification: what became of reports, what came back, whose work holds."""

__all__ = [
    "campaigns",
    "findings",
    "followup",
    "frontage",
    "handling",
    "inspections",
    "ladder",
    "monitoring",
    "monthly",
    "readiness",
    "survey",
    "tasks",
]
