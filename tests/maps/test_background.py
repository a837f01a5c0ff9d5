"""The ground of a map: what a city has of it, and the names in the reader's language."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from maps import background
from maps.background import background_of, ground_of, names_of, names_payload
from maps.canvas import Canvas
from maps.geometry import lonlat
from maps.palette import NIGHT_WATER, WATER_STYLE
from maps.spec import Polygons, Style
from maps.store import GeoStore
from wording.catalogue import load_words
from wording.speaker import Speaker


def lines_of(content):
    """Corners of every ring, counted from its start."""
    return [
        np.cumsum(np.reshape(ring, (-1, 2)), axis=0) for row in json.loads(content) for ring in row
    ]


def test_main_streets_stand_in_the_place_of_the_longest_named_ones(city):
    own = city.background["main_streets"].iloc[:1].copy()
    own.geometry = [shapely.LineString([(0, 0), (1000, 0)])]
    one = replace(city, background={**city.background, "main_streets": own})
    (ring,) = lines_of(ground_of(one)["streets"]())
    assert len(ring) == 2  # there and back, and the way back to the start is not written
    without = replace(city, background={})
    assert 1 < len(lines_of(ground_of(without)["streets"]())) <= background.LONGEST
    assert set(ground_of(without)) == {"water", "streets"}
    assert set(ground_of(city)) == set(background.SHAPES)


def test_only_the_largest_areas_are_drawn(city, monkeypatch):
    monkeypatch.setattr(background, "MOST_AREAS", 1)
    rows = json.loads(ground_of(city)["green"]())
    assert len(rows) == 1


@pytest.mark.parametrize(("language", "hill"), [("zh", "望云山"), ("en", "Wangyun Hill")])
def test_names_are_in_the_language_and_the_large_come_first(city, language, hill):
    names = names_of(city, language)
    found = [name for name in names if name.text == hill]
    assert len(found) == 1
    place = city.background["place_names"].geometry.iloc[0]
    (lon,), (lat,) = lonlat([place.x], [place.y], crs=city.crs)
    assert (found[0].lon, found[0].lat) == pytest.approx((lon, lat))
    large = [name.district for name in names]
    assert large == sorted(large, reverse=True)
    assert all(name.size_m > 0 for name in names)
    columns = names_payload(names)
    assert {len(column) for column in columns.values()} == {len(names)}


def test_a_place_without_a_name_in_the_language_has_its_own(city):
    places = city.background["place_names"].iloc[:2].assign(name_en=["", "Here"], name=["山", "河"])
    other = replace(city, background={"place_names": gpd.GeoDataFrame(places, crs=city.crs)})
    texts = {name.text for name in names_of(other, "en")}
    assert {"山", "Here"} <= texts


def test_a_map_shows_what_its_canvas_has_of_the_ground(city):
    speaker, store = Speaker(load_words(), "zh"), GeoStore()
    made = background_of(city, "zh")
    ground = {part: store.put(content) for part, content in made.shapes.items()}
    ground["names"] = store.put(names_payload(made.names))
    spec = Canvas(city, speaker, store, "areas", ground=ground).map("a map", title="a map")
    drawn = {part: getattr(spec, part).url for part in ("green", "water", "streets", "names")}
    assert drawn == ground
    assert spec.bare
    assert (spec.water.styles, spec.water.dark) == ((WATER_STYLE,), NIGHT_WATER)
    canvas = Canvas(city, speaker, store, "areas", ground=ground)
    filled = canvas.map("a map", title="a map", areas=Polygons("areas", (Style(fill="#ffffff"),)))
    night = canvas.map("a map", title="a map", night=True)
    assert (filled.water.styles, filled.water.dark) == ((WATER_STYLE,), None)
    assert (night.water.styles, night.water.dark) == ((NIGHT_WATER,), None)
    assert not filled.bare
    assert not night.bare
    bare = Canvas(city, speaker, store, "areas").map("a map", title="a map")
    assert (bare.green, bare.water, bare.streets, bare.names) == (None, None, None, None)
