"""The map on a page, from our own scripts alone."""

__all__ = [
    "shared_store",
    "widget",
]
