"""A surface as a picture."""

from __future__ import annotations

import io

import geopandas as gpd
import numpy as np
import pytest
import shapely
from PIL import Image
from pyproj import CRS

from maps.raster import density_picture

UTM = CRS("EPSG:32651")


def test_surface_is_darkest_where_it_is_densest():
    density = np.zeros((20, 30))
    density[4, 25] = 8.0
    picture = density_picture(density, left=350_000, bottom=3_450_000, cell=100, crs=UTM)
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)))
    weight = pixels[..., 3] / pixels[..., 3].sum(dtype=float)
    row, column = (np.sum(weight * place) for place in np.indices(weight.shape))
    assert picture.highest == 8
    assert (pixels[..., 3] == 0).mean() > 0.9
    west, south, east, north = picture.bounds
    lon = west + (column + 0.5) / pixels.shape[1] * (east - west)
    lat = north - (row + 0.5) / pixels.shape[0] * (north - south)
    found = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4326).to_crs(UTM).iloc[0]
    assert found.distance(shapely.Point(352_550, 3_450_450)) < 5


def test_surface_of_nothing_is_refused():
    with pytest.raises(ValueError, match="positive"):
        density_picture(np.zeros((2, 2)), left=0, bottom=0, cell=1, crs=UTM)
