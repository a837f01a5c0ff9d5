"""What all else is made of: contracts of frames, errors, standards, taxonomies."""

__all__ = [
    "calendar_periods",
    "campaign",
    "contracts",
    "crs",
    "errors",
    "figures",
    "ladder",
    "levels",
    "monitoring",
    "multiple_testing",
    "question",
    "roles",
    "standards",
    "survey",
    "taxonomy",
    "title",
]
