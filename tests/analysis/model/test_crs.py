"""The metric system: true metres, or a refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer

from analysis.model.crs import TOLERANCE, check_crs, local_crs, scale_error
from analysis.model.errors import CrsError

GEOD = Geod(ellps="WGS84")
CITIES = {"Quito": (-78.5, -0.2), "Wuhan": (114.3, 30.6), "Reykjavik": (-21.9, 64.1)}


def around(lon, lat, degrees=0.3):
    return lon - degrees, lat - degrees, lon + degrees, lat + degrees


@given(
    lon=st.floats(-170, 170),
    lat=st.floats(-75, 75),
    azimuth=st.floats(0, 360),
    length=st.floats(10, 30_000),
)
def test_lengths_agree_with_the_geodesic(lon, lat, azimuth, length):
    crs = local_crs(around(lon, lat))
    far_lon, far_lat, _ = GEOD.fwd(lon, lat, azimuth, length)
    transformer = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    x, y = transformer.transform([lon, far_lon], [lat, far_lat])
    measured = ((x[1] - x[0]) ** 2 + (y[1] - y[0]) ** 2) ** 0.5
    assert measured == pytest.approx(length, rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("city", CITIES)
def test_scale_error_knows_a_good_system_from_a_bad_one(city):
    bounds = around(*CITIES[city])
    assert scale_error(local_crs(bounds), bounds) < 1e-4
    lat = CITIES[city][1]
    mercator = scale_error(CRS.from_epsg(3857), bounds)
    assert (mercator > TOLERANCE) == (abs(lat) > 5)


def test_the_same_extent_gives_the_same_system():
    bounds = around(114.301, 30.602)
    assert local_crs(bounds) == local_crs(tuple(value + 1e-6 for value in bounds))


@pytest.mark.parametrize(
    ("crs", "problem"),
    [
        (None, "crs_missing"),
        (4326, "crs_unit"),
        (2263, "crs_unit"),
        (3857, "crs_distorted"),
        (6933, "crs_distorted"),
        (32648, "crs_distorted"),
    ],
)
def test_false_metres_are_refused(crs, problem):
    bounds = around(114.3, 30.6, 0.1)
    if crs is not None:
        bounds = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*bounds)
    with pytest.raises(CrsError) as caught:
        check_crs(crs, bounds=bounds, name="communities")
    assert caught.value.problem == problem
    assert caught.value.hint


@pytest.mark.parametrize("crs", [32650, 4547])
def test_true_metres_are_accepted(crs):
    bounds = around(114.3, 30.6, 0.1)
    there = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform_bounds(*bounds)
    check_crs(crs, bounds=there, name="communities")
