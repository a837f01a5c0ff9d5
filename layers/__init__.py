"""Reads: files and TOML into checked frames. The only place that opens data."""

from layers.sources import gdal_limits

__all__ = ["city", "editions", "fetch", "languages", "load", "site_files", "toml_entry"]

gdal_limits.restrain()
