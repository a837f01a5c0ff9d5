"""Places from what people write: shifted systems, codes, names and addresses."""

__all__ = [
    "chinese_shifts",
    "gazetteer",
    "likely_crs",
    "names",
    "plus_codes",
    "search",
]
