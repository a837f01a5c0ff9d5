"""Rows into checked frames, with an account of every row."""

__all__ = [
    "checked_register",
    "communities",
    "crs",
    "degrees",
    "facilities",
    "house_numbers",
    "identifiers",
    "issues",
    "land",
    "layer",
    "merge",
    "numbers",
    "residents",
    "row_account",
    "streets",
    "study_area",
    "times",
    "values",
]
