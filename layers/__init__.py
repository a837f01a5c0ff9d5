"""Reads: files and TOML into checked frames. The only place that opens data."""

from layers.sources import gdal_limits

gdal_limits.restrain()
