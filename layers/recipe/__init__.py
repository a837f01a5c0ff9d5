"""`city.toml`, parsed and checked."""

__all__ = [
    "parse",
    "schema",
]
