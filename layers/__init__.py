"""Reads: files and TOML into checked frames. The only place that opens data."""

import pyarrow as pa

from layers.sources import gdal_limits

__all__ = [
    "campaigns",
    "city",
    "editions",
    "fetch",
    "languages",
    "load",
    "site_files",
    "toml_entry",
]

gdal_limits.restrain()
# That of the system needs a fifth of the time to get memory that was never used.
pa.set_memory_pool(pa.system_memory_pool())
