"""Keeps: records with every revision, and one log. The only place with SQL."""

__all__ = [
    "accounts",
    "address",
    "backup",
    "database",
    "log",
    "logins",
    "verification",
    "versioned",
]
