"""Specifies: what a chart shows, in the colours of the maps. Knows no screen."""

__all__ = [
    "campaigns",
    "cases",
    "coverage",
    "ladder",
    "monitoring",
    "ranking",
    "siting",
    "spec",
    "survey",
    "tasks",
]
