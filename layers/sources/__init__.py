"""Where bytes come from: files opened once, within limits; GDAL held back."""

__all__ = [
    "files",
    "gdal_limits",
    "http",
    "opened",
    "postgis",
    "upload",
    "watched",
]
