"""From findings to tasks: what an assessment asks for, who owns it, and what came of it."""

__all__ = [
    "by_area",
    "campaign",
    "findings",
    "frontage",
    "identity",
    "inspections",
    "ladder",
    "monitoring",
    "progress",
    "readiness",
    "returned",
    "survey",
    "task_table",
    "tasks",
]
