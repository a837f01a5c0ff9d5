"""Layers for finding one's way: loaded as they are, and never in the way of a city."""

from __future__ import annotations

import json

import pytest
import shapely

from layers.load import load_city
from tests.layers.toy import HEAD, write_communities

KINDS = ("green", "main_streets", "place_names")
PARK = shapely.box(116.32, 39.88, 116.34, 39.90)
ROAD = shapely.MultiLineString([[(116.3, 39.9), (116.4, 39.9)], [(116.41, 39.9), (116.5, 39.9)]])
NAMES = "name,name_en,lon,lat,size_m\n北站,North Station,116.4,39.93,800\n,,116.4,39.9,\n"
NAMES += "旧城,,116.35,39.9,about\n"


def write_city(folder, *, bad=""):
    write_communities(folder)
    for kind, shape in (("green", PARK), ("main_streets", ROAD)):
        feature = {
            "type": "Feature",
            "properties": {"name": kind},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        (folder / f"{kind}.geojson").write_text(json.dumps(feature), encoding="utf-8")
    (folder / "place_names.geojson").write_text(NAMES, encoding="utf-8")
    if bad == "missing":
        (folder / "green.geojson").unlink()
    elif bad:
        (folder / "green.geojson").write_text(bad, encoding="utf-8")
    entries = [
        f'[[layers]]\nkind = "{kind}"\nfile = "{kind}.geojson"\ncolumns = {{ name = "name" }}\n'
        for kind in KINDS
    ]
    places = 'format = "csv"\ncolumns = { name = "name", name_en = "name_en", lon = "lon",'
    entries[2] = entries[2].replace(
        'columns = { name = "name" }', places + ' lat = "lat", size_m = "size_m" }'
    )
    (folder / "city.toml").write_text(HEAD + "\n".join(entries), encoding="utf-8")
    return folder


def test_green_streets_and_names_are_loaded_in_metres(tmp_path):
    city = load_city(write_city(tmp_path))
    assert set(city.background) == set(KINDS)
    assert {frame.crs for frame in city.background.values()} == {city.crs}
    green, streets, names = (city.background[kind] for kind in KINDS)
    assert green.area.sum() == pytest.approx(1708 * 2220, rel=0.01)
    assert len(streets) == 2  # a street in two parts is drawn as both
    assert names["name"].tolist() == ["北站", "旧城"]
    assert names["name_en"].tolist() == ["North Station", ""]
    assert names["size_m"].tolist() == [800, 1000]  # what is no size is a usual one
    reports = {report.kind: report for report in city.reports}
    assert (reports["place_names"].rows_in, reports["place_names"].not_selected) == (3, 1)
    assert set(city.absent).isdisjoint(KINDS)


@pytest.mark.parametrize(
    "bad",
    ["missing", "{", "\x7fELF", '{"type":"FeatureCollection","features":[]}', "a,b\n1,2\n",
     '{"type":"Point","coordinates":[1,2]}'],
)  # fmt: skip
def test_a_bad_background_never_stops_a_city_and_is_told(tmp_path, bad):
    city = load_city(write_city(tmp_path, bad=bad))
    assert set(city.background) == {"main_streets", "place_names"}
    (report,) = (each for each in city.reports if each.kind == "green")
    assert report.loaded == 0
    assert report.quarantined or [note.rule for note in report.notes] == ["background_left_out"]


def test_a_city_that_is_kept_has_its_background(tmp_path, monkeypatch):
    monkeypatch.setenv("CITY_CACHE", str(tmp_path / "kept"))
    (tmp_path / "city").mkdir()
    folder = write_city(tmp_path / "city")
    text = (folder / "city.toml").read_text("utf-8")
    (folder / "city.toml").write_text('as_of = "2026-01-01"' + text, encoding="utf-8")
    first, second = load_city(folder), load_city(folder)
    assert list((tmp_path / "kept").iterdir())
    for kind in KINDS:
        one, other = first.background[kind], second.background[kind]
        assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
        assert one.geometry.geom_equals(other.geometry).all()
