"""One composition of every bundle: page, command line and tests ask it one `Question`."""

__all__ = [
    "area",
    "check",
    "coverage",
    "facility_answers",
    "home",
    "home_text",
    "hotspots",
    "issue_answers",
    "moves",
    "new_city",
    "osm_city",
    "pack",
    "pack_check",
    "prepare",
    "public",
    "report",
    "scenarios",
    "shelf",
    "siting",
    "worker",
]
