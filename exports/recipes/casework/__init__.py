"""From finding to fixed: one composition of findings, tasks, rounds and warning levels."""

__all__ = [
    "campaigns",
    "findings",
    "frontage",
    "inspections",
    "ladder",
    "levels",
    "monitoring",
    "readiness",
    "sites",
    "survey",
    "task_board",
    "task_commands",
    "task_lists",
    "tasks",
]
