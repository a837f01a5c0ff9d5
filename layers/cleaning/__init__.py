"""Rows into checked frames, with an account of every row."""

__all__ = [
    "checked_register",
    "communities",
    "facilities",
    "identifiers",
    "issues",
    "land",
    "layer",
    "merge",
    "residents",
    "row_account",
    "streets",
    "study_area",
]
