"""Reports and exports: files that staff put into a report."""

__all__ = ["export", "papers", "public"]
