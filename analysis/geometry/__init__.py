"""Exact coverage by circles, gap outlines, and where a place lies."""

__all__ = [
    "buffers",
    "crossings",
    "disc_cover",
    "drawn_area",
    "edges",
    "gap_outlines",
    "locate",
]
