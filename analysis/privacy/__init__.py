"""Personal data in texts and columns: found by pattern, and masked."""

__all__ = [
    "public_view",
    "recognise",
    "retention",
]
