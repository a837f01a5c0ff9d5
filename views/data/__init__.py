"""Data and methods: where every layer came from and what became of every row."""

__all__ = ["add_data", "log", "sources"]
