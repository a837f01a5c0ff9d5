"""Papers: what an office prints, composed once as words, tables and pictures, and written twice."""

__all__ = [
    "decision",
    "findings",
    "html",
    "methods",
    "model",
    "monitoring",
    "papers",
    "public",
    "readiness",
    "rounds",
    "survey",
    "write",
]
