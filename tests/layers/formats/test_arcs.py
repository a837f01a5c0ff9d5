"""Arcs are cut into straight pieces, alike from either side, with a note; none stops a file."""

from __future__ import annotations

import struct

import hypothesis.strategies as st
import numpy as np
import pyogrio
import pytest
from hypothesis import assume, given, settings

from layers.formats.geodata import cut_arcs, from_wkb
from layers.load import load_city
from layers.sources.opened import Opened
from tests.layers.toy import HEAD, NOWHERE

OPENED = Opened("entry", "file", b"", "")
NUMBERS = st.floats(-1e7, 1e7).map(lambda number: round(number, 3))
PLACES = st.tuples(NUMBERS, NUMBERS)


def wkb(kind, *parts, width=2, order="<", points=()):
    """Well-known binary of a type, of parts or of points."""
    head = struct.pack("<B" if order == "<" else ">B", order == "<") + struct.pack(
        f"{order}I", kind
    )
    numbers = np.array(points, dtype=f"{order}f8").tobytes()
    return head + struct.pack(f"{order}I", len(parts) or len(points)) + b"".join(parts) + numbers


def half_disc(x, y, radius, **more):
    """An arc over the top and a straight line back."""
    arc = [(x - radius, y), (x, y + radius), (x + radius, y)]
    ring = wkb(9, wkb(8, points=arc, **more), wkb(2, points=[arc[2], arc[0]], **more), **more)
    return wkb(10, ring, **more)


def read(*blobs):
    return from_wkb(OPENED, blobs)


@given(NUMBERS, NUMBERS, st.floats(0.1, 1e4), st.sampled_from("<>"))
def test_area_is_that_of_the_arc(x, y, radius, order):
    shapes, remarks = read(half_disc(x, y, radius, order=order), None)
    assert shapes[0].area == pytest.approx(np.pi * radius**2 / 2, rel=2e-4)
    assert shapes[1] is None
    assert remarks == {"arcs_cut": {"rows": 1}}


@settings(max_examples=40)
@given(PLACES, PLACES, PLACES)
def test_an_arc_is_the_same_from_either_side_and_keeps_its_places(start, by, end):
    assume(start != end)  # a whole circle
    points = np.array([start, by, end])
    cut = cut_arcs(points)
    np.testing.assert_array_equal(cut, cut_arcs(points[::-1])[::-1])
    held = {tuple(point) for point in cut.tolist()}
    assert {tuple(point) for point in points.tolist()} <= held


def test_a_circle_of_one_arc_and_three_dimensions():
    circle = [(3.0, 0.0, 9.0), (5.0, 0.0, 9.0), (3.0, 0.0, 9.0)]
    shapes, _ = read(
        wkb(1010, wkb(1008, points=circle)), wkb(0x8000000A, wkb(0x80000008, points=circle))
    )
    assert [shape.area for shape in shapes] == pytest.approx([np.pi, np.pi], rel=1e-4)
    assert shapes[0].bounds == pytest.approx((3, -1, 5, 1), abs=1e-4)


def test_several_and_empty_ones():
    disc, line = half_disc(0, 0, 1), wkb(2, points=[(0, 0), (1, 1)])
    arc = wkb(8, points=[(0, 0), (1, 1), (2, 0)])
    square = wkb(3, struct.pack("<I8d", 4, 0, 0, 1, 0, 1, 1, 0, 0))
    shapes, remarks = read(
        wkb(12, disc, square), wkb(11, arc, line), wkb(10), wkb(7, disc, line), line
    )
    assert [shape.geom_type for shape in shapes] == [
        "MultiPolygon", "MultiLineString", "Polygon", "GeometryCollection", "LineString",
    ]  # fmt: skip
    assert shapes[0].area == pytest.approx(np.pi / 2 + 0.5, rel=1e-4)
    assert shapes[2].is_empty
    assert remarks == {"arcs_cut": {"rows": 3}}


@given(st.data())
def test_a_damaged_arc_is_no_shape_and_stops_nothing(data):
    sound = half_disc(0, 0, 1)
    damaged = bytearray(sound)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged)[: data.draw(st.integers(0, len(sound)))]
    shapes, _ = read(sound, cut)
    assert shapes[0].area > 1


@pytest.mark.parametrize("name", ["a.gpkg", "a.gml", "a.fgb"])
def test_a_file_with_arcs_loads_with_a_note(tmp_path, name):
    degrees = half_disc(116.40, 39.90, 0.01)
    if name == "a.gml":
        (tmp_path / name).write_text(GML)
    else:
        pyogrio.raw.write(
            tmp_path / name, np.array([degrees], dtype=object),
            [np.array(["A"], dtype=object)], fields=["id"], geometry_type="Unknown",
            crs="EPSG:4326",
        )  # fmt: skip
    layer = f'[[layers]]\nkind = "communities"\nfile = "{name}"\ncolumns = {{ id = "id" }}\n'
    (tmp_path / "city.toml").write_text(HEAD.partition("[[layers]]")[0] + layer)
    city = load_city(tmp_path, city_data=NOWHERE)
    (shape,) = city.communities.to_crs(4326).geometry
    assert shape.area == pytest.approx(np.pi * 1e-4 / 2, rel=1e-3)
    assert "arcs_cut" in [note.rule for note in city.reports[0].notes]


GML = """<?xml version="1.0"?>
<wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:a="http://a"
 xmlns:gml="http://www.opengis.net/gml/3.2"><wfs:member><a:c gml:id="x"><a:id>A</a:id><a:geom>
<gml:Surface gml:id="s" srsName="EPSG:4326"><gml:patches><gml:PolygonPatch><gml:exterior><gml:Ring>
<gml:curveMember><gml:Curve gml:id="k"><gml:segments>
<gml:Arc><gml:posList>116.39 39.90 116.40 39.91 116.41 39.90</gml:posList></gml:Arc>
<gml:LineStringSegment><gml:posList>116.41 39.90 116.39 39.90</gml:posList></gml:LineStringSegment>
</gml:segments></gml:Curve></gml:curveMember></gml:Ring></gml:exterior></gml:PolygonPatch>
</gml:patches></gml:Surface></a:geom></a:c></wfs:member></wfs:FeatureCollection>"""
