"""Result objects arranged as the tables that `data/dictionary.toml` describes."""

__all__ = [
    "bulletin",
    "coordinates",
    "data",
    "facilities",
    "issues",
    "quality",
    "trends",
]
