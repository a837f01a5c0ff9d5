"""Shapes that maps draw."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

UTM = CRS("EPSG:32651")


@pytest.fixture
def squares():
    """A row of three squares of 1 km with wiggly common borders."""
    y = np.linspace(0, 1000, 201)
    walls = [np.column_stack([x + 3 * np.sin(y / 9 + x), y]) for x in (0, 1000, 2000, 3000)]
    rings = [np.vstack([left, right[::-1]]) for left, right in pairwise(walls)]
    return gpd.GeoSeries(shapely.polygons(rings), crs=UTM).translate(350_000, 3_450_000)
