"""Writes: tables, workbooks, map layers and records. The only place that writes results."""

from layers import gdal

gdal.restrain()
