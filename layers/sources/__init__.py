"""Where bytes come from: files opened once, within limits; GDAL held back."""

__all__ = [
    "files",
    "gdal_limits",
    "http",
    "memory",
    "opened",
    "postgis",
    "upload",
    "watched",
]
