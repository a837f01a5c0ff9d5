"""What holds for every city: kinds, standards, taxonomies, the data dictionary."""

__all__ = [
    "dictionary",
    "standards",
    "taxonomy",
]
