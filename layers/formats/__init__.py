"""Formats into rows of text and geometry."""

__all__ = [
    "archives",
    "boundary",
    "footers",
    "geodata",
    "headings",
    "known",
    "nested",
    "raster",
    "read",
    "street_edges",
    "table",
    "text",
    "text_geometry",
]
