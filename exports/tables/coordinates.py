"""Longitude and latitude beside metres."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyproj import Transformer

if TYPE_CHECKING:
    import pandas as pd

    from layers.city import City


def with_degrees(table: pd.DataFrame, city: City) -> pd.DataFrame:
    """Put longitude and latitude beside x and y."""
    to_degrees = Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    lon, lat = to_degrees.transform(table["x"].to_numpy(float), table["y"].to_numpy(float))
    return table.assign(lon=lon, lat=lat)
