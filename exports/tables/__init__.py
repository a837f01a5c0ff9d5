"""Result objects arranged as the tables that `data/dictionary.toml` describes."""

__all__ = [
    "bulletin",
    "charts",
    "coordinates",
    "data",
    "differences",
    "facilities",
    "issues",
    "quality",
    "trends",
]
