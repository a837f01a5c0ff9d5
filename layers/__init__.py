"""Reads: files and TOML into checked frames. The only place that opens data."""

from layers import gdal

gdal.restrain()
