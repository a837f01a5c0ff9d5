"""One composition of every bundle: page, command line and tests ask it one `Question`."""

__all__ = [
    "area",
    "check",
    "coverage",
    "facility_answers",
    "findings",
    "home",
    "home_text",
    "hotspots",
    "issue_answers",
    "new_city",
    "osm_city",
    "prepare",
    "report",
    "scenarios",
    "shelf",
    "siting",
    "task_lists",
    "tasks",
    "worker",
]
