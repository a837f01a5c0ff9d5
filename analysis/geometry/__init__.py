"""Exact coverage by circles, gap outlines, and where a place lies."""

__all__ = [
    "buffers",
    "crossings",
    "disc_cover",
    "edges",
    "gap_outlines",
    "locate",
]
