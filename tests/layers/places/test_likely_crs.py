"""Zones of CGCS2000, with and without their number, are read; the wrong one is told the right."""

from __future__ import annotations

import pytest
import shapely
from pyproj import CRS, Transformer

from analysis.model.errors import CrsError, SourceError
from layers.load import load_city
from layers.places.likely_crs import twin_code, zone_code
from tests.layers.toy import HEAD, NOWHERE, write_communities

LON, LAT = 116.40, 39.90
PLACES = [(LON, LAT), (LON + 0.01, LAT), (LON, LAT + 0.01)]
CODES = [4490, 4498, 4509, 4527, 4548]
"""CGCS2000 in degrees; of 6 and of 3 degrees about 117° E, with the zone's number and without."""


def projected(code, shape):
    there = Transformer.from_crs(4326, code, always_xy=True)
    return shapely.transform(shape, lambda at: [*zip(*there.transform(*at.T), strict=True)])


@pytest.mark.parametrize("first", [4491, 4513])
def test_codes_are_those_of_epsg(first):
    for code in range(first, first + (11 if first == 4491 else 21)):
        zone = int(CRS(code).name.rsplit(" ", 1)[1])
        assert zone_code(zone * 1e6 + 500_000) == f"EPSG:{code}"
        plain = CRS(twin_code(code, 500_000.0))
        degrees = zone * 6 - 3 if first == 4491 else zone * 3
        assert plain.name.endswith(f"CM {degrees}E")


def city_of(folder, *, crs, x, y):
    write_communities(folder)
    named = f'crs = "{crs}"\n' if crs else ""
    layer = f'\n[[layers]]\nkind = "toilet"\nfile = "t.csv"\n{named}'
    columns = f'columns = {{ {x} = "x", {y} = "y" }}\n'
    (folder / "city.toml").write_text(HEAD + layer + columns, "utf-8")
    return lambda: load_city(folder, city_data=NOWHERE)


def write_places(folder, code):
    there = Transformer.from_crs(4326, code, always_xy=True)
    rows = [",".join(map(str, there.transform(*place))) for place in PLACES]
    (folder / "t.csv").write_text("\n".join(["e,n", *rows, ""]), "utf-8")


@pytest.mark.parametrize("code", CODES)
def test_each_is_read(tmp_path, code):
    write_places(tmp_path, code)
    city = city_of(tmp_path, crs=f"EPSG:{code}", x="e", y="n")()
    places = city.facilities.geometry.to_crs(4326)
    assert [*zip(places.x, places.y, strict=True)] == [
        pytest.approx(place, abs=1e-7) for place in PLACES
    ]


@pytest.mark.parametrize(
    ("written", "named"), [(4527, 4548), (4548, 4527), (4548, 4547), (4490, 4548)]
)
def test_the_wrong_one_is_told_the_right_and_the_advice_works(tmp_path, written, named):
    write_places(tmp_path, written)
    with pytest.raises(SourceError) as caught:
        city_of(tmp_path, crs=f"EPSG:{named}", x="e", y="n")()
    assert caught.value.problem == "places_system"
    system = caught.value.facts["system"]
    assert system in caught.value.hint
    assert city_of(tmp_path, crs=system, x="e", y="n")().reports[-1].loaded == 3


def test_northing_first_and_no_system_named(tmp_path):
    """Surveyors call the northing X: both columns are exchanged, and no system is stated."""
    write_places(tmp_path, 4548)
    with pytest.raises(CrsError) as caught:
        city_of(tmp_path, crs="", x="n", y="e")()
    assert (caught.value.problem, caught.value.facts["system"]) == (
        "crs_missing_exchanged",
        "EPSG:4548",
    )
    assert city_of(tmp_path, crs="EPSG:4548", x="e", y="n")().reports[-1].loaded == 3


@pytest.mark.parametrize(("written", "named"), [(4527, 4548), (4548, 4527)])
def test_communities_are_told_the_zone_of_their_eastings(tmp_path, written, named):
    write_communities(tmp_path, [projected(written, shapely.box(116.3, 39.85, 116.5, 39.95))])
    file = tmp_path / "communities.geojson"
    text = file.read_text("utf-8")
    for code in (named, written):
        name = f'"crs": {{"type": "name", "properties": {{"name": "EPSG:{code}"}}}}, "features"'
        file.write_text(text.replace('"features"', name), "utf-8")
        (tmp_path / "city.toml").write_text(HEAD, "utf-8")
        if code == named:
            with pytest.raises(SourceError, match=f"EPSG:{written}") as caught:
                load_city(tmp_path, city_data=NOWHERE)
            assert caught.value.problem == "extent_zone_file"
    assert len(load_city(tmp_path, city_data=NOWHERE).communities) == 1
