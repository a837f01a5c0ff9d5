"""An area drawn by hand comes back from its text, and nothing else passes for one."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from analysis.geometry.drawn_area import DECIMALS, MAX_RADIUS_M, DrawnArea, read_area

METRES = CRS("EPSG:32650")
degrees = st.integers(-30_000, 30_000).map(lambda n: round(n / 10**DECIMALS, DECIMALS))
places = st.tuples(
    degrees.map(lambda d: round(116 + d, 5)), degrees.map(lambda d: round(40 + d, 5))
)


@given(places, st.integers(1, int(MAX_RADIUS_M)))
def test_a_circle_comes_back_from_its_text(centre, radius):
    area = DrawnArea((centre,), float(radius))
    assert read_area(area.text()) == area


@given(places, st.integers(3, 12), st.integers(100, 9_000))
def test_a_polygon_comes_back_from_its_text(centre, sides, size):
    turns = [2 * math.pi * side / sides for side in range(sides)]
    corners = tuple(
        (round(centre[0] + size * math.cos(turn) / 1e5, 5),
         round(centre[1] + size * math.sin(turn) / 1e5, 5))
        for turn in turns
    )  # fmt: skip
    area = DrawnArea(corners)
    assert read_area(area.text()) == area


@given(st.text(alphabet="0123456789.,;@- einfa", max_size=60))
def test_any_text_is_an_area_with_an_extent_or_none(text):
    area = read_area(text)
    assert area is None or (area.radius_m > 0) == (len(area.corners) == 1)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0@116,40", "60000@116,40", "500@116", "500@400,40", "500@116,95", "-5@116,40"),
        *("116,40;117,41", "116,40;117,41;118,42", "116,40;116,40;116,40"),
        "0,0;1,1;1,0;0,1",
        ";".join(f"{116 + n / 1000:.3f},{40 + n * n / 1e5:.5f}" for n in range(201)),
    ],
)
def test_what_has_no_extent_or_crosses_itself_is_no_area(text):
    assert read_area(text) is None


def test_a_circle_has_the_area_of_its_radius():
    shape = DrawnArea(((116.5, 40.0),), 1000.0).shape(METRES)
    assert shape.area == pytest.approx(math.pi * 1000**2, rel=5e-4)
    assert shape.area < math.pi * 1000**2
    zone = DrawnArea(((116.5, 40.0),), 1000.0).zone(METRES)
    assert zone.index.tolist() == ["1000@116.5,40"]
    assert zone.crs == METRES
