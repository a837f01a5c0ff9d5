"""The command line: options become a question, a recipe answers it, its files are written."""

__all__ = [
    "accounts",
    "campaigns",
    "console",
    "coverage",
    "data",
    "frontage",
    "inspections",
    "issues",
    "keeping",
    "levels",
    "monitoring",
    "pack",
    "public",
    "readiness",
    "reports",
    "scenarios",
    "siting",
    "survey",
    "tasks",
]
