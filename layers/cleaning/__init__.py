"""Rows into checked frames, with an account of every row."""

__all__ = [
    "checked_register",
    "columns",
    "coordinates",
    "crs",
    "frames",
    "geometry",
    "issues",
    "row_account",
    "streets",
]
