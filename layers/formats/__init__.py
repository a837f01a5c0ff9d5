"""Formats into rows of text and geometry."""

__all__ = [
    "archives",
    "boundary",
    "geodata",
    "read",
    "table",
]
