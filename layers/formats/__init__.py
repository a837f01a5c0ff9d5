"""Formats into rows of text and geometry."""

__all__ = [
    "archives",
    "boundary",
    "footers",
    "geodata",
    "headings",
    "nested",
    "read",
    "street_edges",
    "table",
    "text",
]
