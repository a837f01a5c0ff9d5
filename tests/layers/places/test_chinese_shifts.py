"""GCJ-02 and BD-09 are taken back exactly, held to published control points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.load import load_city
from layers.places.chinese_shifts import SHIFTS, is_shifted, median_shift, to_wgs84
from tests.layers.toy import HEAD, NOWHERE, SQUARE, write_communities

CONTROL = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]
"""WGS 84 and GCJ-02, from the tests of eviltransform and coordtransform."""


@pytest.mark.parametrize(("true", "moved"), CONTROL)
def test_control_points(true, moved):
    lon, lat = to_wgs84(np.array([moved[0]]), np.array([moved[1]]), crs="GCJ-02")
    assert (lon[0], lat[0]) == pytest.approx(true, abs=1e-11)


def test_the_second_shift_of_baidu():
    """GCJ-02 116.404, 39.915 is BD-09 116.41036949371029, 39.92133699351021 (coordtransform)."""
    gcj = to_wgs84(np.array([116.404]), np.array([39.915]), crs="GCJ-02")
    bd = to_wgs84(np.array([116.41036949371029]), np.array([39.92133699351021]), crs="BD-09")
    assert np.allclose(gcj, bd, rtol=0, atol=1e-11)


@given(
    lon=st.floats(74, 135), lat=st.floats(18, 53), crs=st.sampled_from(["GCJ-02", "BD-09", "gcj02"])
)
def test_there_and_back_is_the_same_place(lon, lat, crs):
    shift = SHIFTS["BD-09" if crs == "BD-09" else "GCJ-02"]
    back = to_wgs84(*shift(np.array([lon]), np.array([lat])), crs=crs)
    assert np.allclose(np.ravel(back), [lon, lat], rtol=0, atol=1e-10)
    assert 20 < median_shift(np.array([lon]), np.array([lat]), crs=crs) < 2000


def test_nothing_is_moved_elsewhere_and_what_is_missing_stays_so():
    lon, lat = np.array([-73.9, np.nan]), np.array([40.7, 30.0])
    back = to_wgs84(lon, lat, crs="GCJ-02")
    assert np.array_equal(back[0], lon, equal_nan=True)
    assert not is_shifted("EPSG:4326")


LAYER = """
[[layers]]
kind = "toilet"
file = "t.csv"
crs = "{crs}"
columns = {{ lon = "lon", lat = "lat" }}
"""


@pytest.mark.parametrize("crs", ["GCJ-02", "BD-09"])
def test_places_and_shapes_of_a_declared_system_meet(tmp_path, crs):
    moved = shapely.transform(SQUARE, lambda points: np.column_stack(SHIFTS[crs](*points.T)))
    write_communities(tmp_path, [moved])
    lon, lat = SHIFTS[crs](np.array([116.30]), np.array([39.85]))
    text = f'{HEAD}crs = "{crs}"\n{LAYER.format(crs=crs)}'
    (tmp_path / "city.toml").write_text(text, encoding="utf-8")
    (tmp_path / "t.csv").write_text(f"lon,lat\n{lon[0]:.9f},{lat[0]:.9f}\n", encoding="utf-8")
    city = load_city(tmp_path, city_data=NOWHERE)
    for report in city.reports:
        (note,) = [note for note in report.notes if note.rule == "shift_taken_back"]
        assert 300 < note.facts["shift_m"] < 1500
    corner = city.facilities.to_crs(4326).geometry.item()
    assert (corner.x, corner.y) == pytest.approx((116.30, 39.85), abs=1e-8)
    assert city.communities.to_crs(4326).total_bounds == pytest.approx(SQUARE.bounds, abs=1e-8)
