"""Formats into rows of text and geometry."""

__all__ = [
    "geodata",
    "read",
    "table",
]
