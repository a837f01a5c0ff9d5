"""A city from an extract of OpenStreetMap, with an account of every object."""

__all__ = [
    "city",
]
