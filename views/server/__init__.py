"""The web application around the page: script, headers, routes, warm start."""

__all__ = [
    "middleware",
]
