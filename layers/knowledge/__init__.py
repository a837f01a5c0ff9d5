"""What holds for every city: kinds, standards, taxonomies, the data dictionary."""

__all__ = [
    "case_rules",
    "dictionary",
    "months",
    "public",
    "roles",
    "standards",
    "taxonomy",
    "titles",
    "used",
]
