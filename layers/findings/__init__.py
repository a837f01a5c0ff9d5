"""What layers of a city say against each other and against good sense, with numbers."""

__all__ = [
    "city_notes",
    "personal",
]
