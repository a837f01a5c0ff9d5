"""The search of places: best hits first, spelling does not matter, addresses between houses."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.places.gazetteer import Gazetteer
from layers.places.search import KINDS, Place, PlaceSearch

HERE = (0.0, 0.0, 10.0, 10.0)
NAMES = ("Lake", "Lakeside", "Old Lake", "Mill Street", "臺北路")


def search_of(*names, kind="community"):
    places = [Place(kind, str(row), name, "", HERE) for row, name in enumerate(names)]
    return PlaceSearch(places, Gazetteer())


def names_of(found):
    return [place.name for place in found]


def test_the_name_itself_comes_first_then_its_beginning_then_a_part():
    assert names_of(search_of(*NAMES[::-1]).find("lake", most=9)) == [
        "Lake",
        "Lakeside",
        "Old Lake",
    ]
    assert names_of(search_of(*NAMES).find("lake", most=2)) == ["Lake", "Lakeside"]


@pytest.mark.parametrize("text", ["台北路", "臺北路", " 臺北 路 ", "ＭＩＬＬ street"])
def test_spelling_does_not_matter(text):
    assert len(search_of(*NAMES).find(text, most=9)) == 1


def test_of_equal_names_the_larger_thing_comes_first_and_more_tells_the_rest():
    places = [Place(kind, "1", "Lake", "north", HERE) for kind in KINDS[::-1]]
    found = PlaceSearch(places, Gazetteer()).find("LAKE", most=9)
    assert [place.kind for place in found] == list(KINDS)
    assert len(PlaceSearch(places, Gazetteer()).find("north", most=9)) == len(KINDS)


@given(text=st.text(max_size=12))
def test_whatever_is_typed_gives_places_that_their_key_brings_back(text):
    search = search_of(*NAMES)
    for place in search.find(text, most=3):
        assert search.get(place.key) == place
    assert search.get(text) is None or ":" in text


def test_a_house_number_is_placed_between_its_neighbours_or_not_at_all():
    known = Gazetteer()
    line = shapely.LineString([(0, 0), (200, 0)])
    known.add_streets(gpd.GeoDataFrame({"name": ["建设街"]}, geometry=[line], crs=32651))
    houses = {"address": ["建设街10号", "建设街20号"], "x": [0.0, 100.0], "y": [0.0, 0.0]}
    known.add_houses(pd.DataFrame({**houses, "street": "", "number": "", "name": ""}))
    search = PlaceSearch([], known)
    (place,) = search.find("建设街15号", most=5)
    assert place.bounds == (50, 0, 50, 0)
    assert search.get(place.key) == place
    assert search.find("不存在路15号", most=5) == []
