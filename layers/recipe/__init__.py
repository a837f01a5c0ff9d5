"""`city.toml`, parsed and checked."""

__all__ = [
    "corrections",
    "parse",
    "schema",
]
