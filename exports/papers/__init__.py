"""Papers: what an office prints, composed once as words, tables and pictures, and written twice."""

__all__ = ["findings", "model", "papers", "write"]
