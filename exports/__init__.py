"""Writes: tables, workbooks, map layers and records. The only place that writes results."""

from layers.sources import gdal_limits

__all__ = ["bulletin"]

gdal_limits.restrain()
