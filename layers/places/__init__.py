"""Places from what people write: shifted systems, codes, names and addresses."""

__all__ = [
    "chinese_shifts",
    "gazetteer",
    "names",
    "plus_codes",
    "systems",
]
